//! Twiddles and powers of the shift, each a product of two table entries: one multiplier for all lanes.
//!
//! Both r[B] and s^k / 2^n are multiplicative over the bits of their index (see [`crate::lde::twiddle`]), so with the index cut in two
//! a table for each part is enough: 2 * 2^13 words in place of 2^26 for 2^24 rows at blow-up 8. All four tables are made by the same
//! circuit from one generator a bit, entry 2^k + x = generator(k) * entry x, through the same multiplier.

use super::Geometry;
use crate::field::{MUL_LATENCY, to_montgomery};
use crate::lde::twiddle::{MINUS_ONE, subgroup_generator};
use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, delay, ram};
use crate::{connect::wires, field};

/// Clocks from an index to its factor.
pub const FACTOR_LATENCY: usize = RAM_LATENCY + 1 + MUL_LATENCY + 1;

/// Clocks from a read address to the product at a table's write port.
const LINK: usize = RAM_LATENCY + 1 + MUL_LATENCY;

/// `external_factor_*`: the tables fill after reset (twiddles) and at `start` (powers); then a factor a clock.
pub fn factor(geometry: &Geometry) -> Module {
    let (bits, low, high) = (geometry.index_bits(), geometry.low_bits(), geometry.high_bits());
    // Counters over either table.
    let count = low.max(high);
    let roots: String = (0..bits).map(|k| format!("    5'd{k}: root = 31'd{};\n", subgroup_generator(k + 2))).collect();
    let one = to_montgomery(1);
    let mut module = Module::new(format!("external_factor_i{bits}_w{low}"), "twiddles and powers of the shift, from two tables each")
        .timing(&format!("{FACTOR_LATENCY} clocks"), "one factor a clock")
        .doc(&format!(
            "Index bits {}:{low} choose an entry of the upper table, the others one of the lower.
             Entry 2^k + x of a table is generator(k) times entry x; filling takes about 2^{low} + 2^{high} + {} clocks.",
            bits - 1,
            bits * (LINK + 3),
        ))
        .clk_rst()
        .input("start", 1, "a job begins: the powers are made anew")
        .input("log_rows", 5, "")
        .input("step", 31, "s^16")
        .input("seed", 1, "write s^k / 2^n, k < 16, before start")
        .input("seed_index", 4, "")
        .input("seed_data", 31, "")
        .output("roots_done", 1, "the twiddles are there")
        .output("done", 1, "and the powers")
        .input("index", bits, "of a block in the tree, or of a coefficient")
        .input("power", 1, "s^index / 2^n instead of a twiddle")
        .input("minus_one", 1, "the factor is -1, whatever the index")
        .output_reg("factor", 31, "")
        .reg("phase", 3)
        .reg("powers", 1)
        .reg("roots_made", 1)
        .reg("powers_made", 1)
        .reg("level", 5)
        .reg("upper", 1)
        .reg("first", count)
        .reg("from", count)
        .reg("into", count)
        .reg("generator", 31)
        .reg("root", 31)
        .reg("flight", LINK)
        .reg("squares", LINK)
        .reg("x1", 31)
        .reg("x2", 31);
    module = wires(
        module,
        [
            ("building", 1),
            ("seeding", 1),
            ("issue", 1),
            ("square", 1),
            ("arrived", 1),
            ("last_level", 1),
            ("entry", count),
            ("low_address", low),
            ("high_address", high),
            ("low_root", 31),
            ("high_root", 31),
            ("low_power", 31),
            ("high_power", 31),
            ("power2", 1),
            ("minus_one_late", 1),
            ("from_powers", 1),
            ("low_word", 31),
            ("high_word", 31),
            ("product", 31),
        ],
    );
    // Lower and upper table of twiddles and of powers; the seeds go into the lower table of the powers.
    for (name, depth, address, uppermost, kind) in [
        ("low_root", low, "low_address", "!upper", "!powers"),
        ("high_root", high, "high_address", "upper", "!powers"),
        ("low_power", low, "low_address", "!upper", "powers"),
        ("high_power", high, "high_address", "upper", "powers"),
    ] {
        let seeds = name == "low_power";
        let own = format!("arrived && {uppermost} && {kind}");
        let entry = if depth == count { "entry".to_string() } else { format!("entry[{}:0]", depth - 1) };
        let (write, place, data) = if seeds {
            let index = super::geometry::extend("seed_index", 4, depth);
            (format!("seed || ({own})"), format!("seed ? {index} : {entry}"), "seed ? seed_data : product".to_string())
        } else {
            (
                format!("seeding || ({own})"),
                format!("seeding ? {depth}'d0 : {entry}"),
                format!("seeding ? 31'd{one} : product"),
            )
        };
        module = module.instance(
            format!("{name}_table"),
            ram(31, 1 << depth),
            [
                ("clk", "clk".to_string()),
                ("write", write),
                ("write_address", place),
                ("write_data", data),
                ("read", "1'b1".into()),
                ("read_address", address.to_string()),
                ("read_data", name.to_string()),
            ],
        );
    }
    let cut = |signal: &str, depth: usize| {
        if depth == count { signal.to_string() } else { format!("{signal}[{}:0]", depth - 1) }
    };
    module
        .instance("kind", delay(1, RAM_LATENCY), [("clk", "clk"), ("s_data", "power"), ("m_data", "power2")])
        .instance("sign", delay(1, LINK), [("clk", "clk"), ("s_data", "minus_one"), ("m_data", "minus_one_late")])
        .instance("multiplier", field::field_mul(), [("clk", "clk"), ("a", "x1"), ("b", "x2"), ("y", "product")])
        .body(format!(
            "
            localparam [2:0] SEED = 3'd0, BEGIN = 3'd1, ISSUE = 3'd2, SQUARE = 3'd3, SETTLE = 3'd4, REST = 3'd5;

            assign roots_done   = roots_made;
            assign done         = roots_made && powers_made;
            assign building     = phase != REST;
            assign seeding      = phase == SEED;
            assign issue        = phase == ISSUE;
            assign square       = phase == SQUARE;
            assign arrived      = flight[{late}];
            assign last_level   = powers ? level + 5'd1 >= log_rows : level == 5'd{top};
            assign entry        = first | into;
            assign low_address  = building ? {low_from} : index[{low_top}:0];
            assign high_address = building ? {high_from} : index[{top}:{low}];
            assign from_powers  = building ? powers : power2;
            assign low_word     = from_powers ? low_power : low_root;
            assign high_word    = from_powers ? high_power : high_root;

            always @(*)
                case (level)
            {roots}    default: root = 31'd0;
                endcase
            ",
            late = LINK - 1,
            top = bits - 1,
            low_top = low - 1,
            low_from = cut("from", low),
            high_from = cut("from", high),
            roots = roots.replace('\n', "\n            "),
        ))
        .body(format!(
            "
            always @(posedge clk) begin
                flight  <= {{flight[{before}:0], issue}};
                squares <= {{squares[{before}:0], square}};

                // A product of two tables, or of an entry and the generator of its level, or the generator's square.
                x1     <= squares[1] ? generator : building && upper ? high_word : low_word;
                x2     <= building ? generator : high_word;
                factor <= minus_one_late ? 31'd{minus_one} : product;

                case (phase)
                SEED: phase <= BEGIN;
                BEGIN: begin
                    // Generators of the twiddles are constants, those of the powers squares of each other.
                    if (!powers) generator <= root;
                    if (level == 5'd{low}) first <= 1;
                    upper <= level >= 5'd{low};
                    from  <= 0;
                    into  <= 0;
                    // With up to 16 rows the seeds are all.
                    phase <= powers && level >= log_rows ? REST : ISSUE;
                    if (powers && level >= log_rows) powers_made <= 1'b1;
                end
                ISSUE: begin
                    from <= from + 1'b1;
                    if (from == first - 1'b1) phase <= SQUARE;
                end
                SQUARE: phase <= SETTLE;
                SETTLE:
                    if (flight == 0 && squares == 0) begin
                        level <= level + 1'b1;
                        first <= first << 1;
                        phase <= last_level ? REST : BEGIN;
                        if (last_level && powers) powers_made <= 1'b1;
                        if (last_level && !powers) roots_made <= 1'b1;
                    end
                default: ;
                endcase
                if (arrived) into <= into + 1'b1;
                if (squares[{late}] && powers) generator <= product;

                if (start) begin
                    phase       <= BEGIN;
                    powers      <= 1'b1;
                    powers_made <= 1'b0;
                    level       <= 5'd4;
                    first       <= {seeds};
                    generator   <= step;
                    flight      <= 0;
                    squares     <= 0;
                end
                if (rst) begin
                    phase       <= SEED;
                    powers      <= 1'b0;
                    roots_made  <= 1'b0;
                    powers_made <= 1'b0;
                    level       <= 5'd0;
                    first       <= 1;
                    flight      <= 0;
                    squares     <= 0;
                end
            end
            ",
            before = LINK - 2,
            late = LINK - 1,
            minus_one = MINUS_ONE,
            seeds = if low > 4 { 16 } else { 1 },
        ))
}
