//! What a bitstream promises: kernel ABI, register map, configs and boards.
//!
//! One source for both sides: `hdl` prints Verilog from these tables, the host is compiled against them. The prose is in
//! `ABI.md`; where the two differ, that is a bug.

pub mod board;
pub mod config;
pub mod flow;
pub mod frame;
pub mod job;
pub mod kernel;
pub mod mmcm;
pub mod pll;
pub mod rate;
pub mod register;
pub mod report;
pub mod tools;
pub mod xdma;

pub use board::{BOARDS, Board, BoardError};
pub use config::{CONFIGS, Config, ConfigError, Link};
pub use job::{LimitError, Limits, Search, Shape};
pub use kernel::{KERNELS, Kernel, KernelRow};
pub use register::{REGISTERS, Register, RegisterRow};

/// Version of `ABI.md`: kernels, frames, credits, chunk order, register map. A host and a device of different versions do not talk.
pub const ABI_VERSION: u32 = 2;

/// The BabyBear prime, 15 * 2^27 + 1. A field word is an element times 2^32, reduced below this.
pub const FIELD_PRIME: u32 = 0x7800_0001;
