//! Mutation: small mistakes are put into the printed Verilog, and the jobs must notice every one.
//!
//! The mutants of a block are drawn by the plan's seed from all that its modules allow, spread over modules and over sorts of change, and built
//! into one model in which an input wakes one at a time. A mutant counts as noticed if a beat is wrong, missing or too many, if the circuit
//! hangs or breaks the stream rule, or if the same jobs take noticeably more clocks. Who is not noticed must be explained in [`table`], by a
//! person who has looked; an explanation of a mutant that is noticed fails like a mutant without one.

mod expression;
mod instrument;
mod lexer;
mod mutant;
mod statement;
mod table;

use super::place::{Figures, Place};
use super::{Drop, Mismatch, Outcome, Plan, Runner, Technique, Tier, driven, drops, files};
use crate::SimError;
use crate::verilated::{Build, Limits, StallPattern};
use galena_hdl::VerilogFile;
use galena_hdl::block::{BLOCKS, Job, Size, Sort};
use mutant::Mutant;
use rand::seq::SliceRandom;
use rand::{Rng, RngCore};
use std::collections::BTreeMap;
use table::EXPLAINED;

pub(super) use table::{harness, named};

pub(super) const TECHNIQUE: Technique = Technique {
    name: "mutation",
    doc: "small mistakes in the printed Verilog, at least 50 a block: the jobs notice each, or the table says why it changes nothing",
    run,
};

/// Mutants of a block, if its modules allow so many.
const MUTANTS: usize = 50;

/// Share of the mutants that are not explained, in percent, that must be noticed. The rest fails one by one anyway.
const NOTICED: usize = 99;

/// Jobs of all sizes, jobs that follow one that was dropped in its middle, random jobs, whole ones after drops; and the clocks after which no more
/// are run.
const JOBS: [usize; 4] = [24, 48, 40, 4];
const CLOCKS: u64 = 400_000;

/// A job is dropped within so many clocks of its beginning: in its pins, on the way in, in its middle.
const DROPPED_WITHIN: [u64; 3] = [40, 200, 2_000];

/// Pauses so long that everything behind them comes to a stand: now and then, of 256 clocks.
const LONG: [u8; 2] = [2, 1];

/// Clocks without anything offered, after the last job.
const REST: u64 = 1_000;

fn run(plan: &Plan) -> Vec<Outcome> {
    // The smallest point of each block in every tier.
    let owners = owners();
    plan.each_first(TECHNIQUE.name, |place| match (place.block.sort, plan.tier) {
        (Sort::Pipeline, Tier::Quick) => {
            vec![place.skip("mutants", "pipelines are mutated in the long tier: their models take long to compile")]
        }
        _ => vec![place.case("mutants", || mutation(place, owners.as_ref().map_err(ToString::to_string)?))],
    })
}

/// A job of the sequence that every mutant goes through.
struct Step {
    job: Job,
    stalls: [StallPattern; 2],
    /// A whole job.
    whole: bool,
    /// Another job is begun, and dropped so after so many clocks, before this one is run.
    broken: Option<(Job, u64, Drop)>,
    /// Streams move in the clock in which that one is dropped.
    offered: bool,
    /// Clocks of nothing after that.
    quiet: u64,
    /// Memory answers at once.
    quick: bool,
}

/// How a mutant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// A beat was wrong, missing or too many.
    Wrong,
    /// Nothing came any more.
    Hang,
    /// The simulation stopped: the stream rule, a design that does not settle.
    Stopped,
    /// Everything was right and took more clocks.
    Slow,
    /// Nobody noticed.
    Survived,
}

