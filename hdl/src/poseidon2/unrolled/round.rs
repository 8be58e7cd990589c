//! The rounds of the pipeline: an external one, and an internal one.

use super::layer::{LAYER_LATENCY, layer};
use super::power::{latency, power};
use crate::field::{ADD_LATENCY, P, REDUCE_LATENCY, REDUCE_WIDTH, field_add, field_reduce, field_sub};
use crate::netlist::{Module, nested};
use crate::poseidon2::internal::terms;
use crate::poseidon2::{Diagonal, Parameters};
use crate::stream::delay;

/// Clocks of an external round.
pub(super) fn outer_latency(interval: usize) -> usize {
    latency(interval) + LAYER_LATENCY
}

/// Clocks of an internal round: its S-box and the difference that gives the next one's operand.
pub(super) fn inner_latency(interval: usize) -> usize {
    latency(interval) + ADD_LATENCY
}

/// Clocks by which the words that meet no S-box are behind word 0 all through the internal rounds.
pub(super) const BEHIND: usize = 1 + REDUCE_LATENCY - ADD_LATENCY;

/// The S-box's input `turn`, from that of the round: registered here, so that each round drives its own.
fn with_turn(module: Module, interval: usize) -> Module {
    if interval == 1 {
        return module;
    }
    let rotated = format!("{{turn[{}:0], turn[{}]}}", interval - 2, interval - 1);
    module
        .input("turn", interval, "one-hot, goes round; turn[0] with an operand")
        .reg("next_turn", interval)
        .body(format!("always @(posedge clk) next_turn <= {rotated};"))
}

/// An S-box from one signal to another.
fn with_power(module: Module, interval: usize, name: String, x: String, y: String) -> Module {
    let turn = (interval > 1).then(|| ("turn", "next_turn".to_string()));
    module.instance(name, power(interval), [("clk", "clk".to_string()), ("x", x), ("y", y)].into_iter().chain(turn))
}

fn slice(of: &str, k: usize) -> String {
    format!("{of}[{}:{}]", 31 * k + 30, 31 * k)
}

/// `poseidon2_outer_w{W}_i{I}`: an external round. The constants of this round are in the state already; those of the next are added.
pub(super) fn outer(width: usize, interval: usize) -> Module {
    let bits = 31 * width;
    let module = Module::new(format!("poseidon2_outer_w{width}_i{interval}"), "an external round of Poseidon2.")
        .timing(&format!("{} clocks", outer_latency(interval)), &format!("one state in {interval} clocks"))
        .doc("x^7 on every word, then the external matrix.")
        .clk()
        .input("s_data", bits, "a state, this round's constants added")
        .input("constants", bits, "of the next round")
        .output("m_data", bits, "")
        .wire("powers", bits);
    let sboxes = |m, k| with_power(m, interval, format!("power_{k}"), slice("s_data", k), slice("powers", k));
    (0..width).fold(with_turn(module, interval), sboxes).link(
        "layer",
        layer(width),
        "clk constants m_data",
        [("s_data", "powers")],
    )
}

