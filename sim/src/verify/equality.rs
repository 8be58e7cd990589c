//! Equality: the Verilog, the bit-exact model and the independent reference give the same results.
//!
//! Jobs of every size follow one another without a reset under every pair of stall patterns, then random ones until a budget of results or of
//! clocks is used up. A control flips bits of the reference and of the model: every one must be noticed.

use super::place::{Figures, Place};
use super::{Mismatch, Outcome, Plan, Runner, Technique, Tier, Verdict};
use crate::verilated::StallPattern;
use galena_hdl::block::{Job, Size, Sort};
use rand::Rng;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "equality",
    doc: "Verilog = model = reference, over edge, small and random jobs back to back, under every pair of stall patterns",
    run,
};

/// Results that a release checks independently, at least.
const RELEASE_RESULTS: u64 = 10_000_000;

/// Bits that the control flips, one at a time, in the reference and in the model.
const FLIPS: usize = 6;

/// Clocks without anything offered, after the last job.
const REST: u64 = 2_000;

/// A point goes on until it has so many results, or has taken so many clocks.
fn budget(tier: Tier, sort: Sort) -> (u64, u64) {
    match (tier, sort) {
        (Tier::Quick, Sort::Arithmetic | Sort::Stream) => (20_000, 200_000),
        (Tier::Quick, Sort::Pipeline) => (2_000, 200_000),
        (Tier::Long, Sort::Arithmetic) => (1_000_000, 2_000_000),
        (Tier::Long, Sort::Stream) => (400_000, 5_000_000),
        (Tier::Long, Sort::Pipeline) => (200_000, 8_000_000),
    }
}

fn run(plan: &Plan) -> Vec<Outcome> {
    let (all, start) = (AtomicU64::new(0), Instant::now());
    let mut outcomes = plan.each_point(TECHNIQUE.name, |place| {
        vec![place.case("jobs", || jobs(place, &all)), place.case("control", || control(place))]
    });
    if plan.whole() {
        let results = all.into_inner();
        let verdict = match plan.tier {
            Tier::Long if results < RELEASE_RESULTS => {
                Verdict::Failed(format!("expected {RELEASE_RESULTS} independently checked results, found {results}"))
            }
            _ => Verdict::Passed,
        };
        outcomes.push(Outcome {
            block: "all".into(),
            point: String::new(),
            case: "results checked independently".into(),
            verdict,
            figures: vec![("results", results.to_string())],
            seconds: start.elapsed().as_secs_f64(),
            rerun: plan.rerun(TECHNIQUE.name, None),
        });
    }
    outcomes
}

/// Jobs back to back, without a reset between them.
fn jobs(place: &Place, all: &AtomicU64) -> Result<Figures, String> {
    let mut runner = Runner::open(place.point).map_err(|e| e.to_string())?;
    let mut rng = place.rng("jobs");
    let (mut count, mut results, mut clocks) = (0u64, 0u64, 0u64);
    let mut next = |runner: &mut Runner, size: Size, stalls: [StallPattern; 2]| {
        let job = (place.point.job)(&mut rng, size);
        let ran = runner.run(&job, stalls).map_err(|e| tell(&job, size, count, stalls, &e))?;
        (count, results, clocks) = (count + 1, results + ran.results, clocks + ran.clocks + ran.setup);
        Ok::<_, String>((count, results, clocks))
    };
    let mut seeds = place.rng("stalls");
    for from in StallPattern::all(seeds.random()) {
        for to in StallPattern::all(seeds.random()) {
            for size in [Size::Edge, Size::Small, Size::Random] {
                next(&mut runner, size, [from, to])?;
            }
        }
    }
    let (most_results, most_clocks) = budget(place.plan.tier, place.block.sort);
    let (count, results, clocks) = loop {
        let stalls = [(); 2].map(|()| StallPattern::all(seeds.random())[seeds.random_range(0..4)]);
        let sums = next(&mut runner, Size::Random, stalls)?;
        if sums.1 >= most_results || sums.2 >= most_clocks {
            break sums;
        }
    };
    runner.rest(REST).map_err(|e| format!("after job {count}: {e}"))?;
    all.fetch_add(results, Ordering::Relaxed);
    Ok(vec![("jobs", count.to_string()), ("results", results.to_string()), ("clocks", clocks.to_string())])
}

/// What went wrong in which job.
pub(super) fn tell(job: &Job, size: Size, number: u64, stalls: [StallPattern; 2], error: &Mismatch) -> String {
    let [from, to] = stalls.map(|s| format!("{}/{} from {:#x}", s.enter, s.leave, s.seed));
    format!("job {number} ({size:?}, {}; stalls before {from}, behind {to}): {error}", job.what)
}

/// Small jobs that are drawn for one with results.
const DRAWN: usize = 20;

/// A flipped bit of what is expected must be noticed, whoever expects it.
fn control(place: &Place) -> Result<Figures, String> {
    let mut runner = Runner::open(place.point).map_err(|e| e.to_string())?;
    let mut rng = place.rng("control");
    let mut flips = 0;
    for (by, k) in ["reference", "model"].into_iter().flat_map(|by| (0..FLIPS).map(move |k| (by, k))) {
        // Some small jobs have no results: a tree of no levels over digests.
        let drawn =
            (0..DRAWN).map(|_| (place.point.job)(&mut rng, Size::Small)).find(|job| !job.model.concat().is_empty());
        let mut job = drawn.ok_or("expected a small job with results, found none")?;
        let side = if by == "model" { &mut job.model } else { &mut job.reference };
        let mut words: Vec<&mut u32> = side.iter_mut().flatten().collect();
        // The first and the last word, then any.
        let at = match k {
            0 => 0,
            1 => words.len().saturating_sub(1),
            _ => rng.random_range(0..words.len().max(1)),
        };
        let word = words.get_mut(at).ok_or("expected a small job with results, found none")?;
        **word ^= 1 << rng.random_range(0..32);
        match runner.run(&job, [StallPattern::NONE; 2]) {
            Err(Mismatch::Beat { by: found, .. }) if found == by => flips += 1,
            Err(other) => return Err(format!("a bit of the {by} was flipped in word {at}; found instead: {other}")),
            Ok(_) => return Err(format!("a bit of the {by} was flipped in word {at} of {}: not noticed", job.what)),
        }
    }
    Ok(vec![("flipped bits noticed", format!("{flips} of {}", 2 * FLIPS))])
}
