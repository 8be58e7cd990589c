//! The grinder: the smallest proof-of-work witness, on the hasher's own Poseidon2 engine.
//!
//! It stands between the hasher and its engine. Between searches it is a wire. In a search it feeds the engine with one state after the
//! other that differ in one word, the candidate, and watches that word of the results which a challenger samples. The engine keeps order, so
//! the first result that passes has the smallest witness; the engine is cleared then, and what is still in it is thrown away. Candidates are
//! field words in Montgomery form: the next integer is one addition of 2^32 mod p.
//!
//! ```text
//!  s_* --------------+-> engine -+--------------> m_*
//!  state, candidate -+           +-> canonical -> low bits zero? -> answer_*
//! ```
//!
//! # Datasheet
//!
//! No multiplier of its own. A candidate is one permutation of 564 multiplies; its judgement follows five clocks behind the engine's result.
//! Whole searches of 16 bits, from the first word of the state to the answer, no stalls; utilisation = 564 * candidates judged / (K * clocks).
//! Simulated clocks (`sim/tests/circuit_grind.rs` runs these and compares).
//!
//! | K | candidates | clocks | utilisation |
//! |---|---|---|---|
//! | 4 | 42752 | 6028644 | 100.0 % |
//! | 8 | 42752 | 3014495 | 100.0 % |
//! | 16 | 42752 | 1507645 | 100.0 % |
//! | 32 | 42752 | 754023 | 99.9 % |
//!
//! What is lost is the way of one permutation through the engine, about 800 to 900 clocks, and the contexts that are thrown away behind the witness.

pub(crate) mod block;
mod canonical;
pub mod model;

pub(crate) use block::{CANONICAL, GRIND};
pub use canonical::{CANONICAL_LATENCY, canonical};

use crate::field::P;
use crate::netlist::{Module, nested};
use crate::poseidon2::{Shape, engine};
use crate::stream::index_bits;

/// The word that a challenger of rate 8 samples first.
const SAMPLED: usize = 7;

/// `grind_{shape}_t{tag}`: an engine of width 16 (`s_*`, `m_*`, `work`: see [`engine`]) with a grinder in front.
///
/// * `seed`: word `seed_index` of the state, all sixteen of them; `seed_marked` is the witness's place, one of the words 0 to 7.
/// * `grind_start`: one clock, when the engine is empty; `grind_first` is the first candidate, a field word, `grind_candidates` (at least 1)
///   how many there are, `grind_bits` (at most 30) how many low bits of the sampled value must be zero.
/// * `answer_*`: one beat. Of a search that found nothing, witness and value are zero. The value is an integer, not a field word.
/// * `grind_busy`: from the clock after `grind_start` until the answer is taken: `s_ready` and `m_valid` are low.
/// * `grind_judged`: a candidate was judged: what a watchdog may look at.
pub fn grind(shape: &Shape, tag: usize) -> Module {
    let (bits, groups) = (31 * shape.group, shape.groups());
    let place = index_bits(groups);
    let module = Module::new(
        format!("grind_{}_t{tag}", shape.name()),
        &format!("the smallest proof-of-work witness, with the Poseidon2 engine of {} multipliers.", shape.multipliers()),
    )
    .timing("the engine's; a search ends some 10 clocks after the result that passes", "the engine's, in a search too: a candidate a permutation")
    .doc("Between searches states pass to the engine and back. In a search candidates go in, and the first result that passes ends it.")
    .clk_rst()
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", bits, "G words of a state, word 0 low")
    .input("s_tag", tag, "")
    .output("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output("m_data", bits, "G words of the permuted state")
    .output("m_tag", tag, "")
    .output("work", index_bits(shape.work_max() + 1), "S-boxes started");
    search_ports(module)
        .reg("feed_place", place)
        .reg("feeding", 1)
        .reg("to_feed", 31)
        .reg("candidate", 31)
        .reg("searching", 1)
        .reg("clear", 1)
        .reg("mask", 31)
        .reg("beat", place)
        .reg("late", CANONICAL_LATENCY)
        .reg("judging", 1)
        .reg("passes", 1)
        .reg("value", 31)
        .reg("left", 31)
        .reg("witness", 31)
        .wire("fed", 1)
        .wire("fed_last", 1)
        .wire("sampled", 1)
        .wire("ends", 1)
        .wire("feed", bits)
        .wire("e_valid", 1)
        .wire("e_ready", 1)
        .link(
            "engine",
            engine(shape, tag),
            "clk m_data m_tag work",
            [
                ("rst", "rst || clear"),
                ("s_valid", "feeding || (s_valid && !grind_busy)"),
                ("s_ready", "e_ready"),
                ("s_data", "feeding ? feed : s_data"),
                ("s_tag", "s_tag"),
                ("m_valid", "e_valid"),
                ("m_ready", "grind_busy || m_ready"),
            ],
        )
        .link(
            "to_integer",
            canonical(),
            "clk",
            [
                ("x", format!("m_data[{}:{}]", 31 * (SAMPLED % shape.group) + 30, 31 * (SAMPLED % shape.group))),
                ("y", "y".into()),
            ],
        )
        .body(step_function())
        .body(feeder(shape))
        .body(judge(shape))
}

/// The ports of a search.
fn search_ports(module: Module) -> Module {
    PORTS.iter().fold(module, |module, &(name, width, way, comment)| match way {
        Way::In => module.input(name, width, comment),
        Way::Out => module.output(name, width, comment),
        Way::Reg => module.output_reg(name, width, comment),
    })
}

/// The ports of a search, for a module that has a grinder in it and hands them on under their names.
pub(crate) fn outward_ports(module: Module) -> Module {
    PORTS.iter().fold(module, |module, &(name, width, way, comment)| match way {
        Way::In => module.input(name, width, comment),
        Way::Out | Way::Reg => module.output(name, width, comment),
    })
}

/// Their names, separated by spaces.
pub(crate) fn port_names() -> String {
    PORTS.map(|(name, ..)| name).join(" ")
}

/// Their names and bits, as who drives a search sees them: true is an input.
pub(crate) fn driver_ports() -> impl Iterator<Item = (bool, &'static str, usize)> {
    PORTS.iter().map(|&(name, width, way, _)| (way != Way::In, name, width))
}

/// How a port of the grinder is driven.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Reg,
}

