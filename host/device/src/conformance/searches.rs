//! The case of the suite about searches for a proof-of-work witness.

use super::{check, job, words};
use crate::{Device, DeviceError, Job, Kernel, Search, field};
use galena_target::FIELD_PRIME;

/// Every place of the witness, ranges with and without one, candidates that wrap; what is outside the limits is refused; a device that lacks
/// the kernel says so.
pub fn witnesses_are_the_smallest(device: &mut dyn Device, _: usize) {
    let state = words(1300, 16);
    let search = |bits, first, candidates| Search { bits, first: field::word(first), candidates };
    if !device.info().kernels.contains(&Kernel::Grind) {
        let refused = device.run(&Job::grind(&state, 1, search(1, 0, 9)));
        return assert!(matches!(refused, Err(DeviceError::KernelMissing { kernel: Kernel::Grind, .. })));
    }
    for absorbed in 1..=8 {
        check(device, &Job::grind(&state, absorbed, search(4, 5 << absorbed, 200)));
    }
    // From one witness to the next, to just before it, and none at all.
    let first =
        check(device, &Job::grind(&state, 3, search(3, 0, 100))).witness().expect("an answer").expect("a witness");
    let at = field::canonical(first.word);
    check(device, &Job::grind(&state, 3, search(3, at + 1, 100)));
    check(device, &Job::grind(&state, 3, search(3, 0, at + 1)));
    if at > 0 {
        let none = check(device, &Job::grind(&state, 3, search(3, 0, at)));
        assert_eq!(none.witness(), Ok(None));
    }
    check(device, &Job::grind(&state, 8, search(30, 7, 40)));
    check(device, &Job::grind(&state, 2, search(0, 9, 1)));
    check(device, &Job::grind(&state, 5, search(5, FIELD_PRIME - 3, 60)));
    for edge in [vec![0; 16], vec![FIELD_PRIME - 1; 16]] {
        check(device, &Job::grind(&edge, 1, search(2, FIELD_PRIME - 1, 20)));
    }
    let good = Job::grind(&state, 1, search(4, 0, 64));
    let cases = [
        ("columns", Job { columns: 0, ..good }),
        ("columns", Job { columns: 9, ..good }),
        ("log_rows", Job { log_rows: 1, ..good }),
        ("bits", Job { search: Search { bits: 31, ..good.search }, ..good }),
        ("first", Job { search: Search { first: FIELD_PRIME, ..good.search }, ..good }),
        ("candidates", Job { search: Search { candidates: 0, ..good.search }, ..good }),
    ];
    for (quantity, job) in cases {
        match device.run(&job) {
            Err(DeviceError::Limits(e)) => assert_eq!(e.what, quantity),
            other => panic!("{quantity}: expected a refusal, found {:?}", other.map(drop)),
        }
    }
    assert!(matches!(device.run(&Job { matrix: &state[1..], ..good }), Err(DeviceError::MatrixLength { .. })));
    let mut bad = state.clone();
    bad[9] = FIELD_PRIME;
    match device.run(&Job { matrix: &bad, ..good }) {
        Err(DeviceError::NonCanonical { row: 0, column: 9, found: FIELD_PRIME, .. }) => {}
        other => panic!("a word of the state that is not below p: {:?}", other.map(drop)),
    }
    // And the device does what it did before.
    check(device, &good);
    let log_rows = device.info().limits.log_rows_min.max(3);
    let matrix = words(1301, 9 << log_rows);
    check(device, &job(Kernel::Commit, log_rows, 1, 9, &matrix));
}
