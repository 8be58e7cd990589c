//! The proof of work on devices: the witness of the CPU whoever searches, and what becomes of answers that are wrong.

#[macro_use]
mod toy;

use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::LinkDevice;
use galena_device::{Device, DeviceError, DeviceInfo, Job, Kernel, Output, Search, field};
use galena_prover::{Commitment, Entry, Offload, Place, Policy, Reason, SmallestWitness, Then};
use galena_target::Config;
use p3_challenger::{CanObserve, CanSample, GrindingChallenger};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use std::sync::Arc;
use toy::faulty::{Fault, Faulty};
use toy::ours::{device, quiet, required};
use toy::{Val, challenger};

/// A transcript, and the witness of the CPU.
fn transcript(observed: u32) -> toy::StockChallenger {
    let mut stock = challenger();
    (0..observed).for_each(|i| stock.observe(Val::from_u32(i * 7 + 1)));
    stock
}

/// Witness and what is sampled next, with these devices, and the ledger.
fn grind(observed: u32, bits: usize, devices: Vec<Box<dyn Device>>, policy: Policy) -> ((Val, Val), Vec<Entry>) {
    let offload = Offload::new(devices, policy, quiet()).unwrap();
    let mut challenger = SmallestWitness::on(transcript(observed), Arc::clone(&offload));
    ((challenger.grind(bits), challenger.sample()), offload.ledger())
}

fn on_cpu(observed: u32, bits: usize) -> (Val, Val) {
    let mut challenger = SmallestWitness::new(transcript(observed));
    (challenger.grind(bits), challenger.sample())
}

/// Every candidate before a witness of few bits is tried again.
fn thorough() -> Policy {
    Policy { check_samples: 1 << 12, ..Policy::default() }
}

fn model(config: &str) -> Box<dyn Device> {
    let endpoint = Endpoint::new(Config::named(config).unwrap());
    Box::new(LinkDevice::open("model", EndpointLink::new(endpoint, 1 << 14)).unwrap())
}

#[test]
fn devices_find_the_witness_of_the_cpu() {
    for observed in 0..=9 {
        for bits in [1, 6, 11] {
            let expected = on_cpu(observed, bits);
            for count in 1..=3 {
                let devices = (0..count).map(|k| if k == 1 { model("tiny") } else { device(2, 20, 4096) });
                let (found, ledger) = grind(observed, bits, devices.collect(), required());
                assert_eq!(found, expected, "{observed} observed, {bits} bits, {count} devices");
                assert!(ledger.len() >= count, "{ledger:#?}");
                for entry in &ledger {
                    assert_eq!((entry.commitment, entry.shape.kernel), (Commitment::Grinding, Kernel::Grind));
                    assert!(entry.cost().is_some() && entry.fault().is_none(), "{entry:#?}");
                }
            }
        }
    }
}

#[test]
fn what_no_device_takes_is_searched_here_and_told() {
    let expected = on_cpu(5, 9);
    let told = |ledger: &[Entry]| match ledger {
        [Entry { place: Place::Cpu(reason), commitment: Commitment::Grinding, .. }] => reason.to_string(),
        other => panic!("{other:#?}"),
    };
    let (found, ledger) = grind(5, 9, vec![], Policy::default());
    assert_eq!((found, told(&ledger)), (expected, Reason::NoDevice.to_string()));
    let small = Policy { log_rows_max: Some(8), ..Policy::default() };
    let (found, ledger) = grind(5, 9, vec![device(2, 20, 4096)], small);
    assert_eq!((found, told(&ledger).as_str()), (expected, "above 8 bits of work"));
    // A device that was built before there was such a kernel: it is known by its registers, and not asked.
    let mut endpoint = Endpoint::new(Config::named("tiny").unwrap());
    endpoint.registers()[galena_target::Register::Kernels.index()] &= !Kernel::Grind.bit();
    let old = LinkDevice::open("old", EndpointLink::new(endpoint, 1 << 14)).unwrap();
    let (found, ledger) = grind(5, 9, vec![Box::new(old)], required());
    assert_eq!((found, told(&ledger).as_str()), (expected, "no such kernel"));
}

