//! Digests that stay in a device's memory: the same bytes, less on the link, and nothing lost with the device.

#[macro_use]
mod toy;

use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::LinkDevice;
use galena_device::{Device, Kernel};
use galena_prover::{Entry, Offload, Policy, Then, shares};
use galena_target::Config;
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use p3_commit::Pcs;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use std::sync::Arc;
use toy::faulty::{Fault, Faulty};
use toy::ours::{ours, quiet, required};
use toy::{KNOBS, Val, run};

/// The executable model of a device with memory: `card` holds every tree of the toy machine, `tiny` few.
fn model(config: &str) -> Box<dyn Device> {
    let endpoint = Endpoint::new(Config::named(config).unwrap());
    Box::new(LinkDevice::open("model", EndpointLink::new(endpoint, 1 << 14)).unwrap())
}

fn faulty(fault: Fault, first: usize, count: usize) -> Box<dyn Device> {
    Box::new(Faulty { inner: model("card"), fault, first, count, jobs: 0 })
}

fn reads(ledger: &[Entry]) -> usize {
    ledger.iter().filter(|entry| entry.shape.kernel == Kernel::Read && entry.cost().is_some()).count()
}

#[test]
fn devices_with_memory_write_the_same_bytes() {
    for knobs in KNOBS.into_iter().take(2) {
        let run = run(7, 6);
        let expected = prove!(ours(knobs, Offload::cpu(quiet())), run).unwrap();
        for set in [&["card"][..], &["tiny"], &["card", "tiny"]] {
            let mut received = vec![];
            for resident in [true, false] {
                let policy = Policy { resident, ..required() };
                let devices = set.iter().map(|config| model(config)).collect();
                let offload = Offload::new(devices, policy, quiet()).unwrap();
                assert!(prove!(ours(knobs, Arc::clone(&offload)), run).unwrap() == expected, "{set:?} {resident}");
                let ledger = offload.ledger();
                assert!(ledger.iter().all(|entry| entry.faults.is_empty()), "{set:?}: {ledger:#?}");
                assert_eq!(reads(&ledger) > 0, resident, "{set:?}: {ledger:#?}");
                let words = |e: &Entry| e.cost().map_or(0, |cost| cost.counters.received_words);
                received.push(ledger.iter().map(words).sum::<u64>());
            }
            assert!(set.len() > 1 || received[0] < received[1], "{set:?}: {received:?}");
        }
    }
}

#[test]
fn a_device_lost_at_any_job_takes_no_digest_with_it() {
    let run = run(7, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let honest = Offload::new(vec![model("card")], required(), quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&honest)), run).unwrap();
    let jobs = honest.ledger().iter().filter(|entry| entry.cost().is_some()).count();
    for first in 0..jobs {
        let offload = Offload::new(vec![faulty(Fault::Gone, first, 1)], Policy::default(), quiet()).unwrap();
        assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected, "lost at job {first}");
        let faults = offload.ledger().iter().flat_map(|e| e.faults.clone()).filter(|f| f.then == Then::Moved).count();
        assert_eq!(faults, 1, "lost at job {first}: {:#?}", offload.ledger());
    }
}

#[test]
fn a_wrong_word_of_memory_is_found_when_it_is_opened() {
    let run = run(7, 6);
    let expected = prove!(ours(KNOBS[0], Offload::cpu(quiet())), run).unwrap();
    let honest = Offload::new(vec![model("card")], required(), quiet()).unwrap();
    prove!(ours(KNOBS[0], Arc::clone(&honest)), run).unwrap();
    let jobs = honest.ledger().iter().filter(|entry| entry.cost().is_some()).count();
    for first in jobs - 6..jobs {
        // The last jobs are the openings, so that the first word read is one that goes into the proof.
        let offload = Offload::new(vec![faulty(Fault::Flip, first, 1)], Policy::default(), quiet()).unwrap();
        assert!(prove!(ours(KNOBS[0], Arc::clone(&offload)), run).unwrap() == expected, "job {first}");
        let told = offload.ledger().iter().filter(|e| e.fault().is_some_and(|f| f.contains("memory"))).count();
        assert_eq!(told, 1, "job {first}: {:#?}", offload.ledger());
        let required = Offload::new(vec![faulty(Fault::Flip, first, 1)], required(), quiet()).unwrap();
        let error = prove!(ours(KNOBS[0], required), run).err().unwrap_or_default();
        assert!(error.contains("DeviceLost"), "job {first}: {error}");
    }
}

/// The figure of the fused commitment: what goes over the link, both ways, for a byte of trace.
#[test]
fn the_link_carries_a_wide_trace_once() {
    let offload = Offload::new(vec![model("card")], required(), quiet()).unwrap();
    let config = ours(KNOBS[0], Arc::clone(&offload));
    let pcs = p3_uni_stark::StarkGenericConfig::pcs(&config);
    let trace = RowMajorMatrix::new((0..(400 << 8)).map(Val::from_u32).collect(), 400);
    let domain = <_ as Pcs<toy::Challenge, galena_prover::SmallestWitness>>::natural_domain_for_degree(pcs, 1 << 8);
    <_ as Pcs<toy::Challenge, galena_prover::SmallestWitness>>::commit(pcs, [(domain, trace)]).unwrap();
    let shares = shares(&offload.ledger());
    assert_eq!(shares[0].committed_bytes, (4 * 400) << 8);
    let ratio = shares[0].link_bytes_per_byte().unwrap();
    assert!((1.0..1.05).contains(&ratio), "{ratio}: {:#?}", offload.ledger());
}
