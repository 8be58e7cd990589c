//! The coset low-degree extension, in place, 8 columns at a time.
//!
//! # Datasheet
//!
//! | | |
//! |---|---|
//! | input | words in matrix order: groups of 8 columns, 2^n rows of 8 words, natural order; one word a clock |
//! | output | rows of the extension, 8 words a beat, in leaf order, group after group; a beat every 8 / lanes clocks, at most one a clock |
//! | sizes | 1, 2, 4, 8 or 16 lanes; 2^n rows, n = 1 (16 lanes: 2) ..= log_rows_max, blow-up 2^b with b <= log_blowup_max, at run time |
//! | cost of a group | 8 * 2^n * (n/2 * (1 + 2^b) + 1) multiplies, one a clock and lane, one clock between passes |
//! | memory | 24 * 2^log_rows_max words for data, 8 * 2^log_rows_max more where a load must go on beside the inverse ([`Geometry::load_buffers`]), 2^log_rows_max for s^k, 2^(log_rows_max + b - 1) for twiddles |
//! | in flight | one group is loaded or inverted while the cosets of the one before are transformed and read out |
//! | latency | to the first row: the load, 8 * 2^n; the inverse, 8 / lanes * (n/2 + 1) * 2^n; a coset and the first stage of the next, 8 / lanes * (n + 1)/2 * 2^n; about 25 |
//! | after reset | the twiddle table fills itself, 2^(log_rows_max + b - 1) clocks; a job waits only for the part it needs |
//! | 16 lanes | two butterflies a column, four banks a buffer. Two transforms of 8 lanes taking groups in turn would need 48 instead of 32 * 2^n words and twice the tables, and begin two groups late instead of one |
//! | area | 2 lanes, 2^10 rows, b = 1: 8 MULT18X18D, 52 DP16KD, 88 DPR16X4, 2304 LUT4, 552 CCU2C, 3169 registers (yosys synth_ecp5, not placed) |
//! | | 16 lanes, 2^10 rows, b = 1: 64 MULT18X18D, 132 DP16KD, 218 DPR16X4, 18557 LUT4, 3716 CCU2C, 17925 registers (the same) |
//!
//! Useful multiplies / (lanes * clocks) of whole jobs in Verilator, fill and drain included, neither side stalling, 16 columns for each lane
//! (`sim/examples/lde_utilisation.rs` prints these and more; jobs follow one another at the same cost, since each begins when the last has left):
//!
//! | lanes | columns | blow-up | 2^6 | 2^7 | 2^8 | 2^9 | 2^10 | 2^11 | 2^12 |
//! |---|---|---|---|---|---|---|---|---|---|
//! | 1 | 16 | 2 | 90.5 | 91.8 | 92.8 | 93.5 | 94.1 | 94.6 | 95.0 |
//! | 1 | 16 | 4 | 93.7 | 94.7 | 95.4 | 95.9 | 96.3 | 96.6 | 96.9 |
//! | 1 | 16 | 8 | 96.2 | 96.8 | 97.3 | 97.6 | 97.8 | 98.0 | 98.2 |
//! | 2 | 32 | 2 | 92.3 | 93.5 | 94.4 | 95.0 | 95.5 | 95.9 | 96.2 |
//! | 2 | 32 | 4 | 94.8 | 95.7 | 96.4 | 96.8 | 97.1 | 97.4 | 97.6 |
//! | 2 | 32 | 8 | 96.6 | 97.4 | 97.8 | 98.1 | 98.3 | 98.5 | 98.6 |
//! | 4 | 64 | 2 | 92.8 | 94.2 | 95.1 | 95.7 | 96.2 | 96.5 | 96.8 |
//! | 4 | 64 | 4 | 94.8 | 96.0 | 96.7 | 97.2 | 97.6 | 97.8 | 98.0 |
//! | 4 | 64 | 8 | 96.3 | 97.4 | 98.0 | 98.3 | 98.6 | 98.7 | 98.9 |
//! | 8 | 128 | 2 | 92.0 | 94.0 | 95.2 | 95.9 | 96.4 | 96.8 | 97.1 |
//! | 8 | 128 | 4 | 93.8 | 95.6 | 96.7 | 97.3 | 97.7 | 98.0 | 98.2 |
//! | 8 | 128 | 8 | 95.1 | 96.8 | 97.8 | 98.3 | 98.6 | 98.8 | 98.9 |
//! | 16 | 256 | 2 | 48.4 | 70.0 | 78.9 | 87.8 | 96.2 | 96.7 | 97.0 |
//! | 16 | 256 | 4 | 48.4 | 94.3 | 96.0 | 96.9 | 97.5 | 97.9 | 98.1 |
//! | 16 | 256 | 8 | 48.5 | 95.4 | 97.0 | 97.9 | 98.4 | 98.7 | 98.9 |
//!
//! Where the slots go, in clocks of 2^n; T = 8 / lanes * (n/2 * (1 + 2^b) + 1) is a group:
//!
//! * the load of the first group, 8, and the read-out of the last coset, 8 / lanes (at least 1): 9 of 9 + G T with G groups and 8 lanes or more;
//! * a clock between passes, of lanes / 4 in 2^n: 3 % at 2^6 with 8 lanes, 0.2 % at 2^10;
//! * input: a group comes in no fewer than 8. With 16 lanes and blow-up 2, T < 8 below 2^10: there utilisation ends at (3n/2 + 1) / 16, 90.6 % at 2^9;
//! * where there is one buffer for the link, what a load takes longer than the passes beside it: nothing at the largest size, by the choice of buffers, but at
//!   n below 9 (blow-up 2) or 11 (4 and 8) in a larger circuit of 8 lanes 8 - (n - 1), or two more: 1 of 13 at 2^8, blow-up 2;
//! * below 2^5 rows (8 lanes: 2^6, 16 lanes: 2^7) a pass waits for the one before it, 16 clocks.
//!
//! A whole core adds its link, a word a clock each way: rows that are returned cost nine words each and a share of a frame, 9.08 * 2^b a group.
//! `lde` of 2^14 rows, blow-up 2, 8 lanes: T = 22, out 18.2; a job of 32 columns is 8 for the first load, 88, and 11.2 until the rows of the last group have left
//! (82 %). Of 2^10 rows T = 16 is less than 18.2: the rows hold up the cosets, these the next load, and a group takes 19.5 (simulated: 83.1 % with 512
//! columns, 75.2 % with 64, where the first load and the last rows are an eighth of the job).
//! [`clocks`](crate::clocks) computes the clocks of such jobs from these parts; `sim/tests/circuit_core/measure.rs` compares.
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

    /// Buffers that the link fills. One is enough where the passes after its last use hide a load of 8 * 2^n clocks. Those are n - 1 stages of two
    /// cosets, 4 / lanes * 2^n clocks each; with more than two cosets the last one enters two or three stages later, when a buffer has been drained.
    pub fn load_buffers(&self) -> usize {
        let later = if self.log_blowup_max > 1 { 2 } else { 0 };
        if self.log_rows_max <= self.lanes + later { 2 } else { 1 }
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
