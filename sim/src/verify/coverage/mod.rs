//! Coverage: the lines, the toggles and the functional bins that jobs of all sizes reach between them.
//!
//! Verilator counts passes through code and changes of bits; the counters begin after the first reset, so that what power-up moves does not
//! count. Memories are not counted bit by bit. What no job can move is left out by a row of [`table`] with its reason; a row that is not
//! needed fails.

mod data;
mod table;

use super::mutation::harness;
use super::place::{Figures, Place};
use super::{Outcome, Plan, Runner, Technique, Tier, Verdict, drops, files};
use crate::tools::Scratch;
use crate::verilated::StallPattern;
use data::{Counts, Sort};
use galena_hdl::block::{self, Size};
use rand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Instant;
use table::EXCLUDED;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "coverage",
    doc: "lines, toggles and functional bins that the jobs reach, by block and in all",
    run,
};

/// Lines and toggles that must be reached, in percent, of each block and of all together.
const LINES: usize = 95;
const TOGGLES: usize = 90;

/// Jobs at least and at most, and the clocks after which, with all bins hit, no more than the least are run.
const JOBS: std::ops::RangeInclusive<u64> = 24..=400;
const CLOCKS: [u64; 2] = [40_000, 400_000];

/// Lines and signals named in a failure.
const NAMED: usize = 80;

/// Counters reached and all counters.
#[derive(Clone, Copy, Default)]
struct Share {
    reached: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, other: Share) {
        self.reached += other.reached;
        self.all += other.all;
    }

    fn below(self, percent: usize) -> bool {
        self.reached * 100 < percent * self.all
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = if self.all == 0 { 100.0 } else { 100.0 * self.reached as f64 / self.all as f64 };
        write!(f, "{percent:.1} % of {}", self.all)
    }
}

/// What all blocks come to.
#[derive(Default)]
struct Total {
    lines: Share,
    toggles: Share,
    /// Rows of the table that matched a counter, and those that were needed.
    matched: BTreeSet<usize>,
    needed: BTreeSet<usize>,
}

fn run(plan: &Plan) -> Vec<Outcome> {
    let start = Instant::now();
    let total = Mutex::new(Total::default());
    // The smallest point of each block; the tier decides how long it is exercised, and whether pipelines are.
    let mut outcomes = plan.each_first(TECHNIQUE.name, |place| match (place.block.sort, plan.tier) {
        (block::Sort::Pipeline, Tier::Quick) => vec![place.skip("jobs", "pipelines are covered in the long tier")],
        _ => vec![place.case("jobs", || cover(place, plan.tier.of(CLOCKS[0], CLOCKS[1]), &total))],
    });
    let total = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let idle = |k: &usize| match total.matched.contains(k) {
        true => !total.needed.contains(k),
        // A row of a module that was not exercised says nothing.
        false => plan.whole() && plan.tier == Tier::Long,
    };
    let idle: Vec<String> = (0..EXCLUDED.len())
        .filter(idle)
        .map(|k| format!("{} {} ({})", EXCLUDED[k].module, EXCLUDED[k].what, EXCLUDED[k].reason))
        .collect();
    let verdict = match () {
        () if !idle.is_empty() => Verdict::Failed(format!(
            "exclusions that are not needed; take them out of coverage/table.rs: {}",
            idle.join("; ")
        )),
        () if total.lines.below(LINES) || total.toggles.below(TOGGLES) => Verdict::Failed(format!(
            "expected {LINES} % of lines and {TOGGLES} % of toggles, found {} and {}",
            total.lines, total.toggles
        )),
        () => Verdict::Passed,
    };
    outcomes.push(Outcome {
        block: "all".into(),
        point: String::new(),
        case: "together".into(),
        verdict,
        figures: vec![("lines", total.lines.to_string()), ("toggles", total.toggles.to_string())],
        seconds: start.elapsed().as_secs_f64(),
        rerun: plan.rerun(TECHNIQUE.name, None),
    });
    outcomes
}