fn mutation(place: &Place, owners: &Owners) -> Result<Figures, String> {
    let original = files(place.point).map_err(|e| e.to_string())?;
    let all = candidates(&original).map_err(|e| e.to_string())?;
    let own = own(place.block.name, owners, all);
    let count = own.len();
    let chosen = choose(own, &mut place.rng("mutants"));
    let top = driven(place.point).name;
    let woven = instrument::instrument(&original, &top, &chosen).map_err(|e| e.to_string())?;
    // A mutant may make an expression wider or a register a latch: those are not what is looked for.
    let build = Build::new(&top, &woven).waive("fatal");
    let steps = steps(place);
    let (fate, clocks) = trial(place, &build, 0, &steps, None).map_err(|e| e.to_string())?;
    if let (Fate::Survived, None) = (fate, clocks.wrong.as_ref()) {
    } else {
        return Err(format!("control: with no mutant awake the jobs fail: {}", clocks.wrong.unwrap_or_default()));
    }
    let mut fates: BTreeMap<Fate, usize> = BTreeMap::new();
    let (mut survivors, mut stale, mut explained) = (vec![], vec![], vec![]);
    for (k, mutant) in chosen.iter().enumerate() {
        let (fate, clocks) = trial(place, &build, k as u32 + 1, &steps, Some(&clocks)).map_err(|e| e.to_string())?;
        let row = EXPLAINED.iter().find(|row| row.is(mutant));
        match (fate, row) {
            (Fate::Survived, Some(row)) => explained.push(format!("{mutant}: {}", row.reason)),
            (Fate::Survived, None) => survivors.push(mutant.to_string()),
            (_, Some(row)) => {
                let how = clocks.wrong.unwrap_or_default();
                stale.push(format!("{mutant} ({}), {fate:?}: {how}", row.reason));
            }
            _ => {}
        }
        *fates.entry(fate).or_default() += 1;
    }
    if !stale.is_empty() {
        return Err(format!("explained in mutation/table.rs, and noticed all the same: {}", stale.join("; ")));
    }
    if !survivors.is_empty() {
        return Err(format!("{} of {} mutants not noticed: {}", survivors.len(), chosen.len(), survivors.join("; ")));
    }
    let of = |fate: Fate| fates.get(&fate).copied().unwrap_or(0);
    let noticed = chosen.len() - of(Fate::Survived);
    if noticed * 100 < NOTICED * (chosen.len() - explained.len()) {
        return Err(format!("expected {NOTICED} % noticed, found {noticed} of {}", chosen.len()));
    }
    Ok(vec![
        ("mutants", format!("{} of {count}", chosen.len())),
        ("noticed", noticed.to_string()),
        ("wrong beats", of(Fate::Wrong).to_string()),
        ("hangs", of(Fate::Hang).to_string()),
        ("stopped", of(Fate::Stopped).to_string()),
        ("only slower", of(Fate::Slow).to_string()),
        ("explained", explained.len().to_string()),
        ("by", explained.join("; ")),
    ])
}

/// Every mutant that the files allow.
fn candidates(files: &[VerilogFile]) -> Result<Vec<Mutant>, SimError> {
    let sources = instrument::sources(files)?;
    let of = |file: &VerilogFile| sources.get(&file.name).map_or(vec![], |source| mutant::mutants(&file.text, source));
    Ok(files.iter().flat_map(of).collect())
}

/// Which block mutates the modules of a kind: the one with the fewest modules around it, so that nothing hides a mistake that need not.
type Owners = BTreeMap<String, &'static str>;

fn owners() -> Result<Owners, SimError> {
    let mut found: BTreeMap<String, (usize, &'static str)> = BTreeMap::new();
    for block in BLOCKS {
        for point in (block.points)().into_iter().take(1) {
            let files = files(&point)?;
            let count = files.iter().filter(|f| !harness(&f.name)).count();
            for file in &files {
                let here = (count, block.name);
                let owner = found.entry(kind(file.name.trim_end_matches(".v")).to_string()).or_insert(here);
                if here.0 < owner.0 {
                    *owner = here;
                }
            }
        }
    }
    Ok(found.into_iter().map(|(kind, (_, block))| (kind, block)).collect())
}

/// The mutants that are this block's.
fn own(block: &str, owners: &Owners, all: Vec<Mutant>) -> Vec<Mutant> {
    let own = |m: &Mutant| owners.get(kind(&m.module)).is_some_and(|owner| *owner == block) && !harness(&m.module);
    all.into_iter().filter(own).collect()
}

/// A module's name without the parameters in it: `ram` of `ram_w31_d1024`.
fn kind(module: &str) -> &str {
    let parameter = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_lowercase());
        digits.len() + 1 == part.len() && digits.parse::<u32>().is_ok()
    };
    match module.rsplit_once('_') {
        Some((rest, part)) if parameter(part) => kind(rest),
        _ => module,
    }
}

