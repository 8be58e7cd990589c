//! Poseidon2 engines: one set of ports for every number of multipliers.
//!
//! A permutation has 128 S-boxes in eight external rounds and 13 in internal rounds, 141 in all (width 24: 213), each four multiplies. So K
//! multipliers do at best one permutation in 564 / K clocks. Up to 32 they are folded: a few S-boxes shared by many permutations in flight. 64,
//! 96 and 128 are two to four such engines in turn. From 141 on every S-box stands in one pipeline, of one, two or four multipliers each.
//!
//! # Datasheet
//!
//! Width 16, clocks simulated in steady state (`sim/tests/circuit_poseidon2.rs` measures and compares); latency is that of a permutation
//! alone, from its first beat in to its last beat out.
//!
//! | K | clocks a permutation | of the bound 564 / K | latency |
//! |---|---|---|---|
//! | 4 | 140.63 | 100.3 % | 914 |
//! | 8 | 70.78 | 99.6 % | 850 |
//! | 16 | 35.67 | 98.8 % | 789 |
//! | 32 | 17.74 | 99.4 % | 778 |
//! | 141 | 4.00 | 100.0 % | 674 |
//! | 282 | 2.00 | 100.0 % | 630 |
//!
//! (Above 100 %: the difference of two runs of finite length.)
//!
//! K = 16 by yosys `synth_ecp5` 0.70 (synthesis estimate): 64 MULT18X18D, 35 DP16KD, 4,189 LUT4, 14,851 TRELLIS_FF, 3,971 CCU2C, 471
//! TRELLIS_DPR16X4. An earlier revision (multiplier of eight stages) was routed alone on an LFE5U-85F of speed 6 by nextpnr, seed 1:
//! 114 MHz, its longest path from `occupied` over long routes towards the pins of `s_valid` and `s_ready`. This one has not been routed.

use super::{Layout, Shape, folded, several, unrolled};
use crate::netlist::Module;
use crate::stream::index_bits;

/// `poseidon2_engine_{shape}_t{tag}`: permutations of W words with a tag of `tag` bits, in order.
///
/// * `s_*`: states, G words a beat, word 0 low and first; `s_tag` is taken with the last beat.
/// * `m_*`: the permuted states in the same order and form; `m_tag` on every beat.
/// * `work`: S-boxes started a clock or two ago (each is four multiplies).
pub fn engine(shape: &Shape, tag: usize) -> Module {
    let bits = 31 * shape.group;
    let module = Module::new(
        format!("poseidon2_engine_{}_t{tag}", shape.name()),
        &format!("Poseidon2 of width {} on {} multipliers.", shape.width, shape.multipliers()),
    )
    .timing(
        "several hundred clocks for a permutation alone; the datasheet of the generator has the figures",
        &format!(
            "at best {} multiplies a clock, {} a permutation",
            shape.multipliers(),
            4 * shape.parameters().sboxes()
        ),
    )
    .clk_rst()
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", bits, "G words of a state, word 0 low")
    .input("s_tag", tag, "of the state; taken with its last beat")
    .output("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output("m_data", bits, "G words of the permuted state")
    .output("m_tag", tag, "")
    .output_reg("work", index_bits(shape.work_max() + 1), "S-boxes started");
    match shape.layout {
        Layout::Folded(fold) => folded::folded(&fold, tag, module),
        Layout::Several { engines, .. } => several::several(shape, engines, tag, module),
        Layout::Unrolled { interval } => unrolled::unrolled(shape, interval, tag, module),
    }
}
