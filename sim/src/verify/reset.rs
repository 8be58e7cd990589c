//! Reset: asserted for one clock at every clock of a small job, whatever stands on the inputs then; the next job is right. The same with `clear`, for
//! circuits whose jobs are dropped so.
//!
//! Every clock of the smallest point of a block is the long tier's promise. Larger points take a sample, spread over the job: what a clock of
//! simulation costs grows with the multipliers, what control there is to reset hardly does.

use super::place::{Figures, Place};
use super::{Drop, Outcome, Plan, Runner, Technique, Tier, drops};
use crate::verilated::StallPattern;
use galena_hdl::block::{Job, Size};
use rand::Rng;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "reset",
    doc: "reset (and clear) for one clock at every clock of a small job (the quick tier, and all but the smallest point: at some), and the next job \
          is right",
    run,
};

/// Clocks that the quick tier may spend on a sweep: where every clock of the job costs more, it takes every n-th.
const QUICK_CLOCKS: u64 = 500_000;

/// The same of the long tier for a point that is not the smallest, or whose sides pause: clocks times multipliers, and the fewest places.
const LONG_WORK: u64 = 16_000_000;
const FEWEST: u64 = 16;

/// Small jobs that are drawn: the shortest one is dropped, the next one is taken from the shortest few.
const DRAWN: usize = 8;
const NEXT: usize = 4;

fn run(plan: &Plan) -> Vec<Outcome> {
    plan.each_point(TECHNIQUE.name, |place| {
        let ways = drops(place.point);
        if ways.is_empty() {
            return vec![place.skip("sweep", "the circuit has no reset: its outputs follow its inputs")];
        }
        if let Some(twin) = place.twin {
            return vec![place.skip("sweep", &format!("the circuit of {twin}: only its whole jobs are others"))];
        }
        let mut outcomes: Vec<Outcome> = ways
            .iter()
            .map(|&how| place.case(&format!("sweep of {}", how.name()), || sweep(place, how.name(), how, false)))
            .collect();
        outcomes.push(place.case("sweep of reset, both sides stalling", || sweep(place, "stalls", Drop::Reset, true)));
        outcomes
    })
}

/// Begins a small job, drops it after so many clocks, runs another; for every number of clocks that the job has, or every n-th.
fn sweep(place: &Place, case: &str, how: Drop, stalling: bool) -> Result<Figures, String> {
    let mut rng = place.rng(case);
    let mut runner = Runner::open(place.point).map_err(|e| e.to_string())?;
    let stalls = match stalling {
        true => [StallPattern::half(rng.random()), StallPattern::half(rng.random())],
        false => [StallPattern::NONE; 2],
    };
    let mut drawn: Vec<(u64, Job)> = vec![];
    for _ in 0..DRAWN {
        let job = (place.point.job)(&mut rng, Size::Small);
        let whole = runner.run(&job, stalls).map_err(|e| format!("without a {case}: {e}"))?;
        drawn.push((whole.setup + whole.clocks, job));
    }
    drawn.sort_by_key(|(clocks, _)| *clocks);
    let (clocks, job) = &drawn[0];
    let next = &drawn[..NEXT];
    // A place costs half of the job and all of the next one.
    let a_place = clocks / 2 + next.iter().map(|(clocks, _)| clocks).sum::<u64>() / NEXT as u64;
    let places = match (place.plan.tier, place.first && !stalling) {
        (Tier::Quick, _) => QUICK_CLOCKS / a_place.max(1),
        (Tier::Long, true) => clocks + 1,
        (Tier::Long, false) => LONG_WORK / (a_place * place.point.multipliers.max(1) as u64).max(1),
    };
    let every = (clocks + 1).div_ceil(places.max(FEWEST)).max(1);
    let mut dropped = 0u64;
    for (k, at) in (rng.random_range(0..every)..=*clocks).step_by(every as usize).enumerate() {
        runner.begin(job, stalls, at).map_err(|e| format!("until {} at clock {at}: {e}", how.name()))?;
        runner.drop_job(how, k % 4 > 1).map_err(|e| e.to_string())?;
        // Every other time something may still be under way when the next job begins, otherwise it may come out before.
        runner.model().steps(if k % 2 == 0 { 0 } else { rng.random_range(1..16) }).map_err(|e| e.to_string())?;
        let (_, next) = &next[k % NEXT];
        runner.run(next, stalls).map_err(|e| {
            let (how, what) = (how.name(), &job.what);
            format!("{how} at clock {at} of {clocks} of a job ({what}); the next ({}) is wrong: {e}", next.what)
        })?;
        dropped += 1;
    }
    Ok(vec![("clocks of the job", clocks.to_string()), ("places", dropped.to_string()), ("every", every.to_string())])
}
