//! Poseidon2 over BabyBear: the permutation as plain integers, and a folded engine that keeps K multipliers busy.
//!
//! * [`parameters`]: constants of width 16 and 24, from Plonky3's tables.
//! * [`model`]: the permutation, the row sponge, the compression and the tree.
//! * [`Shape`]: how an engine of K multipliers is folded.
//! * [`engine`]: the circuit, described in its file; made of [`sbox`], [`linear`], [`internal`] and [`schedule`].

pub(crate) mod block;
pub mod engine;
mod internal;
mod linear;
pub mod model;
pub mod parameters;
pub(crate) mod queue;
mod sbox;
mod schedule;
mod shape;
mod total;

pub use engine::engine;
pub use parameters::{Diagonal, Parameters};
pub use sbox::SBOX_LATENCY;
pub use shape::{Shape, ShapeError};
