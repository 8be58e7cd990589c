//! The write side: where rows and digests go.

use super::{ADDRESS, BEAT};
use crate::netlist::Module;

/// `memory_keep_m{log}`: rows go to ascending addresses from `row_base`, digest i of level l to `digest_base` + 2N - (2N >> l) + i with N leaves.
///
/// Addresses are modulo 2^20, then modulo the memory's size: so only their low bits are ever computed.
pub fn keep(log: usize) -> Module {
    // Twice the most leaves that a level's index can count.
    let wide = ADDRESS + 2;
    Module::new(format!("memory_keep_m{log}"), "addresses for rows and digests that are kept, digests first")
        .timing("2 clocks from a taken beat to the write port", "one beat a clock")
        .doc("A digest never waits.")
        .clk_rst()
        .input("start", 1, "")
        .input("log_leaves", 5, "")
        .input("row_base", ADDRESS, "")
        .input("digest_base", ADDRESS, "")
        .input("row_valid", 1, "")
        .output("row_ready", 1, "")
        .input("row_data", BEAT, "")
        .input("digest_valid", 1, "taken at once")
        .input("digest_data", BEAT, "")
        .input("digest_level", 5, "")
        .input("digest_index", ADDRESS, "")
        .output("busy", 1, "")
        .output_reg("write", 1, "")
        .output_reg("write_address", log, "")
        .output_reg("write_data", BEAT, "")
        .reg("row_address", log)
        .reg("row_here", 1)
        .reg("row", BEAT)
        .reg("twice_leaves", wide)
        .reg("digest_base_low", log)
        .reg("digest_here", 1)
        .reg("digest", BEAT)
        .reg("level_address", log)
        .reg("index", log)
        .wire("level_left", wide)
        .body(format!(
            "
            assign row_ready  = !row_here || !digest_here;
            assign busy       = row_here || digest_here || write;
            assign level_left = twice_leaves >> digest_level;

            always @(posedge clk) begin
                if (start) begin
                    row_address  <= row_base[{top}:0];
                    twice_leaves <= {wide}'d2 << log_leaves;
                    digest_base_low <= digest_base[{top}:0];
                end

                digest_here   <= digest_valid;
                digest        <= digest_data;
                level_address <= digest_base_low + twice_leaves[{top}:0] - level_left[{top}:0];
                index         <= digest_index[{top}:0];
                if (row_ready) begin
                    row_here <= row_valid;
                    row      <= row_data;
                end

                write         <= digest_here || row_here;
                write_address <= digest_here ? level_address + index : row_address;
                write_data    <= digest_here ? digest : row;
                if (row_here && !digest_here) row_address <= row_address + 1'b1;

                if (rst) begin
                    digest_here <= 1'b0;
                    row_here    <= 1'b0;
                    write       <= 1'b0;
                end
            end
            ",
            top = log - 1,
        ))
}
