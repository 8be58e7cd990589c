//! Chips, buses, the machine, proof parameters, and the whole verifier.

mod address;
pub mod bus;
pub mod check;
pub mod chips;
mod columns;
pub mod config;
mod fill;
pub mod machine;
mod order;
mod product;
pub mod profile;
pub mod receipt;
mod row;
pub mod security;
pub mod statement;
mod tally;
pub mod verify;
pub mod witness;
mod word;

pub use chips::{CHIPS, Chip, ChipKind};
pub use config::Val;
pub use machine::{Machine, MachineError, program_id};
pub use profile::{MIN_SECURITY_BITS, PROFILES, Profile};
pub use receipt::{Receipt, ReceiptError};
pub use security::{Security, security};
pub use statement::{ProgramCommitment, ProgramId};
pub use verify::{Expected, Verified, VerifyError, verify};
pub use witness::{Instance, Witness, WitnessError};

#[cfg(test)]
mod tests;
