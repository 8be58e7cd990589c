//! Several folded engines that take permutations in turn: each keeps order, so the whole does.
//!
//! Turns are fixed, so nothing has to be matched up again. That costs nothing in the long run: every permutation is the same work, and each
//! engine holds many of them, so an engine that lags a little only makes the others wait with their results, not with their work.

use super::Shape;
use super::engine::engine;
use crate::netlist::Module;
use crate::stream::index_bits;

/// Adds `engines` engines of an equal share of the multipliers to a module with the ports of one.
pub(super) fn several(shape: &Shape, engines: usize, tag: usize, module: Module) -> Module {
    let Ok(each) = Shape::new(shape.width, shape.multipliers() / engines) else { return module };
    let (turn, place, bits) = (index_bits(engines), index_bits(shape.groups()), 31 * shape.group);
    let (work, one_work) = (index_bits(shape.work_max() + 1), index_bits(each.work_max() + 1));
    let mut module = module
        .doc(&format!("{engines} engines of {} multipliers take permutations in turn.", each.multipliers()))
        .reg("into", turn)
        .reg("s_place", place)
        .reg("from", turn)
        .reg("m_place", place)
        .wire("s_readies", engines)
        .wire("m_valids", engines)
        .wire("m_datas", engines * bits)
        .wire("m_tags", engines * tag);
    let share: std::sync::Arc<Module> = engine(&each, tag).into();
    let slice = |of: &str, width: usize, k: usize| match width {
        1 => format!("{of}[{k}]"),
        _ => format!("{of}[{}:{}]", (k + 1) * width - 1, k * width),
    };
    for k in 0..engines {
        module = module.link(
            format!("engine_{k}"),
            share.clone(),
            "clk rst s_data s_tag",
            [
                ("s_valid", format!("s_valid && into == {turn}'d{k}")),
                ("s_ready", slice("s_readies", 1, k)),
                ("m_valid", slice("m_valids", 1, k)),
                ("m_ready", format!("m_ready && from == {turn}'d{k}")),
                ("m_data", slice("m_datas", bits, k)),
                ("m_tag", slice("m_tags", tag, k)),
                ("work", format!("work_{k}")),
            ],
        );
    }
    let choose = |of: &str, width: usize| {
        (0..engines - 1).rev().fold(slice(of, width, engines - 1), |rest, k| {
            format!("from == {turn}'d{k} ? {} : {rest}", slice(of, width, k))
        })
    };
    let sum: Vec<String> = (0..engines).map(|k| format!("{{{}'d0, work_{k}}}", work - one_work)).collect();
    module.body(format!(
        "
        assign s_ready = s_readies[into];
        assign m_valid = m_valids[from];
        assign m_data  = {data};
        assign m_tag   = {tags};

        always @(posedge clk) begin
            work <= {sum};
            if (s_valid && s_ready) begin
                s_place <= s_place == {place}'d{last} ? {place}'d0 : s_place + 1'b1;
                if (s_place == {place}'d{last}) into <= into == {turn}'d{top} ? {turn}'d0 : into + 1'b1;
            end
            if (m_valid && m_ready) begin
                m_place <= m_place == {place}'d{last} ? {place}'d0 : m_place + 1'b1;
                if (m_place == {place}'d{last}) from <= from == {turn}'d{top} ? {turn}'d0 : from + 1'b1;
            end
            if (rst) begin
                into    <= {turn}'d0;
                s_place <= {place}'d0;
                from    <= {turn}'d0;
                m_place <= {place}'d0;
            end
        end
        ",
        data = choose("m_datas", bits),
        tags = choose("m_tags", tag),
        sum = sum.join(" + "),
        last = shape.groups() - 1,
        top = engines - 1,
    ))
}
