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

use super::internal::{internal, lane_bits};
use super::linear::linear;
use super::parameters::HALF_EXTERNAL;
use super::sbox::sbox;
use super::schedule::schedule;
use super::{SBOX_LATENCY, Shape};
use crate::field::P;
use crate::netlist::Module;
use crate::stream::{delay, fifo, index_bits, ram};

/// Beats that can wait at the output.
const OUTPUT_DEPTH: usize = 8;

/// `poseidon2_engine_{shape}_t{tag}`: permutations of W words with a tag of `tag` bits, in order.
///
/// * `s_*`: states, G = max(4, E) words a beat, word 0 low and first; `s_tag` is taken with the first beat.
/// * `m_*`: the permuted states in the same order and form; `m_tag` on every beat.
/// * `work`: S-boxes started in the clock before (each is four multiplies).
pub fn engine(shape: &Shape, tag: usize) -> Module {
    let (c, group, lanes) = (shape.context_bits(), shape.group, shape.sboxes);
    let bits = 31 * group;
    let module = Module::new(
        format!("poseidon2_engine_{}_t{tag}", shape.name()),
        &format!("Poseidon2 of width {} on {} multipliers.", shape.width, shape.multipliers()),
    )
    .doc(&format!(
        "{} contexts in flight; at best {} / {lanes} clocks a permutation. Results leave in order.",
        shape.contexts,
        shape.parameters().sboxes()
    ))
    .clk_rst()
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", bits, "G words of a state, word 0 low")
    .input("s_tag", tag, "of the state; taken with its first beat")
    .output("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output("m_data", bits, "G words of the permuted state")
    .output("m_tag", tag, "")
    .output_reg("work", index_bits(lanes + 1), "S-boxes started");
    let module = entrance(shape, tag, module);
    let module = front(shape, module);
    let module = back(shape, module);
    exit(shape, tag, module, c)
}

/// Takes states in: a context each, the first linear layer, the memory `entering`.
fn entrance(shape: &Shape, tag: usize, module: Module) -> Module {
    let (c, groups) = (shape.context_bits(), shape.groups());
    let (bits, chunk) = (31 * shape.group, index_bits(groups));
    module
        .reg("head", c)
        .reg("occupied", c + 1)
        .reg("s_place", chunk)
        .wire("s_taken", 1)
        .wire("entered", 1)
        .wire("freed", 1)
        .wire("z_valid", 1)
        .wire("z_first", 1)
        .wire("z_index", chunk)
        .wire("z_data", bits)
        .wire("z_context", c)
        .wire("entering_data", bits)
        .instance("first_layer", linear(shape, c), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("s_valid", "s_taken"),
            ("s_data", "s_data"),
            ("s_tag", "head"),
            ("m_valid", "z_valid"),
            ("m_last", ""),
            ("m_index", "z_index"),
            ("m_data", "z_data"),
            ("m_tag", "z_context"),
        ])
        .instance("entering", ram(bits, shape.contexts << chunk), state_memory("z_valid", "{z_context, z_index}", "z_data", "{b_context, chunk}", "entering_data"))
        .body(format!(
            "
            (* ram_style = \"distributed\", no_rw_check *)
            reg [{tag_top}:0] tags [0:{contexts_top}];

            // A context is occupied from its last beat in to its last beat out.
            assign s_ready = !occupied[{c}];
            assign s_taken = s_valid && s_ready;
            assign z_first = z_valid && z_index == {chunk}'d0;
            assign entered = s_taken && s_place == {chunk}'d{last};

            always @(posedge clk) begin
                if (s_taken) s_place <= entered ? {chunk}'d0 : s_place + 1'b1;
                if (s_taken && s_place == {chunk}'d0) tags[head] <= s_tag;
                if (entered) head <= head + 1'b1;
                if (entered != freed) occupied <= entered ? occupied + 1'b1 : occupied - 1'b1;
                if (rst) begin
                    s_place  <= {chunk}'d0;
                    head     <= {c}'d0;
                    occupied <= {occupied}'d0;
                end
            end
            ",
            tag_top = tag - 1,
            contexts_top = shape.contexts - 1,
            last = groups - 1,
            occupied = c + 1,
        ))
}

fn state_memory(write: &str, to: &str, data: &str, from: &str, out: &str) -> [(&'static str, String); 7] {
    [
        ("clk", "clk".into()),
        ("write", write.into()),
        ("write_address", to.into()),
        ("write_data", data.into()),
        ("read", "1'b1".into()),
        ("read_address", from.into()),
        ("read_data", out.into()),
    ]
}

/// From the choice to the S-box inputs: memories, round constants, the adder.
fn front(shape: &Shape, module: Module) -> Module {
    let (c, lane, lanes, group) = (shape.context_bits(), lane_bits(shape), shape.sboxes, shape.group);
    let (bits, x_bits, chunk, row) = (31 * group, 31 * lanes, index_bits(shape.groups()), index_bits(shape.sweeps()));
    let (place, bank, banks) = (index_bits(shape.beats()), index_bits(shape.banks()), shape.banks());
    let count = index_bits(lanes + 1);
    let parts = group / lanes;
    let mut module = module
        .wire("q_valid", 1)
        .wire("q_lane", lane)
        .wire("c_valid", 1)
        .wire("l_context", c)
        .wire("l_round", 3)
        .wire("e_valid", 1)
        .wire("p_ends", 1)
        .wire("y_context", c)
        .wire("b_context", c)
        .wire("round", 3)
        .wire("place", place)
        .wire("chunk", chunk)
        .wire("row", row)
        .wire("granted", 1)
        .wire("is_pack", 1)
        .wire("count", count)
        .wire("lanes", lanes * lane)
        .instance("schedule", schedule(shape), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("q_valid", "q_valid"),
            ("q_lane", "q_lane"),
            ("p_ends", "p_ends"),
            ("z_valid", "z_first"),
            ("z_context", "z_context"),
            ("c_valid", "c_valid"),
            ("c_context", "l_context"),
            ("c_round", "l_round + 3'd1"),
            ("e_valid", "e_valid"),
            ("e_context", "y_context"),
            ("b_context", "b_context"),
            ("round", "round"),
            ("place", "place"),
            ("chunk", "chunk"),
            ("row", "row"),
            ("bank", if banks == 1 { "" } else { "bank" }),
            ("granted", "granted"),
            ("is_pack", "is_pack"),
            ("count", "count"),
            ("lanes", "lanes"),
        ])
        .wire("l_valid", 1)
        .wire("l_last", 1)
        .wire("l_first", 1)
        .wire("l_index", chunk)
        .wire("l_data", bits)
        .wire("between_data", bits)
        .instance("between", ram(bits, shape.contexts << chunk), state_memory("l_valid", "{l_context, l_index}", "l_data", "{b_context, chunk}", "between_data"))
        .wire("y_valid", 1)
        .wire("y_beat", row)
        .wire("y_data", banks * bits)
        .wire("left_all", banks * bits);
    for k in 0..banks {
        let slice = format!("[{}:{}]", (k + 1) * bits - 1, k * bits);
        module = module.instance(format!("left_{k}"), ram(bits, shape.contexts << row), state_memory("y_valid", "{y_context, y_beat}", &format!("y_data{slice}"), "{b_context, row}", &format!("left_all{slice}")));
    }
    // Clock 0 is the choice. 1: flags. 2: memory data, constants. 3: the source. (4: its part, when E < G.) Then sum, then reduced.
    let words: String = (0..lanes)
        .map(|k| format!("assign request_1[{}:{}] = lanes[{}:{}];\n", 31 * k + 30, 31 * k, lane * k + 30, lane * k))
        .collect();
    let (left, banked) = match banks {
        1 => ("left_all".to_string(), ""),
        _ => {
            module = module.wire("bank", bank).reg("bank_1", bank).reg("bank_2", bank);
            let pick = |k: usize| format!("left_all[{}:{}]", (k + 1) * bits - 1, k * bits);
            let choice = (0..banks - 1).rev().fold(pick(banks - 1), |e, k| format!("bank_2 == {bank}'d{k} ? {} : {e}", pick(k)));
            (choice, "    bank_1     <= bank;\n    bank_2     <= bank_1;\n")
        }
    };
    let (part, base, constant) = match parts {
        1 => (String::new(), "source_3", "constant_3"),
        _ => {
            let pb = index_bits(parts);
            module = module.reg("part_1", pb).reg("part_2", pb).reg("part_3", pb).reg("base_4", x_bits).reg("constant_4", x_bits);
            let pick = |k: usize| format!("source_3[{}:{}]", (k + 1) * x_bits - 1, k * x_bits);
            let choose =
                (0..parts - 1).rev().fold(pick(parts - 1), |e, k| format!("part_3 == {pb}'d{k} ? {} :\n        {e}", pick(k)));
            (
                format!("    part_1 <= place[{}:0];\n    part_2 <= part_1;\n    part_3 <= is_pack_2 ? {pb}'d0 : part_2;\n    base_4 <= {choose};\n    constant_4 <= constant_3;\n", pb - 1),
                "base_4",
                "constant_4",
            )
        }
    };
    let (mut sums, mut reduced) = (String::new(), String::new());
    for k in 0..lanes {
        let slice = format!("[{}:{}]", 31 * k + 30, 31 * k);
        module = module.reg(format!("sum_{k}"), 32).wire(format!("less_{k}"), 32);
        sums += &format!("    sum_{k} <= {{1'b0, {base}{slice}}} + {{1'b0, {constant}{slice}}};\n");
        sums += &format!("    x{slice} <= less_{k}[31] ? sum_{k}[30:0] : less_{k}[30:0];\n");
        reduced += &format!("assign less_{k} = sum_{k} - 32'd{P};\n");
    }
    let pad = if group > lanes { format!("{{{}'d0, request_2}}", bits - x_bits) } else { "request_2".into() };
    let constants = constants(shape);
    module
        .wire("request_1", x_bits)
        .reg("request_2", x_bits)
        .reg("is_pack_2", 1)
        .reg("round_1", 3)
        .reg("round_2", 3)
        .reg("constant_1", x_bits)
        .reg("constant_2", x_bits)
        .reg("constant_3", x_bits)
        .reg("source_3", bits)
        .reg("x", x_bits)
        .body(constants)
        .body(format!("// Names end in the clock, counted from the choice, in which they hold.\n{words}{reduced}"))
        .body(format!(
            "always @(posedge clk) begin
    constant_1 <= constants[{{round, place}}];
    round_1    <= round;

    constant_2 <= constant_1;
    request_2  <= request_1;
    is_pack_2   <= is_pack;
    round_2    <= round_1;

{banked}    constant_3 <= is_pack_2 ? {x_bits}'d0 : constant_2; // a request has its constant already
    source_3   <= is_pack_2 ? {pad} :
        round_2 == 3'd0 ? entering_data :
        round_2 == 3'd{HALF_EXTERNAL} ? ({left}) : between_data;
{part}{sums}
    work <= granted && !rst ? count : {count}'d0;
end"
        ))
}

/// The table of external round constants, E words a row.
fn constants(shape: &Shape) -> String {
    let place = index_bits(shape.beats());
    let rounds = shape.parameters().external;
    let mut text = format!("reg [{}:0] constants [0:{}];\n\ninitial begin\n", 31 * shape.sboxes - 1, (rounds.len() << place) - 1);
    for (round, words) in rounds.iter().enumerate() {
        for beat in 0..1 << place {
            // Rows past the last beat of a round (W = 24) are never read.
            let row = words.chunks(shape.sboxes).nth(beat);
            let words: Vec<String> = row.unwrap_or(&words[..shape.sboxes]).iter().rev().map(|w| format!("31'h{w:08x}")).collect();
            text += &format!("    constants[{}] = {{{}}};\n", (round << place) + beat, words.join(", "));
        }
    }
    text + "end"
}

/// From the S-boxes on: the linear layer, the internal unit.
fn back(shape: &Shape, module: Module) -> Module {
    let (c, lane, lanes, group) = (shape.context_bits(), lane_bits(shape), shape.sboxes, shape.group);
    let (x_bits, count) = (31 * lanes, index_bits(lanes + 1));
    let parts = group / lanes;
    // Clocks from the flags (clock 1) to the S-box results.
    let flight = (if parts > 1 { 5 } else { 4 }) + SBOX_LATENCY;
    let tag = lane - 31;
    let flags = 1 + count + lanes * tag;
    let tags = |vector: &str| -> String {
        (0..lanes).rev().map(|k| format!("{vector}[{}:{}]", k * lane + lane - 1, k * lane + 31)).collect::<Vec<_>>().join(", ")
    };
    let returned: Vec<String> = (0..lanes)
        .rev()
        .map(|k| format!("late_tags[{}:{}], y[{}:{}]", (k + 1) * tag - 1, k * tag, 31 * k + 30, 31 * k))
        .collect();
    let mut module = module
        .wire("y", x_bits)
        .wire("late_is_pack", 1)
        .wire("late_count", count)
        .wire("late_tags", lanes * tag)
        .reg("flying", flight)
        .wire("landed", 1)
        .wire("a_valid", 1)
        .wire("a_data", 31 * group)
        .instance("sboxes", sbox(shape), [("clk", "clk"), ("x", "x"), ("y", "y")])
        .instance("flags", delay(flags, flight), [
            ("clk", "clk".to_string()),
            ("s_data", format!("{{is_pack, count, {}}}", tags("lanes"))),
            ("m_data", "{late_is_pack, late_count, late_tags}".into()),
        ])
        .instance("layer", linear(shape, c + 3), [
            ("clk", "clk".to_string()),
            ("rst", "rst".into()),
            ("s_valid", "a_valid".into()),
            ("s_data", "a_data".into()),
            ("s_tag", if parts == 1 { format!("{{late_tags[{}:{c}], late_tags[{}:0]}}", c + 2, c - 1) } else { "a_tag".into() }),
            ("m_valid", "l_valid".into()),
            ("m_last", "l_last".into()),
            ("m_index", "l_index".into()),
            ("m_data", "l_data".into()),
            ("m_tag", "{l_round, l_context}".into()),
        ])
        .instance("internal", internal(shape), [
            ("clk", "clk".to_string()),
            ("rst", "rst".into()),
            ("n_valid", format!("l_valid && l_round == 3'd{}", HALF_EXTERNAL - 1)),
            ("n_last", "l_last".into()),
            ("n_context", "l_context".into()),
            ("n_data", "l_data".into()),
            ("r_valid", "landed && late_is_pack".into()),
            ("r_count", "late_count".into()),
            ("r_lanes", format!("{{{}}}", returned.join(", "))),
            ("p_ends", "p_ends".into()),
            ("q_valid", "q_valid".into()),
            ("q_lane", "q_lane".into()),
            ("y_valid", "y_valid".into()),
            ("y_context", "y_context".into()),
            ("y_beat", "y_beat".into()),
            ("y_data", "y_data".into()),
        ]);
    let gather = match parts {
        1 => "assign a_valid = landed && !late_is_pack;\nassign a_data  = y;".to_string(),
        _ => {
            let (pb, rest) = (index_bits(parts), 31 * group - x_bits);
            module = module.reg("gathered", 31 * group).reg("gather", pb).reg("gather_full", 1).reg("a_tag", c + 3);
            format!(
                "assign a_valid = gather_full;
assign a_data  = gathered;

// E words a beat become G.
always @(posedge clk) begin
    gather_full <= 1'b0;
    if (landed && !late_is_pack) begin
        gathered    <= {{y, gathered[{top}:{x_bits}]}};
        gather      <= gather + 1'b1;
        gather_full <= gather == {pb}'d{last};
        a_tag       <= late_tags[{tag_top}:0];
    end
    if (rst) begin
        gather      <= {pb}'d0;
        gather_full <= 1'b0;
    end
end",
                top = rest + x_bits - 1,
                last = parts - 1,
                tag_top = c + 2,
            )
        }
    };
    module.body(gather).body(format!(
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
        chunk = index_bits(shape.groups()),
        row = index_bits(shape.sweeps()),
        before = HALF_EXTERNAL - 1,
        end = 2 * HALF_EXTERNAL - 1,
    ))
}

/// Sends results out in the order of their contexts.
fn exit(shape: &Shape, tag: usize, module: Module, c: usize) -> Module {
    let (bits, chunk, groups) = (31 * shape.group, index_bits(shape.groups()), shape.groups());
    let contexts = shape.contexts;
    module
        .reg("done", contexts)
        .reg("tail", c)
        .reg("leaving", 1)
        .reg("m_place", chunk)
        .reg("credit", index_bits(OUTPUT_DEPTH + 1))
        .wire("send", 1)
        .reg("sent_1", 1)
        .reg("sent_2", 1)
        .reg("tag_1", tag)
        .reg("tag_2", tag)
        .wire("ended_data", bits)
        .wire("finished", 1)
        .wire("m_taken", 1)
        .instance("ended", ram(bits, contexts << chunk), state_memory("l_valid", "{l_context, l_index}", "l_data", "{tail, m_place}", "ended_data"))
        .instance("results", fifo(tag + bits, OUTPUT_DEPTH), [
            ("clk", "clk"),
            ("rst", "rst"),
            ("s_valid", "sent_2"),
            ("s_ready", ""),
            ("s_data", "{tag_2, ended_data}"),
            ("m_valid", "m_valid"),
            ("m_ready", "m_ready"),
            ("m_data", "{m_tag, m_data}"),
        ])
        .body(format!(
            "
            // A beat is read only if it has a place in the queue.
            assign finished = l_first && l_round == 3'd{end};
            assign send     = leaving && credit != 0;
            assign freed    = send && m_place == {chunk}'d{last};
            assign m_taken  = m_valid && m_ready;

            always @(posedge clk) begin
                if (finished) done[l_context] <= 1'b1;
                leaving <= leaving ? !freed : done[tail];
                if (send) m_place <= freed ? {chunk}'d0 : m_place + 1'b1;
                if (freed) begin
                    tail       <= tail + 1'b1;
                    done[tail] <= 1'b0;
                end
                if (send != m_taken) credit <= send ? credit - 1'b1 : credit + 1'b1;
                sent_1 <= send;
                sent_2 <= sent_1;
                tag_1  <= tags[tail];
                tag_2  <= tag_1;
                if (rst) begin
                    done    <= {contexts}'d0;
                    tail    <= {c}'d0;
                    leaving <= 1'b0;
                    m_place <= {chunk}'d0;
                    credit  <= {cb}'d{OUTPUT_DEPTH};
                    sent_1  <= 1'b0;
                    sent_2  <= 1'b0;
                end
            end
            ",
            end = 2 * HALF_EXTERNAL - 1,
            last = groups - 1,
            cb = index_bits(OUTPUT_DEPTH + 1),
        ))
}
