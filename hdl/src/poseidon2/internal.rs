//! The internal rounds: M_I = J + diag(V) on contexts that wait here between their S-boxes.
//!
//! Of an internal round only word 0 meets the S-box. With s the word that returns from it and T the sum of the other words,
//! sigma = s + T and every word i becomes d_i x_i + sigma (x_0 = s). Because d_0 = -2, the next word 0 is T - s: its S-box is requested
//! at once, and the rest of the context is swept while that S-box is under way; T of the next round is summed from the sweep.
//! The sweep reads S words a beat, multiplies by d_i in shifts and subtractions, adds sigma, reduces once and writes back.
//!
//! Why nothing ever collides: a context has one S-box in flight, an S-box takes [`SBOX_LATENCY`] and more, and the whole sweep with its
//! sum is over before that (checked by [`internal`]).

use super::queue::queue;
use super::total::total;
use super::{Diagonal, SBOX_LATENCY, Shape};
use crate::field::{P, REDUCE_LATENCY, REDUCE_WIDTH, field_reduce};
use crate::netlist::Module;
use crate::stream::{index_bits, ram};

/// Clocks from a job beat to its written words.
const SWEEP_LATENCY: usize = 6 + REDUCE_LATENCY;

/// Packs of S-boxes in flight and returned; the schedule keeps to it.
pub(super) const PACKS: usize = 32;

/// Bits of the lazy sum T + s + 4 p.
const SIGMA: usize = 34;

/// Bits of the packed fields of one returned S-box: word, context, round.
pub(super) fn lane_bits(shape: &Shape) -> usize {
    31 + shape.context_bits() + round_bits(shape)
}

/// Bits of an internal round number.
pub(super) fn round_bits(shape: &Shape) -> usize {
    index_bits(shape.internal_rounds)
}

/// `poseidon2_internal_{shape}`.
///
/// * `n_*`: contexts that begin their internal rounds, G words a beat, beats in order.
/// * `r_*`: returned S-boxes, up to E at once: `r_count` lanes of {round, context, word}.
/// * `q_*`: requested S-boxes (round constant added), at most one a clock.
/// * `y_*`: contexts that end their internal rounds, S words a beat.
pub(super) fn internal(shape: &Shape) -> Module {
    let (c, rb) = (shape.context_bits(), round_bits(shape));
    let (lanes, lane) = (shape.sboxes, lane_bits(shape));
    let (count, beat) = (index_bits(lanes + 1), index_bits(shape.sweeps()));
    let pack = count + lanes * lane;
    let sum_latency = shape.sweep.next_power_of_two().ilog2() as usize + 1 + REDUCE_LATENCY;
    assert!(SWEEP_LATENCY + shape.sweeps() + sum_latency < SBOX_LATENCY + 8, "a sweep outlasts the S-box");
    assert!(PACKS >= 2 * shape.contexts / shape.sboxes, "full packs alone may fill half of the queue");

    let module = Module::new(format!("poseidon2_internal_{}", shape.name()), "the internal rounds of Poseidon2.")
        .doc(&format!(
            "{} contexts, {} words a beat, {} beats a round. No back-pressure: every queue holds every context.",
            shape.contexts,
            shape.sweep,
            shape.sweeps()
        ))
        .clk_rst()
        .input("n_valid", 1, "a context arrives")
        .input("n_last", 1, "with its last beat")
        .input("n_context", c, "")
        .input("n_data", 31 * shape.group, "")
        .input("r_valid", 1, "S-boxes return")
        .input("r_count", count, "how many")
        .input("r_lanes", lanes * lane, "round, context, word of each")
        .output("p_ends", 1, "the S-boxes of a pack are all taken up")
        .output_reg("q_valid", 1, "an S-box is requested")
        .output("q_lane", lane, "round, context, word")
        .output("y_valid", 1, "a context leaves")
        .output("y_context", c, "")
        .output("y_beat", beat, "")
        .output("y_data", 31 * shape.sweep, "")
        .wire("p_valid", 1)
        .wire("pack", pack)
        .instance("returned", queue(pack, PACKS), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("push", "r_valid"),
            ("s_data", "{r_count, r_lanes}"),
            ("m_valid", "p_valid"),
            ("pop", "p_ends"),
            ("m_data", "pack"),
        ]);
    let module = jobs(shape, module);
    let module = arrivals(shape, module);
    let module = requests(shape, module);
    sweep(shape, module, c + rb + beat)
}

