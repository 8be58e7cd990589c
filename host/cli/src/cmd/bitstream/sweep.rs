//! `galena bitstream sweep`: one netlist placed and routed with many seeds, for what the clock is and not what it was by luck.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use galena_target::flow::{MANIFESTS, Sweep, sweep_path};
use serde::Serialize;

use super::{Subject, tools};
use crate::args::BitstreamSweep;
use crate::failure::Failure;
use crate::files;
use crate::progress::Spinner;
use crate::table::Page;

/// What the seeds gave.
#[derive(Serialize)]
struct Report<'a> {
    board: &'a str,
    config: &'a str,
    wanted_mhz: f64,
    /// Seed and MHz.
    seeds: Vec<(u32, f64)>,
    min_mhz: f64,
    median_mhz: f64,
    max_mhz: f64,
    /// Share of the seeds that meet the clock.
    met: f64,
}

/// The netlist of a sweep names no commit: another one would be another netlist, and its seeds not comparable.
const NO_COMMIT: ([u8; 20], bool) = ([0; 20], false);

pub(super) fn run(args: &BitstreamSweep) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&args.wanted)?;
    let build = |seed| subject.build(NO_COMMIT, seed);
    let spinner = Spinner::new(&subject.name());
    spinner.say("synthesise");
    let first = build(args.first);
    let cells = first.synthesise()?;
    first.fits(&cells)?;
    let path = sweep_path(Path::new(MANIFESTS), &subject.board.name, &subject.config.name);
    let mut sweep = Sweep {
        board: subject.board.name.clone(),
        config: subject.config.name.to_string(),
        sources: hex::encode(subject.sources_hash()),
        wanted_mhz: f64::from(subject.config.clock_hz) / 1e6,
        slowest: vec![],
        tools: tools()?,
        cells,
        seeds: BTreeMap::new(),
    };
    // Seeds that were recorded of the same netlist are not placed again; of another they are worth nothing.
    if args.record {
        let known = Sweep::read(&path)?.filter(|known| known.same(&sweep));
        sweep = known.unwrap_or(sweep);
    }
    for seed in args.first..args.first.saturating_add(args.seeds) {
        if sweep.seeds.contains_key(&seed) {
            continue;
        }
        spinner.say(&format!("seed {seed}"));
        let (report, fmax) = build(seed).place()?;
        if sweep.seeds.values().all(|mhz| fmax < *mhz) {
            sweep.slowest = report.critical;
        }
        sweep.seeds.insert(seed, fmax);
        // After every seed: whoever stops this loses one.
        if args.record {
            files::write(&path, sweep.text().as_bytes())?;
        }
    }
    drop(spinner);
    let Some([min_mhz, median_mhz, max_mhz]) = sweep.spread() else { return Ok(ExitCode::SUCCESS) };
    let Sweep { board, config, wanted_mhz, slowest, .. } = &sweep;
    let (wanted_mhz, met) = (*wanted_mhz, sweep.met());
    let seeds = sweep.seeds.iter().map(|(seed, mhz)| (*seed, *mhz)).collect();
    let report = Report { board, config, wanted_mhz, seeds, min_mhz, median_mhz, max_mhz, met };
    if args.wanted.json {
        files::print_json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Page::stdout();
    page.heading(&format!("{}: {} seeds at {wanted_mhz:.2} MHz", subject.name(), report.seeds.len()));
    let rows: Vec<_> = report.seeds.iter().map(|(seed, mhz)| vec![seed.to_string(), format!("{mhz:.2} MHz")]).collect();
    page.table(&[">seed", ">placed and routed"], &rows);
    page.line("");
    page.line(&format!(
        "minimum {min_mhz:.2}, median {median_mhz:.2}, maximum {max_mhz:.2} MHz; the clock is met by {:.0} %",
        100.0 * met
    ));
    if args.record {
        page.line(&format!("recorded in {}", path.display()));
    }
    page.line("");
    page.line("the slowest path of the slowest seed:");
    slowest.iter().for_each(|line| {
        page.line(line);
    });
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}
