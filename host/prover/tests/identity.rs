//! The same bytes whoever computes: stock Plonky3, our schemes on the CPU, and on devices of any size and number, on 1 and
//! 2 threads.

#[macro_use]
mod toy;

use galena_device::{Device, Kernel, Limits, SoftwareDevice};
use galena_prover::{Commitment, Entry, Offload, Place, Policy, shares};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use std::sync::Arc;
use toy::ours::{device, on_threads, ours, quiet, required};
use toy::{KNOBS, StockChallenger, challenger, run, stock, stock_verifies};

/// Heights of log, cells and bytes (256): all different, two equal in each way, and the log shorter than the bytes.
const SHAPES: [(usize, usize); 4] = [(10, 6), (8, 7), (7, 7), (5, 3)];

#[test]
fn cpu_writes_the_bytes_of_the_stock_prover() {
    for knobs in KNOBS {
        for (log_rows, log_cells) in SHAPES {
            let run = run(log_rows, log_cells);
            // One thread: there the stock grinder, too, returns the smallest witness.
            let expected = on_threads(1, || prove!(stock::<StockChallenger>(knobs, challenger()), run)).unwrap();
            for threads in [1, 2] {
                let config = ours(knobs, Offload::cpu(quiet()));
                let proof = on_threads(threads, || prove!(config, run)).unwrap();
                assert!(proof == expected, "{knobs:?}, 2^{log_rows} rows, {threads} threads");
            }
            stock_verifies(knobs, &run, &expected).unwrap();
        }
    }
}

#[test]
fn a_device_of_any_size_writes_the_same_bytes() {
    for knobs in KNOBS {
        for (log_rows, log_cells) in SHAPES {
            let run = run(log_rows, log_cells);
            let expected = prove!(ours(knobs, Offload::cpu(quiet())), run).unwrap();
            // Holding everything, only the smaller heights, only the taller ones, narrow matrices, subtrees, nothing.
            for (least, most, columns) in
                [(0, 20, 4096), (0, 8, 4096), (7, 20, 4096), (0, 20, 16), (0, 20, 4), (2, 4, 64), (20, 20, 1)]
            {
                for threads in [1, 2] {
                    let device = device(least, most, columns);
                    let (proof, ledger) = on_threads(threads, || {
                        let offload = Offload::new(vec![device], required(), quiet()).unwrap();
                        (prove!(ours(knobs, Arc::clone(&offload)), run).unwrap(), offload.ledger())
                    });
                    let limits =
                        format!("{knobs:?}, 2^{log_rows}, {least}..={most} rows, {columns} columns, {threads} threads");
                    assert!(proof == expected, "{limits}");
                    assert!(ledger.iter().all(|entry| entry.fault().is_none()), "{limits}");
                    let on_device = ledger.iter().filter(|e| e.cost().is_some()).count();
                    assert_eq!(on_device > 0, columns > 1, "{limits}: {ledger:#?}");
                    if (least, most, columns) == (0, 20, 4096) {
                        assert_eq!(on_device, ledger.len(), "{ledger:#?}");
                        assert!(ledger.iter().all(|entry| entry.part.of == 1), "nothing is cut: {ledger:#?}");
                    }
                    let cut = |kernel: Kernel| ledger.iter().any(|e| e.shape.kernel == kernel && e.part.of > 1);
                    // It hashes 2^(most + 3) rows, and the bytes are 2^8 before the extension; the log has 17 columns.
                    let tallest = log_rows.max(8) + knobs.log_blowup;
                    assert_eq!(cut(Kernel::Hash), least < 7 && tallest > most + 3, "{limits}: {ledger:#?}");
                    assert_eq!(cut(Kernel::Lde), columns == 16, "{limits}: {ledger:#?}");
                }
            }
        }
    }
}

