//! Poseidon2 over BabyBear: the permutation as plain integers, and engines that keep K multipliers busy, 4 to 852 of them.
//!
//! * [`parameters`]: constants of width 16 and 24, from Plonky3's tables.
//! * [`model`]: the permutation, the row sponge, the compression and the tree.
//! * [`Shape`]: which engines there are.
//! * [`engine`]: their ports and their datasheet.
//! * `folded`: few S-boxes shared by many permutations; made of `sbox`, `linear`, `internal` and `schedule`, sized by [`Fold`].
//! * `several`: folded engines in turn. `unrolled`: every S-box laid out.

pub(crate) mod block;
pub mod engine;
mod fold;
mod folded;
mod internal;
mod linear;
pub mod model;
pub mod parameters;
pub(crate) mod queue;
mod sbox;
mod schedule;
mod several;
mod shape;
mod total;
mod unrolled;

pub use engine::engine;
pub use fold::Fold;
pub use parameters::{Diagonal, Parameters};
pub use sbox::SBOX_LATENCY;
pub use shape::{Layout, Shape, ShapeError};

/// The unit of the internal rounds of a folded engine with `sboxes` S-boxes, by itself.
pub(crate) fn internal_rounds(width: usize, sboxes: usize) -> crate::netlist::Module {
    internal::internal(&Fold::new(&Parameters::of(width), sboxes))
}
