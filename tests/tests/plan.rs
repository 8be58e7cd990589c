//! The planner against the simulation: a whole proof whose jobs go over a simulated serial board, as it was and as it was planned.

use galena_device::driver::OpenOptions;
use galena_device::{Counters, Device};
use galena_prover::{Cost, Place, Policy, Proved, prove};
use galena_sim::plan::{Line, PlannedDevice};
use galena_target::Config;
use galena_vm::Program;
use std::sync::Arc;

/// A config behind a serial line, and log2 of the most rows that go to it: its simulation takes its time.
const CONFIG: &str = "tiny-uart";
const LOG_ROWS: usize = 4;

fn proved(device: Box<dyn Device>) -> Proved {
    let samples = galena_tests::samples();
    let sample = samples.iter().find(|s| s.name.starts_with("fibonacci-c")).unwrap();
    let program = Program::from_elf(&std::fs::read(&sample.elf).unwrap()).unwrap();
    let policy = Policy { required: true, log_rows_max: Some(LOG_ROWS), check_samples: 0, ..Policy::default() };
    let profile = galena_constraints::Profile::by_name("standard").unwrap();
    prove(&program, &sample.input, profile, vec![device], policy, Arc::new(|_| ())).unwrap()
}

/// What the device did for each call that it took.
fn costs(proved: &Proved) -> Vec<(String, Cost)> {
    let device = |entry: &galena_prover::Entry| match entry.place {
        Place::Device { cost, .. } => Some((format!("{:?}", entry.shape), cost)),
        Place::Cpu(_) => None,
    };
    proved.report.ledger.iter().filter_map(device).collect()
}

#[test]
fn a_proof_over_a_simulated_serial_board_takes_what_was_planned() {
    let config = Config::named(CONFIG).unwrap();
    let line = Line::of(config, Some(config.baud)).unwrap();
    let planned = proved(Box::new(PlannedDevice::new(config, &line).unwrap()));
    let simulated = proved(Box::new(galena_sim::device::open(CONFIG, &OpenOptions::default()).unwrap()));
    assert_eq!(planned.bytes, simulated.bytes, "one proof");
    let (planned, simulated) = (costs(&planned), costs(&simulated));
    assert!(simulated.len() > 20, "{} calls went to the board", simulated.len());
    let mut sums = [Counters::default(); 2];
    for ((shape, planned), (same, simulated)) in planned.iter().zip(&simulated) {
        assert_eq!(shape, same);
        sums[0] += planned.counters;
        sums[1] += simulated.counters;
    }
    assert_eq!(planned.len(), simulated.len());
    let [planned, simulated] = sums;
    let exact = |c: Counters| (c.transform_multiplies, c.hasher_multiplies, c.permutations, c.sent_words);
    assert_eq!(exact(planned), exact(simulated));
    let error = planned.cycles as f64 / simulated.cycles as f64 - 1.0;
    println!("{} clocks planned, {} simulated, {:+.2} %", planned.cycles, simulated.cycles, 100.0 * error);
    assert!(error.abs() < 0.15, "{planned:?}\n{simulated:?}");
}