/// The ports of a search: name, bits, direction, comment.
const PORTS: [(&str, usize, Way, &str); 17] = [
    ("seed", 1, Way::In, "a word of the state"),
    ("seed_index", 4, Way::In, "its place"),
    ("seed_data", 31, Way::In, ""),
    ("seed_marked", 1, Way::In, "the witness's place"),
    ("grind_start", 1, Way::In, "one clock; latches the next three, clears the counters"),
    ("grind_bits", 5, Way::In, "low bits that must be zero"),
    ("grind_first", 31, Way::In, "the first candidate"),
    ("grind_candidates", 31, Way::In, "how many there are"),
    ("grind_busy", 1, Way::Reg, "until the answer is taken"),
    ("grind_judged", 1, Way::Out, "a candidate was judged"),
    ("grind_permutations", 32, Way::Reg, "candidates judged in this search"),
    ("grind_multiplies", 48, Way::Reg, "their multiplies"),
    ("answer_valid", 1, Way::Reg, ""),
    ("answer_ready", 1, Way::In, ""),
    ("answer_found", 1, Way::Reg, "a candidate passed"),
    ("answer_witness", 31, Way::Reg, "the first that did; zero if none"),
    ("answer_value", 31, Way::Reg, "the sampled integer; zero if none"),
];

