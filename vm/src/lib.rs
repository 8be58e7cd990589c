//! RV32IM: ELF loading, decoding, deterministic execution, and the records that become trace rows.

mod decode;
mod ecall;
mod elf;
mod execute;
mod interpreter;
mod memory;
mod program;
mod semantics;
mod state;

pub mod assembler;
pub mod isa;
pub mod record;

pub use decode::{decode, encode};
pub use elf::ElfError;
pub use execute::{ExecuteError, Limits, MAX_SEGMENT_CYCLES, Run, Segment, execute, run};
pub use program::{Code, Program, Symbol};
