//! A Verilated config as a Device.

pub mod cache;
mod error;
pub mod tools;
mod transport;
pub mod verilated;

pub use error::SimError;
pub use transport::{SILENCE, SimTransport};
