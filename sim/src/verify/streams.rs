//! Streams: how near a whole job comes to the clocks below which nothing can, with and without a sink that is ready half of the time.
//!
//! * The bound of a job is the beats of its busiest stream, or its multiplies over its multipliers, or what the job itself states.
//! * S1 is the bound over the clocks taken when neither side stalls, fill and drain included.
//! * S2 is the clocks that the job would have to take over those it took when each output is ready at random half of the time: the larger of the
//!   clocks without stalls and the clock in which the sink was ready as often as there are beats.
//!
//! Circuits that only move beats must reach 95 % and 98 %. What a pipeline's arithmetic allows is for the bench to say, but a pipeline must keep 98 %
//! before such a sink.

use super::place::{Figures, Place};
use super::{Outcome, Plan, Runner, Technique, stalls_of};
use crate::verilated::{Stall, StallPattern};
use galena_hdl::block::{Face, Job, Size, Sort};
use rand::Rng;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "streams",
    doc: "S1: whole jobs near their bound without stalls (95 %); S2: throughput kept before a sink that is ready half of the time (98 %)",
    run,
};

/// The least share of the bound without stalls, of circuits that only move beats.
const S1: f64 = 0.95;

/// The least share of the ideal before a sink that is ready half of the time.
const S2: f64 = 0.98;

fn run(plan: &Plan) -> Vec<Outcome> {
    plan.each_point(TECHNIQUE.name, |place| match place.point.face {
        Face::Streams { .. } => vec![place.case("whole jobs", || measure(place))],
        Face::Fixed { .. } => vec![place.skip("whole jobs", "no handshake: a beat a clock by construction")],
    })
}

fn measure(place: &Place) -> Result<Figures, String> {
    let mut rng = place.rng("whole jobs");
    let mut runner = Runner::open(place.point).map_err(|e| e.to_string())?;
    let Face::Streams { inputs, outputs, .. } = &place.point.face else { return Ok(vec![]) };
    let job = (place.point.job)(&mut rng, Size::Whole);
    let beats = |runner: &mut Runner, prefixes: &[&str], words: &[Vec<u32>]| -> Result<Vec<u64>, String> {
        let widths = prefixes.iter().map(|p| runner.model().stream(p).map(|s| s.beat_words()));
        let each = widths.zip(words).map(|(width, words)| width.map(|w| (words.len() / w) as u64));
        each.collect::<Result<_, _>>().map_err(|e| e.to_string())
    };
    let sent = beats(&mut runner, inputs, &job.inputs)?;
    let received = beats(&mut runner, outputs, &job.model)?;
    let busiest = sent.iter().chain(&received).copied().max().unwrap_or(0);
    let bound = bound(&job, busiest, place.point.multipliers);
    let mut clocks = |stalls, what: &str| {
        runner.run(&job, stalls).map(|ran| ran.clocks).map_err(|e| format!("{}, {what}: {e}", job.what))
    };
    // Once before it is timed: what a circuit fills after reset belongs to no job.
    clocks([StallPattern::NONE; 2], "the first time")?;
    let free = clocks([StallPattern::NONE; 2], "without stalls")?;
    let sink = StallPattern::half(rng.random());
    let half = clocks([StallPattern::NONE, sink], "with a sink that is ready half of the time")?;
    let ready = received.iter().enumerate().map(|(k, &beats)| ready_clocks(stalls_of(sink, k), beats)).max();
    let ideal = ready.unwrap_or(0).max(free);
    let (s1, s2) = (bound as f64 / free as f64, ideal as f64 / half as f64);
    if place.block.sort == Sort::Stream && s1 < S1 {
        return Err(format!("expected at least {} of the bound of {bound} clocks, found {free} clocks", percent(S1)));
    }
    if s2 < S2 {
        return Err(format!(
            "expected at least {} of the ideal of {ideal} clocks before a sink that is ready half of the time, found {half} clocks, {}",
            percent(S2),
            percent(s2)
        ));
    }
    Ok(vec![
        ("beats of the busiest stream", busiest.to_string()),
        ("bound", bound.to_string()),
        ("clocks", free.to_string()),
        ("S1", percent(s1)),
        ("clocks, half-ready sink", half.to_string()),
        ("S2", percent(s2)),
    ])
}

/// Clocks below which the job cannot be done.
fn bound(job: &Job, busiest: u64, multipliers: usize) -> u64 {
    job.ideal.max(busiest).max(job.multiplies.div_ceil(multipliers.max(1) as u64))
}

/// Clocks until a sink with these pauses has been ready so often.
fn ready_clocks(pattern: StallPattern, beats: u64) -> u64 {
    let (mut stall, mut clocks, mut ready) = (Stall::from(pattern), 0, 0);
    while ready < beats {
        clocks += 1;
        ready += u64::from(!stall.pause());
    }
    clocks
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
