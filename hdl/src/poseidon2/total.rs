//! The sum of a state's words but the first: what an internal round needs to know of the fourteen or so words it does not touch.

use crate::field::{REDUCE_WIDTH, field_reduce};
use crate::netlist::{Module, nested};

/// `poseidon2_total_n{words}_t{tag}`: sums the words of the beats from `s_first` to `s_last` (both may be one beat), without word 0 of the
/// first beat, modulo p. At most 68 words. `m_tag` is the tag of the last beat.
pub(super) fn total(words: usize, tag: usize) -> Module {
    let mut module =
        Module::new(format!("poseidon2_total_n{words}_t{tag}"), "the sum of a state's words but the first.")
            .doc("A tree of adders, an accumulator and a reduction.")
            .clk_rst()
            .input("s_valid", 1, "")
            .input("s_first", 1, "first beat of a state: its word 0 is left out")
            .input("s_last", 1, "last beat of a state")
            .input("s_data", 31 * words, "")
            .input("s_tag", tag, "")
            .output("m_valid", 1, "")
            .output("m_data", 31, "")
            .output("m_tag", tag, "");
    // Level k of the tree holds sums of 2^k words.
    let mut names: Vec<String> = (0..words).map(|i| format!("s_data[{}:{}]", 31 * i + 30, 31 * i)).collect();
    names[0] = "(s_first ? 31'd0 : s_data[30:0])".into();
    let (mut level, mut width) = (0, 31);
    let mut text = String::new();
    while names.len() > 1 {
        level += 1;
        let mut next = vec![];
        for (i, pair) in names.chunks(2).enumerate() {
            let name = format!("sum{level}_{i}");
            module = module.reg(&name, width + 1);
            text += &match pair {
                [a, b] => format!("{name} <= {{1'b0, {a}}} + {{1'b0, {b}}};\n"),
                _ => format!("{name} <= {{1'b0, {}}};\n", pair[0]),
            };
            next.push(name);
        }
        (names, width) = (next, width + 1);
    }
    // The flags travel beside the tree, the accumulator and the reducer: level + 1 + 4 stages.
    let stages = level + 5;
    let pad = REDUCE_WIDTH - width;
    module
        .timing(&format!("{stages} clocks from the last beat"), "one beat a clock")
        .reg("valid", stages)
        .reg("first", level)
        .reg("last", stages)
        .reg("tags", stages * tag)
        .reg("sum", REDUCE_WIDTH)
        .instance("reduce", field_reduce(), [("clk", "clk"), ("v", "sum"), ("y", "m_data")])
        .body(format!(
            "
            assign m_valid = valid[{top}] && last[{top}];
            assign m_tag   = tags[{tags_top}:{tags_low}];

            always @(posedge clk) begin
                {text}
                if (valid[{leaf}]) sum <= (first[{leaf}] ? {REDUCE_WIDTH}'d0 : sum) + {{{pad}'d0, {root}}};
                valid <= {{valid[{below}:0], s_valid}};
                first <= {first};
                last  <= {{last[{below}:0], s_last}};
                tags  <= {{tags[{tags_below}:0], s_tag}};
                if (rst) valid <= {stages}'d0;
            end
            ",
            top = stages - 1,
            below = stages - 2,
            leaf = level - 1,
            tags_top = stages * tag - 1,
            tags_low = (stages - 1) * tag,
            tags_below = (stages - 1) * tag - 1,
            root = names[0],
            text = nested(&text, 16),
            first = if level == 1 { "s_first".into() } else { format!("{{first[{}:0], s_first}}", level - 2) },
        ))
}
