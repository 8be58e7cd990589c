//! Which node is next: the lowest level with a pair of children in the state memory.
//!
//! Each level of children has two counters: pairs that are complete and not begun, and nodes begun. The lowest level with a pair is
//! chosen, which is also the longest way to the root; one node a clock, two stages: the choice, then its level and index.

use super::{INDEX, LEVEL};
use crate::netlist::{Module, nested};

/// Adds the planner to a hasher of 2^log rows. In: `made`, `made_level`, `made_odd` (a digest of a leaf or a node is being written, and its
/// index is odd), `node_taken`. Out: `node_valid`, `node_level`, `node_index`.
pub(super) fn planner(mut module: Module, log: usize) -> Module {
    let (mut count, mut begin, mut clear) = (String::new(), String::new(), String::new());
    let (mut more, mut index, mut level) = (vec![], vec![], vec![vec![]; LEVEL]);
    for k in 0..log {
        let (pairs_bits, begun_bits) = (log - k, (log - 1 - k).max(1));
        module = module.reg(format!("pairs_{k}"), pairs_bits).reg(format!("begun_{k}"), begun_bits);
        more.push(match pairs_bits {
            1 => format!("pairs_{k} && !pick[{k}]"),
            _ => format!("pairs_{k}[{}:1] != 0 || (pairs_{k}[0] && !pick[{k}])", pairs_bits - 1),
        });
        count += &format!(
            "if (complete[{k}] != pick[{k}]) pairs_{k} <= complete[{k}] ? pairs_{k} + 1'b1 : pairs_{k} - 1'b1;\n"
        );
        begin += &format!("if (chosen[{k}]) begun_{k} <= begun_{k} + 1'b1;\n");
        clear += &format!("pairs_{k} <= {pairs_bits}'d0;\nbegun_{k} <= {begun_bits}'d0;\n");
        index.push(format!("({{{INDEX}{{chosen[{k}]}}}} & {{{}'d0, begun_{k}}})", INDEX - begun_bits));
        for (_, terms) in level.iter_mut().enumerate().filter(|(bit, _)| (k + 1) >> bit & 1 == 1) {
            terms.push(format!("chosen[{k}]"));
        }
    }
    more.reverse();
    let bit = |terms: &Vec<String>| if terms.is_empty() { "1'b0".to_string() } else { terms.join(" || ") };
    let level = level.iter().rev().map(bit).collect::<Vec<_>>().join(",\n    ");
    module
        .wire("made", 1)
        .wire("made_level", LEVEL)
        .wire("made_odd", 1)
        .wire("node_taken", 1)
        .reg("node_valid", 1)
        .reg("node_level", LEVEL)
        .reg("node_index", INDEX)
        .wire("complete", log)
        .wire("pick", log)
        .reg("offers", log)
        .reg("chosen", log)
        .wire("settle", 1)
        .wire("choose", 1)
        .body(format!(
            "
            // Planner: counters of level k are of pairs of children there. A node waits in `node`, the next one in `chosen`.
            assign settle   = !node_valid || node_taken;
            assign choose   = settle || chosen == {log}'d0;
            assign complete = made && made_odd && made_level < levels ? {log}'d1 << made_level : {log}'d0;
            assign pick     = choose ? offers & (~offers + 1'b1) : {log}'d0; // the lowest

            always @(posedge clk) begin
                if (choose) chosen <= pick;
                offers <= complete | {{{more}}};
                if (complete != pick) begin
                    {count}
                end
                if (settle) node_valid <= chosen != {log}'d0;
                if (settle && chosen != {log}'d0) begin
                    {begin}
                    node_index <= {index};
                    node_level <= {{{level}}};
                end
                if (rst || job_start) begin
                    offers     <= {log}'d0;
                    chosen     <= {log}'d0;
                    node_valid <= 1'b0;
                    {clear}
                end
            end
            ",
            more = nested(&more.join(",\n    "), 16),
            count = nested(&count, 20),
            begin = nested(&begin, 20),
            index = nested(&index.join(" |\n    "), 20),
            level = nested(&level, 20),
            clear = nested(&clear, 20),
        ))
}
