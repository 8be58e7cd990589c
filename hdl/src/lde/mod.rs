//! The coset low-degree extension, in place, 8 columns at a time.
//!
//! | | |
//! |---|---|
//! | input | words in matrix order: groups of 8 columns, 2^n rows of 8 words, natural order |
//! | output | rows of the extension, 8 words a beat, in leaf order, group after group |
//! | sizes | 2^n rows, n = 1 ..= log_rows_max, blow-up 2^b with b <= log_blowup_max, at run time |
//! | cost of a group | 8 * 2^n * (n/2 * (1 + 2^b) + 1) multiplies, one a clock and lane, one clock between passes |
//! | memory | 24 * 2^log_rows_max words for data, 2^log_rows_max for s^k, 2^(log_rows_max + b - 1) for twiddles |
//! | in flight | one group is loaded or inverted while the cosets of the one before are transformed and read out |
//! | after reset | the twiddle table fills itself, 2^(log_rows_max + b - 1) clocks; a job waits only for the part it needs |
//! | area | 2 lanes, 2^10 rows, b = 1: 8 MULT18X18D, 52 DP16KD, 88 DPR16X4, 2441 LUT4, 548 CCU2C, 3224 registers (yosys synth_ecp5) |
//!
//! Whole jobs in Verilator, fill and drain included, neither side stalling (`sim/tests/circuit_lde.rs`), blow-up 2:
//!
//! | lanes | rows | columns | clocks | useful multiplies / (lanes * clocks) |
//! |---|---|---|---|---|
//! | 2 | 2^10 | 32 | 274,563 | 95.5 % |
//! | 4 | 2^8 | 64 | 56,015 | 95.1 % |
//! | 4 | 2^11 | 32 | 307,343 | 93.3 % |
//! | 8 | 2^11 | 64 | 305,431 | 93.9 % |
//!
//! What is lost is the load of the first group and the read-out of the last coset.
//!
//! [`model`] is the same network in integers; [`twiddle`] has the mathematics of the table, [`schedule()`] the order of work.

mod block;
mod butterfly;
mod lane;
mod load;
pub mod model;
mod power;
mod readout;
mod schedule;
mod table;
mod transform;
pub mod twiddle;

pub(crate) use block::{BUTTERFLY, LDE};
pub use butterfly::{BUTTERFLY_LATENCY, butterfly};
pub use lane::{FETCH_LATENCY, LANE_LATENCY, lane};
pub use load::load;
pub use power::power;
pub use readout::readout;
pub use schedule::{schedule, settles_below};
pub use table::table;
pub use transform::lde;

/// The size of a transform circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Butterflies, one multiplier each: 1, 2, 4, 8 or 16. The 8 columns of a group are shared out over them; with 16, two share a column.
    pub lanes: usize,
    /// log2 of the largest number of rows, at least 5.
    pub log_rows_max: usize,
    /// log2 of the largest blow-up.
    pub log_blowup_max: usize,
}

impl Geometry {
    /// log2 of the fewest rows: two butterflies of a column need four.
    pub fn log_rows_min(&self) -> usize {
        self.ways()
    }

    /// Butterflies of one column: 1 or 2.
    pub fn ways(&self) -> usize {
        self.lanes.div_ceil(8)
    }

    /// Lane circuits: each has its own columns.
    pub fn column_lanes(&self) -> usize {
        self.lanes.min(8)
    }

    /// Columns of a group in one lane.
    pub fn columns_per_lane(&self) -> usize {
        8 / self.column_lanes()
    }

    /// Buffers that the link fills. One is enough where the passes after its last use hide a load: n - 1 stages of two cosets, of
    /// 4 / lanes * 2^n clocks each, against 8 * 2^n.
    pub fn load_buffers(&self) -> usize {
        if self.log_rows_max <= self.lanes { 2 } else { 1 }
    }

    /// All buffers: 0 and, where there is one, 3 for the link; 1 and 2 for cosets.
    fn buffers(&self) -> usize {
        self.load_buffers() + 2
    }

    /// Banks of a buffer: every operand of a clock has its own.
    fn banks(&self) -> usize {
        2 * self.ways()
    }

    fn bank_bits(&self) -> usize {
        self.banks().ilog2() as usize
    }

    fn lane_bits(&self) -> usize {
        self.column_lanes().ilog2() as usize
    }

    fn column_bits(&self) -> usize {
        3 - self.lane_bits()
    }

    /// Address of an element in a bank: column and what the bank leaves of the row.
    fn address_bits(&self) -> usize {
        self.column_bits() + self.log_rows_max - self.bank_bits()
    }

    fn bank_depth(&self) -> usize {
        1 << self.address_bits()
    }

    /// Index of a twiddle, `coset << stage | block`.
    fn twiddle_bits(&self) -> usize {
        self.log_rows_max - 1 + self.log_blowup_max
    }

    /// Verilog for the bank of a row whose number is in `row`: its parity; with four banks the parities of its odd and its even bits, so that
    /// a stage's partner and a neighbour in one of the two lowest bits are always in other banks. `reversed`: bit k of the row is bit n - 1 - k of
    /// `row`.
    fn bank(&self, row: &str, reversed: bool) -> String {
        let n = self.log_rows_max;
        if self.ways() == 1 {
            return format!("^{row}");
        }
        let parity = |odd: usize| {
            let bits = (0..n).filter(|bit| bit % 2 == odd).map(|bit| if reversed { n - 1 - bit } else { bit });
            format!("^({row} & {n}'h{:x})", bits.fold(0u64, |mask, bit| mask | 1 << bit))
        };
        format!("{{{}, {}}}", parity(1), parity(0))
    }

    /// What the names of the circuits add for parts that most geometries do not have.
    fn suffix(&self) -> &'static str {
        match (self.ways(), self.load_buffers()) {
            (1, 1) => "",
            (1, _) => "_ahead",
            _ => "_w2",
        }
    }
}

#[cfg(test)]
mod tests;