/// Takes returned packs apart: one job beat a clock.
fn jobs(shape: &Shape, module: Module) -> Module {
    let (c, rb) = (shape.context_bits(), round_bits(shape));
    let (lanes, lane) = (shape.sboxes, lane_bits(shape));
    let (count, beat, which) = (index_bits(lanes + 1), index_bits(shape.sweeps()), index_bits(lanes));
    let last_beat = shape.sweeps() - 1;
    let part = |k: usize| format!("pack[{}:{}]", (k + 1) * lane - 1, k * lane);
    let cases: String = (1..lanes).map(|k| format!("\n        {which}'d{k}: job = {};", part(k))).collect();
    let pick = if lanes == 1 {
        format!("always @(*) job = {};", part(0))
    } else {
        format!("always @(*)\n    case (which)\n        default: job = {};{}\n    endcase", part(0), cases.replace("\n        ", "\n        "))
    };
    module
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
            assign pack_ends = {{1'b0, which}} + 1'b1 == {{{pad}pack[{top}:{low}]}};
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
            top = count + lanes * lane - 1,
            low = lanes * lane,
            pad = if count < which + 1 { format!("{}'d0, ", which + 1 - count) } else { String::new() },
        ))
}

/// Contexts that arrive: their words, their T, and the first request of each.
fn arrivals(shape: &Shape, module: Module) -> Module {
    let c = shape.context_bits();
    let (beat, bank, banks) = (index_bits(shape.sweeps()), index_bits(shape.banks()), shape.banks());
    let bits = 31 * shape.group;
    let depth = shape.contexts << beat;
    let mut module = module
        .reg("n_row", beat)
        .reg("n_bank", bank)
        .reg("n_first", 1)
        .wire("n_total_valid", 1)
        .wire("n_total", 31)
        .wire("n_total_context", c)
        .wire("begin_valid", 1)
        .wire("begin_taken", 1)
        .wire("begin_context", c)
        .wire("begin_word", 31)
        .wire("arrived", 31 * shape.sweep);
    for k in 0..banks {
        module = module.instance(format!("arrivals_{k}"), ram(bits, depth), [
            ("clk", "clk".to_string()),
            ("write", if banks == 1 { "n_valid".into() } else { format!("n_valid && n_bank == {bank}'d{k}") }),
            ("write_address", "{n_context, n_row}".into()),
            ("write_data", "n_data".into()),
            ("read", "1'b1".into()),
            ("read_address", "{j_context, j_beat}".into()),
            ("read_data", format!("arrived[{}:{}]", (k + 1) * bits - 1, k * bits)),
        ]);
    }
    module
        .instance("arrival_total", total(shape.group, c), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("s_valid", "n_valid"),
            ("s_first", "n_first"),
            ("s_last", "n_last"),
            ("s_data", "n_data"),
            ("s_tag", "n_context"),
            ("m_valid", "n_total_valid"),
            ("m_data", "n_total"),
            ("m_tag", "n_total_context"),
        ])
        .instance("begins", queue(31 + c, shape.contexts), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("push", "n_valid && n_first"),
            ("s_data", "{n_context, n_data[30:0]}"),
            ("m_valid", "begin_valid"),
            ("pop", "begin_taken"),
            ("m_data", "{begin_context, begin_word}"),
        ])
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

