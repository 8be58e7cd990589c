//! The top of the transform: lanes, tables, schedule, entrance and exit.

use super::{Geometry, LANE_LATENCY, lane, load, power, readout, schedule, settles_below, table, twiddle};
use crate::connect::{attach, wires};
use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, delay};
use std::sync::Arc;

/// `lde_*`: the transform. Ports:
///
/// * `start` begins a job with `log_rows`, `log_blowup`, `group_last` (groups - 1) and `step` (s^16), all held during the job; `clear` drops it.
///   Before `start`, `seed` writes s^k / 2^n, k = 0..16.
/// * `s_*` takes words, `m_*` gives rows with their labels; `multiplying` says that every lane begins a useful multiplication in this clock.
pub fn lde(geometry: &Geometry) -> Module {
    let Geometry { lanes, log_rows_max: n, log_blowup_max: b } = *geometry;
    assert!(
        matches!(lanes, 1 | 2 | 4 | 8 | 16) && n >= 5,
        "a transform has 1, 2, 4, 8 or 16 lanes and room for at least 32 rows"
    );
    let (address, twiddle_bits, row_bits) = (geometry.address_bits(), geometry.twiddle_bits(), n + b);
    let (ways, banks, bank_bits, buffers) =
        (geometry.ways(), geometry.banks(), geometry.bank_bits(), geometry.buffers());
    let column_lanes = geometry.column_lanes();
    let mut module =
        Module::new(format!("lde_l{lanes}_n{n}_b{b}"), "the coset low-degree extension, 8 columns at a time")
            .timing(
                "a group is loaded, inverted and transformed before its first row leaves",
                if geometry.ways() == 2 {
                    "two butterflies a clock and column"
                } else {
                    "a butterfly a clock and lane"
                },
            )
            .doc(&format!(
                "{lanes} lanes of {} columns; up to 2^{n} rows, blow-up up to 2^{b}.",
                geometry.columns_per_lane()
            ))
            .clk_rst()
            .input("start", 1, "a job begins: its parameters are valid and stay")
            .input("clear", 1, "the job is dropped")
            .input("log_rows", 5, "")
            .input("log_blowup", 2, "")
            .input("group_last", 11, "groups of 8 columns - 1")
            .input("step", 31, "s^16")
            .input("seed", 1, "write s^k / 2^n, before start")
            .input("seed_index", 4, "k")
            .input("seed_data", 31, "")
            .input("s_valid", 1, "")
            .output("s_ready", 1, "")
            .input("s_data", 31, "")
            .output("m_valid", 1, "")
            .input("m_ready", 1, "")
            .output("m_data", 248, "column 0 lowest")
            .output("m_row", 20, "in leaf order")
            .output("m_group", 11, "")
            .output("m_first", 1, "first group")
            .output("m_last", 1, "last group")
            .output("multiplying", 1, "all lanes begin a useful multiplication")
            // The job's sizes as masks, from the cycle after start on.
            .reg("begin_job", 1)
            .reg("small_job", 1)
            .reg("row_mask", n)
            .reg("leaf_mask", row_bits)
            .reg("coset_last", twiddle_bits)
            .reg("row_step", n)
            .reg("rows", n + 1)
            .wire("reset_job", 1)
            .wire("all_rows", n)
            .wire("all_leaves", row_bits)
            .wire("all_cosets", twiddle_bits);
    #[rustfmt::skip]
    let nets = [
        ("space", 1), ("loaded", 1), ("load", column_lanes), ("load_bank", bank_bits), ("load_address", address),
        ("load_data", 31), ("ready", 2), ("release_buffer", 2), ("read", buffers), ("write", buffers), ("write_bank", banks),
        ("swap", bank_bits), ("inverse", 1), ("scale", 1),
        ("minus_one", ways), ("twiddle_index", twiddle_bits), ("scale_index", n), ("table_done", 1), ("table_chain", 1),
        ("root", 31), ("table_data", 31 * ways), ("power_done", 1), ("power_chain", 1), ("power_chain_data", 31),
        ("power_data", 31 * ways), ("source", buffers - 1), ("swap3", bank_bits), ("inverse3", 1), ("scale3", 1),
        ("minus_one3", ways), ("table_chain3", 1), ("power_chain3", 1), ("chain3", 1), ("chain_data", 31),
        ("write_late", buffers), ("write_bank_late", banks), ("write_swap", bank_bits), ("product", 31),
        ("drain", 2), ("drain_address", address), ("drained_buffer", 1), ("drained_bank", bank_bits),
        ("drain_data", 31 * column_lanes),
    ];
    module = wires(module, nets);
    for bank in 0..banks {
        module = module.wire(format!("address{bank}"), address).wire(format!("write_address{bank}"), address);
    }
    if ways == 2 {
        module = wires(module, [("turn", 1), ("turn3", 1), ("write_turn", 1), ("twiddle_odd", 1)]);
    }
    if geometry.load_buffers() == 2 {
        module = wires(module, [("fill", 1), ("load_buffer", 1)]);
    }
    module = module.reg("inverse4", 1).reg("scale4", 1).reg("twiddle", 31 * ways);
    module = attach(module, "enter", load(geometry), [("start", "reset_job")]);
    let half = [("start", "reset_job"), ("half_mask", "row_mask >> 1"), ("powers_done", "power_done && table_done")];
    module = attach(module, "plan", schedule(geometry), half);
    // Stages need blocks below 2^(log_rows + log_blowup - 1): half the leaves.
    let table_last = format!("leaf_mask[{}:1]", row_bits - 1);
    let mut twiddles = vec![
        ("start", "begin_job"),
        ("last", table_last.as_str()),
        ("done", "table_done"),
        ("chain", "table_chain"),
        ("read_address", "twiddle_index"),
        ("read_data", "table_data"),
    ];
    twiddles.extend((ways == 2).then_some(("read_odd", "twiddle_odd")));
    module = attach(module, "twiddles", table(geometry), twiddles);
    let powers = [
        ("rst", "rst || clear"),
        ("start", "begin_job"),
        ("enable", "table_done"),
        ("done", "power_done"),
        ("chain", "power_chain"),
        ("chain_data", "power_chain_data"),
        ("read", "scale"),
        ("read_address", "scale_index"),
        ("read_data", "power_data"),
    ];
    module = attach(module, "powers", power(geometry), powers);
    // What two butterflies a column need besides: how their banks are turned.
    let [turn, turn3, write_turn] = if ways == 2 { ["turn, ", "turn3, ", "write_turn, "] } else { [""; 3] };
    let read = format!("read[{}:0]", buffers - 2);
    let fetch = [
        ("s_data", format!("{{{read}, {turn}swap, inverse, scale, minus_one, table_chain, power_chain}}")),
        ("m_data", format!("{{source, {turn3}swap3, inverse3, scale3, minus_one3, table_chain3, power_chain3}}")),
    ];
    let width = buffers - 1 + (ways - 1) + bank_bits + 2 + ways + 2;
    module = attach(module, "fetch", delay(width, RAM_LATENCY), fetch);
    let each = |name: &str| (0..banks).map(|bank| format!("{name}{bank}")).collect::<Vec<_>>().join(", ");
    let flight = [
        ("s_data", format!("{{write, write_bank, {turn}swap, {}}}", each("address"))),
        ("m_data", format!("{{write_late, write_bank_late, {write_turn}write_swap, {}}}", each("write_address"))),
    ];
    let width = buffers + banks + (ways - 1) + bank_bits + banks * address;
    module = attach(module, "flight", delay(width, LANE_LATENCY), flight);
    module = attach(module, "leave", readout(geometry), [("start", "reset_job")]);
    let shared = Arc::new(lane(geometry));
    for k in 0..column_lanes {
        let first = |signal: &str, otherwise: &str| if k == 0 { signal.to_string() } else { otherwise.to_string() };
        let mut own = vec![
            // Both tables are made by lane 0.
            ("chain", first("chain3", "1'b0")),
            ("chain_data", first("chain_data", "31'd0")),
            ("result", first("product", "")),
            ("load", if column_lanes == 1 { "load".into() } else { format!("load[{k}]") }),
            ("drain_data", format!("drain_data[{}:{}]", 31 * k + 30, 31 * k)),
            ("swap", "swap3".into()),
            ("inverse", "inverse4".into()),
            ("scale", "scale4".into()),
            ("write", "write_late".into()),
            ("write_bank", "write_bank_late".into()),
        ];
        own.extend((ways == 2).then(|| ("turn", "turn3".to_string())));
        module = attach(module, format!("lane{k}"), shared.clone(), own);
    }
    let factor = |way: usize| {
        let slice =
            |name: &str| if ways == 1 { name.to_string() } else { format!("{name}[{}:{}]", 31 * way + 30, 31 * way) };
        let minus_one3 = if ways == 1 { "minus_one3".into() } else { format!("minus_one3[{way}]") };
        let chains = if way == 0 { "power_chain3 ? step : table_chain3 ? root : " } else { "" };
        format!(
            "{} <= {chains}scale3 ? {} : {minus_one3} ? 31'd{} : {};",
            slice("twiddle"),
            slice("power_data"),
            twiddle::MINUS_ONE,
            slice("table_data")
        )
    };
    module.body(format!(
        "
        assign reset_job  = begin_job || clear;
        assign all_rows   = ~0;
        assign all_leaves = ~0;
        assign all_cosets = ~0;
        assign chain3     = table_chain3 || power_chain3;
        assign chain_data = table_chain3 ? {table_data} : power_chain_data;

        always @(posedge clk) begin
            begin_job <= start && !rst;
            if (start) begin
                small_job  <= log_rows < 5'd{small};
                row_mask   <= ~(all_rows << log_rows);
                leaf_mask  <= ~((all_leaves << log_rows) << log_blowup);
                coset_last <= ~(all_cosets << log_blowup);
                row_step   <= {n}'d1 << (5'd{n} - log_rows);
                rows       <= {wide}'d1 << log_rows;
            end
            inverse4 <= inverse3;
            scale4   <= scale3 || chain3;
            {factors}
        end
        ",
        small = settles_below(geometry),
        wide = n + 1,
        table_data = if ways == 1 { "table_data" } else { "table_data[30:0]" },
        factors = (0..ways).map(factor).collect::<Vec<_>>().join("\n            "),
    ))
}
