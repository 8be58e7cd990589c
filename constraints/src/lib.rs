//! Chips, buses, the machine, proof parameters, and the whole verifier.

mod address;
pub mod bus;
pub mod chips;
mod columns;
pub mod config;
mod fill;
mod order;
mod product;
pub mod profile;
mod word;

pub use chips::{CHIPS, Chip, ChipKind};
pub use config::Val;
pub use profile::{MIN_SECURITY_BITS, PROFILES, Profile};
