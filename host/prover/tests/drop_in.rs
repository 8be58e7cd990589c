//! The drop-in example on the executable model of a device: real frames, real limits, no simulation; and on several.

#[macro_use]
#[path = "../examples/drop_in/airs.rs"]
mod airs;
#[allow(dead_code)]
#[path = "../examples/drop_in/device.rs"]
mod device;
#[path = "../examples/drop_in/stock.rs"]
mod stock;

use std::sync::{Arc, LazyLock};

use galena_device::Device;
use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::LinkDevice;
use galena_prover::{Offload, Policy};
use galena_target::Config;
use p3_blake3_air::Blake3Air;
use p3_keccak_air::KeccakAir;

static DEVICES: LazyLock<Arc<Offload>> = LazyLock::new(|| {
    let policy = Policy { required: true, ..Policy::default() };
    Offload::new(vec![model("tiny"), model("tiny")], policy, Arc::new(|_| ())).unwrap()
});

fn model(config: &str) -> Box<dyn Device> {
    let endpoint = Endpoint::new(Config::named(config).unwrap());
    Box::new(LinkDevice::open("model", EndpointLink::new(endpoint, 1 << 12)).unwrap())
}

fn devices() -> Arc<Offload> {
    Arc::clone(&DEVICES)
}

#[test]
fn airs_of_others_are_proved_on_devices_byte_for_byte() {
    prove_both!(airs::poseidon2(), 32);
    prove_both!(KeccakAir {}, 2);
    prove_both!(Blake3Air {}, 4);
    let ledger = devices().ledger();
    assert!(ledger.iter().all(|entry| entry.faults.is_empty()));
    assert!(ledger.iter().filter(|entry| entry.cost().is_some()).count() > 20, "{ledger:#?}");
    assert!(ledger.iter().any(|entry| entry.part.of > 1), "the wide traces are shared out: {ledger:#?}");
}

/// What the documentation shows is what is done, and it is three lines.
#[test]
fn three_lines_change_and_the_documents_show_them() {
    let (stock, device) = (include_str!("../examples/drop_in/stock.rs"), include_str!("../examples/drop_in/device.rs"));
    assert_eq!(stock.lines().count(), device.lines().count());
    let changed: Vec<(&str, &str)> = stock.lines().zip(device.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!(changed.len(), 3, "{changed:#?}");
    for document in [include_str!("../examples/drop_in/main.rs"), include_str!("../README.md")] {
        for (stock, device) in &changed {
            assert!(document.contains(&format!("-{stock}")), "{stock}");
            assert!(document.contains(&format!("+{device}")), "{device}");
        }
    }
}