/// T of each context, and the request of the next S-box: T - s, or word 0 of an arrival, plus the round constant.
fn requests(shape: &Shape, module: Module) -> Module {
    let (c, rb) = (shape.context_bits(), round_bits(shape));
    let last = shape.internal_rounds - 1;
    let constants = shape.parameters().internal;
    let rom: String = constants.iter().enumerate().map(|(k, x)| format!("        {rb}'d{k}: constant = 31'd{x};\n")).collect();
    module
        .reg("t_1", 31)
        .reg("word_1", 31)
        .reg("word_2", 31)
        .reg("sigma_2", SIGMA)
        .reg("sigma_3", SIGMA)
        .reg("difference_2", 32)
        .wire("wanted", 1)
        .reg("constant", 31)
        .reg("valid_3", 1)
        .reg("sum_3", 33)
        .reg("tag_3", c + rb)
        .reg("tag_4", c + rb)
        .reg("word_4", 31)
        .wire("next_round", rb)
        .wire("addend", 33)
        .wire("less", 32)
        .wire("total_valid", 1)
        .wire("total", 31)
        .wire("total_context", c)
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
            assign wanted      = valid[1] && beat_2 == 0 && round_2 != {rb}'d{last};
            assign begin_taken = begin_valid && !wanted;
            assign next_round  = wanted ? round_2 + 1'b1 : {rb}'d0;
            assign addend      = wanted ? {{difference_2[31], difference_2}} : {{2'd0, begin_word}};
            assign less        = sum_3[31:0] - 32'd{P};
            assign q_lane      = {{tag_4, word_4}};

            always @(*)
                case (next_round)
            {rom}        default: constant = 31'd0;
                endcase

            // The sum with the constant lies in (-p, 2 p).
            always @(posedge clk) begin
                valid_3 <= wanted || begin_valid;
                sum_3   <= addend + {{2'd0, constant}};
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
            top = shape.contexts - 1,
            four_p = 4 * P as u64,
            rom = rom.lines().map(|l| format!("{l}\n            ")).collect::<String>(),
        ))
}

/// The sweep: d_i x_i + sigma on S words a beat.
fn sweep(shape: &Shape, module: Module, flags: usize) -> Module {
    let (c, rb, words) = (shape.context_bits(), round_bits(shape), shape.sweep);
    let beat = index_bits(shape.sweeps());
    let bits = 31 * words;
    let stages = SWEEP_LATENCY;
    let mut module = module
        .reg("valid", stages)
        .reg("trail", stages * flags)
        .wire("round_2", rb)
        .wire("context_2", c)
        .wire("beat_2", beat)
        .wire("w_valid", 1)
        .wire("w_round", rb)
        .wire("w_context", c)
        .wire("w_beat", beat)
        .wire("w_data", bits)
        .wire("swept", bits)
        .reg("x", bits)
        .reg("sigma_4", SIGMA)
        .reg("sigma_5", SIGMA)
        .instance("states", ram(bits, shape.contexts << beat), [
            ("clk", "clk"),
            ("write", "w_valid"),
            ("write_address", "{w_context, w_beat}"),
            ("write_data", "w_data"),
            ("read", "1'b1"),
            ("read_address", "{j_context, j_beat}"),
            ("read_data", "swept"),
        ])
        .instance("sweep_total", total(words, c), [
            ("clk", "clk".to_string()),
            ("rst", "rst".into()),
            ("s_valid", "w_valid".into()),
            ("s_first", "w_beat == 0".into()),
            ("s_last", format!("w_beat == {beat}'d{}", shape.sweeps() - 1)),
            ("s_data", "w_data".into()),
            ("s_tag", "w_context".into()),
            ("m_valid", "total_valid".into()),
            ("m_data", "total".into()),
            ("m_tag", "total_context".into()),
        ]);
    let (mut take, mut split, mut combine) = (String::new(), String::new(), String::new());
    let diagonal = shape.parameters().diagonal;
    for l in 0..words {
        let slice = format!("[{}:{}]", 31 * l + 30, 31 * l);
        let chosen = format!("round_2 == 0 ? arrived{slice} : swept{slice}");
        take += &match l {
            0 => format!("x{slice} <= beat_2 == 0 ? word_2 : {chosen};\n"),
            _ => format!("x{slice} <= {chosen};\n"),
        };
        for (name, width) in [("plus", 33), ("minus", 33), ("scaled", 35), ("lazy", REDUCE_WIDTH)] {
            module = module.reg(format!("{name}_{l}"), width);
        }
        // The entry of V depends on the beat: a choice between at most four (W = 24: six) shifts.
        let terms: Vec<(String, String)> =
            (0..shape.sweeps()).map(|b| terms(diagonal[b * words + l], 31 * l)).collect();
        for (name, choose) in [("plus", 0), ("minus", 1)] {
            let of = |t: &(String, String)| if choose == 0 { t.0.clone() } else { t.1.clone() };
            let mut expression = of(&terms[terms.len() - 1]);
            for (b, t) in terms.iter().enumerate().rev().skip(1) {
                expression = format!("beat_3 == {beat}'d{b} ? {} :\n        {expression}", of(t));
            }
            split += &format!("{name}_{l} <= {expression};\n");
        }
        combine += &format!("scaled_{l} <= {{2'd0, plus_{l}}} - {{2'd0, minus_{l}}};\n");
        combine += &format!(
            "lazy_{l} <= {{{{{pad}{{scaled_{l}[34]}}}}, scaled_{l}}} + {{{sigma_pad}'d0, sigma_5}};\n",
            pad = REDUCE_WIDTH - 35,
            sigma_pad = REDUCE_WIDTH - SIGMA
        );
        module = module.instance(format!("reduce_{l}"), field_reduce(), [
            ("clk", "clk".to_string()),
            ("v", format!("lazy_{l}")),
            ("y", format!("w_data{slice}")),
        ]);
    }
    if shape.sweeps() > 1 {
        module = module.wire("beat_3", beat);
    }
    let clocked = |text: &str| text.lines().map(|l| format!("    {l}\n")).collect::<String>();
    // Field `at` (bits from the bottom of one stage) of stage k of the trail.
    let field = |k: usize, low: usize, width: usize| {
        format!("trail[{}:{}]", (k - 1) * flags + low + width - 1, (k - 1) * flags + low)
    };
    let mut wires = String::new();
    for (name, k, low, width) in [
        ("round_2", 2, beat + c, rb),
        ("context_2", 2, beat, c),
        ("beat_2", 2, 0, beat),
        ("w_round", stages, beat + c, rb),
        ("w_context", stages, beat, c),
        ("w_beat", stages, 0, beat),
    ] {
        wires += &format!("assign {name} = {};\n", field(k, low, width));
    }
    if shape.sweeps() > 1 {
        wires += &format!("assign beat_3 = {};\n", field(3, 0, beat));
    }
    module
        .body(format!("// The sweep. Names end in the clock, counted from the job beat, in which they hold.\n{wires}"))
        .body(format!(
            "
            assign w_valid   = valid[{top}];
            assign y_valid   = w_valid && w_round == {rb}'d{last};
            assign y_context = w_context;
            assign y_beat    = w_beat;
            assign y_data    = w_data;

            always @(posedge clk) begin
                valid   <= {{valid[{below}:0], j_valid}};
                trail   <= {{trail[{trail_below}:0], j_round, j_context, j_beat}};
                sigma_4 <= sigma_3;
                sigma_5 <= sigma_4;
                if (rst) valid <= {stages}'d0;
            end
            ",
            top = stages - 1,
            below = stages - 2,
            last = shape.internal_rounds - 1,
            trail_below = (stages - 1) * flags - 1,
        ))
        .body(format!(
            "always @(posedge clk) begin\n{}{}{}end",
            clocked(&take),
            clocked(&split),
            clocked(&combine)
        ))
}

/// d * x as a difference of two 33-bit terms, for x at bit `at` of the vector `x`.
fn terms(d: Diagonal, at: usize) -> (String, String) {
    let zero = || "33'd0".to_string();
    let slice = |high: usize, low: usize| format!("x[{}:{}]", at + high, at + low);
    let times = |n: usize| match n {
        1 => format!("{{2'd0, {}}}", slice(30, 0)),
        2 => format!("{{1'b0, {}, 1'b0}}", slice(30, 0)),
        4 => format!("{{{}, 2'd0}}", slice(30, 0)),
        _ => format!("{{1'b0, {w}, 1'b0}} + {{2'd0, {w}}}", w = slice(30, 0)),
    };
    // x / 2^k = (x >> k) - 15 * 2^(27-k) * (x mod 2^k)
    let half = |k: usize| {
        let whole = format!("{{{}'d0, {}}}", k + 2, slice(30, k));
        let low = slice(k - 1, 0);
        let shifted = |up: usize| match 33 - k - up {
            pad if up == 0 => format!("{{{pad}'d0, {low}}}"),
            pad => format!("{{{pad}'d0, {low}, {up}'d0}}"),
        };
        (whole, format!("{} - {}", shifted(31 - k), shifted(27 - k)))
    };
    match d {
        Diagonal::Times(n) => (times(n), zero()),
        Diagonal::MinusTimes(n) => (zero(), times(n)),
        Diagonal::Half(k) => half(k),
        Diagonal::MinusHalf(k) => {
            let (whole, low) = half(k);
            (low, whole)
        }
    }
}
