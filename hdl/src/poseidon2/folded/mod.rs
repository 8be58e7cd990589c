//! The folded engine: E S-boxes shared by many permutations in flight.
//!
//! ```text
//!  s_* -> linear -> new -+                                    +-> between -+     (memories of one state a context)
//!                        +-> + constant -> S-boxes -> linear -+-> ended ---|--> m_*
//!        between, left --+         ^          |               +-> internal unit -> left
//!                                  +-requests-+-returns-> internal unit
//! ```
//!
//! A permutation has 128 S-boxes in eight external rounds and 13 in internal rounds, 141 in all (width 24: 213), so E S-boxes do at best
//! one permutation in 141 / E clocks. External rounds pass E words a beat; internal S-boxes of E different contexts share one beat. The
//! first linear layer has its own circuit at the entrance. Every memory is written by one source and read by one: contexts wait in
//! `entering` (before round 0), `between`, `left` (after the internal rounds) or `ended`, and nothing in the pipelines ever stalls.
//! Permutations leave in the order in which they came.

mod entrance;
mod exit;
mod operands;
mod results;

use super::Fold;
use crate::netlist::Module;
use crate::stream::{index_bits, ram};

/// Adds the engine to a module with its ports.
pub(super) fn folded(fold: &Fold, tag: usize, module: Module) -> Module {
    let module = module.doc(&format!(
        "{} contexts in flight; at best {} / {} clocks a permutation. Results leave in order.",
        fold.contexts,
        fold.parameters().sboxes(),
        fold.sboxes
    ));
    let module = declare(fold, module);
    let module = entrance::add(fold, tag, module);
    let module = operands::add(fold, module);
    let module = results::add(fold, module);
    exit::add(fold, tag, module)
}

/// Nets between the parts whose driver comes after their reader, or that are part of a wider connection.
fn declare(fold: &Fold, module: Module) -> Module {
    let c = fold.context_bits();
    module
        // The external linear layer's results, and whether a context goes on to an external round (c) or from the internal ones (e).
        .wire("l_round", 3)
        .wire("l_context", c)
        .wire("l_first", 1)
        .wire("c_valid", 1)
        .wire("e_valid", 1)
        // The scheduled beat.
        .wire("b_context", c)
        .wire("round", 3)
        .wire("chunk", index_bits(fold.groups()))
        .wire("row", index_bits(fold.sweeps()))
        .wire("l_valid", 1)
        .wire("l_index", index_bits(fold.groups()))
        .wire("l_data", 31 * fold.group)
        .wire("y_valid", 1)
        .wire("y_context", c)
        .wire("y_beat", index_bits(fold.sweeps()))
        .wire("y_data", 31 * fold.sweep)
        .wire("p_ends", 1)
        .wire("q_valid", 1)
        .wire("q_lane", super::internal::lane_bits(fold))
}

/// A memory of states: written in groups by one part, read by another. The connections are, in order, write enable, address and data,
/// read address and data.
fn states(module: Module, name: &str, depth: usize, width: usize, nets: [&str; 5]) -> Module {
    let [write, to, data, from, out] = nets;
    module.link(
        name,
        ram(width, depth),
        "clk",
        [
            ("write", write),
            ("write_address", to),
            ("write_data", data),
            ("read", "1'b1"),
            ("read_address", from),
            ("read_data", out),
        ],
    )
}
