//! Every fault at many places of both streams: the result is right, or the error is typed; the next job is right.

use super::*;
use crate::endpoint::Tamper;
use crate::{Corruption, Place};
use galena_target::Register;
use galena_target::frame::{FrameType, StatusCode};

/// Words of the job to the device: 29 of the command and 773 of the data. And back: 319 chunks in 5 frames, the status.
const TO_DEVICE: u64 = 29 + 5 + 3 * 8 * 32;
const TO_HOST: u64 = 319 * 9 + 5 * 5 + 21;

/// A fault is a typed error that can come of a bad link.
fn typed(error: &DeviceError) -> bool {
    use DeviceError::*;
    matches!(error, Corrupt { .. } | Status { .. } | Silent { .. } | Stalled { .. })
}

/// Injects every fault of the table at these places of the job; returns how many happened and how many were errors.
fn inject(open: impl Fn() -> EndpointLink, places: impl Fn(Way) -> Vec<u64>) -> (usize, usize) {
    let matrix = matrix();
    let want = reference(&matrix);
    let mut device = LinkDevice::open("model", Faulty::new(open())).unwrap();
    let (mut happened, mut errors) = (0, 0);
    for row in &FAULTS {
        for &way in row.ways {
            let mut once = 0;
            for at in places(way) {
                let name = format!("{} {way:?} at {at}", row.name);
                device.transport_mut().plan(way, at, row.fault);
                match device.run(&job(&matrix)) {
                    // What happens after the last word of the job, or to a word that only repeats, changes nothing in it.
                    Ok(output) => assert!(right(&output, &want), "{name}: a wrong result was accepted"),
                    Err(error) if typed(&error) => errors += 1,
                    Err(other) => panic!("{name}: {other}"),
                }
                once += usize::from(device.transport().happened().is_some());
                device.transport_mut().heal();
                let next = device.run(&job(&matrix)).unwrap_or_else(|e| panic!("after {name}: {e}"));
                assert!(right(&next, &want), "after {name}");
            }
            happened += once;
            assert!(once > 0 || row.name.starts_with("credit"), "{} {way:?} never happened", row.name);
        }
    }
    (happened, errors)
}

#[test]
fn faults_on_a_stream_are_typed_errors_and_the_next_job_is_right() {
    let places = |way| match way {
        Way::ToDevice => (0..36).chain((36..TO_DEVICE - 4).step_by(61)).chain(TO_DEVICE - 4..TO_DEVICE).collect(),
        Way::ToHost => (0..16).chain((16..TO_HOST - 22).step_by(173)).chain(TO_HOST - 22..TO_HOST).collect::<Vec<_>>(),
    };
    let (happened, errors) = inject(|| link(200), places);
    println!("{errors} typed errors of {happened} faults");
    assert!(errors * 100 > happened * 85 && happened > 2000, "{errors} of {happened}");
}

#[test]
fn faults_on_a_line_that_loses_words_are_typed_errors_and_the_next_job_is_right() {
    let places = |way| match way {
        Way::ToDevice => (0..TO_DEVICE).step_by(97).collect(),
        Way::ToHost => (0..TO_HOST).step_by(331).collect::<Vec<_>>(),
    };
    let (happened, errors) = inject(|| link(3000).lossy(), places);
    assert!(errors * 100 > happened * 80 && happened > 300, "{errors} of {happened}");
}

