//! The conformance suite: what every device must do, run by every device.
//!
//! ```no_run
//! # use galena_device::{Device, SoftwareDevice};
//! fn open() -> Box<dyn Device> {
//!     Box::new(SoftwareDevice::new())
//! }
//! galena_device::device_conformance!(open, largest = 6);
//! ```
//!
//! `largest` bounds log_rows in tests that compute, so that the reference stays quick; limits are tested at their real values.

mod interplay;
mod reference;
mod searches;

pub use interplay::{cancelled_jobs_do_no_harm, registers_count, what_is_kept_is_read};
pub use reference::run as reference;
pub use searches::witnesses_are_the_smallest;

use crate::{Device, DeviceError, Job, Kernel, Output};
use galena_target::FIELD_PRIME;

/// Makes a test of every case of the suite for the devices that `$open` (a `fn() -> Box<dyn Device>`) opens.
#[macro_export]
macro_rules! device_conformance {
    ($open:ident, largest = $largest:expr) => {
        $crate::device_conformance!(@cases $open, $largest,
            identifies_itself, every_kernel_matches_the_reference, every_width_from_1_to_17, shifts, known_answers,
            levels_from_none_to_all, parts_are_returned_as_asked, limits_are_refused_and_the_next_job_is_right,
            bad_data_is_refused_and_the_next_job_is_right, results_repeat, edge_values, more_than_2048_columns,
            digests_from_any_level, what_is_kept_is_read, witnesses_are_the_smallest, cancelled_jobs_do_no_harm, registers_count);
    };
    (@cases $open:ident, $largest:expr, $($case:ident),*) => {
        mod conformance {
            $(
                #[test]
                fn $case() {
                    let mut device = super::$open();
                    $crate::conformance::$case(&mut *device, $largest);
                }
            )*
        }
    };
}

/// Deterministic field words: splitmix64 of the seed and the position, reduced.
fn words(seed: u64, count: usize) -> Vec<u32> {
    let mix = |i: usize| {
        let mut z =
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add((i as u64).wrapping_mul(0xd134_2543_de82_ef95));
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % u64::from(FIELD_PRIME)) as u32
    };
    (0..count).map(mix).collect()
}

const SHIFT_31: u32 = crate::field::word(31);

/// A job of this kernel with everything returned and the whole tree.
fn job(kernel: Kernel, log_rows: usize, log_blowup: usize, columns: usize, matrix: &[u32]) -> Job<'_> {
    let row = kernel.row();
    let log_blowup = if row.transforms { log_blowup } else { 0 };
    let levels = if row.compresses { log_rows + log_blowup } else { 0 };
    Job { log_blowup, shift: SHIFT_31, levels, ..Job::of(kernel, log_rows, columns, matrix) }
}

/// Runs the job and compares with the reference, naming the first difference.
#[track_caller]
fn check(device: &mut dyn Device, job: &Job<'_>) -> Output {
    let what = format!(
        "{} of 2^{} x {}, blow-up 2^{}, {} levels, shift {:#x}",
        job.kernel, job.log_rows, job.columns, job.log_blowup, job.levels, job.shift
    );
    let found = device.run(job).unwrap_or_else(|e| panic!("{what}: {e}"));
    let expected = reference(job);
    assert_eq!(found.rows.len(), expected.rows.len(), "{what}: words of rows");
    let first = found.rows.iter().zip(&expected.rows).position(|(a, b)| a != b);
    if let Some(at) = first {
        panic!("{what}: row {}, column {} differs", at / job.columns, at % job.columns);
    }
    let count = |o: &Output| o.layers.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(count(&found), count(&expected), "{what}: digests of the layers");
    for (level, (a, b)) in found.layers.iter().zip(&expected.layers).enumerate() {
        if let Some(index) = a.iter().zip(b).position(|(a, b)| a != b) {
            panic!("{what}: layer {level}, digest {index} differs");
        }
    }
    found
}

