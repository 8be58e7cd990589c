//! The table of s^k / 2^n, k < 2^n, made anew for each job by a multiplier that has nothing else to do yet.

use super::{Geometry, LANE_LATENCY};
use crate::netlist::Module;
use crate::stream::ram;

/// Seeds a job brings: the number of interleaved chains, which must cover the latency of one link.
const CHAINS: usize = 16;
const _: () = assert!(LANE_LATENCY < CHAINS, "an entry must be written before the chain reads it again");

/// `lde_power_*`: entries 0..16 are written from the command; then p[k + 16] = p[k] * s^16, one a clock, through lane 0's multiplier.
/// It ends long before the first group is loaded (8 words a row).
pub fn power(geometry: &Geometry) -> Module {
    let n = geometry.log_rows_max;

    Module::new(format!("lde_power_n{n}"), "the table of s^k / 2^n, continued from 16 seeds by 16 interleaved chains")
        .doc(&format!("While `chain` is high, lane 0 multiplies read_data by s^16; the product returns {LANE_LATENCY} clocks later."))
        .clk_rst()
        .input("seed", 1, "write a seed, before start")
        .input("seed_index", 4, "")
        .input("seed_data", 31, "")
        .input("start", 1, "a job begins")
        .input("rows", n + 1, "2^log_rows")
        .input("enable", 1, "the multiplier is free")
        .output("done", 1, "the table is complete")
        .output("chain", 1, "with the read address")
        .input("product", 31, "of lane 0")
        .input("read", 1, "")
        .input("read_address", n, "")
        .output("read_data", 31, "two clocks later")
        .reg("running", 1)
        .reg("next", n + 1)
        .reg("written", n + 1)
        .reg("flight", LANE_LATENCY)
        .wire("link", 1)
        .wire("address", n)
        .instance(
            "table_memory",
            ram(31, 1 << n),
            [
                ("clk", "clk"),
                ("write", "seed || (link && running)"),
                ("write_address", &*format!("seed ? {{{}'d0, seed_index}} : written[{}:0]", n - 4, n - 1)),
                ("write_data", "seed ? seed_data : product"),
                ("read", "read || chain"),
                ("read_address", "address"),
                ("read_data", "read_data"),
            ],
        )
        .body(format!(
            "
            // `next` is the entry to be made: it is read 16 places back.
            assign done    = !running;
            assign link    = flight[{late}];
            assign chain   = running && enable && next != rows;
            assign address = chain ? next[{top}:0] - {n}'d{CHAINS} : read_address;

            always @(posedge clk) begin
                flight <= {{flight[{before}:0], chain}};
                if (chain) next <= next + 1'b1;
                if (link && running) begin
                    written <= written + 1'b1;
                    if (written + 1'b1 == rows) running <= 1'b0;
                end
                if (start) begin
                    running <= rows[{n}:5] != 0;
                    next    <= {wide}'d{CHAINS};
                    written <= {wide}'d{CHAINS};
                end
                if (rst) begin
                    flight  <= 0;
                    running <= 1'b0;
                end
            end
            ",
            top = n - 1,
            late = LANE_LATENCY - 1,
            before = LANE_LATENCY - 2,
            wide = n + 1,
        ))
}
