//! What goes over a link into a file, out of the file, and to another device.

use super::*;
use crate::link::{Capture, CaptureError, Recorder, replay};

fn recorded(path: &std::path::Path, faults: bool) {
    let recorder = Recorder::new(Faulty::new(link(300)), Some(path), "model").unwrap();
    let mut device = LinkDevice::open("model", recorder).unwrap();
    let matrix = matrix();
    device.run(&job(&matrix)).unwrap();
    if faults {
        for (at, fault) in
            [(1000, Fault::Flip(1)), (20, Fault::Garbage(100)), (600, Fault::DropFrame), (2000, Fault::OtherJob)]
        {
            device.transport_mut().inner_mut().plan(Way::ToHost, at, fault);
            device.run(&job(&matrix)).map(drop).unwrap_err();
            device.run(&job(&matrix)).unwrap();
        }
    }
    let tall = words(64 << 6);
    device.run(&Job { levels: 6, ..Job::of(Kernel::Hash, 6, 64, &tall) }).unwrap();
    device.registers().unwrap();
}

#[test]
fn a_capture_replays_without_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.capture");
    for faults in [false, true] {
        recorded(&path, faults);
        let capture = Capture::read(&path).unwrap();
        assert_eq!((capture.selector.as_str(), capture.config().map(|c| &*c.name)), ("model", Some("tiny")));
        assert_eq!(capture.device["window"], 2048);
        assert!(!capture.cut_off);
        for mut link in [link(7), link(3000), link(100).unit(4)] {
            let replayed = replay(&capture, &mut link).unwrap();
            assert_eq!(replayed.difference, None, "{replayed:?}");
            if faults {
                assert!(replayed.jobs >= 7 && replayed.partial >= 1 && replayed.noise > 0, "{replayed:?}");
            } else {
                assert_eq!((replayed.jobs, replayed.chunks, replayed.partial, replayed.noise), (4, 319 + 127, 0, 0));
            }
        }
    }
}

/// What the device was sent in truth is not what the host sent: the replay says that it was the link, not the device.
#[test]
fn a_link_that_damaged_a_question_is_told_from_a_device_that_refused_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.capture");
    let matrix = matrix();
    {
        let recorder = Recorder::new(Faulty::new(link(300)), Some(&path), "model").unwrap();
        let mut device = LinkDevice::open("model", recorder).unwrap();
        device.transport_mut().inner_mut().plan(Way::ToDevice, 33 + 100, Fault::Flip(1 << 31));
        device.run(&job(&matrix)).map(drop).unwrap_err();
    }
    let difference = replay(&Capture::read(&path).unwrap(), &mut link(300)).unwrap().difference.unwrap();
    assert_eq!(difference.expected, "the status `non_canonical`");
    assert_eq!(difference.found, "`ok`");
}

#[test]
fn a_device_that_computes_something_else_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.capture");
    recorded(&path, false);
    let capture = Capture::read(&path).unwrap();
    let mut wrong = link(300);
    wrong.endpoint.flaw(Some(crate::endpoint::Flaw::Wrong));
    let difference = replay(&capture, &mut wrong).unwrap().difference.unwrap();
    assert_eq!((difference.kernel, difference.frame, difference.word), (Some(Kernel::Commit), 1, 3), "{difference}");
    assert!(difference.to_string().contains("in row 0 of group 0"), "{difference}");
    // Another config, and a device that says nothing.
    let mut wide = EndpointLink::new(Endpoint::new(&galena_target::CONFIGS[0]), 300);
    let difference = replay(&capture, &mut wide).unwrap().difference.unwrap();
    assert!(difference.expected.contains("`config_hash`"), "{difference}");
    let mut mute = link(300);
    mute.endpoint.flaw(Some(crate::endpoint::Flaw::Mute));
    assert_eq!(replay(&capture, &mut mute).unwrap().difference.unwrap().expected, "an answer");
}

#[test]
fn files_that_are_no_captures_are_refused_and_cut_off_ones_are_read_as_far_as_they_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.capture");
    assert!(matches!(Capture::read(&path), Err(CaptureError::File { .. })));
    for text in [&b"\x7fELF"[..], b"{}\n", b"{\"format\":\"galena-capture 9\"}\n", b""] {
        std::fs::write(&path, text).unwrap();
        assert!(matches!(Capture::read(&path), Err(CaptureError::Format { .. })), "{text:?}");
    }
    recorded(&path, false);
    let whole = std::fs::read(&path).unwrap();
    let records = Capture::read(&path).unwrap().records;
    for length in [whole.len() - 1, whole.len() - 70, whole.len() / 2 + 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let capture = Capture::read(&path).unwrap();
        assert!(capture.cut_off && records.starts_with(&capture.records), "{length} of {}", whole.len());
        assert_eq!(replay(&capture, &mut link(300)).unwrap().difference, None);
    }
    // A device that never said who it is leaves a capture too.
    let mut mute = link(300);
    mute.endpoint.flaw(Some(crate::endpoint::Flaw::Mute));
    let recorder = Recorder::new(mute, Some(&path), "model").unwrap();
    assert!(LinkDevice::open("model", recorder).is_err());
    let capture = Capture::read(&path).unwrap();
    assert!(capture.device.is_null() && capture.config().is_none() && !capture.records.is_empty());
    assert!(replay(&capture, &mut link(300)).is_err(), "there is nothing to compare");
    // A file that cannot be made is an error at once.
    assert!(Recorder::new(link(1), Some(folder.path()), "model").is_err());
}
