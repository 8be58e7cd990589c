//! Who is at the other end, and who is refused.

use super::*;
use galena_target::{CONFIGS, Register};

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
fn every_config_is_known_by_its_map_and_shown_in_full() {
    for config in &CONFIGS {
        let device = LinkDevice::open("model", EndpointLink::new(Endpoint::new(config), 100)).unwrap();
        let info = device.info();
        assert_eq!((info.config.as_deref(), info.window), (Some(&*config.name), config.window));
        assert_eq!((info.limits, info.clock_hz), (config.limits(), config.clock_hz));
        assert!(info.kernels.iter().all(|&kernel| config.has(kernel)) && info.git_hash.is_empty());
    }
}

#[test]
fn a_device_of_another_build_is_refused_with_both_sides_and_what_to_do() {
    let cases = [
        (Register::Magic, 0x10, "what answers is not a Galena device"),
        (Register::AbiVersion, 3, "build its bitstream again from the sources of this host"),
        (Register::AbiVersion, 8, "build this host again from the sources of its bitstream"),
        (Register::ConfigHash, 0x10, "load the bitstream of one of them"),
        (Register::Lanes, 0x10, "it says that it is `tiny` and is not"),
        (Register::Kernels, 0x40, "it says that it is `tiny` and is not"),
        (Register::ColumnsMax, 0x10, "it says that it is `tiny` and is not"),
        (Register::Window, 0x10, "it says that it is `tiny` and is not"),
        (Register::MemoryBeats, 0x10, "it says that it is `tiny` and is not"),
        (Register::Watchdog, 0x10, "it says that it is `tiny` and is not"),
    ];
    for (register, bits, what) in cases {
        let mut link = link(100);
        link.endpoint.registers()[register.index()] ^= bits;
        link.endpoint.registers()[Register::GitHash.index()] = 0xabcd_1234;
        match LinkDevice::open("model", link).err() {
            Some(DeviceError::Mismatch { register: name, expected, found, advice }) => {
                assert_eq!(name, register.row().name);
                assert!(expected != found && advice.contains(what), "{name}: {advice}");
                assert!(register == Register::Magic || advice.contains("from commit abcd12340000"), "{advice}");
            }
            other => panic!("{}: {other:?}", register.row().name),
        }
    }
    // What may differ does not matter, and is shown.
    let mut link = link(100);
    for register in [Register::GitHash, Register::Dirty, Register::Jobs, Register::Errors, Register::Uptime] {
        link.endpoint.registers()[register.index()] = 1;
    }
    let device = LinkDevice::open("model", link).unwrap();
    assert!(device.info().dirty && device.info().git_hash == format!("00000001{}", "0".repeat(32)));
}

/// The board is loaded anew between two jobs, or between an error and the next job.
#[test]
fn another_bitstream_behind_an_opened_device_is_a_mismatch() {
    let matrix = matrix();
    for interrupted in [false, true] {
        let mut device = connect(100);
        if interrupted {
            device.transport_mut().plan(Way::ToHost, 500, Fault::Drop);
            device.run(&job(&matrix)).map(drop).unwrap_err();
        }
        *device.transport_mut().inner() = EndpointLink::new(Endpoint::new(&CONFIGS[0]), 100);
        let refused = |e: DeviceError| matches!(e, DeviceError::Mismatch { register: "config_hash", .. });
        if interrupted {
            assert!(refused(device.run(&job(&matrix)).map(drop).unwrap_err()));
            assert!(refused(device.run(&job(&matrix)).map(drop).unwrap_err()), "as long as it is there");
        }
        assert!(refused(device.registers().unwrap_err()));
        assert!(refused(device.run(&job(&matrix)).map(drop).unwrap_err()), "nothing is asked of a stranger");
        assert!(refused(device.recover().unwrap_err()));
        *device.transport_mut().inner() = link(100);
        device.recover().unwrap();
        assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
    }
}