fn cover(place: &Place, most_clocks: u64, total: &Mutex<Total>) -> Result<Figures, String> {
    let mut runner = Runner::open_with(place.point, |build| build.coverage(true)).map_err(|e| e.to_string())?;
    runner.model().coverage(None).map_err(|e| e.to_string())?;
    let mut rng = place.rng("jobs");
    let ways = drops(place.point);
    let (mut jobs, mut clocks, mut hit) = (0, 0, BTreeSet::new());
    for size in [Size::Edge, Size::Small, Size::Random].into_iter().cycle() {
        let job = (place.point.job)(&mut rng, size);
        let stalls = [(); 2].map(|()| StallPattern::all(rng.random())[rng.random_range(0..4)]);
        if let (3, Some(&how)) = (jobs % 4, ways.get((jobs / 4) as usize % ways.len().max(1))) {
            let after = rng.random_range(1..200);
            runner.begin(&job, stalls, after).map_err(|e| e.to_string())?;
            runner.drop_job(how, jobs % 8 == 3).map_err(|e| e.to_string())?;
        }
        let ran = runner.run(&job, stalls).map_err(|e| super::equality::tell(&job, size, jobs, stalls, &e))?;
        hit.extend(job.bins);
        (jobs, clocks) = (jobs + 1, clocks + ran.clocks + ran.setup);
        let all_bins = place.point.bins.iter().all(|bin| hit.contains(bin));
        if jobs >= *JOBS.start() && ((clocks >= most_clocks && all_bins) || jobs >= *JOBS.end()) {
            break;
        }
    }
    let scratch = Scratch::new("coverage").map_err(|e| e.to_string())?;
    runner.model().coverage(Some(&scratch.path().join("coverage.dat"))).map_err(|e| e.to_string())?;
    let mut counts = Counts::new();
    data::add(&scratch.read("coverage.dat").map_err(|e| e.to_string())?, &mut counts)?;
    let missed: Vec<&str> = place.point.bins.iter().copied().filter(|bin| !hit.contains(bin)).collect();
    judge(place, &counts, &missed, total, (jobs, clocks))
}

fn judge(
    place: &Place,
    counts: &Counts,
    missed: &[&str],
    total: &Mutex<Total>,
    (jobs, clocks): (u64, u64),
) -> Result<Figures, String> {
    let files = files(place.point).map_err(|e| e.to_string())?;
    let (mut lines, mut toggles, mut excluded) = (Share::default(), Share::default(), 0);
    let mut unreached: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut total = total.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for (counter, &count) in counts.iter().filter(|(counter, _)| !harness(&counter.module)) {
        let text = data::line(counter, &files);
        let rows: Vec<usize> = (0..EXCLUDED.len()).filter(|&k| EXCLUDED[k].is(counter, text)).collect();
        total.matched.extend(&rows);
        if count == 0 && !rows.is_empty() {
            total.needed.extend(&rows);
            excluded += 1;
            continue;
        }
        let share = if counter.sort == Sort::Line { &mut lines } else { &mut toggles };
        share.add(Share { reached: (count > 0) as usize, all: 1 });
        if count == 0 {
            let (what, bit) = match counter.sort {
                Sort::Line => (format!("{}.v:{} {} `{text}`", counter.module, counter.line, counter.what), None),
                Sort::Toggle => {
                    let (signal, bit) = table::split(&counter.what);
                    (format!("{} {signal}", counter.module), bit)
                }
            };
            unreached.entry(what).or_default().extend(bit);
        }
    }
    total.lines.add(lines);
    total.toggles.add(toggles);
    let more = unreached.len().saturating_sub(NAMED);
    let mut named: Vec<String> =
        unreached.iter().take(NAMED).map(|(what, bits)| what.clone() + &ranges(bits)).collect();
    named.extend((more > 0).then(|| format!("{more} more")));
    let named = format!("not reached: {}", named.join("; "));
    match () {
        () if lines.all == 0 || toggles.all == 0 => Err("expected counters of lines and toggles, found none".into()),
        () if !missed.is_empty() => Err(format!("functional bins that {jobs} jobs do not hit: {}", missed.join(", "))),
        () if lines.below(LINES) => Err(format!("expected {LINES} % of lines, found {lines}; {named}")),
        () if toggles.below(TOGGLES) => Err(format!("expected {TOGGLES} % of toggles, found {toggles}; {named}")),
        () => Ok(vec![
            ("lines", lines.to_string()),
            ("toggles", toggles.to_string()),
            ("bins", format!("{0} of {0}", place.point.bins.len())),
            ("excluded", excluded.to_string()),
            ("jobs", jobs.to_string()),
            ("clocks", clocks.to_string()),
        ]),
    }
}

/// Bits as ranges: `[16:7,3]`.
fn ranges(bits: &BTreeSet<usize>) -> String {
    let mut runs: Vec<[usize; 2]> = vec![];
    for &bit in bits.iter().rev() {
        match runs.last_mut() {
            Some(run) if run[1] == bit + 1 => run[1] = bit,
            _ => runs.push([bit, bit]),
        }
    }
    let text = |&[high, low]: &[usize; 2]| if high == low { high.to_string() } else { format!("{high}:{low}") };
    if runs.is_empty() { String::new() } else { format!("[{}]", runs.iter().map(text).collect::<Vec<_>>().join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_told_as_ranges() {
        assert_eq!(ranges(&BTreeSet::from([3, 7, 8, 9, 16])), "[16,9:7,3]");
        assert_eq!(ranges(&BTreeSet::new()), "");
    }
}
