//! The protocol against a software endpoint: the conformance suite over frames, then every way a link can break.

use super::send::Sender;
use super::*;
use crate::endpoint::{Endpoint, EndpointLink};
use crate::{Corruption, Device, Job, Output};
use galena_target::frame::{FrameType, StatusCode};
use galena_target::{Config, FIELD_PRIME, Register};

fn link(capacity: usize) -> EndpointLink {
    EndpointLink::new(Endpoint::new(Config::named("tiny").unwrap()), capacity)
}

fn connect(capacity: usize) -> LinkDevice<Faulty<EndpointLink>> {
    LinkDevice::open("model", Faulty::new(link(capacity))).unwrap()
}

fn open() -> Box<dyn Device> {
    Box::new(connect(64))
}

crate::device_conformance!(open, largest = 6);

const COLUMNS: usize = 19;
const LOG_ROWS: usize = 5;

fn matrix() -> Vec<u32> {
    (0..COLUMNS as u32 * 32).map(|i| i.wrapping_mul(0x9e37_79b9) % FIELD_PRIME).collect()
}

fn job(matrix: &[u32]) -> Job<'_> {
    let shift = crate::field::word(31);
    Job { log_blowup: 1, shift, levels: 6, ..Job::of(Kernel::Commit, LOG_ROWS, COLUMNS, matrix) }
}

#[test]
fn the_endpoint_s_identity_is_read() {
    let mut device = connect(1000);
    let config = Config::named("tiny").unwrap();
    assert_eq!(device.info().config.as_deref(), Some("tiny"));
    assert_eq!(device.info().limits, config.limits());
    assert_eq!((device.info().lanes, device.info().hasher_multipliers, device.info().multipliers()), (2, 16, 18));
    let jobs = |device: &mut LinkDevice<Faulty<EndpointLink>>| Register::Jobs.word(&device.registers().unwrap());
    let before = jobs(&mut device);
    device.run(&job(&matrix())).unwrap();
    assert_eq!(jobs(&mut device), before + 2, "the job, and the question itself");
}

#[test]
fn buffers_of_any_size_do_not_wedge_the_two_sides() {
    let matrix = matrix();
    let want = conformance_output(&matrix);
    for capacity in [1, 2, 7, 100, 1 << 20] {
        assert!(right(&connect(capacity).run(&job(&matrix)).unwrap(), &want), "capacity {capacity}");
    }
}

/// The same rows and digests, whatever was counted on the way.
fn right(found: &Output, want: &Output) -> bool {
    found.rows == want.rows && found.layers == want.layers
}

fn conformance_output(matrix: &[u32]) -> Output {
    crate::conformance::reference(&job(matrix))
}

