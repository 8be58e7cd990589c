//! Formal proofs of the emitted Verilog: what is claimed, about which circuit, and by which checker.
//!
//! A checker is a SystemVerilog module of `hdl/formal` whose inputs are the ports of the circuit and, where an induction needs them, signals
//! inside it. [`Proof::files`] prints the circuit, puts a checker beside it in a module `proof` with free inputs, and leaves the circuit's text
//! as it is. [`proofs`] is the one table; `galena_sim::formal` runs it. `hdl/formal/README.md` has the argument.

#[cfg(test)]
mod algebra;
mod harness;
mod table;

use crate::netlist::Module;

pub use harness::FormalError;
pub use table::proofs;

/// A claim about a circuit, proved for every input and every number of clocks.
pub struct Proof {
    /// Its name: lower case, digits and `-`. Unique.
    pub name: &'static str,
    /// The block it belongs to.
    pub block: &'static str,
    /// What is proved.
    pub claim: &'static str,
    /// The circuit.
    pub circuit: fn() -> Module,
    /// Macros that its Verilog is read with.
    pub defines: &'static [&'static str],
    /// Modules below the circuit that are replaced by files of `hdl/formal`: abstract ones that can do more than the real ones.
    pub abstracted: &'static [(&'static str, &'static str)],
    /// Memories, by their name in their module, that remember one word at an address which the checker chooses (`one_word.v`), and give anything
    /// for every other; the rest become registers.
    pub one_word: &'static [&'static str],
    /// The checker's module.
    pub checker: &'static str,
    /// The files of `hdl/formal` that hold the checker and what it is made of.
    pub checkers: &'static [&'static str],
    /// Parameters of the checker.
    pub parameters: &'static [(&'static str, usize)],
    /// Signals inside the circuit that the checker sees.
    pub probes: fn() -> Vec<Probe>,
    /// Depth k of the induction: the claim holds in the first clocks, and k clocks in which it holds are followed by another.
    pub depth: usize,
    /// Clocks in which the covered situations, and the control's counterexample, are looked for.
    pub bound: usize,
    /// A wrong circuit, which the same checker must refuse.
    pub control: Control,
    /// Whether the quick tier runs it.
    pub quick: bool,
}

/// A port of the checker and what it sees inside the circuit.
pub struct Probe {
    /// The port.
    pub port: &'static str,
    /// Signals with their bits, lowest first; names are paths below the circuit, a word of a memory is
    /// `memory[3]`, and the empty path is zero.
    pub signals: Vec<(String, usize)>,
}

impl Probe {
    /// One signal.
    fn signal(port: &'static str, path: &str, bits: usize) -> Self {
        Self { port, signals: vec![(path.into(), bits)] }
    }

    /// A constant zero: the circuit has no such signal.
    fn zero(port: &'static str, bits: usize) -> Self {
        Self::signal(port, "", bits)
    }

    /// The words of a memory, word 0 lowest.
    fn words(port: &'static str, path: &str, bits: usize, depth: usize) -> Self {
        Self { port, signals: (0..depth).map(|k| (format!("{path}[{k}]"), bits)).collect() }
    }
}

/// One change of the emitted text of a module.
pub struct Control {
    /// The file.
    pub file: &'static str,
    /// A text that is in it once.
    pub from: &'static str,
    /// What stands there instead.
    pub to: &'static str,
}

/// The proof of that name.
pub fn proof(name: &str) -> Option<&'static Proof> {
    proofs().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::block;
    use std::collections::BTreeSet;

    /// Blocks that are not in the table of blocks, with proofs of their own.
    const ALONE: [&str; 2] = ["xdma-words", "xdma-packets"];

    #[test]
    fn every_proof_finds_its_files_and_its_control_its_place() {
        let mut names = BTreeSet::new();
        for proof in proofs() {
            assert!(names.insert(proof.name), "the name `{}` is used twice", proof.name);
            assert!(
                block(proof.block).is_some() || ALONE.contains(&proof.block),
                "{}: no block {}",
                proof.name,
                proof.block
            );
            let (right, wrong) = (proof.files(false).unwrap(), proof.files(true).unwrap());
            assert!(right != wrong && proof.depth > 1, "{}", proof.name);
            let checker = format!("module {}", proof.checker);
            assert!(right.iter().any(|f| f.text.contains(&checker)), "{}: no {checker}", proof.name);
        }
    }
}
