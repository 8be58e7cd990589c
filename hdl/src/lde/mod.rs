//! The coset low-degree extension, in place, 8 columns at a time.
//!
//! | | |
//! |---|---|
//! | input | words in matrix order: groups of 8 columns, 2^n rows of 8 words, natural order |
//! | output | rows of the extension, 8 words a beat, in leaf order, group after group |
//! | sizes | n = 1 ..= log_rows_max, blow-up 2^b with b <= log_blowup_max, at run time |
//! | cost of a group | 8 * 2^n * (n/2 * (1 + 2^b) + 1) multiplies, one a clock and lane, one clock between passes |
//! | memory | 24 * 2^log_rows_max words for data, 2^log_rows_max for s^k, 2^(log_rows_max + b - 1) for twiddles |
//! | in flight | one group is loaded or inverted while the cosets of the one before are transformed and read out |
//!
//! [`model`] is the same network in integers; [`twiddle`] has the mathematics of the table, [`schedule()`] the order of work.

mod butterfly;
mod lane;
mod load;
pub mod model;
mod power;
mod readout;
mod schedule;
mod table;
pub mod twiddle;

pub use butterfly::{BUTTERFLY_LATENCY, butterfly};
pub use lane::{FETCH_LATENCY, LANE_LATENCY, lane};
pub use load::load;
pub use power::power;
pub use readout::readout;
pub use schedule::{schedule, settles_below};
pub use table::table;

use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, delay};

/// The size of a transform circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Butterflies, one multiplier each: 1, 2, 4 or 8. The 8 columns of a group are shared out over them.
    pub lanes: usize,
    /// log2 of the largest number of rows, at least 5.
    pub log_rows_max: usize,
    /// log2 of the largest blow-up.
    pub log_blowup_max: usize,
}

impl Geometry {
    /// Columns of a group in one lane.
    pub fn columns_per_lane(&self) -> usize {
        8 / self.lanes
    }

    fn lane_bits(&self) -> usize {
        self.lanes.ilog2() as usize
    }

    fn column_bits(&self) -> usize {
        3 - self.lane_bits()
    }

    /// Address of an element in a bank: column and half the row.
    fn address_bits(&self) -> usize {
        self.column_bits() + self.log_rows_max - 1
    }

    fn bank_depth(&self) -> usize {
        1 << self.address_bits()
    }

    /// Index of a twiddle, `coset << stage | block`.
    fn twiddle_bits(&self) -> usize {
        self.log_rows_max - 1 + self.log_blowup_max
    }
}

