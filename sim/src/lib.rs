//! A Verilated config as a Device.

pub mod area;
pub mod cache;
pub mod datasheet;
pub mod device;
mod error;
pub mod faults;
pub mod figure;
pub mod formal;
pub mod lint;
pub mod plan;
pub mod serve;
pub mod tools;
mod transport;
pub mod verify;
pub mod verilated;
pub mod wave;
pub mod xdma;

pub use device::{DRIVER, SimDevice};
pub use error::SimError;
pub use transport::{SILENCE, SimTransport};
pub use xdma::Card;
