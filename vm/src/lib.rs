//! RV32IM: ELF loading, decoding, deterministic execution, and the records that become trace rows.
//!
//! [`Program::from_elf`] loads, [`run`] executes for the result, [`profile`] for the result and where the cycles went, [`execute`] for the
//! [`Segment`] that a proof is made of. `isa` is the table of instructions and `record` says what execution leaves behind; both are contracts
//! with `constraints/`. The machine, its system calls and how to write programs for it are described in `vm/README.md`.

mod decode;
mod ecall;
mod elf;
mod execute;
mod interpreter;
mod memory;
mod profile;
mod program;
mod semantics;
mod state;

pub mod assembler;
pub mod isa;
pub mod record;

pub use decode::{decode, encode};
pub use elf::ElfError;
pub use execute::{ExecuteError, Limits, MAX_SEGMENT_CYCLES, Run, Segment, execute, run};
pub use profile::{FunctionCycles, Profile, profile};
pub use program::{Code, Program, Symbol};
