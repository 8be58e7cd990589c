//! From Verilog to a bitstream: the flows, and what they leave behind.
//!
//! | file | does |
//! |---|---|
//! | `constraints` | the pins and the clock, as nextpnr reads them |
//! | `ecp5` | yosys, nextpnr-ecp5, ecppack |
//! | `report` | clocks and area out of what nextpnr writes |
//! | `sweep` | what many seeds gave: committed, too |
//! | `manifest` | what is committed of a bitstream: everything but the bits |
//! | `vivado` | a script, constraints and a page for a machine that has Vivado |
//!
//! The Verilog comes in as text: this crate knows no circuit.

mod constraints;
mod ecp5;
mod error;
mod manifest;
mod report;
mod sweep;
#[cfg(test)]
mod tests;
mod vivado;

pub use constraints::lpf;
pub use ecp5::{Build, Built, Sources, built_here, versions};
pub use error::FlowError;
pub use manifest::{Clock, MANIFESTS, Manifest, Stale, Versions, manifest_path};
pub use report::{Fmax, Report, Used};
pub use sweep::{Sweep, sweep_path};
pub use vivado::{ENDPOINT, SYNCHRONISERS, Script, endpoint_properties};
