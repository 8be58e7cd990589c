//! The conformance suite on simulated devices: a stream core, the same with pauses on both sides, and a serial core.

use galena_device::Device;
use galena_device::driver::OpenOptions;

fn open(config: &str, stall_seed: Option<u64>) -> Box<dyn Device> {
    let options = OpenOptions { stall_seed, ..Default::default() };
    match galena_sim::device::open(config, &options) {
        Ok(device) => Box::new(device),
        Err(e) => panic!("{e}"),
    }
}

mod tiny {
    fn open() -> Box<dyn super::Device> {
        super::open("tiny", None)
    }
    galena_device::device_conformance!(open, largest = 6);
}

mod tiny_with_pauses {
    fn open() -> Box<dyn super::Device> {
        super::open("tiny", Some(7))
    }
    galena_device::device_conformance!(open, largest = 4);
}

mod wide {
    fn open() -> Box<dyn super::Device> {
        super::open("wide", None)
    }
    galena_device::device_conformance!(open, largest = 7);
}
