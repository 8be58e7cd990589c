//! `make bench-hdl`: how well the hardware uses its multipliers, how large it is, and whether the aims are met.
//!
//! `cargo run --release -p galena-sim --example bench_hdl [-- OPTIONS]`
//!
//! | option | does |
//! |---|---|
//! | `--json FILE` | where the figures go (`docs/bench-hdl.json`) |
//! | `--page FILE` | where all of them go as tables (`docs/bench-hdl.md`) |
//! | `--readme FILE` | whose table between the marks is replaced (`README.md`); `none` for no file |
//! | `--from-json` | measures nothing: makes the table from the figures there are |
//! | `--only TEXT` | measures only points and configs whose name contains it; writes nothing |
//! | `--no-area` | leaves synthesis out; the areas of the file that is there are kept |
//!
//! Clocks are simulated by Verilator, whole jobs, fill and drain included, nothing stalls but the circuit itself. Areas are yosys estimates, not placed.

mod aims;
mod configs;
mod figures;
mod page;
mod points;

use galena_sim::datasheet::{BENCH, Bench};
use std::path::PathBuf;
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

struct Options {
    json: PathBuf,
    page: PathBuf,
    readme: Option<PathBuf>,
    from_json: bool,
    only: Option<String>,
    area: bool,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        json: BENCH.into(),
        page: "docs/bench-hdl.md".into(),
        readme: Some("README.md".into()),
        from_json: false,
        only: None,
        area: true,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("expected a value after `{arg}`"));
        match arg.as_str() {
            "--json" => options.json = value()?.into(),
            "--page" => options.page = value()?.into(),
            "--readme" => options.readme = Some(value()?).filter(|v| v != "none").map(PathBuf::from),
            "--only" => options.only = Some(value()?),
            "--from-json" => options.from_json = true,
            "--no-area" => options.area = false,
            _ => {
                return Err(format!(
                    "expected --json, --page, --readme, --from-json, --only or --no-area, found `{arg}`"
                )
                .into());
            }
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench-hdl: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let options = options()?;
    let old = Bench::read(&options.json)?;
    let figures = if options.from_json {
        if old.points.is_empty() {
            return Err(format!("expected figures in {}, found none", options.json.display()).into());
        }
        old
    } else {
        let wanted = |name: &str| options.only.as_deref().is_none_or(|only| name.contains(only));
        let mut figures = Bench {
            tools: figures::tools()?,
            points: points::measure(&wanted, options.area)?,
            configs: configs::measure(&wanted, options.area)?,
        };
        if !options.area {
            figures::keep_areas(&mut figures, &old);
        }
        figures
    };
    let verdicts = aims::judge(&figures);
    let page = page::whole(&figures, &verdicts);
    print!("{page}");
    if options.only.is_none() {
        for (path, text) in [(&options.json, figures.text()), (&options.page, page)] {
            std::fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        }
        if let Some(readme) = &options.readme {
            page::replace(readme, &page::readme(&figures, &verdicts))?;
        }
    }
    let idle = aims::idle(&verdicts);
    if !idle.is_empty() && options.only.is_none() {
        eprintln!("bench-hdl: explanations that nothing needs, in sim/examples/bench_hdl/aims.rs: {}", idle.join("; "));
        return Ok(ExitCode::FAILURE);
    }
    let open = verdicts.iter().filter(|v| v.unexplained()).count();
    if open > 0 && options.only.is_none() {
        eprintln!(
            "bench-hdl: {open} aims are missed and not explained: explain them in sim/examples/bench_hdl/aims.rs, or meet them"
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
