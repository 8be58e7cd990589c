//! The grinder in Verilog against its model and Plonky3's challenger, and its utilisation over whole searches.

use galena_hdl::block::{Point, Size, block};
use galena_hdl::emit;
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verify::Runner;
use galena_sim::verilated::{Limits, StallPattern};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 90;

/// The file with the datasheet.
const DATASHEET: &str = include_str!("../../hdl/src/grind/mod.rs");

fn points() -> Vec<Point> {
    (block("grind").unwrap().points)()
}

#[test]
fn searches_equal_the_model_and_plonky3_under_stalls() {
    for point in points() {
        let mut runner = Runner::open(&point).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        for stalls in [[StallPattern::NONE; 2], [StallPattern::half(1), StallPattern::half(2)]] {
            for size in [Size::Edge, Size::Small, Size::Random].repeat(12) {
                let job = (point.job)(&mut rng, size);
                let what = format!("{}, {}, seed {SEED}, {stalls:?}", point.name, job.what);
                runner.run(&job, stalls).unwrap_or_else(|e| panic!("{what}: {e}"));
                let count = |runner: &mut Runner, port: &str| {
                    let model = runner.model();
                    let words = model.get_wide(model.port(port).unwrap());
                    words.iter().rev().fold(0u64, |a, w| a << 32 | u64::from(*w))
                };
                let judged = count(&mut runner, "grind_permutations");
                assert!(judged > 0 && judged <= job.results, "{what}");
                assert_eq!(count(&mut runner, "grind_multiplies"), 564 * judged, "{what}");
            }
        }
    }
}

#[test]
fn a_reset_at_any_clock_of_a_search_leaves_no_trace() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for point in &points()[..2] {
        let mut runner = Runner::open(point).unwrap();
        let job = (point.job)(&mut rng, Size::Small);
        let whole = runner.run(&job, [StallPattern::NONE; 2]).unwrap();
        for _ in 0..60 {
            let cut = rng.random_range(0..whole.setup + whole.clocks);
            runner.begin(&job, [StallPattern::NONE; 2], cut).unwrap();
            runner.reset().unwrap();
            let again = runner.run(&job, [StallPattern::NONE; 2]);
            again.unwrap_or_else(|e| panic!("{} after a reset at {cut}, seed {SEED}: {e}", point.name));
        }
    }
}

#[test]
fn lint_and_check() {
    for point in points() {
        let files = emit(&point.module).unwrap();
        lint(&files, &point.module.name).unwrap();
        let script = format!("hierarchy -check -top {}; proc; check -assert", point.module.name);
        tools::yosys(&files, &[], &script).unwrap();
    }
}

/// Whole searches of 16 bits, the state's words and the drain included: the figures of the datasheet.
#[test]
fn utilisation_as_in_the_datasheet() {
    let mut missing = vec![];
    for point in points() {
        let mut runner = Runner::open(&point).unwrap();
        let job = (point.job)(&mut ChaCha8Rng::seed_from_u64(SEED), Size::Whole);
        // On four multipliers a search of 2^16 candidates says nothing for nine million clocks.
        runner.limits(Limits { cycles: 100_000_000, silence: 100_000_000 });
        let ran = runner.run(&job, [StallPattern::NONE; 2]).unwrap();
        let clocks = ran.setup + ran.clocks;
        let utilisation = job.multiplies as f64 / (point.multipliers as u64 * clocks) as f64;
        let row = format!("| {} | {} | {clocks} | {:.1} % |", point.multipliers, job.results, 100.0 * utilisation);
        println!("{row}");
        assert!(utilisation >= 0.97, "{}: {utilisation}", point.name);
        if !DATASHEET.contains(&row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "put into the datasheet of hdl/src/grind/mod.rs:\n{}", missing.join("\n"));
}
