//! Gates: the netlist that yosys makes for the ECP5 (`synth_ecp5`), simulated cell by cell in iverilog with our own models of the cells.
//!
//! The same jobs as everywhere go through a generated testbench; what comes out is compared with the model and with the reference. A control
//! changes one table of the netlist at a time. The models of the cells are compared with those of yosys where yosys has any that simulate. A whole
//! core answers a captured exchange.

mod bench;
mod cells;
mod core;
mod netlist;

use super::mismatch::compare;
use super::place::{Figures, Place, message};
use super::{Outcome, Plan, Technique, Tier, Verdict};
use galena_hdl::block::{Face, Job, Point, Size, Sort};
use rand::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "gates",
    doc: "the ECP5 netlist of yosys in iverilog, cell by cell (the quick tier: of all but pipelines), against model and reference",
    run,
};

/// Tables of a netlist that the control changes, one at a time, in the quick and in the long tier; half of them the jobs must notice.
const CHANGED: [usize; 2] = [4, 8];

/// What the simulator of netlists is called, and how it comes to a machine.
const MISSING: &str = "iverilog is not installed; install it with: sudo apt-get install iverilog";

/// Why the quick tier leaves large netlists out.
const SLOW: &str = "minutes of synthesis and simulation: in the long tier";

fn run(plan: &Plan) -> Vec<Outcome> {
    // The smallest point of each block in every tier.
    let installed = bench::installed();
    let mut outcomes = plan.each_first(TECHNIQUE.name, |place| match place.block.sort {
        _ if !installed => vec![place.skip("netlist", MISSING)],
        _ if matches!(place.point.face, Face::Streams { memory: Some(_), .. }) => {
            vec![place.skip("netlist", "the testbench has no external memory")]
        }
        Sort::Pipeline if plan.tier == Tier::Quick => {
            vec![place.skip("netlist", SLOW)]
        }
        Sort::Pipeline => vec![place.case("netlist", || simulate(place))],
        _ => vec![place.case("netlist", || simulate(place)), place.case("control", || control(place))],
    });
    let cells = if installed { Ok(cells::compare as fn() -> _) } else { Err(MISSING) };
    outcomes.push(of_no_block(plan, ["all", "", "models of the cells against those of yosys"], cells));
    if plan.whole() {
        let core = match plan.tier {
            _ if !installed => Err(MISSING),
            Tier::Quick => Err(SLOW),
            Tier::Long => Ok(|| core::simulate(&mut plan.rng(&[TECHNIQUE.name, "core"]))),
        };
        outcomes.push(of_no_block(plan, ["core", core::CONFIG, "netlist"], core));
    }
    outcomes
}

/// Runs a case that belongs to no one block, or says why not. `names`: block, point and case.
fn of_no_block(plan: &Plan, names: [&str; 3], run: Result<impl FnOnce() -> Result<Figures, String>, &str>) -> Outcome {
    let start = Instant::now();
    let (verdict, figures) = match run.map(|run| catch_unwind(AssertUnwindSafe(run))) {
        Err(why) => (Verdict::Skipped(why.into()), vec![]),
        Ok(Ok(Ok(figures))) => (Verdict::Passed, figures),
        Ok(Ok(Err(why))) => (Verdict::Failed(why), vec![]),
        Ok(Err(panic)) => (Verdict::Failed(format!("panicked: {}", message(&*panic))), vec![]),
    };
    let [block, point, case] = names.map(String::from);
    let (seconds, rerun) = (start.elapsed().as_secs_f64(), plan.rerun(TECHNIQUE.name, None));
    Outcome { block, point, case, verdict, figures, seconds, rerun }
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
    let clocks = check(place.point, &netlist, &jobs)?;
    let results: u64 = jobs.iter().map(|(job, _)| job.results).sum();
    let mut figures = netlist::cells(&netlist);
    figures.extend([("results", results.to_string()), ("clocks", clocks.to_string())]);
    Ok(figures)
}

/// Simulates a netlist and compares. Returns the clocks.
fn check(point: &Point, netlist: &str, jobs: &[(Job, bool)]) -> Result<u64, String> {
    let found = bench::run(point, netlist, jobs)?;
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
    let count = place.plan.tier.of(CHANGED[0], CHANGED[1]);
    let mut missed = vec![];
    for _ in 0..count {
        let table = tables[rng.random_range(0..tables.len())].clone();
        let changed = netlist::change(&netlist, table.clone());
        if check(place.point, &changed, &jobs).is_ok() {
            missed.push(netlist::driven(&netlist, table.start));
        }
    }
    let noticed = count - missed.len();
    if 2 * noticed < count {
        let missed = missed.join(", ");
        return Err(format!(
            "expected half of {count} changed tables noticed, found {noticed}; not those that drive {missed}"
        ));
    }
    Ok(vec![("changed tables noticed", format!("{noticed} of {count}")), ("not noticed", missed.join(", "))])
}
