//! A Verilated config as a Device.

pub mod cache;
mod error;
pub mod tools;
pub mod verilated;

pub use error::SimError;
