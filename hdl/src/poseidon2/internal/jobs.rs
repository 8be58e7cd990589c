//! What comes in: packs of returned S-boxes, taken apart into jobs, and contexts that begin their internal rounds.

use super::{PACKS, lane_bits, round_bits};
use crate::netlist::Module;
use crate::poseidon2::Fold;
use crate::poseidon2::queue::queue;
use crate::poseidon2::total::total;
use crate::stream::{index_bits, ram};

/// Takes returned packs apart: one job beat a clock.
pub(super) fn jobs(fold: &Fold, module: Module) -> Module {
    let (c, rb) = (fold.context_bits(), round_bits(fold));
    let (lanes, lane) = (fold.sboxes, lane_bits(fold));
    let (beat, which) = (index_bits(fold.sweeps()), index_bits(lanes));
    let last_beat = fold.sweeps() - 1;
    let part = |k: usize| format!("pack[{}:{}]", (k + 1) * lane - 1, k * lane);
    let cases: String = (1..lanes).map(|k| format!("        {which}'d{k}: job = {};\n", part(k))).collect();
    let pick = match lanes {
        1 => format!("always @(*) job = {};", part(0)),
        _ => format!("always @(*)\n    case (which)\n{cases}        default: job = {};\n    endcase", part(0)),
    };
    module
        .wire("p_valid", 1)
        .wire("pack", which + lanes * lane)
        .link(
            "returned",
            queue(which + lanes * lane, PACKS),
            "clk rst",
            [
                ("push", "r_valid"),
                ("s_data", "{r_last, r_lanes}"),
                ("m_valid", "p_valid"),
                ("pop", "p_ends"),
                ("m_data", "pack"),
            ],
        )
        .reg("which", which)
        .reg("beat", beat)
        .reg("job", lane)
        .reg("j_valid", 1)
        .reg("j_round", rb)
        .reg("j_context", c)
        .reg("j_word", 31)
        .reg("j_beat", beat)
        .wire("job_ends", 1)
        .wire("pack_ends", 1)
        .body(format!("// Jobs: the lanes of a pack in turn, each for the beats of one sweep.\n{pick}"))
        .body(format!(
            "
            assign job_ends  = beat == {beat}'d{last_beat};
            assign pack_ends = which == pack[{top}:{low}];
            assign p_ends    = p_valid && job_ends && pack_ends;

            always @(posedge clk) begin
                if (p_valid) begin
                    beat <= job_ends ? {beat}'d0 : beat + 1'b1;
                    if (job_ends) which <= pack_ends ? {which}'d0 : which + 1'b1;
                end
                j_valid <= p_valid;
                {{j_round, j_context, j_word}} <= job;
                j_beat  <= beat;
                if (rst) begin
                    beat    <= {beat}'d0;
                    which   <= {which}'d0;
                    j_valid <= 1'b0;
                end
            end
            ",
            top = which + lanes * lane - 1,
            low = lanes * lane,
        ))
}

/// Contexts that arrive: their words, their T, and the first request of each.
pub(super) fn arrivals(fold: &Fold, module: Module) -> Module {
    let c = fold.context_bits();
    let (beat, bank, banks) = (index_bits(fold.sweeps()), index_bits(fold.banks()), fold.banks());
    let bits = 31 * fold.group;
    let depth = fold.contexts << beat;
    let mut module = module
        .reg("n_row", beat)
        .reg("n_bank", bank)
        .reg("n_first", 1)
        .wire("begin_taken", 1)
        .wire("begin_context", c)
        .wire("begin_word", 31)
        .wire("arrived", 31 * fold.sweep);
    for k in 0..banks {
        module = module.link(
            format!("arrivals_{k}"),
            ram(bits, depth),
            "clk",
            [
                ("write", if banks == 1 { "n_valid".into() } else { format!("n_valid && n_bank == {bank}'d{k}") }),
                ("write_address", "{n_context, n_row}".into()),
                ("write_data", "n_data".into()),
                ("read", "1'b1".into()),
                ("read_address", "{j_context, j_beat}".into()),
                ("read_data", format!("arrived[{}:{}]", (k + 1) * bits - 1, k * bits)),
            ],
        );
    }
    module
        .link(
            "arrival_total",
            total(fold.group, c),
            "clk rst",
            [
                ("s_valid", "n_valid"),
                ("s_first", "n_first"),
                ("s_last", "n_last"),
                ("s_data", "n_data"),
                ("s_tag", "n_context"),
                ("m_valid", "n_total_valid"),
                ("m_data", "n_total"),
                ("m_tag", "n_total_context"),
            ],
        )
        .link(
            "begins",
            queue(31 + c, fold.contexts),
            "clk rst",
            [
                ("push", "n_valid && n_first"),
                ("s_data", "{n_context, n_data[30:0]}"),
                ("m_valid", "begin_valid"),
                ("pop", "begin_taken"),
                ("m_data", "{begin_context, begin_word}"),
            ],
        )
        .body(format!(
            "
            // Arrivals: where the next beat goes. Word 0 asks for its S-box at once.
            always @(posedge clk) begin
                if (n_valid) begin
                    n_first <= n_last;
                    n_bank <= n_bank == {bank}'d{bank_top} ? {bank}'d0 : n_bank + 1'b1;
                    if (n_bank == {bank}'d{bank_top}) n_row <= n_row + 1'b1;
                    if (n_last) n_row <= {beat}'d0;
                end
                if (rst) begin
                    n_first <= 1'b1;
                    n_bank  <= {bank}'d0;
                    n_row   <= {beat}'d0;
                end
            end
            ",
            bank_top = banks - 1,
        ))
}