#[test]
fn faults_of_a_device_change_no_witness() {
    let expected = on_cpu(2, 8);
    for fault in Fault::LASTING {
        let faulty = Faulty { inner: device(2, 20, 4096), fault, first: 0, count: usize::MAX, jobs: 0 };
        let (found, ledger) = grind(2, 8, vec![Box::new(faulty)], thorough());
        assert_eq!(found, expected, "{fault:?}");
        assert!(ledger.iter().any(|e| e.faults.iter().any(|f| f.then == Then::Moved)), "{fault:?}: {ledger:#?}");
    }
}

/// A device that answers something else than it was asked.
struct Careless {
    inner: Box<dyn Device>,
    answer: fn(&mut dyn Device, &Job<'_>) -> Result<Output, DeviceError>,
}

impl Device for Careless {
    fn info(&self) -> &DeviceInfo {
        self.inner.info()
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        (self.answer)(&mut *self.inner, job)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        self.inner.recover()
    }
}

/// The witness after the smallest.
fn second(device: &mut dyn Device, job: &Job<'_>) -> Result<Output, DeviceError> {
    let first = device.run(job)?;
    let Ok(Some(witness)) = first.witness() else { return Ok(first) };
    let from = field::canonical(witness.word) + 1;
    let candidates = job.search.candidates - from + field::canonical(job.search.first);
    device.run(&Job { search: Search { first: field::word(from), candidates, ..job.search }, ..*job })
}

#[test]
fn wrong_answers_are_found_as_the_module_says() {
    let expected = on_cpu(4, 8);
    let with = |answer, policy| grind(4, 8, vec![Box::new(Careless { inner: device(2, 20, 4096), answer })], policy);
    let fault = |ledger: &[Entry]| ledger.iter().find_map(|e| e.fault().map(str::to_owned)).unwrap_or_default();
    // One that passes over a witness: found where all before it are tried; else the bytes differ, and the proof is as sound.
    let (found, ledger) = with(second, thorough());
    assert_eq!(found, expected);
    assert!(fault(&ledger).contains("passed over"), "{ledger:#?}");
    let (found, ledger) = with(second, Policy { check_samples: 0, ..Policy::default() });
    assert!(found.0.as_canonical_u32() > expected.0.as_canonical_u32() && fault(&ledger).is_empty(), "{ledger:#?}");
    assert!(transcript(4).check_witness(8, found.0), "a witness all the same");
    // None where there is one.
    let (found, ledger) = with(|_, _| Ok(Output { rows: vec![0; 8], ..Output::default() }), thorough());
    assert_eq!(found, expected);
    assert!(fault(&ledger).contains("passed over"), "{ledger:#?}");
    // A wrong witness, and a witness outside of what was asked: always found, samples or not.
    let blind = || Policy { check_samples: 0, ..Policy::default() };
    let (found, ledger) =
        with(|_, _| Ok(Output { rows: vec![1, 5, 256, 0, 0, 0, 0, 0], ..Output::default() }), blind());
    assert_eq!(found, expected);
    assert!(fault(&ledger).contains("does not pass"), "{ledger:#?}");
    let beyond = |device: &mut dyn Device, job: &Job<'_>| {
        let search = Search { first: field::word(1 << 20), candidates: 1 << 12, ..job.search };
        device.run(&Job { search, ..*job })
    };
    let (found, ledger) = with(beyond, blind());
    assert_eq!(found, expected);
    assert!(fault(&ledger).contains("does not pass"), "{ledger:#?}");
    // Words that are no answer.
    for rows in [vec![], vec![0; 7], vec![2, 0, 0, 0, 0, 0, 0, 0], vec![0, 1, 0, 0, 0, 0, 0, 0], vec![1; 8]] {
        let output = Output { rows, ..Output::default() };
        assert!(output.witness().is_err(), "{output:?}");
    }
    let (found, ledger) = with(|_, job| Ok(Output { rows: job.matrix.to_vec(), ..Output::default() }), blind());
    assert_eq!(found, expected);
    assert!(fault(&ledger).contains("another shape"), "{ledger:#?}");
}
