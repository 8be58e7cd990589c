//! Where the slots of a tree go: for each level, when its last digest leaves, and how many permutation slots of the clocks since the level
//! below were not used. Simulated clocks of a tree over 2^16 digests, nothing stalls.
//!
//! `cargo run --release -p galena-sim --example hasher_tail -- [K]...`

use galena_hdl::block::{Size, block};
use galena_hdl::poseidon2::Parameters;
use galena_sim::verilated::{Build, Limits, Model};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

type Failure = Box<dyn std::error::Error>;

/// How far a run goes before it counts as stuck.
const LIMITS: Limits = Limits { cycles: 100_000_000, silence: 100_000 };

fn main() -> Result<(), Failure> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let points = block("hasher").map(|b| (b.points)()).unwrap_or_default();
    for point in points.iter().filter(|p| p.name.ends_with("-tree")) {
        if !wanted.is_empty() && !wanted.contains(&point.multipliers.to_string()) {
            continue;
        }
        let job = (point.job)(&mut ChaCha8Rng::seed_from_u64(1), Size::Whole);
        let mut model = Build::new(&point.module.name, &galena_hdl::emit(&point.module)?).open()?;
        model.reset(8)?;
        set(&mut model, &job.pins[0])?;
        let start = model.cycles();
        model.step()?;
        set(&mut model, &job.pins[1])?;
        let (mut inputs, mut outputs) = ([model.stream("s_")?], [model.stream("m_")?]);
        inputs[0].send(&job.inputs[0]);
        inputs[0].spare();
        // One digest at a time, so that the clock of each is known.
        let words = outputs[0].beat_words();
        let (mut last, mut nodes) = (vec![], vec![]);
        let total = job.model[0].len() / words;
        for _ in 0..total {
            outputs[0].want(1);
            model.run(&mut inputs, &mut outputs, LIMITS)?;
            let beat = &outputs[0].received()[(outputs[0].done() - 1) * words..];
            let level = beat[8] as usize;
            last.resize(last.len().max(level + 1), 0);
            nodes.resize(last.len(), 0usize);
            (last[level], nodes[level]) = (model.cycles() - start, nodes[level] + 1);
        }
        report(point.multipliers, &last, &nodes);
    }
    Ok(())
}

fn set(model: &mut Model, pins: &[(&'static str, Vec<u32>)]) -> Result<(), Failure> {
    for (name, words) in pins {
        let id = model.port(name)?;
        model.set_wide(id, words);
    }
    Ok(())
}

/// A slot is a permutation that the multipliers could have done.
fn report(multipliers: usize, last: &[u64], nodes: &[usize]) {
    let slots = |clocks: u64| clocks as f64 * multipliers as f64 / (4 * Parameters::width_16().sboxes()) as f64;
    let clocks = *last.last().unwrap_or(&0);
    let used: usize = nodes.iter().sum();
    println!("K = {multipliers}: {clocks} clocks, {:.1} % of the slots", 100.0 * used as f64 / slots(clocks));
    println!(
        "| level | nodes | last leaves at | clocks since the level below | slots in them |\n|---|---|---|---|---|"
    );
    for level in 1..last.len() {
        let since = last[level] - if level == 1 { 0 } else { last[level - 1] };
        println!("| {level} | {} | {} | {since} | {:.0} |", nodes[level], last[level], slots(since));
    }
}