/// The next candidate: plus 2^32, the field word of 1, modulo p.
fn step_function() -> String {
    format!(
        "
        // The field word of the next integer.
        function [30:0] next(input [30:0] word);
            reg [31:0] less;
            begin
                less = {{1'b0, word}} - 32'd{down}; // negative when the sum needs no reduction
                next = less[31] ? word + 31'd{step} : less[30:0];
            end
        endfunction
        ",
        down = P - model::STEP,
        step = model::STEP,
    )
}

/// The state, G words a beat, with the candidate in its place.
fn feeder(shape: &Shape) -> String {
    let (groups, group) = (shape.groups(), shape.group);
    let place = index_bits(groups);
    let (mut state, mut writes) = (String::new(), String::new());
    for k in 0..group {
        // Word k of each beat: a small memory, or a register if one beat is all.
        let (depth, to, from) = match groups {
            1 => (String::new(), String::new(), String::new()),
            _ => {
                let low = group.ilog2();
                (format!(" [0:{}]", groups - 1), format!("[seed_index[3:{low}]]"), "[feed_place]".into())
            }
        };
        let memory = if groups > 1 { "(* ram_style = \"distributed\", no_rw_check *)\n" } else { "" };
        let here = match groups {
            1 => format!("seed_index == 4'd{k}"),
            _ => format!("seed_index[{}:0] == {}'d{k}", group.ilog2() - 1, group.ilog2()),
        };
        state += &format!("{memory}reg [31:0] state_{k}{depth};\nwire [31:0] word_{k} = state_{k}{from};\n");
        writes += &format!("if (seed && {here}) state_{k}{to} <= {{seed_marked, seed_data}};\n");
    }
    let words: Vec<String> = (0..group).rev().map(|k| format!("word_{k}[31] ? candidate : word_{k}[30:0]")).collect();
    format!(
        "
        // Words of 32 bits: the mark of the witness's place, and the word.
        {state}
        assign feed     = {{{feed}}};
        assign fed      = feeding && e_ready;
        assign fed_last = fed && feed_place == {place}'d{last};
        assign s_ready  = e_ready && !grind_busy;

        always @(posedge clk) begin
            {writes}
            if (fed) feed_place <= fed_last ? {place}'d0 : feed_place + 1'b1;
            if (fed_last) begin
                candidate <= next(candidate);
                to_feed   <= to_feed - 1'b1;
                if (to_feed == 31'd1) feeding <= 1'b0;
            end
            if (grind_start) begin
                feed_place <= {place}'d0;
                candidate  <= grind_first;
                to_feed    <= grind_candidates;
                feeding    <= 1'b1;
            end
            if (rst || ends) feeding <= 1'b0;
        end
        ",
        state = nested(&state, 8),
        writes = nested(&writes, 12),
        feed = words.join(",\n                            "),
        last = groups - 1,
    )
}

/// Results in order: the first that passes, or the end of the candidates.
fn judge(shape: &Shape) -> String {
    let groups = shape.groups();
    let place = index_bits(groups);
    format!(
        "
        assign m_valid      = e_valid && !grind_busy;
        assign sampled      = searching && e_valid && beat == {place}'d{sampled};
        assign grind_judged = judging && searching;
        assign ends         = grind_judged && (passes || left == 31'd1);

        always @(posedge clk) begin
            if (searching && e_valid) beat <= beat == {place}'d{last} ? {place}'d0 : beat + 1'b1;
            late    <= {{late[{late_top}:0], sampled}};
            judging <= late[{late_last}];
            value   <= y;
            passes  <= (y & mask) == 31'd0;
            clear   <= ends; // what is behind the witness is thrown away
            if (grind_judged) begin
                left               <= left - 1'b1;
                witness            <= next(witness);
                grind_permutations <= grind_permutations + 1'b1;
                grind_multiplies   <= grind_multiplies + 48'd{multiplies};
            end
            if (ends) begin
                searching      <= 1'b0;
                answer_valid   <= 1'b1;
                answer_found   <= passes;
                answer_witness <= passes ? witness : 31'd0;
                answer_value   <= passes ? value : 31'd0;
            end
            if (answer_valid && answer_ready) begin
                answer_valid <= 1'b0;
                grind_busy   <= 1'b0;
            end
            if (grind_start) begin
                grind_busy         <= 1'b1;
                searching          <= 1'b1;
                beat               <= {place}'d0;
                left               <= grind_candidates;
                witness            <= grind_first;
                mask               <= ~(31'h7fffffff << grind_bits);
                grind_permutations <= 32'd0;
                grind_multiplies   <= 48'd0;
            end
            if (rst || clear) begin
                late    <= {late}'d0;
                judging <= 1'b0;
            end
            if (rst) begin
                grind_busy   <= 1'b0;
                searching    <= 1'b0;
                clear        <= 1'b0;
                answer_valid <= 1'b0;
            end
        end
        ",
        sampled = SAMPLED / shape.group,
        last = groups - 1,
        late = CANONICAL_LATENCY,
        late_top = CANONICAL_LATENCY - 2,
        late_last = CANONICAL_LATENCY - 1,
        multiplies = 4 * shape.parameters().sboxes(),
    )
}
