//! From the choice of a beat to the S-box inputs: memories, round constants, the adder.
//!
//! Clock 0 is the choice; 1 the flags; 2 memory data and constants; 3 the source; 4, when E < G, the part of the group; then the sum,
//! then the reduced sum at the S-boxes. Names end in the clock in which they hold.

use super::states;
use crate::field::P;
use crate::netlist::{Module, nested};
use crate::poseidon2::Fold;
use crate::poseidon2::internal::lane_bits;
use crate::poseidon2::parameters::HALF_EXTERNAL;
use crate::poseidon2::schedule::schedule;
use crate::stream::index_bits;

/// Clocks from the flags (clock 1) to the S-box inputs.
pub(super) fn latency(fold: &Fold) -> usize {
    if fold.group > fold.sboxes { 5 } else { 4 }
}

/// Adds the schedule, the memories `between` and `left`, and the way to `x`. Out: `granted`, `is_pack`, `count`, `last`, `lanes`, `x`, `work`.
pub(super) fn add(fold: &Fold, module: Module) -> Module {
    let (bits, banks) = (31 * fold.group, fold.banks());
    let (chunk, row) = (index_bits(fold.groups()), index_bits(fold.sweeps()));
    let same = "clk rst q_valid q_lane p_ends z_context c_valid e_valid b_context round place chunk row granted is_pack count last lanes";
    let mut module = module.link(
        "schedule",
        schedule(fold),
        same,
        [
            ("z_valid", "z_first"),
            ("c_context", "l_context"),
            ("c_round", "l_round + 3'd1"),
            ("e_context", "y_context"),
            ("bank", if banks == 1 { "" } else { "bank" }),
        ],
    );
    let nets = ["l_valid", "{l_context, l_index}", "l_data", "{b_context, chunk}", "between_data"];
    module = states(module, "between", fold.contexts << chunk, bits, nets).wire("left_all", banks * bits);
    for k in 0..banks {
        let slice = |of: &str| format!("{of}[{}:{}]", (k + 1) * bits - 1, k * bits);
        let (data, out) = (slice("y_data"), slice("left_all"));
        let nets = ["y_valid", "{y_context, y_beat}", &data, "{b_context, row}", &out];
        module = states(module, &format!("left_{k}"), fold.contexts << row, bits, nets);
    }
    source(fold, module)
}

/// The choice of the source, and the sum with the round constant.
fn source(fold: &Fold, mut module: Module) -> Module {
    let (lanes, lane, banks, bank) = (fold.sboxes, lane_bits(fold), fold.banks(), index_bits(fold.banks()));
    let (bits, x_bits, count) = (31 * fold.group, 31 * lanes, index_bits(lanes + 1));
    let parts = fold.group / lanes;
    let slice = |of: &str, width: usize, k: usize| format!("{of}[{}:{}]", (k + 1) * width - 1, k * width);
    // Of a bank of the memory `left`.
    let (mut left, mut banked) = ("left_all".to_string(), "");
    if banks > 1 {
        module = module.reg("bank_1", bank).reg("bank_2", bank);
        banked = "bank_1     <= bank;\nbank_2     <= bank_1;\n";
        left = (0..banks - 1).rev().fold(slice("left_all", bits, banks - 1), |e, k| {
            format!("bank_2 == {bank}'d{k} ? {} : {e}", slice("left_all", bits, k))
        });
    }
    // Of a group, E words.
    let (mut part, mut base, mut constant) = (String::new(), "source_3", "constant_3");
    if parts > 1 {
        let pb = index_bits(parts);
        module = module.reg("part_1", pb).reg("part_2", pb).reg("part_3", pb);
        module = module.reg("base_4", x_bits).reg("constant_4", x_bits);
        let choice = (0..parts - 1).rev().fold(slice("source_3", x_bits, parts - 1), |e, k| {
            format!("part_3 == {pb}'d{k} ? {} :\n    {e}", slice("source_3", x_bits, k))
        });
        part = format!(
            "part_1     <= place[{}:0];\npart_2     <= part_1;\npart_3     <= is_pack_2 ? {pb}'d0 : part_2;\n\
             base_4     <= {choice};\nconstant_4 <= constant_3;\n",
            pb - 1
        );
        (base, constant) = ("base_4", "constant_4");
    }
    let (mut sums, mut wires) = (String::new(), String::new());
    for k in 0..lanes {
        let word = |of: &str| slice(of, 31, k);
        module = module.reg(format!("sum_{k}"), 32).wire(format!("less_{k}"), 32);
        sums += &format!("sum_{k} <= {{1'b0, {}}} + {{1'b0, {}}};\n", word(base), word(constant));
        sums += &format!("{} <= less_{k}[31] ? sum_{k}[30:0] : less_{k}[30:0];\n", word("x"));
        wires += &format!("assign less_{k} = sum_{k} - 32'd{P};\n");
        wires += &format!("assign {} = lanes[{}:{}];\n", word("request_1"), lane * k + 30, lane * k);
    }
    let request = if parts > 1 { format!("{{{}'d0, request_2}}", bits - x_bits) } else { "request_2".into() };
    for (name, width) in
        [("request_2", x_bits), ("is_pack_2", 1), ("round_1", 3), ("round_2", 3), ("source_3", bits), ("x", x_bits)]
    {
        module = module.reg(name, width);
    }
    (1..=3)
        .fold(module, |m, k| m.reg(format!("constant_{k}"), x_bits))
        .wire("request_1", x_bits)
        .body(constants(fold))
        .body(format!(
            "
            // Names end in the clock, counted from the choice, in which they hold.
            {wires}

            always @(posedge clk) begin
                constant_1 <= constants[{{round, place}}];
                constant_2 <= constant_1;
                constant_3 <= is_pack_2 ? {x_bits}'d0 : constant_2; // a request has its constant already
                round_1    <= round;
                round_2    <= round_1;
                request_2  <= request_1;
                is_pack_2  <= is_pack;
                source_3   <= is_pack_2 ? {request} :
                    round_2 == 3'd0 ? entering_data :
                    round_2 == 3'd{HALF_EXTERNAL} ? ({left}) : between_data;
                {rest}

                work <= granted && !rst ? count : {count}'d0;
            end
            ",
            wires = nested(&wires, 12),
            rest = nested(&(banked.to_string() + &part + &sums), 16),
        ))
}

/// The table of external round constants, E words a row.
fn constants(fold: &Fold) -> String {
    let place = index_bits(fold.beats());
    let rounds = fold.parameters().external;
    let (width, rows) = (31 * fold.sboxes, rounds.len() << place);
    let mut text = format!("reg [{}:0] constants [0:{}];\n\ninitial begin\n", width - 1, rows - 1);
    for (round, words) in rounds.iter().enumerate() {
        for beat in 0..1 << place {
            // Rows past the last beat of a round (W = 24) are never read.
            let row = words.chunks(fold.sboxes).nth(beat).unwrap_or(&words[..fold.sboxes]);
            let words: Vec<String> = row.iter().rev().map(|w| format!("31'h{w:08x}")).collect();
            text += &format!("    constants[{}] = {{{}}};\n", (round << place) + beat, words.join(", "));
        }
    }
    text + "end"
}