/// The sizes a device is tried at: its smallest two, one in the middle, its largest within `largest`.
fn sizes(device: &dyn Device, largest: usize) -> Vec<usize> {
    let limits = device.info().limits;
    let top = limits.log_rows_max.min(largest);
    let mut sizes = vec![limits.log_rows_min, limits.log_rows_min + 1, limits.log_rows_min.midpoint(top), top];
    sizes.retain(|&n| n <= top);
    sizes.dedup();
    sizes
}

/// The kernels that compute something of a matrix.
fn kernels(device: &dyn Device) -> Vec<Kernel> {
    let of_matrix = |kernel: &Kernel| kernel.works() && *kernel != Kernel::Read && !kernel.row().searches;
    device.info().kernels.iter().copied().filter(of_matrix).collect()
}

/// The device says who it is, consistently.
pub fn identifies_itself(device: &mut dyn Device, _: usize) {
    let info = device.info();
    assert!(!info.name.is_empty() && info.abi_version == galena_target::ABI_VERSION);
    assert!(info.limits.log_rows_min <= info.limits.log_rows_max && info.limits.columns_max >= 17);
    assert!(info.kernels.contains(&Kernel::Commit), "a device without `commit` is of no use");
}

/// All kernels at all edge sizes, every blow-up.
pub fn every_kernel_matches_the_reference(device: &mut dyn Device, largest: usize) {
    for kernel in kernels(device) {
        for log_rows in sizes(device, largest) {
            let blowups = if kernel.row().transforms { 0..=device.info().limits.log_blowup_max } else { 0..=0 };
            for log_blowup in blowups {
                let columns = if kernel == Kernel::Tree { 8 } else { 11 };
                let matrix = words(log_rows as u64, columns << log_rows);
                check(device, &job(kernel, log_rows, log_blowup, columns, &matrix));
            }
        }
    }
}

/// One column to two groups and one: full groups, partial groups, a single word absorbed.
pub fn every_width_from_1_to_17(device: &mut dyn Device, _: usize) {
    let log_rows = device.info().limits.log_rows_min.max(2);
    for columns in 1..=17 {
        let matrix = words(100 + columns as u64, columns << log_rows);
        check(device, &job(Kernel::Commit, log_rows, 1, columns, &matrix));
        check(device, &job(Kernel::Hash, log_rows, 0, columns, &matrix));
        check(device, &job(Kernel::Lde, log_rows, 1, columns, &matrix));
    }
}

/// Shifts 1, 31, the generators' inverses, p - 1, and some at random.
pub fn shifts(device: &mut dyn Device, _: usize) {
    let log_rows = device.info().limits.log_rows_min.max(3);
    let matrix = words(200, 9 << log_rows);
    let one = crate::field::ONE;
    let fixed = [one, SHIFT_31, crate::field::inverse(SHIFT_31), FIELD_PRIME - one];
    for shift in fixed.into_iter().chain(words(201, 4)) {
        check(device, &Job { shift, ..job(Kernel::Commit, log_rows, 1, 9, &matrix) });
    }
}

/// The published answer of the permutation, through the `tree` kernel: the first eight words of P2-16(0..15).
pub fn known_answers(device: &mut dyn Device, _: usize) {
    const ANSWER: [u32; 8] =
        [0x71a7_3fe7, 0x6788_eb7b, 0x74cf_6669, 0x29be_1dc4, 0x61a2_ab2d, 0x3ce4_8354, 0x66eb_36b9, 0x68f8_abb0];
    const ANSWER_ZERO: [u32; 8] =
        [0x45ac_b8c6, 0x07ad_1068, 0x2c8c_7c9f, 0x34af_a361, 0x157e_0af3, 0x659b_a386, 0x6ff5_8f57, 0x3ed7_0fd1];
    let mut state = std::array::from_fn(|i| i as u32);
    reference::permute(&mut state);
    assert_eq!(state[..8], ANSWER, "the reference itself");
    let log_rows = device.info().limits.log_rows_min.max(1);
    let mut matrix = vec![0; 8 << log_rows];
    (0..16).for_each(|i| matrix[i] = crate::field::word(i as u32));
    let tree = check(device, &Job { levels: 1, ..job(Kernel::Tree, log_rows, 0, 8, &matrix) });
    assert_eq!(tree.layers[0][0].map(crate::field::canonical), ANSWER);
    if let Some(zero) = tree.layers[0].get(1) {
        assert_eq!(zero.map(crate::field::canonical), ANSWER_ZERO);
    }
    // The sponge over eight zero columns is the permutation of the zero state.
    let hash = check(device, &Job { levels: 0, ..job(Kernel::Hash, log_rows, 0, 8, &vec![0; 8 << log_rows]) });
    assert_eq!(hash.layers[0][0].map(crate::field::canonical), ANSWER_ZERO);
}