/// Draws [`MUTANTS`] of them: of each module in turn, of each sort of change first one.
fn choose(all: Vec<Mutant>, rng: &mut impl RngCore) -> Vec<Mutant> {
    let mut modules: BTreeMap<String, Vec<Mutant>> = BTreeMap::new();
    all.into_iter().for_each(|m| modules.entry(m.module.clone()).or_default().push(m));
    let mut queues: Vec<Vec<Mutant>> = modules.into_values().collect();
    for queue in &mut queues {
        queue.shuffle(rng);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let ranks: Vec<usize> = queue
            .iter()
            .map(|m| {
                let rank = seen.entry(m.sort).or_default();
                *rank += 1;
                *rank
            })
            .collect();
        let mut ranked: Vec<(usize, Mutant)> = ranks.into_iter().zip(std::mem::take(queue)).collect();
        ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        *queue = ranked.into_iter().map(|(_, m)| m).collect();
    }
    let mut chosen = vec![];
    while chosen.len() < MUTANTS && queues.iter().any(|q| !q.is_empty()) {
        for queue in &mut queues {
            chosen.extend(queue.pop().filter(|_| chosen.len() < MUTANTS));
        }
    }
    chosen
}

/// Jobs of every size under every pair of pauses, jobs after dropped ones, random ones; and more random ones until every bin is hit.
fn steps(place: &Place) -> Vec<Step> {
    let mut rng = place.rng("jobs");
    let ways = drops(place.point);
    let all: usize = JOBS.iter().sum();
    let mut step = |k: usize| {
        let last = (all - JOBS[3]..all).contains(&k);
        let dropping = last || (JOBS[0]..JOBS[0] + JOBS[1]).contains(&k);
        let size = match k {
            _ if last => Size::Whole,
            _ if k < JOBS[0] + JOBS[1] => [Size::Edge, Size::Small, Size::Random][k % 3],
            _ => Size::Random,
        };
        let mut job = (place.point.job)(&mut rng, size);
        if job.multiplies / place.point.multipliers.max(1) as u64 > CLOCKS {
            job = (place.point.job)(&mut rng, Size::Random);
        }
        // The first three run at full speed.
        let stalls = [(); 2].map(|()| {
            let seed = rng.random();
            let [none, half, bursts, trickle] = StallPattern::all(seed);
            let long = StallPattern { seed, enter: LONG[0], leave: LONG[1] };
            [none, half, bursts, trickle, long][if k < 3 { 0 } else { rng.random_range(0..5) }]
        });
        let how = ways.get(rng.random_range(0..ways.len().max(1))).copied();
        let broken = how.filter(|_| dropping).map(|how| {
            let within = DROPPED_WITHIN[rng.random_range(0..DROPPED_WITHIN.len())];
            ((place.point.job)(&mut rng, Size::Random), rng.random_range(1..within), how)
        });
        let quiet = if dropping && rng.random() { rng.random_range(0..16) } else { 0 };
        let (offered, quick) = (rng.random(), rng.random());
        Step { job, stalls, whole: last, broken, offered, quiet, quick }
    };
    let mut steps: Vec<Step> = (0..all).map(&mut step).collect();
    let hit = |steps: &[Step], bin: &str| steps.iter().any(|s| s.job.bins.contains(&bin));
    for k in all..2 * all {
        if place.point.bins.iter().all(|bin| hit(&steps, bin)) {
            break;
        }
        steps.push(step(k));
    }
    // If the clocks are used up the rest is left out: first those that hit a bin for the first time, last whole ones.
    let mut missed = place.point.bins.clone();
    let mut rank = |s: &Step| {
        let before = missed.len();
        missed.retain(|bin| !s.job.bins.contains(bin));
        if missed.len() < before { 0 } else { 1 + u8::from(s.whole) }
    };
    let mut ranked: Vec<(u8, Step)> = steps.into_iter().map(|s| (rank(&s), s)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, step)| step).collect()
}

/// What the original took, by step, and what was wrong with it.
#[derive(Default)]
struct Clocks {
    steps: Vec<u64>,
    wrong: Option<String>,
}

