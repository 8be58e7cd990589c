//! Cases of the suite in which one job depends on another: memory, cancels, running totals.

use super::{check, job, reference, words};
use crate::{Device, DeviceError, Job, Kernel};
use galena_target::frame::{GROUP_COLUMNS, StatusCode};
use galena_target::{FIELD_PRIME, Register};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Rows and digests that a job keeps are what `read` fetches, in whatever order; jobs between do not disturb them.
pub fn what_is_kept_is_read(device: &mut dyn Device, _: usize) {
    let limits = device.info().limits;
    let log_rows = limits.log_rows_min.max(3);
    let matrix = words(1000, 11 << log_rows);
    if limits.memory_beats == 0 {
        let read = device.run(&Job::of(Kernel::Read, 0, 1, &[0]));
        return assert!(matches!(read, Err(DeviceError::KernelMissing { kernel: Kernel::Read, .. })));
    }
    // Nothing comes back but two levels of digests; all is kept.
    let quiet = Job { return_rows: false, first_level: 2, levels: 3, ..job(Kernel::Commit, log_rows, 1, 11, &matrix) };
    let shape = quiet.shape();
    let (rows, digests) = (5, 5 + shape.row_beats() as u32);
    check(device, &Job { keep_rows: Some(rows), keep_digests: Some(digests), ..quiet });
    // A tree over other digests, kept at the end of the memory, where it just fits.
    let leaves = words(1001, 8 << log_rows);
    let tree = Job { return_digests: false, ..job(Kernel::Tree, log_rows, 0, 8, &leaves) };
    let last = (limits.memory_beats - tree.shape().digest_beats()) as u32;
    assert!(device.run(&Job { keep_digests: Some(last), ..tree }).expect("a tree that is kept").layers.is_empty());
    check(device, &job(Kernel::Lde, log_rows, 1, 11, &matrix));

    let mut expected: Vec<(u32, [u32; 8])> = vec![];
    let full = reference(&Job { return_rows: true, first_level: 0, ..quiet });
    for (j, row) in full.rows.chunks(11).enumerate() {
        for (g, words) in row.chunks(GROUP_COLUMNS).enumerate() {
            let beat = std::array::from_fn(|lane| words.get(lane).copied().unwrap_or(0));
            expected.push((rows + (g * shape.height() + j) as u32, beat));
        }
    }
    let mut digest = |base: u32, shape: &galena_target::Shape, first: usize, layers: &[Vec<[u32; 8]>]| {
        for (level, layer) in (first..).zip(layers) {
            let beats = layer.iter().enumerate();
            expected.extend(beats.map(|(index, digest)| (base + (shape.digest_beat(level) + index) as u32, *digest)));
        }
    };
    digest(digests, &shape, 0, &full.layers);
    digest(last, &tree.shape(), 1, &reference(&Job { return_digests: true, ..tree }).layers);
    assert!(expected.len() > 60, "rows, digests and the tree");
    // In an order of its own, with one beat three times.
    expected.sort_by_key(|(address, _)| address.wrapping_mul(0x9e37_79b9));
    expected.extend_from_within(..1);
    expected.insert(7, expected[0]);
    let addresses: Vec<u32> = expected.iter().map(|(address, _)| *address).collect();
    for count in [addresses.len(), 1, 64, 65] {
        let read = Job::of(Kernel::Read, 0, count, &addresses[..count]);
        let found = device.run(&read).unwrap_or_else(|e| panic!("reading {count} beats: {e}"));
        assert!(found.layers.is_empty() && found.rows.len() == 8 * count);
        let first = found.rows.chunks(8).zip(&expected).position(|(found, (_, beat))| found != beat);
        assert_eq!(first, None, "of {count} beats, the first that is not what was kept");
    }
    let outside = [0, limits.memory_beats as u32];
    match device.run(&Job::of(Kernel::Read, 0, 2, &outside)) {
        Err(DeviceError::Address { position: 1, .. }) => {}
        other => panic!("an address outside the memory: {:?}", other.map(drop)),
    }
}

/// A job that is cancelled at some time or other ends as cancelled, or was done; the next is right.
pub fn cancelled_jobs_do_no_harm(device: &mut dyn Device, largest: usize) {
    let Some(canceller) = device.canceller() else { return };
    let limits = device.info().limits;
    let log_rows = limits.log_rows_max.min(largest).min(6);
    let matrix = words(1100, 64 << log_rows);
    let job = job(Kernel::Commit, log_rows, 1, 64, &matrix);
    let want = reference(&job);
    for delay in [0, 300, 3000, 30_000] {
        let done = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_micros(delay));
                // More than once: a cancel before the job begins does not concern it.
                while !done.load(Ordering::SeqCst) {
                    canceller.cancel();
                    std::thread::sleep(Duration::from_micros(100));
                }
            });
            let result = device.run(&job);
            done.store(true, Ordering::SeqCst);
            result
        });
        match result {
            Ok(output) => assert!(output.rows == want.rows && output.layers == want.layers),
            Err(DeviceError::Status { code: StatusCode::Cancelled, .. }) => {}
            Err(other) => panic!("cancelled after {delay} us: {other}"),
        }
        let next = device.run(&job).unwrap_or_else(|e| panic!("after a cancel: {e}"));
        assert!(next.rows == want.rows && next.layers == want.layers, "after a cancel");
    }
}

/// The running totals move as jobs do.
pub fn registers_count(device: &mut dyn Device, _: usize) {
    let info = device.info().clone();
    let log_rows = info.limits.log_rows_min.max(3);
    let matrix = words(1200, 9 << log_rows);
    let Some(before) = device.registers().expect("a healthy device") else { return };
    let output = check(device, &job(Kernel::Commit, log_rows, 1, 9, &matrix));
    let after = device.registers().expect("a healthy device").expect("registers, as before");
    let moved = |register: Register| register.value(&after).wrapping_sub(register.value(&before));
    assert_eq!((moved(Register::Jobs), moved(Register::Errors)), (2, 0), "the job, and the question after it");
    let counters = output.counters;
    assert!(counters.sent_words > (16 << log_rows) && counters.received_words > 0);
    // The first question ended when its map was made, the second begins before; so much and no more may be between.
    let words = moved(Register::WordsIn);
    assert!((counters.sent_words..counters.sent_words + 200).contains(&words), "{words} words in");
    assert!(moved(Register::WordsOut) >= counters.received_words, "{} words out", moved(Register::WordsOut));
    assert!(
        moved(Register::Uptime) > 0 && moved(Register::Busy) > 0 && moved(Register::Uptime) >= moved(Register::Busy)
    );
    let multiplies = counters.transform_multiplies + counters.hasher_multiplies;
    assert_eq!(moved(Register::Multiplies), multiplies, "of the transform and the hasher");
    for row in galena_target::REGISTERS.iter().filter(|row| row.register.fixed()) {
        assert_eq!(row.register.of(&before), row.register.of(&after), "{}", row.name);
    }
    // What the host refuses the device never hears of.
    let mut bad = matrix.clone();
    bad[0] = FIELD_PRIME;
    assert!(device.run(&job(Kernel::Commit, log_rows, 1, 9, &bad)).is_err(), "refused before it is sent");
    let last = device.registers().expect("a healthy device").expect("registers, as before");
    assert_eq!(Register::Errors.word(&last), Register::Errors.word(&after), "so the device heard nothing of it");
}
