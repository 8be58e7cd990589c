//! The Device trait, its drivers, the link protocol, and the conformance suite.
//!
//! A [`Device`] does the heavy part of a proof: coset extensions, row hashing and Merkle trees, in the formats of
//! `bitstreams/ABI.md`. What it returns is data, not truth: a device is outside the trusted base, and every receipt is
//! verified on the host before it leaves.

pub mod access;
pub mod conformance;
mod device;
pub mod driver;
pub mod endpoint;
mod error;
pub mod field;
pub mod lab;
pub mod link;
pub mod pcie;
mod search;
pub mod serial;
mod software;

pub use device::{Canceller, Counters, Device, DeviceInfo, Job, Output, Witness};
pub use driver::Driver;
pub use error::{Corruption, DeviceError, Place};
pub use galena_target::{Kernel, Limits, Search};
pub use search::search;
pub use software::SoftwareDevice;
