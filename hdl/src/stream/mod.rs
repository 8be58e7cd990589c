//! Valid/ready streams: the small circuits between the pipelines and the link.
//!
//! A beat moves on a clock edge at which `valid` and `ready` are both high. `valid` never waits for `ready`, and data hold still while
//! `valid` waits. An `s_` port takes a stream (sink), an `m_` port drives one.

pub(crate) mod block;
pub mod crc;
mod delay;
mod fifo;
mod gather;
mod memory;
mod register;
mod scatter;
mod serial;
mod store;
pub mod uart;

pub(crate) use delay::block_ring;
pub use delay::delay;
pub use fifo::fifo;
pub use gather::gather;
pub use memory::{RAM_LATENCY, ram};
pub use register::register;
pub use scatter::scatter;
pub use serial::serial;
pub use store::store;

/// Bits of a counter or index over `n` things, at least 1.
pub(crate) fn index_bits(n: usize) -> usize {
    (n.max(2) - 1).ilog2() as usize + 1
}
