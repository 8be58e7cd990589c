//! Plonky3 plug-ins that commit on devices, proving, self-verification, the report.
//!
//! [`prove`] takes a program and its input to a receipt that has passed the verifier. Below it are three plug-ins that any
//! prover over `p3-uni-stark` or `p3-batch-stark` can use, if it works on BabyBear with the published Poseidon2 of width 16:
//!
//! * [`DevicePcs`] in the place of `TwoAdicFriPcs`, with a challenge field of any degree: one fused job for all matrices of
//!   one height, rows and columns shared out where there are several devices.
//! * [`DeviceMmcs`] in the place of `MerkleTreeMmcs`: trees on devices, digests in their memory.
//! * [`DeviceDft`] in the place of `Radix2DitParallel`: coset extensions on devices. [`DevicePcs`] has its own.
//!
//! All ask one [`Offload`], which has the devices, and the ledger of what was computed where. Proofs have the bytes of the
//! stock prover's, and the stock verifier takes them.
//!
//! ```
//! use galena_device::SoftwareDevice;
//! use galena_prover::{DeviceMmcs, DevicePcs, Offload, Policy};
//! use p3_baby_bear::{BabyBear, default_babybear_poseidon2_16};
//! use p3_challenger::DuplexChallenger;
//! use p3_commit::ExtensionMmcs;
//! use p3_field::extension::BinomialExtensionField;
//! use p3_fri::FriParameters;
//! use p3_uni_stark::StarkConfig;
//! use std::sync::Arc;
//!
//! type Challenge = BinomialExtensionField<BabyBear, 4>;
//!
//! // Any devices: `galena_device::driver::open`, or none for the CPU alone.
//! let devices = Offload::new(vec![Box::new(SoftwareDevice::new())], Policy::default(), Arc::new(|_phase| ()))?;
//! let mmcs = DeviceMmcs::new(0, Arc::clone(&devices));
//! let fri = FriParameters::new_benchmark(ExtensionMmcs::<BabyBear, Challenge, _>::new(mmcs.clone()));
//! let pcs = DevicePcs::new(Default::default(), mmcs, fri);
//! let challenger = DuplexChallenger::<BabyBear, _, 16, 8>::new(default_babybear_poseidon2_16());
//! let config: StarkConfig<_, Challenge, _> = StarkConfig::new(pcs, challenger);
//! // p3_uni_stark::prove(&config, &air, trace, &public_values), as ever; then:
//! assert!(devices.ledger().is_empty(), "nothing was asked yet");
//! # let _ = config;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Faults of devices are recomputed and entered in the ledger, loudly, unless [`Policy::required`]; [`Checks`] has the
//! mathematics of what is looked at. None of it is trusted: verify what you prove.

mod challenger;
mod clock;
mod dft;
mod field;
mod fused;
mod grind;
mod kernels;
mod lane;
mod ledger;
mod marshal;
mod memory;
mod mmcs;
mod offload;
mod pcs;
mod policy;
mod prove;
mod report;
mod resident;
mod share;
mod split;
mod spot;
mod timeline;
mod tree;

pub use challenger::SmallestWitness;
pub use clock::{Moment, Spent, peak_memory_bytes};
pub use dft::DeviceDft;
pub use ledger::{Commitment, Cost, Entry, Fault, Limit, Part, Place, Reason, Shape, Share, Then, shares};
pub use mmcs::{DeviceMmcs, Tree};
pub use offload::{DeviceLost, Interrupted, Offload};
pub use pcs::{CommitError, DevicePcs};
pub use policy::{CHECK_SAMPLES, Cancel, Policy};
pub use prove::{Config, ProveError, Proved, config, prove};
pub use report::{CheckReport, DeviceUse, Report, Table};
pub use spot::Checks;
pub use timeline::{Phase, PhaseCost, Progress};

/// Base field elements this build multiplies at once: 16 with AVX-512, 8 with AVX2, 4 with NEON, 1 in a portable build.
pub fn lanes() -> usize {
    <field::Packed as p3_field::PackedValue>::WIDTH
}
