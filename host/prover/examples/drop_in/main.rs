//! AIRs that are not ours, proved with `p3-uni-stark` on a device, byte for byte as without.
//!
//! ```text
//! cargo run --release -p galena-prover --example drop_in -- sim:tiny
//! ```
//!
//! A prover that uses BabyBear and Poseidon2 of width 16 changes three lines (`diff stock.rs device.rs`; the names that are
//! no longer used may go):
//!
//! ```diff
//! -type ValMmcs = p3_merkle_tree::MerkleTreeMmcs<Packing, Packing, Hash, Compress, 2, 8>;
//! +type ValMmcs = galena_prover::DeviceMmcs;
//! -type Pcs = p3_fri::TwoAdicFriPcs<Val, Dft, ValMmcs, ChallengeMmcs>;
//! +type Pcs = galena_prover::DevicePcs<Challenge>;
//! -    let val_mmcs = ValMmcs::new(Hash::new(perm.clone()), Compress::new(perm.clone()), 2);
//! +    let val_mmcs = ValMmcs::new(2, super::devices());
//! ```
//!
//! where `devices()` opens what is to be used, once. The program above has no proof of work; one that has takes
//! `galena_prover::SmallestWitness` as its challenger if its bytes are to be the same on every machine.

#[macro_use]
mod airs;
#[allow(dead_code)] // the names of the stock tree are left as they were
mod device;
mod stock;

use std::sync::{Arc, LazyLock};

use galena_device::driver::{self, CPU, OpenOptions};
use galena_prover::{Offload, Policy, shares};
use p3_blake3_air::Blake3Air;
use p3_keccak_air::KeccakAir;

/// What the first argument selects: `cpu` (the processor as a device), `sim:CONFIG`, or several with commas between them.
static DEVICES: LazyLock<Arc<Offload>> = LazyLock::new(|| {
    let selectors = std::env::args().nth(1).unwrap_or_else(|| "sim:tiny".to_owned());
    let open = |selector| driver::open(&[CPU, galena_sim::DRIVER], selector, &OpenOptions::default());
    let devices = selectors.split(',').map(open).collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}"));
    Offload::new(devices, Policy::default(), Arc::new(|_| ())).expect("threads to drive the devices")
});

fn devices() -> Arc<Offload> {
    Arc::clone(&DEVICES)
}

fn main() {
    println!("{:<12} {:>12} {:>10} {:>10}", "air", "proof bytes", "stock", "device");
    for (name, (bytes, stock, device)) in [
        ("keccak", prove_both!(KeccakAir {}, 2)),
        ("poseidon2", prove_both!(airs::poseidon2(), 64)),
        ("blake3", prove_both!(Blake3Air {}, 16)),
    ] {
        println!("{name:<12} {bytes:>12} {stock:>8.2} s {device:>8.2} s");
    }
    println!("every proof has the stock prover's bytes and passed the stock verifier\n");
    for share in shares(&devices().ledger()) {
        let (name, jobs, cycles) = (share.commitment, share.device.jobs, share.device.counters.cycles);
        let cpu: Vec<String> = share.cpu.iter().map(|(reason, times)| format!("{times} {reason}")).collect();
        println!("{name:<14} {jobs:>4} jobs, {cycles:>9} cycles; on the cpu: {}", cpu.join(", "));
    }
}