/// `poseidon2_inner_w{W}_i{I}`: an internal round.
///
/// With s the S-box's result and T the sum of the other words, word i becomes d_i x_i + T + s; because d_0 = -2, word 0 becomes T - s. T and
/// d_i x_i are ready when s is, so only one subtraction stands between two S-boxes. The other words, which must be reduced, are [`BEHIND`]
/// clocks behind.
pub(super) fn inner(width: usize, interval: usize) -> Module {
    let (sbox, others) = (latency(interval), width - 1);
    let parameters = Parameters::of(width);
    assert_eq!(parameters.diagonal[0], Diagonal::MinusTimes(2), "the next word 0 is T - s");
    let bits = 31 * others;
    let levels = others.next_power_of_two().ilog2() as usize;
    // Clocks, counted from the S-box's operand: the words; their sum T; T where it is used.
    let sum = BEHIND + levels + REDUCE_LATENCY;
    let used = sbox - ADD_LATENCY;
    let module = Module::new(format!("poseidon2_inner_w{width}_i{interval}"), "an internal round of Poseidon2.")
        .timing(&format!("{} clocks", inner_latency(interval)), &format!("one state in {interval} clocks"))
        .doc(&format!(
            "In {} clocks; the words but the first are {BEHIND} clocks behind the first, going in and coming out.",
            inner_latency(interval)
        ))
        .clk()
        .input("s_first", 31, "word 0, this round's constant added")
        .input("s_others", bits, "the other words")
        .input("constants", 31 * width, "added to the result: of word 0 low; they do not change")
        .output("m_first", 31, "")
        .output("m_others", bits, "")
        .wire("power", 31);
    // The words wait for the S-box; four stages remain: terms, difference, plus T, plus s.
    let wait = sbox - BEHIND - 3;
    let module = with_turn(module, interval)
        .link("hold", delay(bits, wait), "clk", [("s_data", "s_others"), ("m_data", "held")])
        .link("reduce", field_reduce(), "clk", [("v", "lazy_total"), ("y", "total")])
        .link("hold_total", delay(31, used - sum), "clk", [("s_data", "total"), ("m_data", "late_total")])
        .link("add", field_add(), "clk", [("a", "late_total"), ("b", "constants[30:0]"), ("y", "raised")])
        .link("subtract", field_sub(), "clk", [("a", "raised"), ("b", "power"), ("y", "m_first")])
        .wire("lazy_total", REDUCE_WIDTH)
        .reg("lifted", 34);
    let module = with_power(module, interval, "power_0".into(), "s_first".into(), "power".into());
    let (module, tree) = total(module, others, levels);
    let (module, words) = words(module, &parameters);
    module.body(format!(
        "
        // The sum of the words, in a tree.
        always @(posedge clk) begin
            {tree}
        end

        // Names as in the sweep of a folded engine: terms, scaled, with T + 4 p (never negative), with s.
        always @(posedge clk) begin
            lifted <= {{3'd0, late_total}} + 34'd{four_p};
            {words}
        end
        ",
        tree = nested(&tree, 12),
        words = nested(&words, 12),
        four_p = 4 * u64::from(P),
    ))
}

/// A tree of adders over the words of `s_others`, to `lazy_total`.
fn total(mut module: Module, others: usize, levels: usize) -> (Module, String) {
    let mut names: Vec<String> = (0..others).map(|k| slice("s_others", k)).collect();
    let mut text = String::new();
    for level in 1..=levels {
        let width = 31 + level;
        let mut next = vec![];
        for (k, pair) in names.chunks(2).enumerate() {
            let name = format!("sum{level}_{k}");
            module = module.reg(&name, width);
            let terms: Vec<String> = pair.iter().map(|term| format!("{{1'b0, {term}}}")).collect();
            text += &format!("{name} <= {};\n", terms.join(" + "));
            next.push(name);
        }
        names = next;
    }
    let root = format!("assign lazy_total = {{{}'d0, {}}};", REDUCE_WIDTH - 31 - levels, names[0]);
    (module.body(root), text)
}

/// The stages of the words but the first.
fn words(mut module: Module, parameters: &Parameters) -> (Module, String) {
    let mut text = String::new();
    for (k, diagonal) in parameters.diagonal.iter().skip(1).enumerate() {
        for (name, width) in [("plus", 33), ("minus", 33), ("scaled", 35), ("partial", 35), ("lazy", REDUCE_WIDTH)] {
            module = module.reg(format!("{name}_{k}"), width);
        }
        let (plus, minus) = terms("held", *diagonal, 31 * k);
        text += &format!("plus_{k} <= {plus};\nminus_{k} <= {minus};\n");
        text += &format!("scaled_{k} <= {{2'd0, plus_{k}}} - {{2'd0, minus_{k}}};\n");
        text += &format!("partial_{k} <= scaled_{k} + {{1'b0, lifted}};\n");
        let constant = slice("constants", k + 1);
        text += &format!("lazy_{k} <= {{2'd0, partial_{k}}} + {{6'd0, power}} + {{6'd0, {constant}}};\n");
        let ports = [("v", format!("lazy_{k}")), ("y", slice("m_others", k))];
        module = module.link(format!("reduce_{k}"), field_reduce(), "clk", ports);
    }
    (module, text)
}