/// What each fault is called when it meets the frame it is made for.
#[test]
fn frames_with_right_crcs_and_wrong_content_are_called_by_name() {
    use Corruption::*;
    let matrix = matrix();
    let cases: [(Fault, u64, Corruption); 13] = [
        (Fault::Flip(1), 0, Magic),
        (Fault::Flip(1), 3, HeaderCrc),
        (Fault::OtherJob, 0, Job),
        (Fault::OtherKernel, 0, Kernel),
        (Fault::OtherType, 0, Type),
        (Fault::OtherSequence, 700, Sequence),
        (Fault::OtherLength, 0, Length),
        (Fault::NonCanonical, 0, NonCanonical),
        (Fault::WrongTag, 0, Chunk),
        (Fault::RepeatChunk, 0, Chunk),
        (Fault::WrongStatus(77), 0, StatusCode),
        (Fault::DropFrame, 0, Sequence),
        (Fault::RepeatFrame, 600, Sequence),
    ];
    for (fault, at, expected) in cases {
        let mut device = connect(500);
        device.transport_mut().plan(Way::ToHost, at, fault);
        match device.run(&job(&matrix)) {
            Err(DeviceError::Corrupt { kernel: crate::Kernel::Commit, what, .. }) => {
                assert_eq!(what, expected, "{fault:?}")
            }
            other => panic!("{fault:?}: {:?}", other.map(drop)),
        }
    }
    // A frame of the job before is known by its number.
    let mut device = connect(500);
    device.run(&job(&matrix)).unwrap();
    device.transport_mut().plan(Way::ToHost, 600, Fault::Stale);
    assert!(matches!(device.run(&job(&matrix)), Err(DeviceError::Corrupt { what: Job, .. })));
    // So is a second answer that comes when the next job has begun.
    let mut device = connect(500);
    device.transport_mut().plan(Way::ToHost, 0, Fault::RepeatStatus);
    device.run(&job(&matrix)).unwrap();
    assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
    // An answer with a wrong register map opens nothing.
    let mut faulty = Faulty::new(link(100));
    faulty.plan(Way::ToHost, 0, Fault::WrongRegisters);
    assert!(matches!(LinkDevice::open("model", faulty), Err(DeviceError::Mismatch { register: "lanes", .. })));
}

#[test]
fn each_status_the_device_reports_is_named_with_its_place() {
    let matrix = matrix();
    // Word numbers towards the device: command header 0..4, payload 4..28, CRC 28; first data header 29..33.
    let cases = [
        (10, Fault::Flip(1), StatusCode::PayloadCrc, 0, None),
        (4 + 8, Fault::Flip(0x8000_0000), StatusCode::PayloadCrc, 0, None),
        (5, Fault::Flip(0x4000_0000), StatusCode::PayloadCrc, 0, None),
        (29, Fault::Flip(1), StatusCode::Header, 1, None),
        (33 + 100, Fault::Flip(0x8000_0000), StatusCode::NonCanonical, 1, Some(Place::Word { row: 12, column: 4 })),
        (
            33 + 512 + 7,
            Fault::Flip(0xffff_ffff),
            StatusCode::NonCanonical,
            1,
            Some(Place::Padding { row: 0, group: 2 }),
        ),
        (33 + 100, Fault::Flip(1), StatusCode::PayloadCrc, 1, None),
        (33 + 100, Fault::Stop, StatusCode::Starved, 1, None),
        (29, Fault::OtherSequence, StatusCode::Sequence, 1, None),
        (29, Fault::OtherJob, StatusCode::Sequence, 1, None),
        (29, Fault::OtherKernel, StatusCode::Sequence, 1, None),
        (29, Fault::OtherLength, StatusCode::Length, 1, None),
    ];
    for (at, fault, code, frame, place) in cases {
        let mut device = connect(300);
        device.transport_mut().plan(Way::ToDevice, at, fault);
        match device.run(&job(&matrix)) {
            Err(DeviceError::Status { kernel: Kernel::Commit, code: c, frame: f, place: p, .. }) => {
                assert_eq!((c, f, p), (code, frame, place), "{fault:?}")
            }
            other => panic!("{code:?}: {:?}", other.map(drop)),
        }
    }
}

/// A device with right frames that say the wrong things.
#[test]
fn lies_in_well_formed_frames_are_found() {
    let matrix = matrix();
    let tampered = |tamper: Tamper| {
        let mut device = connect(500);
        device.transport_mut().inner().endpoint.tamper(Some(tamper));
        let error = device.run(&job(&matrix)).map(drop).unwrap_err();
        device.transport_mut().inner().endpoint.tamper(None);
        assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)), "after {error}");
        match error {
            DeviceError::Corrupt { what, expected, found, .. } => (what, expected, found),
            other => panic!("{other}"),
        }
    };
    /// Changes the chunks of every frame.
    type Lie = fn(&mut Vec<u32>);
    let lies: [(Corruption, Lie); 4] = [
        (Corruption::Chunk, |p| p[0] ^= 1 << 28),
        (Corruption::Chunk, |p| p[0] |= 1 << 31),
        (Corruption::Length, |p| p.truncate(8)),
        // Only the last frame of chunks is short: a chunk is lost there, and the status says ok.
        (Corruption::Missing, |p| p.truncate(if p.len() < 64 * 9 { p.len() - 9 } else { p.len() })),
    ];
    for (what, lie) in lies {
        let tamper = move |frame, payload: &mut Vec<u32>| {
            if frame == FrameType::Chunks {
                lie(payload);
            }
            true
        };
        assert_eq!(tampered(Box::new(tamper)).0, what);
    }
    // Frames that never come.
    assert_eq!(tampered(Box::new(|frame, _| frame != FrameType::Chunks)).0, Corruption::Sequence);
    // A column that was never sent and comes back with something in it: group 2 begins at chunk 128 and has 3 of 8.
    let mut chunks = 0;
    let padding = move |frame, payload: &mut Vec<u32>| {
        if frame == FrameType::Chunks {
            if let Some(word) = payload.get_mut((128usize.wrapping_sub(chunks)).wrapping_mul(9).wrapping_add(8)) {
                *word = 1;
            }
            chunks += payload.len() / 9;
        }
        true
    };
    let (what, _, found) = tampered(Box::new(padding));
    assert_eq!((what, found.as_str()), (Corruption::Padding, "0x1 in row 0 of group 2"));
}

