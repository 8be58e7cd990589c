//! Captures across devices: what the Verilog answered, the model answers, and the other way round: results, kept beats, and
//! the statuses of damaged questions down to frame, word and value.

use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::{Capture, Fault, Faulty, LinkDevice, Recorder, Transport, Way, replay};
use galena_device::{Device, Job, Kernel, field};
use galena_sim::SimTransport;
use galena_sim::device::transport;
use galena_target::{Config, FIELD_PRIME};
use std::path::Path;

fn config() -> &'static Config {
    Config::named("tiny").unwrap()
}

fn model() -> EndpointLink {
    EndpointLink::new(Endpoint::new(config()), 100)
}

fn words(count: usize) -> Vec<u32> {
    (0..count as u32).map(|i| i.wrapping_mul(0x85eb_ca6b) % FIELD_PRIME).collect()
}

/// Records jobs of every kernel, or a job of which one question is damaged, and the job after it. The recorder is next to the
/// device: it has what arrived.
fn record(device: impl Transport, path: &Path, fault: Option<(u64, Fault)>) {
    let recorder = Recorder::new(device, Some(path), "recorded").unwrap();
    let mut device = LinkDevice::open("recorded", Faulty::new(recorder)).unwrap();
    let matrix = words(19 << 5);
    let shift = field::word(31);
    let commit = Job { log_blowup: 1, shift, levels: 6, ..Job::of(Kernel::Commit, 5, 19, &matrix) };
    let kept = Job { return_rows: false, first_level: 4, keep_rows: Some(7), keep_digests: Some(500), ..commit };
    let jobs = [
        commit,
        kept,
        Job::of(Kernel::Read, 0, 5, &[7, 8, 500, 501, 102]),
        Job { log_blowup: 1, shift, ..Job::of(Kernel::Lde, 5, 19, &matrix) },
        Job { levels: 5, ..Job::of(Kernel::Hash, 5, 19, &matrix) },
        Job { levels: 3, ..Job::of(Kernel::Tree, 5, 8, &matrix[..8 << 5]) },
    ];
    match fault {
        None => jobs.iter().for_each(|job| drop(device.run(job).unwrap())),
        Some((at, fault)) => {
            device.transport_mut().plan(Way::ToDevice, at, fault);
            let _ = device.run(&commit);
            assert!(device.transport().happened().is_some(), "{fault:?} at {at}");
            device.transport_mut().heal();
            device.run(&jobs[4]).unwrap_or_else(|e| panic!("after {fault:?} at {at}: {e}"));
        }
    }
}

/// Command header 0..4, payload 4..28, CRC 28; data frame header 29..33, payload 33..33+768, CRC.
const FAULTS: [(u64, Fault); 19] = [
    (4, Fault::Flip(1 << 3)),
    (6, Fault::Flip(1)),
    (28, Fault::Flip(1)),
    (29, Fault::Flip(1)),
    (31, Fault::Flip(1 << 16)),
    (32, Fault::Flip(1)),
    (29, Fault::OtherJob),
    (29, Fault::OtherSequence),
    (29, Fault::OtherKernel),
    (29, Fault::OtherType),
    (29, Fault::OtherLength),
    (29, Fault::NonCanonical),
    (29, Fault::DropFrame),
    (0, Fault::OtherLength),
    (33 + 300, Fault::Flip(1)),
    (29, Fault::Zeros(3)),
    (33 + 300, Fault::Drop),
    (33 + 300, Fault::Repeat),
    (33 + 768, Fault::Flip(1 << 9)),
];

/// Records on one device and replays on another, fault by fault; names all differences.
fn across<A: Transport, B: Transport>(record_on: impl Fn() -> A, replay_on: impl Fn() -> B) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.capture");
    let mut differences = vec![];
    for fault in std::iter::once(None).chain(FAULTS.map(Some)) {
        record(record_on(), &path, fault);
        let replayed = replay(&Capture::read(&path).unwrap(), &mut replay_on()).unwrap();
        assert!(replayed.jobs > 2 && replayed.noise == 0, "{fault:?}: {replayed:?}");
        differences.extend(replayed.difference.map(|difference| format!("{fault:?}: {difference}")));
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

fn verilog() -> SimTransport {
    transport(config(), &Default::default()).unwrap()
}

#[test]
fn what_the_verilog_answered_the_model_answers() {
    across(verilog, model);
}

#[test]
fn what_the_model_answered_the_verilog_answers() {
    across(model, verilog);
}
