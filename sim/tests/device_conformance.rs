//! The conformance suite on simulated devices: a stream core, the same behind XDMA, with pauses on both sides,
//! one with larger blow-ups, and a larger one.

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

mod tiny_pcie {
    fn open() -> Box<dyn super::Device> {
        super::open("tiny-pcie", None)
    }
    galena_device::device_conformance!(open, largest = 6);
}

mod tiny_pcie_with_pauses {
    fn open() -> Box<dyn super::Device> {
        super::open("tiny-pcie", Some(11))
    }
    galena_device::device_conformance!(open, largest = 4);
}

mod wide {
    fn open() -> Box<dyn super::Device> {
        super::open("wide", None)
    }
    galena_device::device_conformance!(open, largest = 7);
}

mod tiny_blowup {
    fn open() -> Box<dyn super::Device> {
        super::open("tiny-blowup", None)
    }
    galena_device::device_conformance!(open, largest = 5);
}

/// Waves of a whole core, through the same options the command uses.
#[test]
fn waves_of_a_device_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.fst");
    let options = OpenOptions { waves: Some(path.clone()), ..Default::default() };
    match galena_sim::device::open("tiny", &options) {
        Ok(device) => {
            drop(device);
            // The opening conversation alone is thousands of clocks.
            assert!(std::fs::metadata(&path).unwrap().len() > 10_000);
        }
        Err(e) if e.to_string().contains("apt-get install") => eprintln!("skipped: {e}"),
        Err(e) => panic!("{e}"),
    }
}
