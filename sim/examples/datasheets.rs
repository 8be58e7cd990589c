//! `make datasheets`: measures what has changed since the last time and writes the pages under `docs/hdl`.
//!
//! `cargo run --release -p galena-sim --example datasheets [-- OPTIONS]`
//!
//! | option | does |
//! |---|---|
//! | `--all` | simulates everything again; what has changed is synthesised again, too |
//! | `--only TEXT` | measures only those whose page's name contains it (`blocks/lde`); the others stay as they are |
//! | `--pages` | measures nothing: writes the pages from what there is |

use galena_sim::datasheet::{BENCH, Bench, FOLDER, MEASURED, Measured, Measurements, pages, subjects};
use std::path::Path;

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Options {
    all: bool,
    only: Option<String>,
    pages: bool,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--all" => options.all = true,
            "--pages" => options.pages = true,
            "--only" => options.only = Some(args.next().ok_or("expected a text after `--only`, found nothing")?),
            _ => return Err(format!("expected --all, --only or --pages, found `{arg}`").into()),
        }
    }
    Ok(options)
}

fn main() -> Result<(), Failure> {
    let options = options()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (folder, file) = (root.join(FOLDER), root.join(FOLDER).join(MEASURED));
    std::fs::create_dir_all(&folder)?;
    let old = Measurements::read(&file)?;
    let bench = Bench::read(&root.join(BENCH))?;
    let mut kept = Measurements::default();
    let all = subjects();
    for (k, subject) in all.iter().enumerate() {
        let (known, page) = (old.of(subject), subject.page());
        let wanted = !options.pages && options.only.as_ref().is_none_or(|text| page.contains(text.as_str()));
        let fresh = |known: &Measured| Ok::<_, Failure>(!options.all && known.identity == subject.identity()?);
        let measured = match known {
            known if !wanted => known.cloned(),
            Some(known) if fresh(known)? => Some(known.clone()),
            _ => {
                eprintln!("{:>3} of {}: {page}", k + 1, all.len());
                Some(Measured::new(subject, known).map_err(|e| format!("{page}: {e}"))?)
            }
        };
        kept.sheets.extend(measured);
        // Whoever stops this loses nothing but what is under way.
        let rest = all[k + 1..].iter().filter_map(|later| old.of(later)).cloned();
        let so_far = Measurements { sheets: kept.sheets.iter().cloned().chain(rest).collect() };
        std::fs::write(&file, so_far.text())?;
    }
    let written = pages(&kept, &bench)?;
    for table in ["kernels", "blocks", "configs"] {
        // What is of no row any more goes.
        let _ = std::fs::remove_dir_all(folder.join(table));
        std::fs::create_dir_all(folder.join(table))?;
    }
    for (name, text) in &written {
        std::fs::write(folder.join(name), text)?;
    }
    println!("{} files in {FOLDER}", written.len());
    Ok(())
}
