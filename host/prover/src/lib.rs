//! Plonky3 plug-ins that commit on a Device, proving, self-verification, the report.

mod challenger;
mod clock;
mod dft;
mod field;
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