#[test]
fn several_devices_share_the_work_and_write_the_same_bytes() {
    // Alike; of different sizes; one of them too small for most; one without room for more than a group.
    let sets: [&[(usize, usize, usize)]; 4] = [
        &[(2, 12, 64), (2, 12, 64)],
        &[(2, 20, 4096), (2, 8, 64), (2, 6, 64)],
        &[(2, 4, 64), (2, 20, 64)],
        &[(2, 20, 8), (0, 20, 4096)],
    ];
    for knobs in KNOBS {
        let run = run(10, 6);
        let expected = prove!(ours(knobs, Offload::cpu(quiet())), run).unwrap();
        for set in sets {
            for threads in [1, 2] {
                let devices = set.iter().map(|&(least, most, columns)| device(least, most, columns)).collect();
                let (proof, ledger) = on_threads(threads, || {
                    let offload = Offload::new(devices, required(), quiet()).unwrap();
                    (prove!(ours(knobs, Arc::clone(&offload)), run).unwrap(), offload.ledger())
                });
                assert!(proof == expected, "{knobs:?}, {set:?}, {threads} threads");
                assert!(ledger.iter().all(|entry| entry.faults.is_empty()));
                assert!(ledger.iter().any(|entry| entry.part.of > 1), "{ledger:#?}");
                let jobs = |index: usize| {
                    ledger.iter().filter(|e| matches!(e.place, Place::Device { device, .. } if device == index)).count()
                };
                // Which device is free first is not ours to say; that the first two are used is.
                assert!(jobs(0) + jobs(1) > 10 && jobs(0).min(jobs(1)) > 0, "{set:?}: {ledger:#?}");
            }
        }
    }
}

#[test]
fn the_tallest_class_is_shared_out_and_the_rest_is_fused() {
    let devices: Vec<Box<dyn Device>> = vec![device(0, 20, 4096), device(0, 20, 4096)];
    let offload = Offload::new(devices, required(), quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run(10, 6)).unwrap();
    let ledger = offload.ledger();
    let main = |kernel: Kernel, log_rows: usize| {
        let found =
            |e: &&Entry| e.commitment == Commitment::Main && (e.shape.kernel, e.shape.log_rows) == (kernel, log_rows);
        ledger.iter().filter(found).count()
    };
    // The log has 17 columns, three groups, and most of the words: no device should take it while the other waits.
    assert_eq!((main(Kernel::Lde, 10), main(Kernel::Commit, 10)), (3, 0), "{ledger:#?}");
    assert_eq!((main(Kernel::Hash, 9), main(Kernel::Hash, 11)), (4, 0), "four subtrees: {ledger:#?}");
    assert_eq!((main(Kernel::Commit, 8), main(Kernel::Commit, 6)), (1, 1), "{ledger:#?}");
}

#[test]
fn the_ledger_names_every_commitment_in_order() {
    let offload = Offload::new(vec![device(0, 20, 4096)], required(), quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run(10, 6)).unwrap();
    let commitments: Vec<Commitment> = shares(&offload.ledger()).into_iter().map(|share| share.commitment).collect();
    use Commitment::{FriLayer, Logup, Main, Preprocessed, Quotient};
    assert_eq!(commitments, [Preprocessed, Main, Logup, Quotient, FriLayer(0)]);
    let fused = |e: &&Entry| e.shape.kernel == Kernel::Commit && e.commitment == Main;
    assert_eq!(offload.ledger().iter().filter(fused).count(), 3, "one fused job for each height");
}

#[test]
fn tables_above_the_policy_stay_on_the_cpu() {
    let policy = Policy { log_rows_max: Some(7), ..required() };
    let offload = Offload::new(vec![device(0, 20, 4096)], policy, quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run(10, 6)).unwrap();
    let ledger = offload.ledger();
    assert!(ledger.iter().all(|entry| entry.cost().is_some() == (entry.shape.log_rows <= 7)), "{ledger:#?}");
}

/// The CPU under the limits of a device, as the tests of this crate use it, says the same as the plain one.
#[test]
fn the_stand_in_has_the_limits_it_was_given() {
    let limits = Limits { log_rows_min: 3, log_rows_max: 5, log_blowup_max: 1, columns_max: 9, memory_beats: 0 };
    assert_eq!(SoftwareDevice::with_limits("toy", limits).info().limits, limits);
}
