//! The external linear layer on a whole state at once, with the constants of the next round added on the way.

use crate::field::{REDUCE_LATENCY, REDUCE_WIDTH, field_reduce};
use crate::netlist::{Module, nested};

/// Clocks from a state to its product by M_E: M4, the column sums, two additions and the reduction.
pub(super) const LAYER_LATENCY: usize = 6 + REDUCE_LATENCY;

/// Bits of a word of M4's result: below 7 p.
const WORD: usize = 34;

/// Bits of half a column's sum, of up to three words.
const HALF: usize = 36;

/// `poseidon2_layer_w{W}`: M_E x + constants. Latency [`LAYER_LATENCY`], one state a clock.
///
/// Sums are lazy, below 7 p + 42 p + p, and reduced once.
pub(super) fn layer(width: usize) -> Module {
    let mut module = Module::new(
        format!("poseidon2_layer_w{width}"),
        "the external matrix of Poseidon2 times a state, plus constants.",
    )
    .timing(&format!("{LAYER_LATENCY} clocks"), "one state a clock")
    .clk()
    .input("s_data", 31 * width, "")
    .input("constants", 31 * width, "of the next round; they do not change")
    .output("m_data", 31 * width, "");
    let word = |of: &str, i: usize| format!("{of}[{}:{}]", 31 * i + 30, 31 * i);
    let mut text = String::new();
    let mut add = |line: String| text += &(line + "\n");
    let fours = width / 4;
    for four in 0..fours {
        for (half, first) in [("left", 0), ("right", 2)] {
            module = module.reg(format!("{half}_{four}"), 32);
            let [a, b] = [0, 1].map(|k| word("s_data", 4 * four + first + k));
            add(format!("{half}_{four} <= {{1'b0, {a}}} + {{1'b0, {b}}};"));
        }
        module = module.reg(format!("sum_{four}"), 33);
        add(format!("sum_{four} <= {{1'b0, left_{four}}} + {{1'b0, right_{four}}};"));
        for i in 0..4 {
            let y = 4 * four + i;
            for (name, bits) in [("early", 33), ("late", 33), ("product", WORD), ("held", WORD), ("raised", WORD + 1)] {
                module = module.reg(format!("{name}_{y}"), bits);
            }
            let (a, b) = (word("s_data", y), word("s_data", 4 * four + (i + 1) % 4));
            add(format!("early_{y} <= {{2'd0, {a}}} + {{1'b0, {b}, 1'b0}};"));
            add(format!("late_{y} <= early_{y};"));
            add(format!("product_{y} <= {{1'b0, sum_{four}}} + {{1'b0, late_{y}}};"));
            add(format!("held_{y} <= product_{y};"));
            add(format!("raised_{y} <= {{1'b0, held_{y}}} + {{4'd0, {}}};", word("constants", y)));
        }
    }
    for i in 0..4 {
        for (half, from) in [("lower", 0), ("upper", fours / 2)] {
            module = module.reg(format!("{half}_{i}"), HALF);
            let terms: Vec<String> =
                (from..from + fours / 2).map(|four| format!("{{2'd0, product_{}}}", 4 * four + i)).collect();
            add(format!("{half}_{i} <= {};", terms.join(" + ")));
        }
        module = module.reg(format!("total_{i}"), REDUCE_WIDTH);
        add(format!("total_{i} <= {{1'b0, lower_{i}}} + {{1'b0, upper_{i}}};"));
    }
    for y in 0..width {
        module = module.reg(format!("lazy_{y}"), REDUCE_WIDTH);
        add(format!("lazy_{y} <= {{2'd0, raised_{y}}} + total_{};", y % 4));
        let ports = [("clk", "clk".to_string()), ("v", format!("lazy_{y}")), ("y", word("m_data", y))];
        module = module.instance(format!("reduce_{y}"), field_reduce(), ports);
    }
    module.body(format!("always @(posedge clk) begin\n    {}\nend", nested(&text, 4)))
}