#[test]
fn a_device_of_another_build_is_refused_by_the_register_that_differs() {
    let cases = [
        (Register::Magic, "magic"),
        (Register::AbiVersion, "abi_version"),
        (Register::ConfigHash, "config_hash"),
        (Register::Lanes, "lanes"),
        (Register::Kernels, "kernels"),
        (Register::ColumnsMax, "columns_max"),
    ];
    for (register, name) in cases {
        let mut link = link(100);
        link.endpoint.registers()[register.index()] ^= 0x10;
        match LinkDevice::open("model", link).err() {
            Some(DeviceError::Mismatch { register, .. }) => assert_eq!(register, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    // What may differ does not matter.
    let mut link = link(100);
    for register in [Register::GitHash, Register::Dirty, Register::Jobs, Register::Errors] {
        link.endpoint.registers()[register.index()] = 1;
    }
    let device = LinkDevice::open("model", link).unwrap();
    assert!(device.info().dirty && device.info().git_hash == format!("00000001{}", "0".repeat(32)));
}

/// Every fault at many places of both streams: the result is right, or the error is typed; the next job is right.
#[test]
fn every_single_fault_is_a_typed_error_and_the_next_job_is_right() {
    let matrix = matrix();
    let want = conformance_output(&matrix);
    let faults = [Fault::Flip(1), Fault::Flip(1 << 31), Fault::Flip(0xffff), Fault::Drop, Fault::Repeat, Fault::Stop];
    let mut device = connect(200);
    let (mut injected, mut detected) = (0, 0);
    for way in [Way::ToDevice, Way::ToHost] {
        // 802 words go to the device: 29 of the command, 773 of the data. 2917 come back: 319 chunks in 5 frames, and the status.
        let places =
            (0..40).chain((40..800).step_by(13)).chain(if way == Way::ToDevice { 795..802 } else { 2900..2917 });
        for at in places {
            for fault in faults {
                device.transport_mut().plan(way, at, fault);
                match device.run(&job(&matrix)) {
                    // A repeated or stopped word after the last of the job changes nothing in this job.
                    Ok(output) => assert!(right(&output, &want), "{fault:?} at {at}: a wrong result was accepted"),
                    Err(DeviceError::Corrupt { .. } | DeviceError::Status { .. } | DeviceError::Silent { .. }) => {
                        detected += 1
                    }
                    Err(other) => panic!("{fault:?} at {at}, {way:?}: {other}"),
                }
                injected += 1;
                device.transport_mut().heal();
                let next =
                    device.run(&job(&matrix)).unwrap_or_else(|e| panic!("after {fault:?} at {at}, {way:?}: {e}"));
                assert!(right(&next, &want), "{fault:?} at {at}");
            }
        }
    }
    // Only what happens to the very last words can go unseen: a repeated CRC belongs to nothing.
    assert!(injected - detected < 10, "{detected} of {injected}");
}

#[test]
fn each_status_the_device_reports_is_named_with_its_place() {
    let matrix = matrix();
    // Word numbers towards the device: command header 0..4, payload 4..28, CRC 28; first data header 29..33.
    let cases = [
        (10, Fault::Flip(1), StatusCode::PayloadCrc, 0),
        (4 + 8, Fault::Flip(0x8000_0000), StatusCode::NonCanonical, 0),
        (5, Fault::Flip(0x4000_0000), StatusCode::PayloadCrc, 0),
        (29, Fault::Flip(1), StatusCode::Header, 1),
        (33 + 100, Fault::Flip(0x8000_0000), StatusCode::NonCanonical, 1),
        (33 + 100, Fault::Flip(1), StatusCode::PayloadCrc, 1),
        (33 + 100, Fault::Stop, StatusCode::Starved, 1),
    ];
    for (at, fault, code, frame) in cases {
        let mut device = connect(300);
        device.transport_mut().plan(Way::ToDevice, at, fault);
        match device.run(&job(&matrix)) {
            Err(DeviceError::Status { kernel: Kernel::Commit, code: c, frame: f, .. }) => {
                assert_eq!((c, f), (code, frame))
            }
            other => panic!("{code:?}: {:?}", other.map(drop)),
        }
    }
}

/// Frames with right CRCs and wrong content: what a faulty or lying device sends.
#[test]
fn lies_in_well_formed_frames_are_found() {
    /// Changes the chunks of a frame, or the status.
    type Lie = (FrameType, fn(&mut Vec<u32>));
    const CHUNKS: FrameType = FrameType::Chunks;
    let cases: [(Corruption, Lie); 8] = [
        (Corruption::NonCanonical, (CHUNKS, |p| p[5] = FIELD_PRIME)),
        (Corruption::Chunk, (CHUNKS, |p| p[0] ^= 1)),
        (Corruption::Chunk, (CHUNKS, |p| p[0] ^= 1 << 28)),
        (Corruption::Chunk, (CHUNKS, |p| p[0] |= 1 << 31)),
        (Corruption::Chunk, (CHUNKS, |p| p.copy_within(0..9, 9))),
        (Corruption::Length, (CHUNKS, |p| p.truncate(8))),
        (Corruption::StatusCode, (FrameType::Status, |p| p[0] = 77)),
        // Only the last frame of chunks is short: a chunk is lost there, and the status says ok.
        (Corruption::Missing, (CHUNKS, |p| p.truncate(if p.len() < 64 * 9 { p.len() - 9 } else { p.len() }))),
    ];
    let matrix = matrix();
    for (number, (what, (frame, change))) in cases.into_iter().enumerate() {
        let mut device = connect(500);
        device.transport_mut().inner().endpoint.tamper(Some(Box::new(move |f, payload| {
            if f == frame {
                change(payload);
            }
            true
        })));
        match device.run(&job(&matrix)) {
            Err(DeviceError::Corrupt { kernel: Kernel::Commit, what: w, .. }) => assert_eq!(w, what, "lie {number}"),
            other => panic!("lie {number}: {:?}", other.map(drop)),
        }
        device.transport_mut().inner().endpoint.tamper(None);
        assert!(right(&device.run(&job(&matrix)).unwrap(), &conformance_output(&matrix)), "after lie {number}");
    }
    // A whole frame that never comes.
    let mut device = connect(500);
    device.transport_mut().inner().endpoint.tamper(Some(Box::new(|frame, _| frame != CHUNKS)));
    match device.run(&job(&matrix)) {
        Err(DeviceError::Corrupt { what: Corruption::Sequence, .. }) => {}
        other => panic!("lost frame: {:?}", other.map(drop)),
    }
    // A column that was never sent and comes back with something in it.
    let mut device = connect(500);
    let mut chunks = 0;
    device.transport_mut().inner().endpoint.tamper(Some(Box::new(move |frame, payload| {
        if frame == FrameType::Chunks {
            // Group 2 begins at chunk 128 and has 3 of 8 columns.
            if let Some(word) = payload.get_mut((128usize.wrapping_sub(chunks)).wrapping_mul(9).wrapping_add(8)) {
                *word = 1;
            }
            chunks += payload.len() / 9;
        }
        true
    })));
    match device.run(&job(&matrix)) {
        Err(DeviceError::Corrupt { what: Corruption::Padding, .. }) => {}
        other => panic!("padding: {:?}", other.map(drop)),
    }
}

#[test]
fn a_dead_device_is_lost_and_a_revived_one_is_found() {
    let matrix = matrix();
    let mut device = connect(100);
    device.transport_mut().plan(Way::ToHost, 0, Fault::Stop);
    assert!(matches!(device.run(&job(&matrix)), Err(DeviceError::Silent { received: 0, .. })));
    assert!(matches!(device.run(&job(&matrix)), Err(DeviceError::Lost { .. })));
    assert!(matches!(device.recover(), Err(DeviceError::Lost { .. })));
    device.transport_mut().heal();
    device.recover().unwrap();
    assert!(right(&device.run(&job(&matrix)).unwrap(), &conformance_output(&matrix)));
}

#[test]
fn a_device_left_in_the_middle_of_a_job_by_another_host_is_opened() {
    for words in [1, 20, 29, 31, 40, 600] {
        let matrix = matrix();
        let job = job(&matrix);
        let mut sender = Sender::new(&job, &job.shape(), 77);
        let mut tx = vec![];
        while sender.frame(&mut tx) {}
        let mut link = link(100);
        link.exchange(&tx[..words], &mut vec![], 0).unwrap();
        let mut device = LinkDevice::open("model", link).unwrap_or_else(|e| panic!("after {words} words: {e}"));
        assert!(right(&device.run(&job).unwrap(), &conformance_output(&matrix)));
    }
}
