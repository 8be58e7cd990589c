//! Circuit faults: each changes something, none is there before it is armed, and after it the device can be brought back.

use galena_device::conformance::reference;
use galena_device::{Device, DeviceError, Job, Kernel, Output, field};
use galena_sim::faults::{FaultySim, Only, RTL_FAULTS, RtlFault, instrument, open_faulty};
use galena_target::{CONFIGS, Config, Link};

#[test]
fn every_fault_finds_its_place_in_every_config_that_it_concerns() {
    for config in &CONFIGS {
        let files = galena_hdl::core(config).unwrap();
        instrument(config, &files).unwrap_or_else(|e| panic!("{}: {e}", config.name));
    }
    for (at, fault) in RTL_FAULTS.iter().enumerate() {
        assert!(RTL_FAULTS[..at].iter().all(|other| other.name != fault.name), "{}", fault.name);
        assert!(CONFIGS.iter().any(|config| fault.concerns(config)), "{}", fault.name);
    }
}

/// Commits to three groups of columns, enough for a credit and for a sponge that goes on, and keeps rows where there is memory; then reads some.
fn jobs(device: &mut dyn Device) -> Result<Vec<Output>, DeviceError> {
    let matrix: Vec<u32> = (0..19 << 5).map(|i: u32| i.wrapping_mul(0x9e37_79b9) >> 2 & 0x3fff_ffff).collect();
    let memory = device.info().limits.memory_beats > 0;
    let commit = Job {
        log_blowup: 1,
        shift: field::word(31),
        levels: 6,
        keep_rows: memory.then_some(0),
        ..Job::of(Kernel::Commit, 5, 19, &matrix)
    };
    let mut outputs = vec![device.run(&commit)?, device.run(&commit)?];
    if memory {
        let addresses: Vec<u32> = (0..192).collect();
        outputs.push(device.run(&Job::of(Kernel::Read, 0, 192, &addresses))?);
    }
    let expected = reference(&commit);
    assert_eq!(outputs[0].rows.len(), expected.rows.len());
    Ok(outputs)
}

/// Some jobs, and what they computed.
type Jobs = fn(&mut dyn Device) -> Result<Vec<Output>, DeviceError>;

/// What was computed, without the counters.
fn words(outputs: &[Output]) -> Vec<Output> {
    let plain = |o: &Output| Output { counters: Default::default(), ..o.clone() };
    outputs.iter().map(plain).collect()
}

fn each_changes_something(config: &str, jobs: Jobs, concerns: impl Fn(&RtlFault, &Config) -> bool) {
    let config = Config::named(config).unwrap();
    let device: &mut FaultySim = &mut open_faulty(config).unwrap();
    let right = jobs(device).unwrap();
    for fault in RTL_FAULTS.iter().filter(|fault| concerns(fault, config)) {
        // Not yet: the fault is asleep for longer than the jobs take.
        device.arm(fault, u32::MAX).unwrap();
        assert!(words(&jobs(device).unwrap()) == words(&right), "{}: asleep", fault.name);
        device.arm(fault, 100).unwrap();
        let found = jobs(device);
        let seen = match &found {
            Ok(outputs) => words(outputs) != words(&right),
            Err(_) => true,
        };
        assert!(seen, "{}: nothing has changed", fault.name);
        println!("{}: {}", fault.name, found.map_or_else(|e| e.to_string(), |_| "wrong words".into()));
        device.disarm().unwrap();
        device.recover().unwrap_or_else(|e| panic!("{}: {e}", fault.name));
        let after = jobs(device).unwrap_or_else(|e| panic!("{}: after it: {e}", fault.name));
        assert!(words(&after) == words(&right), "{}: after it", fault.name);
    }
}

#[test]
fn every_fault_changes_something_and_leaves_nothing_behind() {
    each_changes_something("tiny", jobs, |fault, config| fault.concerns(config));
}

/// A line is slow: only its own faults, on a job of a few words.
#[test]
fn a_serial_core_has_faults_of_its_line() {
    let small = |device: &mut dyn Device| Ok(vec![device.run(&Job::of(Kernel::Hash, 2, 8, &[5; 32]))?]);
    each_changes_something("tiny-uart", small, |fault, _| fault.only == Only::Link(Link::Uart));
}
