//! T of each context, and the request of its next S-box.

use super::round_bits;
use super::sweep::SIGMA;
use crate::field::P;
use crate::netlist::{Module, nested};
use crate::poseidon2::Fold;

/// T of each context, and the request of the next S-box: T - s, or word 0 of an arrival, plus the round constant.
pub(super) fn requests(fold: &Fold, module: Module) -> Module {
    let (c, rb) = (fold.context_bits(), round_bits(fold));
    let last = fold.internal_rounds - 1;
    let constants = fold.parameters().internal;
    // The constant of the round after this one.
    let rom: String = (0..last).map(|k| format!("{rb}'d{k}: constant_2 <= 31'd{};\n", constants[k + 1])).collect();
    module
        .reg("t_1", 31)
        .reg("word_1", 31)
        .reg("word_2", 31)
        .reg("sigma_2", SIGMA)
        .reg("sigma_3", SIGMA)
        .reg("difference_2", 32)
        .reg("wanted", 1)
        .reg("constant_2", 31)
        .reg("next_2", rb)
        .reg("valid_3", 1)
        .reg("sum_3", 33)
        .reg("tag_3", c + rb)
        .reg("tag_4", c + rb)
        .reg("word_4", 31)
        .wire("next_round", rb)
        .wire("addend", 33)
        .wire("less", 32)
        .body(format!(
            "
            // T of contexts in their first round and in later ones: two writers, two memories.
            (* ram_style = \"distributed\", no_rw_check *)
            reg [30:0] arrived_totals [0:{top}];
            (* ram_style = \"distributed\", no_rw_check *)
            reg [30:0] swept_totals [0:{top}];

            always @(posedge clk) begin
                if (n_total_valid) arrived_totals[n_total_context] <= n_total;
                if (total_valid) swept_totals[total_context] <= total;
                t_1          <= j_round == 0 ? arrived_totals[j_context] : swept_totals[j_context];
                word_1       <= j_word;
                word_2       <= word_1;
                difference_2 <= {{1'b0, t_1}} - {{1'b0, word_1}};
                sigma_2      <= {{3'd0, t_1}} + {{3'd0, word_1}} + {SIGMA}'d{four_p}; // lazy, and never negative with -4 p added
                sigma_3      <= sigma_2;
            end

            // The next word 0 is T - s; after the last round it is not wanted. Arrivals fill the gaps.
            // What is wanted, and its constant, are found a clock before: the adder waits for its operands only.
            assign begin_taken = begin_valid && !wanted;
            assign next_round  = wanted ? next_2 : {rb}'d0;
            assign addend      = wanted ? {{difference_2[31], difference_2}} : {{2'd0, begin_word}};
            assign less        = sum_3[31:0] - 32'd{P};
            assign q_lane      = {{tag_4, word_4}};

            always @(posedge clk) begin
                wanted <= valid[0] && beat_1 == 0 && round_1 != {rb}'d{last};
                next_2 <= round_1 + 1'b1;
                case (round_1)
                    {rom}
                    default: constant_2 <= 31'd0;
                endcase
                if (rst) wanted <= 1'b0;
            end

            // The sum with the constant lies in (-p, 2 p).
            always @(posedge clk) begin
                valid_3 <= wanted || begin_valid;
                sum_3   <= addend + {{2'd0, wanted ? constant_2 : 31'd{first}}};
                tag_3   <= {{next_round, wanted ? context_2 : begin_context}};
                q_valid <= valid_3;
                word_4  <= sum_3[32] ? sum_3[30:0] + 31'd{P} : less[31] ? sum_3[30:0] : less[30:0];
                tag_4   <= tag_3;
                if (rst) begin
                    valid_3 <= 1'b0;
                    q_valid <= 1'b0;
                end
            end
            ",
            top = fold.contexts - 1,
            first = constants[0],
            four_p = 4 * P as u64,
            rom = nested(&rom, 20),
        ))
}
