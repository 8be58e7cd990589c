//! The short soak: jobs back to back with faults at random leave the process as it was. `make campaign` has a longer one.
//!
//! In a process of its own: what it counts is the process.

use galena_tests::campaign::clock::Holdings;
use galena_tests::campaign::proof::Proof;
use galena_tests::campaign::soak::{Soaked, soak};
use galena_tests::campaign::stand::{Kind, Stand};
use galena_tests::campaign::tape::Tape;
use galena_tests::campaign::{config, seed};

/// Jobs on each device.
const JOBS: u64 = 200;

/// Memory that a soak may gain: what allocators keep for themselves, far below what a leaked job would be.
const BYTES: u64 = 4 << 20;

#[test]
fn a_soak_with_faults_leaks_nothing() {
    let tape = Tape::record(&Proof::new(), config(), 4);
    for kind in [Kind::Model, Kind::Verilog] {
        let mut stand = Stand::open(kind).unwrap_or_else(|error| panic!("{error}"));
        let soaked = soak(&mut stand, &tape, JOBS, seed()).unwrap_or_else(|what| panic!("seed {}: {what}", seed()));
        println!("{}: {soaked:?}", kind.name());
        assert!(soaked.struck > JOBS / 5);
        soaked.grew(BYTES).unwrap_or_else(|what| panic!("{}: {what}", kind.name()));
    }
}

#[test]
fn a_process_that_grew_is_noticed() {
    let before = Holdings { resident: 100 << 20, descriptors: 6, threads: 4 };
    let soaked = |after| Soaked { jobs: JOBS, struck: 1, before, after }.grew(BYTES);
    assert!(soaked(before).is_ok(), "the honest control");
    assert!(soaked(Holdings { resident: before.resident + BYTES + 1, ..before }).is_err());
    assert!(soaked(Holdings { descriptors: 7, ..before }).is_err());
    assert!(soaked(Holdings { threads: 5, ..before }).is_err());
}
