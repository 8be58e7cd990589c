//! Plonky3 plug-ins that commit on a Device, proving, self-verification, the report.

mod challenger;
mod clock;
#[doc(hidden)]
pub mod device_contract;
mod dft;
mod field;
mod ledger;
mod marshal;
mod mmcs;
mod offload;
mod pcs;
mod spot;
mod timeline;
mod tree;

pub use challenger::SmallestWitness;
pub use clock::{Moment, Spent, peak_memory_bytes};
pub use dft::DeviceDft;
pub use ledger::{Commitment, Cost, Entry, Place, Reason, Shape, Share, shares};
pub use mmcs::{DeviceMmcs, Tree};
pub use offload::{DeviceLost, Offload};
pub use pcs::{CommitError, DevicePcs};
pub use timeline::{Phase, PhaseCost, Progress};
