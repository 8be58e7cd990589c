//! What devices do wrong costs time, never bytes: faults of one to three devices, in every job of a proof.

#[macro_use]
mod toy;

use galena_device::Device;
use galena_prover::{Cancel, Entry, Offload, Phase, Place, Policy, Then};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use std::sync::Arc;
use toy::faulty::{Fault, Faulty};
use toy::ours::{device, on_threads, ours, quiet, required};
use toy::{KNOBS, run};

/// Every layer is recomputed whole (512 digests at most), so that a fault of one word is always found.
fn thorough() -> Policy {
    Policy { check_samples: 1 << 9, ..Policy::default() }
}

/// `count` devices, of which the first ends jobs `first..first + faults` in `fault`.
fn devices(count: usize, fault: Fault, first: usize, faults: usize) -> Vec<Box<dyn Device>> {
    let whole = || device(2, 20, 4096);
    let faulty = Faulty { inner: whole(), fault, first, count: faults, jobs: 0 };
    let mut devices: Vec<Box<dyn Device>> = vec![Box::new(faulty)];
    devices.extend((1..count).map(|_| whole()));
    devices
}

/// Jobs of an honest proof on one device.
fn jobs(run: &toy::Run) -> usize {
    let offload = Offload::new(vec![device(2, 20, 4096)], required(), quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
    offload.ledger().iter().filter(|entry| entry.cost().is_some()).count()
}

fn faults(ledger: &[Entry], then: Then) -> usize {
    ledger.iter().flat_map(|entry| &entry.faults).filter(|fault| fault.then == then).count()
}

/// Jobs of the device at this place of the list.
fn done_by(ledger: &[Entry], index: usize) -> usize {
    ledger.iter().filter(|e| matches!(e.place, Place::Device { device, .. } if device == index)).count()
}

#[test]
fn a_fault_of_one_device_is_recomputed_and_told() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let last = jobs(&run) - 1;
    for fault in Fault::LASTING {
        for first in (0..last).step_by(3).chain([last]) {
            let offload = Offload::new(devices(1, fault, first, 1), thorough(), quiet()).unwrap();
            let proof = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
            assert!(proof == expected, "{fault:?} in job {first}");
            let ledger = offload.ledger();
            assert_eq!(faults(&ledger, Then::Moved), 1, "{fault:?} in job {first}: {ledger:#?}");
            let not_asked = ledger.iter().any(|e| e.fault().is_some_and(|f| f.contains("not asked again")));
            assert!(!not_asked || fault.ends_the_device(), "{fault:?} in job {first}: {ledger:#?}");
            assert!(not_asked || !fault.ends_the_device() || first == last, "{fault:?} in job {first}: {ledger:#?}");
        }
    }
}

#[test]
fn the_loss_of_one_of_several_devices_at_any_job_costs_only_time() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let last = jobs(&run);
    for count in [2, 3] {
        for first in 0..last {
            let offload = Offload::new(devices(count, Fault::Gone, first, 1), Policy::default(), quiet()).unwrap();
            let proof = on_threads(1 + first % 2, || prove!(ours(KNOBS[0], Arc::clone(&offload)), run)).unwrap();
            let ledger = offload.ledger();
            let case = format!("{count} devices, the first lost at its job {first}: {ledger:#?}");
            assert!(proof == expected, "{case}");
            // It may not have got so far; if it has, its part went to another device.
            let lost = faults(&ledger, Then::Moved);
            assert!(lost == 1 && done_by(&ledger, 0) == first || lost == 0 && done_by(&ledger, 0) <= first, "{case}");
            assert!((1..count).any(|other| done_by(&ledger, other) > 0), "{case}");
            let small = |e: &Entry| e.shape.log_rows < 2;
            assert!(ledger.iter().all(|e| e.cost().is_some() || small(e)), "all that devices take is theirs: {case}");
        }
    }
}

#[test]
fn any_fault_of_one_of_several_devices_moves_its_part_to_another() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    for fault in Fault::LASTING {
        for first in [0, 1, 5] {
            let offload = Offload::new(devices(3, fault, first, 2), thorough(), quiet()).unwrap();
            let proof = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
            let ledger = offload.ledger();
            assert!(proof == expected, "{fault:?} in job {first}");
            assert!(faults(&ledger, Then::Moved) <= 2, "{fault:?} in job {first}: {ledger:#?}");
            let moved = |e: &&Entry| e.faults.iter().any(|fault| fault.then == Then::Moved);
            assert!(ledger.iter().filter(moved).all(|e| e.cost().is_some()), "{fault:?} in job {first}: {ledger:#?}");
        }
    }
}

#[test]
fn all_devices_may_be_lost() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    for first in [0, 1, 4] {
        let faulty = |fault| -> Box<dyn Device> {
            Box::new(Faulty { inner: device(2, 20, 4096), fault, first, count: usize::MAX, jobs: 0 })
        };
        let devices = vec![faulty(Fault::Gone), faulty(Fault::Unrecoverable), faulty(Fault::Panic)];
        let offload = Offload::new(devices, Policy::default(), quiet()).unwrap();
        assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected, "from job {first}");
        // The first two are left alone at once, the third after three faults.
        assert_eq!(faults(&offload.ledger(), Then::Moved), 5, "from job {first}: {:#?}", offload.ledger());
    }
}

