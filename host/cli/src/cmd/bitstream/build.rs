//! `galena bitstream build`: a bitstream, and whether it is the one of the manifest.

use std::process::ExitCode;

use galena_target::ABI_VERSION;
use galena_target::flow::{Built, Clock, Manifest, Versions};
use serde::Serialize;

use super::{Subject, commit, tools};
use crate::args::BitstreamBuild;
use crate::failure::Failure;
use crate::files;
use crate::progress::Spinner;
use crate::table::{Page, count};

/// How a bitstream stands to its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// The same bits.
    Identical,
    /// There was none of these sources and tools.
    New,
}

#[derive(Serialize)]
struct Report<'a> {
    board: &'a str,
    config: &'a str,
    bitstream: String,
    standing: Standing,
    #[serde(flatten)]
    manifest: &'a Manifest,
}

pub(super) fn run(args: &BitstreamBuild) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&args.wanted)?;
    let tools = tools()?;
    let (path, known) = subject.manifest()?;
    let stale = known.as_ref().and_then(|manifest| subject.stale(manifest, &tools));
    // The manifest's own seed and commit give the manifest's own bits.
    let current = known.as_ref().filter(|_| stale.is_none()).filter(|m| args.seed.is_none_or(|seed| seed == m.seed));
    if args.locked && current.is_none() {
        return Err(match stale {
            Some(stale) => Failure::Stale(stale),
            None => Failure::NoManifest { path },
        });
    }
    let identity = match current {
        Some(manifest) => (hash(manifest)?, false),
        None => commit(),
    };
    let seed = args.seed.or(known.as_ref().map(|manifest| manifest.seed)).unwrap_or(1);
    let build = subject.build(identity, seed);
    let spinner = Spinner::new(&subject.name());
    let built = build.run(|step| spinner.say(step))?;
    drop(spinner);
    let manifest = manifest(&subject, &built, &tools, identity, seed);
    let standing = match current {
        Some(expected) if expected.sha256 != manifest.sha256 => {
            return Err(Failure::OtherBits { expected: expected.sha256.clone(), found: manifest.sha256 });
        }
        Some(_) => Standing::Identical,
        None => Standing::New,
    };
    if args.manifest {
        if identity.1 {
            return Err(Failure::DirtyManifest);
        }
        files::write(&path, manifest.text().as_bytes())?;
    }
    if args.wanted.json {
        let (board, config, bitstream) =
            (&*subject.board.name, &*subject.config.name, built.bitstream.display().to_string());
        files::print_json(&Report { board, config, bitstream, standing, manifest: &manifest })?;
    } else {
        files::print(&page(&subject, &built, &manifest, standing))?;
        if let (None, Some(stale)) = (current, &stale) {
            eprintln!("note: {stale}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn hash(manifest: &Manifest) -> Result<[u8; 20], Failure> {
    let mut hash = [0; 20];
    match hex::decode_to_slice(&manifest.git_hash, &mut hash) {
        Ok(()) => Ok(hash),
        Err(_) => Err(Failure::ManifestHash { found: manifest.git_hash.clone() }),
    }
}

fn manifest(
    subject: &Subject,
    built: &Built,
    tools: &Versions,
    (git_hash, _): ([u8; 20], bool),
    seed: u32,
) -> Manifest {
    // What is beyond the kilohertz changes nothing for anybody.
    let rounded = |mhz: f64| (mhz * 1000.0).round() / 1000.0;
    Manifest {
        board: subject.board.name.clone(),
        config: subject.config.name.to_string(),
        config_hash: hex::encode(subject.config.config_hash()),
        abi_version: ABI_VERSION,
        git_hash: hex::encode(git_hash),
        sources: hex::encode(subject.sources_hash()),
        seed,
        part: subject.board.part.clone(),
        idcode: subject.board.idcode,
        sha256: hex::encode(built.sha256),
        clock: Clock { mhz: rounded(f64::from(subject.config.clock_hz) / 1e6), fmax_mhz: rounded(built.fmax_mhz) },
        tools: tools.clone(),
        cells: Manifest::cells(&built.report),
    }
}

fn page(subject: &Subject, built: &Built, manifest: &Manifest, standing: Standing) -> String {
    let resources = &subject.board.resources;
    let cells = |name: &str| built.report.cells(name);
    let row = |what: &str, used: u64, there: u32| {
        let share = format!("{:.0} %", 100.0 * used as f64 / f64::from(there.max(1)));
        vec![what.to_owned(), count(used), count(u64::from(there)), share]
    };
    let rows = [
        row("lookup tables", cells("TRELLIS_COMB"), resources.luts),
        row("registers", cells("TRELLIS_FF"), resources.registers),
        row("multipliers 18 x 18", cells("MULT18X18D"), resources.multipliers_18x18),
        row("block memories 18 kbit", cells("DP16KD"), resources.block_rams_18k),
    ];
    let mut page = Page::stdout();
    page.heading(&format!("{} on the {}", subject.name(), subject.board.part));
    page.table(&["placed", ">used", ">of", ">share"], &rows);
    let seed = manifest.seed;
    let standing = match standing {
        Standing::Identical => "the manifest's own bits",
        Standing::New => "not in a manifest",
    };
    page.line("");
    page.line(&format!(
        "clock      {:.2} MHz met, {:.2} MHz possible (placed and routed, seed {seed})",
        manifest.clock.mhz, manifest.clock.fmax_mhz
    ));
    page.line(&format!("bitstream  {}", built.bitstream.display()));
    page.line(&format!("sha256     {} ({standing})", manifest.sha256));
    page.text().to_owned()
}
