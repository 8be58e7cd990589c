//! The table of s^k / 2^n, k < 2^n, made anew for each job by a multiplier that has nothing else to do yet.

use super::{Geometry, LANE_LATENCY};
use crate::netlist::{Module, nested};
use crate::stream::ram;

/// Seeds a job brings: the number of interleaved chains, which must cover the latency of one link.
const CHAINS: usize = 16;
const _: () = assert!(LANE_LATENCY < CHAINS, "an entry must be written before the chain reads it again");

/// `lde_power_*`: entries 0..16 are written from the command; then p[k + 16] = p[k] * s^16, one a clock, through lane 0's multiplier.
/// It ends long before the first group is loaded (8 words a row). With two butterflies a column, two entries are read at once: even ones lie in
/// one memory, odd ones in another.
pub fn power(geometry: &Geometry) -> Module {
    let (n, ways) = (geometry.log_rows_max, geometry.ways());
    let mut module = Module::new(
        format!("lde_power_n{n}{}", if ways == 1 { "" } else { "_w2" }),
        "the table of s^k / 2^n, continued from 16 seeds by 16 interleaved chains",
    )
    .timing("2 clocks from a read address to its power", "one read a clock; a new power a clock while it fills")
    .doc(&format!(
        "While `chain` is high, lane 0 multiplies chain_data by s^16; the product returns {LANE_LATENCY} clocks later."
    ))
    .clk_rst()
    .input("seed", 1, "write a seed, before start")
    .input("seed_index", 4, "")
    .input("seed_data", 31, "")
    .input("start", 1, "a job begins")
    .input("rows", n + 1, "2^log_rows")
    .input("enable", 1, "the multiplier is free")
    .output("done", 1, "the table is complete")
    .output("chain", 1, "with the read address")
    .output("chain_data", 31, "two clocks later")
    .input("product", 31, "of lane 0")
    .input("read", 1, "")
    .input("read_address", n, if ways == 1 { "" } else { "even: this entry and the next are read" })
    .output("read_data", 31 * ways, "two clocks later")
    .reg("running", 1)
    .reg("next", n + 1)
    .reg("written", n + 1)
    .reg("flight", LANE_LATENCY)
    .wire("link", 1)
    .wire("write", 1)
    .wire("write_address", n)
    .wire("address", n);
    let memory = std::sync::Arc::new(ram(31, (1 << n) / ways));
    for way in 0..ways {
        let (name, write, range, data) = match ways {
            1 => ("table_memory".to_string(), "write".to_string(), String::new(), "read_data".to_string()),
            _ => (
                format!("table_memory{way}"),
                format!("write && {}write_address[0]", if way == 0 { "!" } else { "" }),
                format!("[{}:1]", n - 1),
                format!("read_data[{}:{}]", 31 * way + 30, 31 * way),
            ),
        };
        let ports = [
            ("clk", "clk".to_string()),
            ("write", write),
            ("write_address", format!("write_address{range}")),
            ("write_data", "seed ? seed_data : product".into()),
            ("read", "read || chain".into()),
            ("read_address", format!("address{range}")),
            ("read_data", data),
        ];
        module = module.instance(name, memory.clone(), ports);
    }
    let (odd, chain_data) = match ways {
        1 => ("", "read_data"),
        _ => ("\nodd1 <= address[0];\nodd2 <= odd1;", "odd2 ? read_data[61:31] : read_data[30:0]"),
    };
    if ways == 2 {
        module = module.reg("odd1", 1).reg("odd2", 1);
    }
    module.body(format!(
        "
        // `next` is the entry to be made: it is read 16 places back.
        assign done          = !running;
        assign link          = flight[{late}];
        assign chain         = running && enable && next != rows;
        assign chain_data    = {chain_data};
        assign address       = chain ? next[{top}:0] - {n}'d{CHAINS} : read_address;
        assign write         = seed || (link && running);
        assign write_address = seed ? {{{pad}'d0, seed_index}} : written[{top}:0];

        always @(posedge clk) begin
            flight <= {{flight[{before}:0], chain}};{odd}
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
        pad = n - 4,
        late = LANE_LATENCY - 1,
        before = LANE_LATENCY - 2,
        wide = n + 1,
        odd = nested(odd, 12),
    ))
}