/// Trees cut off at every level.
pub fn levels_from_none_to_all(device: &mut dyn Device, largest: usize) {
    let log_rows = device.info().limits.log_rows_max.min(largest).min(5);
    let matrix = words(300, 8 << log_rows);
    for kernel in [Kernel::Commit, Kernel::Hash, Kernel::Tree] {
        let all = job(kernel, log_rows, 1, 8, &matrix);
        for levels in 0..=all.levels {
            check(device, &Job { levels, ..all });
        }
    }
}

/// `commit` returns rows, digests, both or neither.
pub fn parts_are_returned_as_asked(device: &mut dyn Device, _: usize) {
    let log_rows = device.info().limits.log_rows_min.max(3);
    let matrix = words(400, 10 << log_rows);
    for (return_rows, return_digests) in [(false, false), (false, true), (true, false), (true, true)] {
        let job = Job { return_rows, return_digests, ..job(Kernel::Commit, log_rows, 1, 10, &matrix) };
        let output = check(device, &job);
        assert_eq!((output.rows.is_empty(), output.layers.is_empty()), (!return_rows, !return_digests));
    }
}

/// Shapes just outside the limits are refused with the typed error that names the quantity.
pub fn limits_are_refused_and_the_next_job_is_right(device: &mut dyn Device, _: usize) {
    let limits = device.info().limits;
    let good = words(500, 8 << limits.log_rows_min.max(2));
    let good = job(Kernel::Commit, limits.log_rows_min.max(2), 1, 8, &good);
    let mut cases = vec![
        ("log_rows", Job { log_rows: limits.log_rows_max + 1, ..good }),
        ("log_rows", Job { kernel: Kernel::Hash, log_blowup: 0, log_rows: limits.log_height_max() + 1, ..good }),
        ("log_blowup", Job { log_blowup: limits.log_blowup_max + 1, ..good }),
        ("log_blowup", Job { kernel: Kernel::Tree, ..good }),
        ("columns", Job { columns: 0, ..good }),
        ("columns", Job { columns: limits.columns_max + 1, ..good }),
        ("columns", Job { kernel: Kernel::Tree, log_blowup: 0, columns: 7, levels: 1, ..good }),
        ("levels", Job { levels: good.levels + 1, ..good }),
        ("levels", Job { kernel: Kernel::Lde, levels: 1, ..good }),
        ("first_level", Job { first_level: good.levels + 1, ..good }),
        ("keep_rows", Job { keep_rows: Some(limits.memory_beats as u32), ..good }),
        ("keep_digests", Job { keep_digests: Some(limits.memory_beats as u32), ..good }),
    ];
    if limits.log_rows_min > 0 {
        cases.push(("log_rows", Job { log_rows: limits.log_rows_min - 1, levels: 0, ..good }));
    }
    for (quantity, job) in cases {
        match device.run(&job) {
            Err(DeviceError::Limits(e)) => assert_eq!(e.what, quantity),
            other => panic!("{quantity}: expected a refusal, found {:?}", other.map(|_| "a result")),
        }
    }
    check(device, &good);
}

