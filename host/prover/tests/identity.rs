//! The same bytes whoever computes: stock Plonky3, our schemes on the CPU, and on a device of any size, on 1 and 2 threads.

#[macro_use]
mod toy;

use galena_device::{Device, Kernel, Limits, SoftwareDevice};
use galena_prover::{
    Commitment, DeviceMmcs, DevicePcs, Entry, Offload, Place, Policy, Progress, SmallestWitness, shares,
};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use std::sync::Arc;
use toy::faulty::{Fault, Faulty};
use toy::{Knobs, StockChallenger, challenger, config, fri, run, stock, stock_verifies};

const REQUIRED: Policy = Policy { required: true, log_rows_max: None };

const KNOBS: [Knobs; 3] = [
    Knobs { log_blowup: 1, max_log_arity: 3, log_final_poly_len: 0, cap_height: 2 },
    Knobs { log_blowup: 1, max_log_arity: 1, log_final_poly_len: 0, cap_height: 0 },
    Knobs { log_blowup: 2, max_log_arity: 3, log_final_poly_len: 2, cap_height: 3 },
];

const FAULTS: [Fault; 5] = [Fault::Error, Fault::Panic, Fault::Short, Fault::NotAField, Fault::Flip];

type Ours = p3_uni_stark::StarkConfig<DevicePcs, toy::Challenge, SmallestWitness>;

fn ours(knobs: Knobs, offload: Arc<Offload>) -> Ours {
    let mmcs = DeviceMmcs::new(knobs.cap_height, Arc::clone(&offload));
    config(DevicePcs::new(fri(knobs, mmcs.clone()), mmcs, offload), SmallestWitness(challenger()))
}

/// The CPU as a device of these limits: rows of a transform, columns.
fn device(log_rows_min: usize, log_rows_max: usize, columns_max: usize) -> Box<dyn Device> {
    let limits = Limits { log_rows_min, log_rows_max, log_blowup_max: 3, columns_max, memory_beats: 0 };
    Box::new(SoftwareDevice::with_limits("toy", limits))
}

fn quiet() -> Progress {
    Arc::new(|_| ())
}

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

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
            // Holding everything, only the smaller heights, only the taller ones, only narrow matrices, nothing.
            for (least, most, columns) in
                [(0, 20, 4096), (0, 8, 4096), (7, 20, 4096), (0, 20, 16), (0, 20, 4), (20, 20, 1)]
            {
                for threads in [1, 2] {
                    let device = device(least, most, columns);
                    let (proof, ledger) = on_threads(threads, || {
                        let offload = Offload::new(device, REQUIRED, quiet()).unwrap();
                        (prove!(ours(knobs, Arc::clone(&offload)), run).unwrap(), offload.ledger())
                    });
                    let limits =
                        format!("{knobs:?}, 2^{log_rows}, {least}..={most} rows, {columns} columns, {threads} threads");
                    assert!(proof == expected, "{limits}");
                    assert!(ledger.iter().all(|entry| entry.fault().is_none()), "{limits}");
                    let on_device = ledger.iter().filter(|e| matches!(e.place, Place::Device(_))).count();
                    assert_eq!(on_device > 0, columns > 1, "{limits}: {ledger:#?}");
                    if (least, most, columns) == (0, 20, 4096) {
                        assert_eq!(on_device, ledger.len(), "{ledger:#?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_ledger_names_every_commitment_in_order() {
    let offload = Offload::new(device(0, 20, 4096), REQUIRED, quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run(10, 6)).unwrap();
    let commitments: Vec<Commitment> = shares(&offload.ledger()).into_iter().map(|share| share.commitment).collect();
    use Commitment::{FriLayer, Logup, Main, Preprocessed, Quotient};
    assert_eq!(commitments, [Preprocessed, Main, Logup, Quotient, FriLayer(0)]);
    let fused = |e: &&Entry| e.shape.kernel == Kernel::Commit && e.commitment == Main;
    assert_eq!(offload.ledger().iter().filter(fused).count(), 3, "one fused job for each height");
}

/// Jobs of an honest proof of `run`, so that faults can hit the first, the last and some between.
fn places(run: &toy::Run) -> Vec<usize> {
    let offload = Offload::new(device(0, 20, 4096), REQUIRED, quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
    let jobs = offload.ledger().len();
    (0..jobs).step_by(3).chain([jobs - 1]).collect()
}

fn faulty(fault: Fault, first: usize, count: usize) -> Box<dyn Device> {
    Box::new(Faulty { inner: device(0, 20, 4096), fault, first, count, jobs: 0 })
}

#[test]
fn a_fault_is_recomputed_and_told() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    for fault in FAULTS {
        for first in places(&run) {
            let offload = Offload::new(faulty(fault, first, 1), Policy::default(), quiet()).unwrap();
            let proof = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
            assert!(proof == expected, "{fault:?} in job {first}");
            let faults = offload.ledger().iter().filter(|entry| entry.fault().is_some()).count();
            assert_eq!(faults, 1, "{fault:?} in job {first}");
        }
    }
}

#[test]
fn a_required_device_that_fails_fails_the_proof() {
    let run = run(8, 6);
    for fault in FAULTS {
        for first in places(&run) {
            let offload = Offload::new(faulty(fault, first, 1), REQUIRED, quiet()).unwrap();
            let error = prove!(ours(KNOBS[0], offload), run).err().unwrap_or_default();
            assert!(error.contains("DeviceLost"), "{fault:?} in job {first}: {error}");
        }
    }
}

#[test]
fn a_device_that_keeps_failing_is_left_alone() {
    let offload = Offload::new(faulty(Fault::Error, 0, usize::MAX / 2), Policy::default(), quiet()).unwrap();
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected);
    let told = |text: &str| offload.ledger().iter().filter(|e| e.fault().is_some_and(|f| f.contains(text))).count();
    assert_eq!(told("does not answer"), 3);
    assert!(told("not asked again") > 0);
}