/// An `ok` that comes too early is no result, though nothing was to come back.
#[test]
fn an_ok_before_the_data_were_sent_is_not_believed() {
    let matrix = words(64 << 6);
    let silent = Job { return_rows: false, return_digests: false, ..Job::of(Kernel::Hash, 6, 64, &matrix) };
    let mut device = connect(5000);
    device.run(&silent).unwrap();
    // A word is damaged early, and the error that this causes is made an `ok`.
    device.transport_mut().plan(Way::ToDevice, 40, Fault::Flip(0x8000_0000));
    let lie = |frame, payload: &mut Vec<u32>| {
        if frame == FrameType::Status {
            payload[0] = 0;
        }
        true
    };
    device.transport_mut().inner().endpoint.tamper(Some(Box::new(lie)));
    match device.run(&silent) {
        Err(DeviceError::Corrupt { what: Corruption::Early, expected, .. }) => assert!(expected.contains("4096")),
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn a_dead_device_is_lost_and_a_revived_one_is_found() {
    let matrix = matrix();
    let mut device = connect(100);
    device.transport_mut().plan(Way::ToHost, 0, Fault::Stop);
    assert!(matches!(device.run(&job(&matrix)), Err(DeviceError::Silent { received: 0, .. })));
    assert!(matches!(device.run(&job(&matrix)), Err(DeviceError::Lost { .. })));
    assert!(matches!(device.recover(), Err(DeviceError::Lost { .. })), "a reset does not help either");
    device.transport_mut().heal();
    device.recover().unwrap();
    assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
}

#[test]
fn a_device_left_in_the_middle_of_a_job_by_another_host_is_opened() {
    let matrix = matrix();
    let job = job(&matrix);
    for lossy in [false, true] {
        for words in [1, 20, 29, 31, 40, 600, 801] {
            let mut sender = super::super::send::Sender::new(&job, &job.shape(), 77);
            let mut tx = vec![];
            while sender.frame(&mut tx) {}
            let mut link = if lossy { link(3000).lossy() } else { link(100) };
            link.exchange(&tx[..words], &mut vec![], 0).unwrap();
            let mut device = LinkDevice::open("model", link).unwrap_or_else(|e| panic!("after {words} words: {e}"));
            assert!(right(&device.run(&job).unwrap(), &reference(&matrix)));
        }
    }
}

/// What no protocol can bring back, a reset of the link does: a device wedged without a watchdog.
#[test]
fn recovery_goes_as_far_as_it_must() {
    let matrix = matrix();
    for flaw in [crate::endpoint::Flaw::Endless, crate::endpoint::Flaw::Deaf, crate::endpoint::Flaw::Mute] {
        let mut device = connect(300);
        device.transport_mut().inner().endpoint.flaw(Some(flaw));
        let error = device.run(&job(&matrix)).map(drop).unwrap_err();
        assert!(typed(&error), "{flaw:?}: {error}");
        let jobs = |device: &mut LinkDevice<Faulty<EndpointLink>>| Register::Jobs.word(&device.registers().unwrap());
        device.transport_mut().inner().endpoint.flaw(None);
        device.recover().unwrap();
        assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)), "after {flaw:?}");
        assert!(jobs(&mut device) > 0);
    }
}

#[test]
fn an_error_of_the_arithmetic_is_not_the_link_s_to_find() {
    let matrix = matrix();
    let mut device = connect(300);
    device.transport_mut().inner().endpoint.flaw(Some(crate::endpoint::Flaw::Wrong));
    assert!(!right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)), "the caller's checks must find it");
}
