//! The sweep of a context: every word times its diagonal entry, plus sigma.

use super::{flag_bits, round_bits};
use crate::field::{REDUCE_LATENCY, REDUCE_WIDTH, field_reduce};
use crate::netlist::{Module, nested};
use crate::poseidon2::total::total;
use crate::poseidon2::{Diagonal, Fold};
use crate::stream::{index_bits, ram};

/// Clocks from a job beat to its written words.
pub(super) const SWEEP_LATENCY: usize = 6 + REDUCE_LATENCY;

/// Bits of the lazy sum T + s + 4 p.
pub(super) const SIGMA: usize = 34;

/// The sweep: d_i x_i + sigma on S words a beat.
pub(super) fn sweep(fold: &Fold, module: Module) -> Module {
    let (c, rb, words) = (fold.context_bits(), round_bits(fold), fold.sweep);
    let (beat, flags) = (index_bits(fold.sweeps()), flag_bits(fold));
    let (bits, stages) = (31 * words, SWEEP_LATENCY);
    let module = module
        .reg("valid", stages)
        .reg("trail", stages * flags)
        .wire("round_1", rb)
        .wire("beat_1", beat)
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
        .link(
            "states",
            ram(bits, fold.contexts << beat),
            "clk",
            [
                ("write", "w_valid"),
                ("write_address", "{w_context, w_beat}"),
                ("write_data", "w_data"),
                ("read", "1'b1"),
                ("read_address", "{j_context, j_beat}"),
                ("read_data", "swept"),
            ],
        )
        .link(
            "sweep_total",
            total(words, c),
            "clk rst",
            [
                ("s_valid", "w_valid".to_string()),
                ("s_first", "w_beat == 0".into()),
                ("s_last", format!("w_beat == {beat}'d{}", fold.sweeps() - 1)),
                ("s_data", "w_data".into()),
                ("s_tag", "w_context".into()),
                ("m_valid", "total_valid".into()),
                ("m_data", "total".into()),
                ("m_tag", "total_context".into()),
            ],
        );
    // Field `at` (bits from the bottom of one stage) of stage k of the trail.
    let field = |k: usize, low: usize, width: usize| {
        format!("trail[{}:{}]", (k - 1) * flags + low + width - 1, (k - 1) * flags + low)
    };
    let mut wires = String::new();
    for (name, k, low, width) in [
        ("round_1", 1, beat + c, rb),
        ("beat_1", 1, 0, beat),
        ("round_2", 2, beat + c, rb),
        ("context_2", 2, beat, c),
        ("beat_2", 2, 0, beat),
        ("w_round", stages, beat + c, rb),
        ("w_context", stages, beat, c),
        ("w_beat", stages, 0, beat),
    ] {
        wires += &format!("assign {name} = {};\n", field(k, low, width));
    }
    if fold.sweeps() > 1 {
        wires += &format!("assign beat_3 = {};\n", field(3, 0, beat));
    }
    let module = if fold.sweeps() > 1 { module.wire("beat_3", beat) } else { module };
    let module = module
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
            last = fold.internal_rounds - 1,
            trail_below = (stages - 1) * flags - 1,
        ));
    words_of(fold, module)
}

/// The stages of each word of a beat: chosen, split in two terms, their difference, plus sigma, reduced.
fn words_of(fold: &Fold, mut module: Module) -> Module {
    let (words, beat) = (fold.sweep, index_bits(fold.sweeps()));
    let diagonal = fold.parameters().diagonal;
    let mut stages = [String::new(), String::new(), String::new(), String::new()];
    for l in 0..words {
        let slice = format!("[{}:{}]", 31 * l + 30, 31 * l);
        let chosen = format!("round_2 == 0 ? arrived{slice} : swept{slice}");
        let chosen = if l == 0 { format!("beat_2 == 0 ? word_2 : {chosen}") } else { chosen };
        stages[0] += &format!("x{slice} <= {chosen};\n");
        for (name, width) in [("plus", 33), ("minus", 33), ("scaled", 35), ("lazy", REDUCE_WIDTH)] {
            module = module.reg(format!("{name}_{l}"), width);
        }
        // The entry of V depends on the beat: a choice between at most four (W = 24: six) shifts.
        let (plus, minus): (Vec<String>, Vec<String>) =
            (0..fold.sweeps()).map(|b| terms("x", diagonal[b * words + l], 31 * l)).unzip();
        for (name, terms) in [("plus", plus), ("minus", minus)] {
            let mut expression = String::new();
            for (b, term) in terms.iter().enumerate() {
                expression += &match b + 1 == terms.len() {
                    true => term.clone(),
                    false => format!("beat_3 == {beat}'d{b} ? {term} :\n        "),
                };
            }
            stages[1] += &format!("{name}_{l} <= {expression};\n");
        }
        stages[2] += &format!("scaled_{l} <= {{2'd0, plus_{l}}} - {{2'd0, minus_{l}}};\n");
        stages[3] += &format!(
            "lazy_{l} <= {{{{{pad}{{scaled_{l}[34]}}}}, scaled_{l}}} + {{{sigma_pad}'d0, sigma_5}};\n",
            pad = REDUCE_WIDTH - 35,
            sigma_pad = REDUCE_WIDTH - SIGMA
        );
        let connections = [("v", format!("lazy_{l}")), ("y", format!("w_data{slice}"))];
        module = module.link(format!("reduce_{l}"), field_reduce(), "clk", connections);
    }
    module.body(format!("always @(posedge clk) begin\n    {}\nend", nested(&stages.concat(), 4)))
}

/// d * x as a difference of two 33-bit terms, for the element x at bit `at` of the vector `of`.
pub(crate) fn terms(of: &str, d: Diagonal, at: usize) -> (String, String) {
    let zero = || "33'd0".to_string();
    let slice = |high: usize, low: usize| format!("{of}[{}:{}]", at + high, at + low);
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
