//! The twiddle table as a circuit: filled after reset by lane 0's multiplier, then read.
//!
//! `r[2^k + m] = w_(2^(k+2)) r[m]` (see [`super::twiddle`]): 16 entries and one root a level are constants, the rest follows, an entry a clock.
//! So no memory contents have to reach a simulator or a bitstream, and the table costs what a memory of its size costs.

use super::{Geometry, LANE_LATENCY, twiddle};
use crate::connect::wires;
use crate::netlist::Module;
use crate::stream::{index_bits, ram};

/// log2 of the entries that are constants: enough to cover the latency of a multiplication.
const LOG_SEEDS: usize = 4;
const _: () = assert!(LANE_LATENCY < 1 << LOG_SEEDS, "an entry must be written before it is read for the next level");

/// `lde_table_t{bits}`: 2^bits twiddles. It fills in 2^bits + about 20 clocks after reset if no job comes.
pub fn table(geometry: &Geometry) -> Module {
    let (bits, ways) = (geometry.twiddle_bits(), geometry.ways());

    let seeds: String = (twiddle::twiddles(LOG_SEEDS).iter().enumerate())
        .map(|(k, r)| format!("    {LOG_SEEDS}'d{k}: seed = 31'd{r};\n"))
        .collect();
    // Level k makes entries 2^k .. 2^(k+1) from those below.
    let level_bits = index_bits(bits + 1);
    let roots: String = (LOG_SEEDS..bits)
        .map(|k| format!("    {level_bits}'d{k}: root <= 31'd{};\n", twiddle::subgroup_generator(k + 2)))
        .collect();
    let mut module = Module::new(
        format!("lde_table_t{bits}{}", if ways == 1 { "" } else { "_w2" }),
        "the twiddles, filled after reset by a lane's multiplier",
    )
    .timing(
        &format!("2 clocks from a read address to its twiddle; filled 2^{bits} + about 20 clocks after reset"),
        "one read a clock",
    )
    .doc(&format!(
        "While `chain` is high, lane 0 multiplies read_data{} by `root`; the product returns {LANE_LATENCY} clocks later.
         Entry b is the product of the generators of order 2^(k+2) over the set bits k of b.",
        if ways == 1 { "" } else { "[30:0]" },
    ))
    .clk_rst()
    .input("start", 1, "a job begins")
    .input("last", bits, "the highest entry the job needs; stays")
    .output("done", 1, "the table holds what the job needs")
    .output("chain", 1, "with the read address")
    .output_reg("root", 31, "two clocks after chain, with read_data")
    .input("product", 31, "of lane 0")
    .input("read_address", bits, "");
    if ways == 2 {
        module = module.input("read_odd", 1, "bit 0 of the second address, whose other bits are the same");
    }
    module = module
        .output("read_data", 31 * ways, "two clocks later")
        .reg("claimed", 1)
        .reg("next", bits + 1)
        .reg("written", bits + 1)
        .reg("level", level_bits)
        .reg("level1", level_bits)
        .reg("first", bits)
        .wire("seeding", 1)
        .wire("full", 1)
        .reg("seed", 31)
        .reg("flight", LANE_LATENCY)
        .wire("link", 1)
        .wire("write_address", bits)
        .wire("address", bits);
    let memory = std::sync::Arc::new(ram(31, (1 << bits) / ways));
    for way in 0..ways {
        let (name, write, range, data) = match ways {
            1 => ("table_memory".to_string(), "seeding || link".to_string(), String::new(), "read_data".to_string()),
            _ => (
                format!("table_memory{way}"),
                format!("(seeding || link) && {}write_address[0]", if way == 0 { "!" } else { "" }),
                format!("[{}:1]", bits - 1),
                format!("fetched{way}"),
            ),
        };
        let ports = [
            ("clk", "clk".to_string()),
            ("write", write),
            ("write_address", format!("write_address{range}")),
            ("write_data", "seeding ? seed : product".into()),
            ("read", "1'b1".into()),
            ("read_address", format!("address{range}")),
            ("read_data", data),
        ];
        module = module.instance(name, memory.clone(), ports);
    }
    if ways == 2 {
        module = wires(module, [("fetched0", 31), ("fetched1", 31)]).reg("odd1", 2).reg("odd2", 2).body(
            "
            // Either entry may be in either memory.
            assign read_data = {odd2[1] ? fetched1 : fetched0, odd2[0] ? fetched1 : fetched0};

            always @(posedge clk) begin
                odd1 <= {read_odd, address[0]};
                odd2 <= odd1;
            end
            ",
        );
    }
    module
        .body(format!(
            "
            // `next` is the entry to be made; `first` = 2^level is the first of its level.
            // Once there are jobs the multiplier is theirs: the table grows only until it is large enough for the job that waits.
            assign full    = next[{bits}] || (claimed && next[{top}:0] > last);
            assign done    = claimed && full && (written[{bits}] || written[{top}:0] > last);
            assign seeding = next[{bits}:{LOG_SEEDS}] == 0;
            assign link    = flight[{late}];
            assign chain   = !seeding && !full;

            assign write_address = seeding ? next[{top}:0] : written[{top}:0];
            assign address       = chain ? next[{top}:0] ^ first : read_address;

            always @(*)
                case (next[{seed_top}:0])
            {seeds}    default: seed = 31'd0;
                endcase

            always @(posedge clk) begin
                flight <= {{flight[{before}:0], chain}};
                level1 <= level;
                case (level1)
            {roots}    default: root <= 31'd0;
                endcase
                if (start) claimed <= 1'b1;
                if (seeding || chain) next <= next + 1'b1;
                if (chain && (next[{top}:0] & ~first) == first - 1'b1) begin
                    level <= level + 1'b1;
                    first <= first << 1;
                end
                if (link) written <= written + 1'b1;
                if (rst) begin
                    flight  <= 0;
                    claimed <= 1'b0;
                    next    <= 0;
                    written <= {wide}'d{start};
                    level   <= {level_bits}'d{LOG_SEEDS};
                    first   <= {first};
                end
            end
            ",
            seed_top = LOG_SEEDS - 1,
            top = bits - 1,
            late = LANE_LATENCY - 1,
            before = LANE_LATENCY - 2,
            seeds = seeds.replace('\n', "\n            "),
            roots = roots.replace('\n', "\n            "),
            wide = bits + 1,
            start = 1 << LOG_SEEDS,
            first = if bits > LOG_SEEDS { format!("{bits}'d{}", 1 << LOG_SEEDS) } else { "0".into() },
        ))
}
