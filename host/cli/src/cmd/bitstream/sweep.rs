//! `galena bitstream sweep`: one netlist placed and routed with many seeds, for what the clock is and not what it was by luck.

use std::process::ExitCode;

use serde::Serialize;

use super::{Subject, commit};
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

pub(super) fn run(args: &BitstreamSweep) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&args.wanted)?;
    let identity = commit();
    let build = |seed| subject.build(identity, seed);
    let spinner = Spinner::new(&subject.name());
    spinner.say("synthesise");
    let first = build(args.first);
    first.fits(&first.synthesise()?)?;
    let mut seeds = vec![];
    let mut slowest: Option<(f64, Vec<String>)> = None;
    for seed in args.first..args.first.saturating_add(args.seeds) {
        spinner.say(&format!("seed {seed}"));
        let (report, fmax) = build(seed).place()?;
        if slowest.as_ref().is_none_or(|(least, _)| fmax < *least) {
            slowest = Some((fmax, report.critical));
        }
        seeds.push((seed, fmax));
    }
    drop(spinner);
    let mut sorted: Vec<f64> = seeds.iter().map(|(_, mhz)| *mhz).collect();
    sorted.sort_by(f64::total_cmp);
    let [Some(min_mhz), Some(max_mhz)] = [sorted.first().copied(), sorted.last().copied()] else {
        return Ok(ExitCode::SUCCESS);
    };
    let wanted_mhz = f64::from(subject.config.clock_hz) / 1e6;
    let middle = sorted.len() / 2;
    let median_mhz = if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
    let met = sorted.iter().filter(|mhz| **mhz >= wanted_mhz).count() as f64 / sorted.len() as f64;
    let (board, config) = (&*subject.board.name, &*subject.config.name);
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
    page.line("");
    page.line("the slowest path of the slowest seed:");
    for line in slowest.map(|(_, path)| path).unwrap_or_default() {
        page.line(&line);
    }
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}
