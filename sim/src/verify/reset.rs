//! Reset: asserted for one clock at every clock of a small job, whatever stands on the inputs then; the next job is right.

use super::place::{Figures, Place};
use super::{Outcome, Plan, Runner, Technique, Tier};
use crate::verilated::StallPattern;
use galena_hdl::block::{Job, Size};
use rand::Rng;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "reset",
    doc: "reset for one clock at every clock of a small job (the quick tier: at some of a long one), and the next job is right",
    run,
};

/// Clocks that the quick tier may spend on a point: where every clock of the job costs more, it takes every n-th.
const QUICK_CLOCKS: u64 = 500_000;

/// Jobs that the next one is taken from.
const NEXT: usize = 5;

fn run(plan: &Plan) -> Vec<Outcome> {
    plan.each_point(TECHNIQUE.name, |place| {
        if place.point.module.ports.iter().all(|p| p.name != "rst") {
            return vec![place.skip("sweep", "the circuit has no reset: its outputs follow its inputs")];
        }
        vec![
            place.case("sweep", || sweep(place, "sweep", false)),
            place.case("sweep, both sides stalling", || sweep(place, "stalls", true)),
        ]
    })
}

/// Begins a small job, resets after so many clocks, runs another; for every number of clocks that the job has.
fn sweep(place: &Place, case: &str, stalling: bool) -> Result<Figures, String> {
    let mut rng = place.rng(case);
    let mut runner = Runner::open(place.point).map_err(|e| e.to_string())?;
    let stalls = match stalling {
        true => [StallPattern::half(rng.random()), StallPattern::half(rng.random())],
        false => [StallPattern::NONE; 2],
    };
    let job = (place.point.job)(&mut rng, Size::Small);
    let after: Vec<Job> = (0..NEXT).map(|_| (place.point.job)(&mut rng, Size::Small)).collect();
    let whole = runner.run(&job, stalls).map_err(|e| format!("without a reset: {e}"))?;
    let clocks = whole.setup + whole.clocks;
    let every = match place.plan.tier {
        Tier::Quick => (clocks * clocks * 3 / 2).div_ceil(QUICK_CLOCKS).max(1),
        Tier::Long => 1,
    };
    let mut places = 0u64;
    for (k, at) in (rng.random_range(0..every)..=clocks).step_by(every as usize).enumerate() {
        runner.begin(&job, stalls, at).map_err(|e| format!("until reset at clock {at}: {e}"))?;
        runner.reset().map_err(|e| e.to_string())?;
        let next = &after[k % NEXT];
        runner.run(next, stalls).map_err(|e| {
            format!("reset at clock {at} of {clocks} of a job ({}); the next ({}) is wrong: {e}", job.what, next.what)
        })?;
        places += 1;
    }
    Ok(vec![("clocks of the job", clocks.to_string()), ("resets", places.to_string()), ("every", every.to_string())])
}
