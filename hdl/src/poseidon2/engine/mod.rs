//! The Poseidon2 engine: E S-boxes shared by many permutations in flight.
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
//!
//! # Datasheet
//!
//! Width 16, clocks simulated in steady state (`sim/tests/circuit_poseidon2.rs` measures and compares); latency is that of a permutation
//! alone, from its first beat in to its last beat out.
//!
//! | K | clocks a permutation | of the bound 141 / E | latency |
//! |---|---|---|---|
//! | 4 | 140.63 | 100.3 % | 914 |
//! | 8 | 70.78 | 99.6 % | 850 |
//! | 16 | 35.67 | 98.8 % | 789 |
//! | 32 | 17.74 | 99.4 % | 778 |
//!
//! (Above 100 %: the difference of two runs of finite length.)
//!
//! K = 16 by yosys `synth_ecp5` 0.70 (synthesis estimate): 64 MULT18X18D, 35 DP16KD, 4,189 LUT4, 14,851 TRELLIS_FF, 3,971 CCU2C, 471
//! TRELLIS_DPR16X4. An earlier revision (multiplier of eight stages) was routed alone on an LFE5U-85F of speed 6 by nextpnr, seed 1:
//! 114 MHz, its longest path from `occupied` over long routes towards the pins of `s_valid` and `s_ready`. This one has not been routed.

mod entrance;
mod exit;
mod operands;
mod results;

use super::Shape;
use crate::netlist::Module;
use crate::stream::{index_bits, ram};

/// `poseidon2_engine_{shape}_t{tag}`: permutations of W words with a tag of `tag` bits, in order.
///
/// * `s_*`: states, G = max(4, E) words a beat, word 0 low and first; `s_tag` is taken with the last beat.
/// * `m_*`: the permuted states in the same order and form; `m_tag` on every beat.
/// * `work`: S-boxes started in the clock before (each is four multiplies).
pub fn engine(shape: &Shape, tag: usize) -> Module {
    let bits = 31 * shape.group;
    let module = Module::new(
        format!("poseidon2_engine_{}_t{tag}", shape.name()),
        &format!("Poseidon2 of width {} on {} multipliers.", shape.width, shape.multipliers()),
    )
    .doc(&format!(
        "{} contexts in flight; at best {} / {} clocks a permutation. Results leave in order.",
        shape.contexts,
        shape.parameters().sboxes(),
        shape.sboxes
    ))
    .clk_rst()
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", bits, "G words of a state, word 0 low")
    .input("s_tag", tag, "of the state; taken with its last beat")
    .output("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output("m_data", bits, "G words of the permuted state")
    .output("m_tag", tag, "")
    .output_reg("work", index_bits(shape.sboxes + 1), "S-boxes started");
    let module = declare(shape, module);
    let module = entrance::add(shape, tag, module);
    let module = operands::add(shape, module);
    let module = results::add(shape, module);
    exit::add(shape, tag, module)
}

/// Nets between the parts whose driver comes after their reader, or that are part of a wider connection.
fn declare(shape: &Shape, module: Module) -> Module {
    let c = shape.context_bits();
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
        .wire("chunk", index_bits(shape.groups()))
        .wire("row", index_bits(shape.sweeps()))
        .wire("l_valid", 1)
        .wire("l_index", index_bits(shape.groups()))
        .wire("l_data", 31 * shape.group)
        .wire("y_valid", 1)
        .wire("y_context", c)
        .wire("y_beat", index_bits(shape.sweeps()))
        .wire("y_data", 31 * shape.sweep)
        .wire("p_ends", 1)
        .wire("q_valid", 1)
        .wire("q_lane", super::internal::lane_bits(shape))
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