/// Words at and above p, a wrong length, a wrong shift: typed errors, and the device goes on.
pub fn bad_data_is_refused_and_the_next_job_is_right(device: &mut dyn Device, _: usize) {
    let log_rows = device.info().limits.log_rows_min.max(2);
    let matrix = words(600, 10 << log_rows);
    let good = job(Kernel::Commit, log_rows, 1, 10, &matrix);
    for found in [FIELD_PRIME, FIELD_PRIME + 1, 1 << 31, u32::MAX] {
        let mut bad = matrix.clone();
        bad[13] = found;
        match device.run(&Job { matrix: &bad, ..good }) {
            Err(DeviceError::NonCanonical { row: 1, column: 3, found: f, .. }) => assert_eq!(f, found),
            other => panic!("expected a refusal, found {:?}", other.map(|_| "a result")),
        }
        let refused = device.run(&Job { shift: found, ..good });
        assert!(matches!(refused, Err(DeviceError::Shift { .. })));
    }
    assert!(matches!(device.run(&Job { shift: 0, ..good }), Err(DeviceError::Shift { .. })));
    for matrix in [&matrix[1..], &[]] {
        assert!(matches!(device.run(&Job { matrix, ..good }), Err(DeviceError::MatrixLength { .. })));
    }
    let identify = device.run(&Job { kernel: Kernel::Identify, ..good });
    assert!(matches!(identify, Err(DeviceError::KernelMissing { .. })));
    check(device, &good);
}

/// The same job twice, another between: the same result.
pub fn results_repeat(device: &mut dyn Device, largest: usize) {
    let log_rows = device.info().limits.log_rows_max.min(largest).min(6);
    let matrix = words(700, 12 << log_rows);
    let job_a = job(Kernel::Commit, log_rows, 1, 12, &matrix);
    let first = check(device, &job_a);
    check(device, &job(Kernel::Hash, log_rows, 0, 12, &matrix));
    let again = device.run(&job_a).expect("the job that was right before");
    assert!(first.rows == again.rows && first.layers == again.layers);
    device.recover().expect("a healthy device");
    let after = device.run(&job_a).expect("the job after a recovery");
    assert!(after.layers == again.layers);
}

/// More groups than eight bits count, and a group that is not full at the end.
pub fn more_than_2048_columns(device: &mut dyn Device, _: usize) {
    let limits = device.info().limits;
    let (log_rows, columns) = (limits.log_rows_min.max(2), 2059);
    if limits.columns_max < columns {
        return;
    }
    let matrix = words(800, columns << log_rows);
    check(device, &job(Kernel::Commit, log_rows, 1, columns, &matrix));
    check(device, &job(Kernel::Hash, log_rows, 0, columns, &matrix));
}

/// Digests come back from any level upwards.
pub fn digests_from_any_level(device: &mut dyn Device, largest: usize) {
    let log_rows = device.info().limits.log_rows_max.min(largest).min(4);
    let matrix = words(900, 8 << log_rows);
    for kernel in [Kernel::Commit, Kernel::Hash, Kernel::Tree] {
        let all = job(kernel, log_rows, 1, 8, &matrix);
        for levels in [all.levels, all.levels - 1] {
            for first_level in 0..=levels {
                let output = check(device, &Job { levels, first_level, return_rows: false, ..all });
                let computed = usize::from(kernel == Kernel::Tree);
                assert_eq!(output.layers.len(), levels + 1 - first_level.max(computed));
            }
        }
    }
}

/// Matrices of zeros, of p - 1, of one value: carries, and reductions at their edges.
pub fn edge_values(device: &mut dyn Device, _: usize) {
    let log_rows = device.info().limits.log_rows_min.max(4);
    for value in [0, 1, FIELD_PRIME - 1, FIELD_PRIME - 2, crate::field::ONE, 1 << 27, (1 << 27) - 1, 1 << 30] {
        let mut matrix = vec![value; 9 << log_rows];
        check(device, &job(Kernel::Commit, log_rows, 1, 9, &matrix));
        matrix.iter_mut().skip(1).step_by(2).for_each(|x| *x = FIELD_PRIME - 1);
        check(device, &job(Kernel::Commit, log_rows, 1, 9, &matrix));
    }
}
