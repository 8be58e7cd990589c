//! From the S-boxes on: external beats to the linear layer, packs to the internal unit.

use super::operands;
use crate::netlist::Module;
use crate::poseidon2::internal::{internal, lane_bits};
use crate::poseidon2::linear::linear;
use crate::poseidon2::parameters::HALF_EXTERNAL;
use crate::poseidon2::sbox::sbox;
use crate::poseidon2::{Fold, SBOX_LATENCY};
use crate::stream::{delay, index_bits};

/// Adds the S-boxes, the linear layer and the internal unit.
pub(super) fn add(fold: &Fold, module: Module) -> Module {
    let (c, lane, lanes) = (fold.context_bits(), lane_bits(fold), fold.sboxes);
    let which = index_bits(lanes);
    let flight = operands::latency(fold) + SBOX_LATENCY;
    // Round and context of each lane fly beside the words.
    let tag = lane - 31;
    let each = |f: &dyn Fn(usize) -> String| (0..lanes).rev().map(f).collect::<Vec<_>>().join(", ");
    let tags = each(&|k| format!("lanes[{}:{}]", k * lane + lane - 1, k * lane + 31));
    let returned = each(&|k| format!("late_tags[{}:{}], y[{}:{}]", (k + 1) * tag - 1, k * tag, 31 * k + 30, 31 * k));
    let module = module
        .wire("late_is_pack", 1)
        .wire("late_last", which)
        .wire("late_tags", lanes * tag)
        .reg("flying", flight)
        .wire("landed", 1)
        .link("sboxes", sbox(lanes), "clk x y", [] as [(&str, &str); 0])
        .link(
            "flags",
            delay(1 + which + lanes * tag, flight),
            "clk",
            [
                ("s_data", format!("{{is_pack, last, {tags}}}")),
                ("m_data", "{late_is_pack, late_last, late_tags}".into()),
            ],
        );
    groups(fold, module)
        .link(
            "layer",
            linear(fold, c + 3),
            "clk rst",
            [
                ("s_valid", "a_valid"),
                ("s_data", "a_data"),
                ("s_tag", "a_tag"),
                ("m_valid", "l_valid"),
                ("m_last", "l_last"),
                ("m_index", "l_index"),
                ("m_data", "l_data"),
                ("m_tag", "{l_round, l_context}"),
            ],
        )
        .link(
            "internal",
            internal(fold),
            "clk rst p_ends q_valid q_lane y_valid y_context y_beat y_data",
            [
                ("n_valid", format!("l_valid && l_round == 3'd{}", HALF_EXTERNAL - 1)),
                ("n_last", "l_last".into()),
                ("n_context", "l_context".into()),
                ("n_data", "l_data".into()),
                ("r_valid", "landed && late_is_pack".into()),
                ("r_last", "late_last".into()),
                ("r_lanes", format!("{{{returned}}}")),
            ],
        )
        .body(format!(
            "
            // A context may go on when its first beat is written: it is read in the same order, and not faster.
            assign landed  = flying[{top}];
            assign l_first = l_valid && l_index == {chunk}'d0;
            assign c_valid = l_first && l_round != 3'd{before} && l_round != 3'd{end};
            assign e_valid = y_valid && y_beat == {row}'d0;

            always @(posedge clk) begin
                flying <= {{flying[{below}:0], granted}};
                if (rst) flying <= {flight}'d0;
            end
            ",
            top = flight - 1,
            below = flight - 2,
            chunk = index_bits(fold.groups()),
            row = index_bits(fold.sweeps()),
            before = HALF_EXTERNAL - 1,
            end = 2 * HALF_EXTERNAL - 1,
        ))
}

/// External beats of E words as groups of G: `a_*`.
fn groups(fold: &Fold, module: Module) -> Module {
    let (c, bits, x_bits) = (fold.context_bits(), 31 * fold.group, 31 * fold.sboxes);
    let (parts, tag) = (fold.group / fold.sboxes, c + 3);
    let module = module.wire("a_valid", 1).wire("a_data", bits);
    if parts == 1 {
        return module.wire("a_tag", tag).body(format!(
            "assign a_valid = landed && !late_is_pack;\nassign a_data  = y;\nassign a_tag   = late_tags[{}:0];",
            tag - 1
        ));
    }
    let place = index_bits(parts);
    module.reg("a_tag", tag).reg("gathered", bits).reg("gather", place).reg("gather_full", 1).body(format!(
        "
        assign a_valid = gather_full;
        assign a_data  = gathered;

        always @(posedge clk) begin
            gather_full <= 1'b0;
            if (landed && !late_is_pack) begin
                gathered    <= {{y, gathered[{top}:{x_bits}]}};
                gather      <= gather + 1'b1;
                gather_full <= gather == {place}'d{last};
                a_tag       <= late_tags[{tag_top}:0];
            end
            if (rst) begin
                gather      <= {place}'d0;
                gather_full <= 1'b0;
            end
        end
        ",
        top = bits - 1,
        last = parts - 1,
        tag_top = tag - 1,
    ))
}
