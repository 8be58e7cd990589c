//! The internal rounds: M_I = J + diag(V) on contexts that wait here between their S-boxes.
//!
//! Of an internal round only word 0 meets the S-box. With s the word that returns from it and T the sum of the other words,
//! sigma = s + T and every word i becomes d_i x_i + sigma (x_0 = s). Because d_0 = -2, the next word 0 is T - s: its S-box is requested
//! at once, and the rest of the context is swept while that S-box is under way; T of the next round is summed from the sweep.
//! The sweep reads S words a beat, multiplies by d_i in shifts and subtractions, adds sigma, reduces once and writes back.
//!
//! Why nothing ever collides: a context has one S-box in flight, an S-box takes [`SBOX_LATENCY`] and more, and the whole sweep with its
//! sum is over before that (checked by [`internal`]).

mod jobs;
mod requests;
mod sweep;

use super::{Fold, SBOX_LATENCY};
use crate::field::REDUCE_LATENCY;
use crate::netlist::Module;
use crate::stream::index_bits;
use sweep::SWEEP_LATENCY;
pub(super) use sweep::terms;

/// Packs of S-boxes in flight and returned; the schedule keeps to it.
pub(super) const PACKS: usize = 32;

/// Bits of the round, context and beat of a job: what travels beside the sweep.
fn flag_bits(fold: &Fold) -> usize {
    round_bits(fold) + fold.context_bits() + index_bits(fold.sweeps())
}

/// Bits of the packed fields of one returned S-box: word, context, round.
pub(super) fn lane_bits(fold: &Fold) -> usize {
    31 + fold.context_bits() + round_bits(fold)
}

/// Bits of an internal round number.
pub(super) fn round_bits(fold: &Fold) -> usize {
    index_bits(fold.internal_rounds)
}

/// `poseidon2_internal_{shape}`.
///
/// * `n_*`: contexts that begin their internal rounds, G words a beat, beats in order.
/// * `r_*`: returned S-boxes, up to E at once: lanes 0 to `r_last` of {round, context, word}.
/// * `q_*`: requested S-boxes (round constant added), at most one a clock.
/// * `y_*`: contexts that end their internal rounds, S words a beat.
pub(super) fn internal(fold: &Fold) -> Module {
    let c = fold.context_bits();
    let (lanes, lane) = (fold.sboxes, lane_bits(fold));
    let (which, beat) = (index_bits(lanes), index_bits(fold.sweeps()));
    let sum_latency = fold.sweep.next_power_of_two().ilog2() as usize + 1 + REDUCE_LATENCY;
    assert!(SWEEP_LATENCY + fold.sweeps() + sum_latency < SBOX_LATENCY + 8, "a sweep outlasts the S-box");
    assert!(PACKS >= 2 * fold.contexts / fold.sboxes, "full packs alone may fill half of the queue");

    let module = Module::new(format!("poseidon2_internal_{}", fold.name()), "the internal rounds of Poseidon2.")
        .timing(
            "13 turns (width 24: 21) through the S-boxes and this unit",
            &format!("one sweep beat a clock, {} a round of a context", fold.sweeps()),
        )
        .doc(&format!(
            "{} contexts, {} words a beat, {} beats a round. No back-pressure: every queue holds every context.",
            fold.contexts,
            fold.sweep,
            fold.sweeps()
        ))
        .clk_rst()
        .input("n_valid", 1, "a context arrives")
        .input("n_last", 1, "with its last beat")
        .input("n_context", c, "")
        .input("n_data", 31 * fold.group, "")
        .input("r_valid", 1, "S-boxes return")
        .input("r_last", which, "the last of them")
        .input("r_lanes", lanes * lane, "round, context, word of each")
        .output("p_ends", 1, "the S-boxes of a pack are all taken up")
        .output_reg("q_valid", 1, "an S-box is requested")
        .output("q_lane", lane, "round, context, word")
        .output("y_valid", 1, "a context leaves")
        .output("y_context", c, "")
        .output("y_beat", beat, "")
        .output("y_data", 31 * fold.sweep, "");
    let module = jobs::jobs(fold, module);
    let module = jobs::arrivals(fold, module);
    let module = requests::requests(fold, module);
    sweep::sweep(fold, module)
}