/// Runs the steps with one mutant awake until it is noticed. `original` is what they take without.
fn trial(
    place: &Place,
    build: &Build,
    number: u32,
    steps: &[Step],
    original: Option<&Clocks>,
) -> Result<(Fate, Clocks), SimError> {
    let mut runner = Runner::open_build(place.point, build.clone())?;
    let port = runner.model().port("mutant")?;
    runner.model().set_u32(port, number);
    if let Err(e) = runner.reset() {
        return Ok((Fate::Stopped, Clocks { wrong: Some(e.to_string()), ..Clocks::default() }));
    }
    let mut clocks = Clocks::default();
    for (k, step) in steps.iter().enumerate() {
        let limits = match original {
            None => Limits { cycles: 100_000_000, silence: 4_000_000 },
            Some(o) => match o.steps.get(k) {
                None => break,
                // A job that takes as long as all did is not going to end.
                Some(&usual) => Limits { cycles: 4 * usual + 10_000, silence: 2 * usual + 2_000 },
            },
        };
        runner.limits(limits);
        match drop_before(&mut runner, step).and_then(|()| runner.run(&step.job, step.stalls)) {
            Ok(ran) => clocks.steps.push(ran.clocks),
            Err(e) => return Ok((fate(&e), Clocks { wrong: Some(format!("{}: {e}", step.job.what)), ..clocks })),
        }
        if original.is_none() && clocks.steps.iter().sum::<u64>() > CLOCKS {
            break;
        }
    }
    if let Err(e) = runner.rest(REST) {
        return Ok((fate(&e), Clocks { wrong: Some(e.to_string()), ..clocks }));
    }
    let slower = |o: &Clocks| clocks.steps.iter().sum::<u64>() * 100 > o.steps.iter().sum::<u64>() * 102;
    let fate = if original.is_some_and(slower) { Fate::Slow } else { Fate::Survived };
    Ok((fate, clocks))
}

/// Begins what a step drops, and drops it.
fn drop_before(runner: &mut Runner, step: &Step) -> Result<(), Mismatch> {
    let Some((job, after, how)) = &step.broken else { return Ok(runner.memory(step.quick)?) };
    runner.begin(job, step.stalls, *after)?;
    runner.drop_job(*how, step.offered)?;
    Ok(runner.model().steps(step.quiet)?)
}

fn fate(mismatch: &Mismatch) -> Fate {
    match mismatch {
        Mismatch::Beat { .. } | Mismatch::Extra { .. } | Mismatch::After { .. } => Fate::Wrong,
        Mismatch::Stuck { .. } => Fate::Hang,
        Mismatch::Sim(_) | Mismatch::Job { .. } => Fate::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    #[test]
    fn every_printed_module_can_be_read_and_mutated() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../hdl/golden");
        let mut files = vec![];
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".v") {
                files.push(VerilogFile { name, text: std::fs::read_to_string(entry.path()).unwrap() });
            }
        }
        let all = candidates(&files).unwrap();
        let sorts: BTreeSet<&str> = all.iter().map(|m| m.sort).collect();
        assert!(sorts.len() >= 12, "{sorts:?}");
        for file in &files {
            let module = file.name.trim_end_matches(".v");
            let logic = file.text.contains("assign ") || file.text.contains("always ");
            assert_eq!(
                all.iter().any(|m| m.module == module),
                logic || file.text.contains(" (\n        ."),
                "{module}"
            );
        }
    }

    #[test]
    fn every_explained_mutant_exists() {
        let of = |block: &galena_hdl::block::Block| files(&(block.points)().swap_remove(0)).unwrap();
        let all: Vec<Mutant> = BLOCKS.iter().flat_map(|block| candidates(&of(block)).unwrap()).collect();
        let idle = EXPLAINED.iter().filter(|row| !all.iter().any(|m| row.is(m)));
        let idle: Vec<String> = idle.map(|r| format!("`{}` of `{}` in {}", r.change, r.line, r.module)).collect();
        assert!(idle.is_empty(), "no such mutants: {}", idle.join("; "));
    }

    #[test]
    fn parameters_are_told_from_names() {
        let names = ["ram_w31_d1024", "lde_l1_n5_b1", "field_mul", "product_31x31", "uart_rate_d4", "stream_fifo"];
        assert_eq!(names.map(kind), ["ram", "lde", "field_mul", "product_31x31", "uart_rate", "stream_fifo"]);
    }

    #[test]
    fn the_choice_is_spread_over_modules_and_sorts() {
        let mutant = |module: &str, line: usize, sort| Mutant {
            module: module.into(),
            line,
            text: String::new(),
            sort,
            span: line..line + 1,
            old: "a".into(),
            new: None,
        };
        let mut all: Vec<_> = (0..200).map(|k| mutant("large", k, "operator")).collect();
        all.push(mutant("large", 200, "constant + 1"));
        all.extend((0..10).map(|k| mutant("small", k, "operator")));
        let draw = |seed| {
            use rand::SeedableRng;
            choose(all.clone(), &mut rand_chacha::ChaCha8Rng::seed_from_u64(seed))
        };
        let chosen = draw(1);
        assert_eq!(chosen.len(), MUTANTS);
        assert_eq!(chosen.iter().filter(|m| m.module == "small").count(), 10);
        assert!(chosen.iter().any(|m| m.sort == "constant + 1"));
        assert_eq!(chosen, draw(1));
        assert_ne!(chosen, draw(2));
    }
}
