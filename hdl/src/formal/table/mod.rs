//! The table of proofs, by what the circuits do. Depths and bounds are in clocks.

mod arithmetic;
mod links;
mod pipelines;
mod streams;

use super::{Control, Probe, Proof};
use crate::field;
use crate::stream;

/// All proofs.
pub fn proofs() -> impl Iterator<Item = &'static Proof> {
    [arithmetic::PROOFS, streams::PROOFS, links::PROOFS, pipelines::PROOFS].into_iter().flatten()
}

/// What every stream circuit is held to.
const ORDER: &str = "nothing lost, doubled, invented or reordered; no deadlock; data hold still while stalled";

/// What rows of arithmetic share: they see nothing inside, and look back a few clocks.
const ARITHMETIC: Proof = Proof {
    name: "",
    block: "",
    claim: "",
    circuit: field::field_add,
    defines: &[],
    abstracted: &[],
    one_word: &[],
    checker: "",
    checkers: &[],
    parameters: &[],
    probes: Vec::new,
    depth: 6,
    bound: 8,
    control: Control { file: "", from: "", to: "" },
    quick: true,
};

/// What rows of streams share.
const STREAM: Proof = Proof { claim: ORDER, depth: 4, bound: 14, ..ARITHMETIC };

fn around(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let counter = stream::index_bits(depth) + 1;
    let control = [("head", counter), ("tail", counter), ("pop", 1)];
    let control = control.map(|(name, bits)| Probe::signal(name, &format!("{path}{name}"), bits));
    control.into_iter().chain(one_word(&format!("{path}memory"), width, depth)).collect()
}

/// What a memory that remembers one word has.
fn one_word(memory: &str, width: usize, depth: usize) -> [Probe; 2] {
    let address = Probe::signal("address", &format!("{memory}.address"), stream::index_bits(depth));
    [address, Probe::signal("kept", &format!("{memory}.word"), width)]
}

/// A signal whose name is the port's.
fn same((name, bits): (&'static str, usize)) -> Probe {
    Probe::signal(name, name, bits)
}
