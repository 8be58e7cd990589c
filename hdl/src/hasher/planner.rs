//! Which node is next: the lowest level with a pair of children in the state memory.
//!
//! For each level of children, `have` counts those written (the index of the last, plus one: they come in order) and `begun` the nodes
//! made of them. One level is looked at in two clocks, from the lowest that is not used up; a permutation takes 17 and more.

use super::{INDEX, LEVEL};
use crate::netlist::Module;

/// Adds the planner to the hasher. In: `have_write`, `have_level`, `have_count`, `node_taken`. Out: `node_valid`, `node_level`, `node_index`.
pub(super) fn planner(module: Module) -> Module {
    let wide = INDEX + 1;
    module
        .wire("have_write", 1)
        .wire("have_level", LEVEL)
        .wire("have_count", wide)
        .wire("node_taken", 1)
        .reg("node_valid", 1)
        .reg("node_level", LEVEL)
        .reg("node_index", INDEX)
        .reg("have_set", 32)
        .reg("begun_set", 32)
        .reg("have", wide)
        .reg("begun", INDEX)
        .reg("nodes", wide)
        .reg("level", LEVEL)
        .reg("lowest", LEVEL)
        .reg("looked", 1)
        .wire("pair", 1)
        .wire("used_up", 1)
        .body(format!(
            "
            // Planner: counts of level k are meaningful only if bit k of the set is.
            (* ram_style = \"distributed\", no_rw_check *)
            reg [{INDEX}:0] have_memory [0:31];
            (* ram_style = \"distributed\", no_rw_check *)
            reg [{index_top}:0] begun_memory [0:31];

            assign pair    = have[{INDEX}:1] > begun;
            assign used_up = {{1'b0, begun}} + 1'b1 == nodes;

            always @(posedge clk) begin
                if (have_write) have_memory[have_level] <= have_count;
                if (have_write) have_set[have_level] <= 1'b1;

                looked <= !looked && lowest != levels && !node_valid;
                have   <= have_set[level] ? have_memory[level] : {wide}'d0;
                begun  <= begun_set[level] ? begun_memory[level] : {INDEX}'d0;
                nodes  <= leaves >> 1 >> level;

                if (looked && pair) begin
                    node_valid           <= 1'b1;
                    node_level           <= level + 1'b1;
                    node_index           <= begun;
                    begun_memory[level]  <= begun + 1'b1;
                    begun_set[level]     <= 1'b1;
                    level                <= lowest;
                    if (used_up) begin // the lowest is used up first
                        lowest <= lowest + 1'b1;
                        level  <= lowest + 1'b1;
                    end
                end else if (looked) begin
                    // Nothing here means nothing above either.
                    level <= have == 0 || level + 1'b1 == levels ? lowest : level + 1'b1;
                end
                if (node_taken) node_valid <= 1'b0;

                if (rst || job_start) begin
                    have_set   <= 32'd0;
                    begun_set  <= 32'd0;
                    looked     <= 1'b0;
                    level      <= {LEVEL}'d0;
                    lowest     <= {LEVEL}'d0;
                    node_valid <= 1'b0;
                end
                // Before the first job there is nothing to plan.
                if (!busy) looked <= 1'b0;
            end
            ",
            index_top = INDEX - 1,
        ))
}
