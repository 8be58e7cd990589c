//! The external linear layer M_E as a stream: four or eight words a beat.
//!
//! M4 = circ(2, 3, 1, 1) on each four words of a beat as they come; the column sums over the beats of a state; then, once a state is
//! complete, every word plus its column's sum, reduced. Sums are lazy (below 49 p) and reduced once. The words wait in a small
//! memory of two states, so that a state streams out while the next streams in.

use super::Fold;
use crate::field::{REDUCE_LATENCY, REDUCE_WIDTH, field_reduce};
use crate::netlist::Module;
use crate::stream::index_bits;

/// Bits of a word of M4's result: below 7 p.
const WORD: usize = 34;

/// `poseidon2_linear_{shape}_t{tag}`: states stream in and out in beats of G words, in order. Beats of one state may be spread over time;
/// a state leaves in successive clocks after its last beat. `m_tag` is the tag of the state's last beat.
pub(super) fn linear(fold: &Fold, tag: usize) -> Module {
    let (lanes, beats) = (fold.group, fold.groups());
    let fours = lanes / 4;
    let index = index_bits(beats);
    let mut module = Module::new(
        format!("poseidon2_linear_g{lanes}_w{}_t{tag}", fold.width),
        "the external matrix of Poseidon2 on a stream of states.",
    )
    .timing(&format!("{} clocks from a state's last beat to its first result", latency(fold)), "one beat a clock")
    .doc(&format!(
        "{lanes} words a beat, {beats} beats a state; states do not overlap. From the last beat of a state to its first result: {} clocks.",
        latency(fold)
    ))
    .clk_rst()
    .input("s_valid", 1, "")
    .input("s_data", 31 * lanes, "")
    .input("s_tag", tag, "of the state; taken with its last beat")
    .output("m_valid", 1, "")
    .output("m_last", 1, "last beat of the state")
    .output("m_index", index, "beat of the state")
    .output("m_data", 31 * lanes, "")
    .output("m_tag", tag, "");

    // Stages 1 to 3: M4. Stage 4, with two fours a beat only: the sum of the two.
    let mut stages = [String::new(), String::new(), String::new(), String::new()];
    for four in 0..fours {
        for half in ["left", "right"] {
            module = module.reg(format!("{half}_{four}"), 32);
        }
        module = module.reg(format!("sum_{four}"), 33);
        let word = |i: usize| format!("s_data[{}:{}]", 31 * (4 * four + i) + 30, 31 * (4 * four + i));
        stages[0] += &format!("left_{four} <= {{1'b0, {}}} + {{1'b0, {}}};\n", word(0), word(1));
        stages[0] += &format!("right_{four} <= {{1'b0, {}}} + {{1'b0, {}}};\n", word(2), word(3));
        stages[1] += &format!("sum_{four} <= {{1'b0, left_{four}}} + {{1'b0, right_{four}}};\n");
        for i in 0..4 {
            let (early, late, y) = (format!("early_{four}_{i}"), format!("late_{four}_{i}"), 4 * four + i);
            module = module.reg(&early, 33).reg(&late, 33);
            stages[0] += &format!("{early} <= {{2'd0, {}}} + {{1'b0, {}, 1'b0}};\n", word(i), word((i + 1) % 4));
            stages[1] += &format!("{late} <= {early};\n");
            stages[2] +=
                &format!("product[{}:{}] <= {{1'b0, sum_{four}}} + {{1'b0, {late}}};\n", WORD * y + WORD - 1, WORD * y);
        }
    }
    let bits = WORD * lanes;
    module = module.reg("product", bits);
    let (words, depth) = if fours == 2 {
        module = module.reg("held", bits);
        stages[3] += "held <= product;\n";
        for i in 0..4 {
            module = module.reg(format!("pair_{i}"), WORD + 1);
            let term = |k: usize| format!("{{1'b0, product[{}:{}]}}", WORD * k + WORD - 1, WORD * k);
            stages[3] += &format!("pair_{i} <= {} + {};\n", term(i), term(i + 4));
        }
        ("held", 4)
    } else {
        ("product", 3)
    };
    let term = |i: usize| match fours {
        2 => format!("{{2'd0, pair_{i}}}"),
        _ => format!("{{3'd0, product[{}:{}]}}", WORD * i + WORD - 1, WORD * i),
    };
    let mut text = String::from("always @(posedge clk) begin\n");
    for (k, stage) in stages.iter().enumerate().filter(|(_, s)| !s.is_empty()) {
        // What comes in is registered whatever it is: `s_valid` has a long way behind it already.
        let indent = if k == 0 { "    " } else { "        " };
        if k > 0 {
            text += &format!("    if (valid[{}]) begin\n", k - 1);
        }
        text.extend(stage.lines().map(|l| format!("{indent}{l}\n")));
        if k > 0 {
            text += "    end\n";
        }
    }
    text += &format!("    if (valid[{}]) begin\n", depth - 1);
    for i in 0..4 {
        module = module.reg(format!("column_{i}"), REDUCE_WIDTH).reg(format!("total_{i}"), REDUCE_WIDTH);
        text += &format!("        column_{i} <= (place == 0 ? {REDUCE_WIDTH}'d0 : column_{i}) + {};\n", term(i));
    }
    text += "    end\n    if (complete) begin\n";
    text.extend((0..4).map(|i| format!("        total_{i} <= column_{i};\n")));
    text += "    end\n    if (adding) begin\n";
    for y in 0..lanes {
        module = module.reg(format!("lazy_{y}"), REDUCE_WIDTH).instance(
            format!("reduce_{y}"),
            field_reduce(),
            [
                ("clk", "clk".to_string()),
                ("v", format!("lazy_{y}")),
                ("y", format!("m_data[{}:{}]", 31 * y + 30, 31 * y)),
            ],
        );
        text += &format!(
            "        lazy_{y} <= {{3'd0, fetched[{}:{}]}} + total_{};\n",
            WORD * y + WORD - 1,
            WORD * y,
            y % 4
        );
    }
    text += "    end\nend";

    // Control: `place` counts the beats in, `leaving` the beats out; `half` and `leaving_half` are the halves of the memory.
    let tail = REDUCE_LATENCY + 1;
    module
        .reg("valid", depth)
        .reg("tags", depth * tag)
        .reg("place", index)
        .reg("half", 1)
        .reg("complete", 1)
        .reg("tag", tag)
        .reg("running", 1)
        .reg("leaving", index)
        .reg("leaving_half", 1)
        .reg("fetched", bits)
        .reg("adding", 1)
        .wire("fetch", 1)
        .wire("fetch_half", 1)
        .wire("fetch_place", index)
        .reg("out_valid", tail + 1)
        .reg("out_place", (tail + 1) * index)
        .reg("out_tag", tag)
        .reg("out_tags", tail * tag)
        .body(format!(
            "
            (* ram_style = \"distributed\", no_rw_check *)
            reg [{bits_top}:0] waiting [0:{depth_top}];

            assign fetch       = complete || running;
            assign fetch_half  = complete ? ~half : leaving_half;
            assign fetch_place = complete ? {index}'d0 : leaving;
            assign m_valid     = out_valid[{tail}];
            assign m_index     = out_place[{place_top}:{place_low}];
            assign m_last      = m_index == {index}'d{last};
            assign m_tag       = out_tags[{tags_out_top}:{tags_out_low}];

            always @(posedge clk) begin
                valid    <= {{valid[{valid_below}:0], s_valid}};
                tags     <= {{tags[{tags_below}:0], s_tag}};
                complete <= 1'b0;
                if (valid[{valid_top}]) begin
                    waiting[{{half, place}}] <= {words};
                    place <= place + 1'b1;
                    if (place == {index}'d{last}) begin
                        place    <= {index}'d0;
                        half     <= ~half;
                        complete <= 1'b1;
                        tag      <= tags[{tags_top}:{tags_low}];
                    end
                end

                // A complete state leaves in successive clocks.
                if (fetch) begin
                    fetched <= waiting[{{fetch_half, fetch_place}}];
                    running <= fetch_place != {index}'d{last};
                    leaving <= fetch_place + 1'b1;
                end
                if (complete) begin
                    leaving_half <= ~half;
                    out_tag      <= tag;
                end
                adding    <= fetch;
                out_valid <= {{out_valid[{tail_below}:0], fetch}};
                out_place <= {{out_place[{out_place_below}:0], fetch_place}};
                out_tags  <= {{out_tags[{out_tags_below}:0], out_tag}};
                if (rst) begin
                    valid     <= {depth}'d0;
                    complete  <= 1'b0;
                    running   <= 1'b0;
                    place     <= {index}'d0;
                    half      <= 1'b0;
                    out_valid <= {tail_bits}'d0;
                end
            end
            ",
            bits_top = bits - 1,
            depth_top = (2 << index) - 1,
            last = beats - 1,
            place_top = (tail + 1) * index - 1,
            place_low = tail * index,
            tags_out_top = tail * tag - 1,
            tags_out_low = (tail - 1) * tag,
            valid_below = depth - 2,
            valid_top = depth - 1,
            tags_below = (depth - 1) * tag - 1,
            tags_top = depth * tag - 1,
            tags_low = (depth - 1) * tag,
            tail_below = tail - 1,
            out_place_below = tail * index - 1,
            out_tags_below = (tail - 1) * tag - 1,
            tail_bits = tail + 1,
        ))
        .body(text)
}

/// Clocks from the edge that takes a state's last beat to the clock in which its first result beat stands.
pub(super) fn latency(fold: &Fold) -> usize {
    let front = if fold.group == 8 { 4 } else { 3 };
    // Column sums, fetch with the totals, the last addition, the reduction.
    front + 1 + 1 + 1 + REDUCE_LATENCY
}
