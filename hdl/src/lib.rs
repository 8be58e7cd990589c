//! Circuits, each beside its bit-exact model; prints Verilog.
//!
//! A generator returns a [`netlist::Module`]; [`emit::emit`] checks a whole hierarchy and prints it through rust-hdl, one file a
//! module. Field elements are BabyBear in Montgomery form (R = 2^32), 31 bits, reduced.

pub mod block;
pub mod clocks;
mod connect;
pub mod core;
pub mod emit;
pub mod extension;
pub mod external;
pub mod field;
pub mod formal;
pub mod gates;
pub mod golden;
pub mod grind;
pub mod hasher;
pub mod lde;
pub mod memory;
pub mod netlist;
pub mod poseidon2;
pub mod shell;
pub mod stream;
pub mod top;
pub mod xdma;

pub use crate::core::{CORE_TOP, CoreError, core};
pub use emit::{EmitError, VerilogFile, emit};
pub use netlist::Module;
pub use top::{BOARD_TOP, TopError, board_top, pages};
