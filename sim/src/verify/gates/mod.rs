//! Gates: the netlist that yosys makes for the ECP5 (`synth_ecp5`), simulated cell by cell in iverilog with our own models of the cells.
//!
//! The same jobs as everywhere go through a generated testbench; what comes out is compared with the model and with the reference. A control
//! changes one table of the netlist. The models of the cells are compared with those of yosys where yosys has any that simulate.

mod bench;
mod cells;
mod netlist;

use super::mismatch::compare;
use super::place::{Figures, Place};
use super::{Outcome, Plan, Technique, Tier, Verdict};
use galena_hdl::block::{Face, Job, Size, Sort};
use rand::Rng;
use std::time::Instant;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "gates",
    doc: "the ECP5 netlist of yosys in iverilog, cell by cell (the quick tier: of all but pipelines), against model and reference",
    run,
};

/// Tables of a netlist that the control changes, one at a time.
const CHANGED: usize = 4;

/// What the simulator of netlists is called, and how it comes to a machine.
const MISSING: &str = "iverilog is not installed; install it with: sudo apt-get install iverilog";

fn run(plan: &Plan) -> Vec<Outcome> {
    // The smallest point of each block in every tier.
    let first = Plan { tier: Tier::Quick, ..plan.clone() };
    let installed = bench::installed();
    let mut outcomes = first.each_point(TECHNIQUE.name, |place| match place.block.sort {
        _ if !installed => vec![place.skip("netlist", MISSING)],
        _ if matches!(place.point.face, Face::Streams { memory: Some(_), .. }) => {
            vec![place.skip("netlist", "the testbench has no external memory")]
        }
        Sort::Pipeline if plan.tier == Tier::Quick => {
            vec![place.skip("netlist", "minutes of synthesis and simulation: in the long tier")]
        }
        Sort::Pipeline => vec![place.case("netlist", || simulate(place))],
        _ => vec![place.case("netlist", || simulate(place)), place.case("control", || control(place))],
    });
    let start = Instant::now();
    let (verdict, figures) = match installed.then(cells::compare) {
        None => (Verdict::Skipped(MISSING.into()), vec![]),
        Some(Ok(figures)) => (Verdict::Passed, figures),
        Some(Err(message)) => (Verdict::Failed(message), vec![]),
    };
    outcomes.push(Outcome {
        block: "all".into(),
        point: String::new(),
        case: "models of the cells against those of yosys".into(),
        verdict,
        figures,
        seconds: start.elapsed().as_secs_f64(),
        rerun: plan.rerun(TECHNIQUE.name, None),
    });
    outcomes
}

/// The jobs of a block, each with whether the streams pause: at edges for what is small, then small ones.
fn jobs(place: &Place) -> Vec<(Job, bool)> {
    let mut rng = place.rng("jobs");
    let sizes: &[(Size, bool)] = match place.block.sort {
        Sort::Pipeline => &[(Size::Small, false), (Size::Small, true)],
        _ => &[(Size::Edge, false), (Size::Small, false), (Size::Small, true), (Size::Edge, true)],
    };
    sizes.iter().map(|&(size, stalls)| ((place.point.job)(&mut rng, size), stalls)).collect()
}

fn simulate(place: &Place) -> Result<Figures, String> {
    let netlist = netlist::of(place.point)?;
    let jobs = jobs(place);
    let clocks = check(place, &netlist, &jobs)?;
    let results: u64 = jobs.iter().map(|(job, _)| job.results).sum();
    let mut figures = netlist::cells(&netlist);
    figures.extend([("results", results.to_string()), ("clocks", clocks.to_string())]);
    Ok(figures)
}

/// Simulates a netlist and compares. Returns the clocks.
fn check(place: &Place, netlist: &str, jobs: &[(Job, bool)]) -> Result<u64, String> {
    let found = bench::run(place.point, netlist, jobs)?;
    for (number, ((job, _), streams)) in jobs.iter().zip(&found.jobs).enumerate() {
        for (k, (name, width, words)) in streams.iter().enumerate() {
            for (by, side) in [("model", &job.model), ("reference", &job.reference)] {
                let expected = side.get(k).map_or(&[][..], |words| words);
                compare(job.order, name, *width, expected, words, by)
                    .map_err(|e| format!("job {number} ({}): {e}", job.what))?;
            }
        }
    }
    Ok(found.clocks)
}

/// A table of the netlist with all its bits changed: the jobs must notice.
fn control(place: &Place) -> Result<Figures, String> {
    let netlist = netlist::of(place.point)?;
    let jobs = jobs(place);
    let tables = netlist::tables(&netlist);
    if tables.is_empty() {
        return Ok(vec![("tables changed", "none: no LUT4 in the netlist".into())]);
    }
    let mut rng = place.rng("control");
    let mut noticed = 0;
    for _ in 0..CHANGED {
        let changed = netlist::change(&netlist, tables[rng.random_range(0..tables.len())].clone());
        noticed += check(place, &changed, &jobs).is_err() as usize;
    }
    if noticed == 0 {
        return Err(format!("{CHANGED} tables of the netlist were changed, one at a time, and no job noticed any"));
    }
    Ok(vec![("changed tables noticed", format!("{noticed} of {CHANGED}"))])
}