/// `lde_*`: the transform. Ports:
///
/// * `start` begins a job with `log_rows`, `log_blowup`, `group_last` (groups - 1) and `step` (s^16), all held during the job; `clear` drops it.
///   Before `start`, `seed` writes s^k / 2^n, k = 0..16.
/// * `s_*` takes words, `m_*` gives rows with their labels; `multiplying` says that every lane begins a useful multiplication in this clock.
pub fn lde(geometry: &Geometry) -> Module {
    let Geometry { lanes, log_rows_max: n, log_blowup_max: b } = *geometry;
    assert!(
        matches!(lanes, 1 | 2 | 4 | 8) && n >= 5,
        "a transform has 1, 2, 4 or 8 lanes and room for at least 32 rows"
    );
    let (address, twiddle, row_bits) = (geometry.address_bits(), geometry.twiddle_bits(), n + b);
    // Stages need blocks below 2^(log_rows + log_blowup - 1): half the leaves.
    let table_last = format!("leaf_mask[{}:1]", row_bits - 1);
    let mut module =
        Module::new(format!("lde_l{lanes}_n{n}_b{b}"), "the coset low-degree extension, 8 columns at a time")
            .doc(&format!(
                "{lanes} lanes of {} columns; up to 2^{n} rows, blow-up up to 2^{b}. A butterfly a clock and lane.",
                geometry.columns_per_lane()
            ))
            .clk_rst()
            .input("start", 1, "a job begins: its parameters are valid and stay")
            .input("clear", 1, "the job is dropped")
            .input("log_rows", 5, "")
            .input("log_blowup", 2, "")
            .input("group_last", 8, "groups of 8 columns - 1")
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
            .output("m_group", 8, "")
            .output("m_first", 1, "first group")
            .output("m_last", 1, "last group")
            .output("multiplying", 1, "all lanes begin a useful multiplication")
            // The job's sizes as masks, from the cycle after start on.
            .reg("begin_job", 1)
            .reg("small_job", 1)
            .reg("row_mask", n)
            .reg("leaf_mask", row_bits)
            .reg("coset_last", twiddle)
            .reg("row_step", n)
            .reg("rows", n + 1)
            .wire("reset_job", 1)
            .wire("all_rows", n)
            .wire("all_leaves", row_bits)
            .wire("all_cosets", twiddle);
    for (name, width) in [
        ("space", 1),
        ("loaded", 1),
        ("load", lanes),
        ("load_bank", 1),
        ("load_address", address),
        ("load_data", 31),
        ("ready", 2),
        ("release_buffer", 2),
        ("read", 3),
        ("write", 3),
        ("write_bank", 2),
        ("address0", address),
        ("address1", address),
        ("swap", 1),
        ("inverse", 1),
        ("scale", 1),
        ("minus_one", 1),
        ("twiddle_index", twiddle),
        ("scale_index", n),
        ("table_done", 1),
        ("table_chain", 1),
        ("root", 31),
        ("table_data", 31),
        ("power_done", 1),
        ("power_chain", 1),
        ("power_data", 31),
        ("source", 2),
        ("swap3", 1),
        ("inverse3", 1),
        ("scale3", 1),
        ("minus_one3", 1),
        ("table_chain3", 1),
        ("power_chain3", 1),
        ("chain3", 1),
        ("chain_data", 31),
        ("write_late", 3),
        ("write_bank_late", 2),
        ("write_swap", 1),
        ("write_address0", address),
        ("write_address1", address),
        ("product", 31),
        ("drain", 2),
        ("drain_address", address),
        ("drained_buffer", 1),
        ("drained_bank", 1),
        ("drain_data", 31 * lanes),
    ] {
        module = module.wire(name, width);
    }
    module = module
        .reg("inverse4", 1)
        .reg("scale4", 1)
        .reg("twiddle", 31)
        .instance(
            "enter",
            load(geometry),
            same(&["clk", "rst", "row_step", "space", "s_valid", "s_ready", "s_data", "loaded", "load", "load_bank"])
                .chain(same(&["load_address", "load_data"]))
                .chain([("start", "reset_job")]),
        )
        .instance(
            "plan",
            schedule(geometry),
            same(&[
                "clk",
                "rst",
                "coset_last",
                "small_job",
                "space",
                "loaded",
                "ready",
                "release_buffer",
                "read",
                "write",
            ])
            .chain(same(&["write_bank", "address0", "address1", "swap", "inverse", "scale", "minus_one"]))
            .chain(same(&["twiddle_index", "scale_index", "multiplying"]))
            .chain([
                ("start", "reset_job"),
                ("half_mask", "row_mask >> 1"),
                ("powers_done", "power_done && table_done"),
            ]),
        )
        .instance(
            "twiddles",
            table(geometry),
            same(&["clk", "rst", "root", "product"]).chain([
                ("start", "begin_job"),
                ("last", &table_last),
                ("done", "table_done"),
                ("chain", "table_chain"),
                ("read_address", "twiddle_index"),
                ("read_data", "table_data"),
            ]),
        )
        .instance(
            "powers",
            power(geometry),
            same(&["clk", "seed", "seed_index", "seed_data", "rows", "product"]).chain([
                ("rst", "rst || clear"),
                ("start", "begin_job"),
                ("enable", "table_done"),
                ("done", "power_done"),
                ("chain", "power_chain"),
                ("read", "scale"),
                ("read_address", "scale_index"),
                ("read_data", "power_data"),
            ]),
        )
        .instance(
            "fetch",
            delay(8, RAM_LATENCY),
            [
                ("clk", "clk"),
                ("s_data", "{read[1:0], swap, inverse, scale, minus_one, table_chain, power_chain}"),
                ("m_data", "{source, swap3, inverse3, scale3, minus_one3, table_chain3, power_chain3}"),
            ],
        )
        .instance(
            "flight",
            delay(6 + 2 * address, LANE_LATENCY),
            [
                ("clk", "clk"),
                ("s_data", "{write, write_bank, swap, address0, address1}"),
                ("m_data", "{write_late, write_bank_late, write_swap, write_address0, write_address1}"),
            ],
        )
        .instance(
            "leave",
            readout(geometry),
            same(&[
                "clk",
                "rst",
                "row_mask",
                "leaf_mask",
                "group_last",
                "ready",
                "release_buffer",
                "drain",
                "drain_address",
            ])
            .chain(same(&[
                "drained_buffer",
                "drained_bank",
                "drain_data",
                "m_valid",
                "m_ready",
                "m_data",
                "m_row",
                "m_group",
            ]))
            .chain(same(&["m_first", "m_last"]))
            .chain([("start", "reset_job")]),
        );
    let shared = std::sync::Arc::new(lane(geometry));
    for k in 0..lanes {
        let own = [
            ("chain", if k == 0 { "chain3".to_string() } else { "1'b0".into() }),
            ("chain_data", if k == 0 { "chain_data".into() } else { "31'd0".into() }),
            ("result", if k == 0 { "product".into() } else { String::new() }),
            ("load", if lanes == 1 { "load".into() } else { format!("load[{k}]") }),
            ("drain_data", format!("drain_data[{}:{}]", 31 * k + 30, 31 * k)),
            ("swap", "swap3".into()),
            ("inverse", "inverse4".into()),
            ("scale", "scale4".into()),
            ("write", "write_late".into()),
            ("write_bank", "write_bank_late".into()),
        ];
        let common =
            same(&["clk", "read", "address0", "address1", "source", "twiddle", "write_swap", "write_address0"])
                .chain(same(&[
                    "write_address1",
                    "load_bank",
                    "load_address",
                    "load_data",
                    "drain",
                    "drain_address",
                    "drained_buffer",
                ]))
                .chain(same(&["drained_bank"]))
                .map(|(p, e)| (p, e.to_string()));
        module = module.instance(format!("lane{k}"), shared.clone(), common.chain(own));
    }
    module.body(format!(
        "
        assign reset_job  = begin_job || clear;
        assign all_rows   = ~0;
        assign all_leaves = ~0;
        assign all_cosets = ~0;
        assign chain3     = table_chain3 || power_chain3;
        assign chain_data = table_chain3 ? table_data : power_data;

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
            twiddle  <= power_chain3 ? step : table_chain3 ? root : scale3 ? power_data : minus_one3 ? 31'd{minus_one} : table_data;
        end
        ",
        small = settles_below(),
        wide = n + 1,
        minus_one = twiddle::MINUS_ONE,
    ))
}

/// Connections of ports to signals of the same name.
fn same<'a>(names: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    names.iter().map(|&n| (n, n))
}

#[cfg(test)]
mod tests;