#[test]
fn a_passing_fault_is_cured_by_a_second_try_even_of_a_required_device() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let last = jobs(&run) - 1;
    for first in (0..=last).step_by(4) {
        let offload = Offload::new(devices(1, Fault::Silent, first, 1), required(), quiet()).unwrap();
        let proof = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
        let ledger = offload.ledger();
        assert!(proof == expected, "in job {first}");
        assert_eq!((faults(&ledger, Then::Retried), faults(&ledger, Then::Moved)), (1, 0), "in job {first}");
        let retries: u64 = ledger.iter().filter_map(Entry::cost).map(|cost| cost.retries).sum();
        assert_eq!(retries, 1);
        assert!(ledger.iter().any(|e| e.fault().is_some_and(|fault| fault.contains("went silent"))));
    }
    // Twice in a row is no passing fault.
    let offload = Offload::new(devices(1, Fault::Silent, 3, 2), Policy::default(), quiet()).unwrap();
    assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected);
    let ledger = offload.ledger();
    assert_eq!((faults(&ledger, Then::Retried), faults(&ledger, Then::Moved)), (0, 1));
    assert!(ledger.iter().any(|e| e.fault().is_some_and(|fault| fault.contains("at the second try"))));
}

#[test]
fn a_required_device_that_fails_fails_the_proof() {
    let run = run(8, 6);
    let policy = || Policy { required: true, ..thorough() };
    let last = jobs(&run) - 1;
    for fault in Fault::LASTING {
        for first in [0, 2, last] {
            let offload = Offload::new(devices(1, fault, first, 1), policy(), quiet()).unwrap();
            let error = prove!(ours(KNOBS[0], offload), run).err().unwrap_or_default();
            assert!(error.contains("DeviceLost"), "{fault:?} in job {first}: {error}");
        }
        // One of two: another could do it, but this one is required.
        let offload = Offload::new(devices(2, fault, 0, 1), policy(), quiet()).unwrap();
        let error = prove!(ours(KNOBS[0], offload), run).err().unwrap_or_default();
        assert!(error.contains("DeviceLost"), "{fault:?} of one of two: {error}");
    }
    let control = Offload::new(devices(2, Fault::Gone, usize::MAX, 1), policy(), quiet()).unwrap();
    prove!(ours(KNOBS[0], control), run).unwrap();
}

#[test]
fn a_device_that_keeps_failing_is_left_alone() {
    let offload = Offload::new(devices(1, Fault::Short, 0, usize::MAX), Policy::default(), quiet()).unwrap();
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected);
    let ledger = offload.ledger();
    assert_eq!(faults(&ledger, Then::Moved), 3);
    assert!(ledger.iter().any(|e| e.fault().is_some_and(|f| f.contains("not asked again"))));
}

/// A wrong word is found as often as samples say: always with all, never with none. With none the proof is wrong, and
/// that is what the verification before writing is for.
#[test]
fn without_samples_a_silent_error_reaches_the_proof() {
    let run = run(8, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let blind = Policy { check_samples: 0, ..Policy::default() };
    let offload = Offload::new(devices(1, Fault::Flip, 1, 1), blind, quiet()).unwrap();
    let proof = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap();
    assert!(proof != expected && offload.ledger().iter().all(|entry| entry.fault().is_none()));
    toy::stock_verifies(KNOBS[0], &run, &proof).unwrap_err();
    toy::stock_verifies(KNOBS[0], &run, &expected).unwrap();
}

#[test]
fn a_cancelled_proof_ends_at_the_next_boundary_without_another_job() {
    let run = run(8, 6);
    for phase in [Phase::MainCommit, Phase::Quotient, Phase::Fri] {
        let cancel = Cancel::default();
        let (heard, policy) = (cancel.clone(), Policy { cancel, ..required() });
        let progress = Arc::new(move |entered| {
            if entered == phase {
                heard.cancel()
            }
        });
        let offload = Offload::new(devices(2, Fault::Gone, usize::MAX, 1), policy, progress).unwrap();
        let error = prove!(ours(KNOBS[0], Arc::clone(&offload)), run).err().unwrap_or_default();
        assert!(error.contains("Cancelled"), "{phase:?}: {error}");
        let after = offload.ledger().into_iter().filter(|entry| entry.commitment > offload_commitment(phase)).count();
        assert_eq!(after, 0, "{phase:?}: {:#?}", offload.ledger());
    }
}

/// The last commitment of which anything is computed when a proof is cancelled as a phase begins.
fn offload_commitment(phase: Phase) -> galena_prover::Commitment {
    use galena_prover::Commitment::{FriLayer, Main, Quotient};
    match phase {
        Phase::MainCommit => Main,
        Phase::Quotient => Quotient,
        _ => FriLayer(usize::MAX),
    }
}
