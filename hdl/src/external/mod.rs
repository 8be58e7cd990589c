//! The coset low-degree extension beyond on-chip memory: the four-step transform through an AXI4 manager port.
//!
//! | | |
//! |---|---|
//! | input | words in matrix order: groups of 8 columns, 2^n rows of 8 words, natural order; one word a clock |
//! | output | rows of the extension, 8 words a beat, in leaf order, group after group: as [`crate::lde`] |
//! | sizes | 2^n rows, n = log_run + 1 ..= log_rows_max <= 24, blow-up 2^b with b <= log_blowup_max <= 3, at run time |
//! | lanes | 1, 2, 4 or 8 butterflies a clock, and one multiplier that makes their twiddles |
//! | memory port | 256, 512 or 1024 bits; INCR bursts of 2^log_run rows of 32 bytes (5: 1 KiB), aligned, so never across 4 KiB |
//! | external memory | (2 + 2^b) regions of 2^log_rows_max rows: two groups of input in turn, and the cosets of one |
//! | traffic of a group | (4 + 2 * 2^b) * 2^n rows: at blow-up 2 four thirds of a pass (a read and a write of all) for each of its 3 transforms |
//! | on chip | 24 * 2^log_block words; four tables of 2^((n + b) / 2) words; 16 bursts of queues; log_block >= (n + log_run) / 2 |
//! | in flight | while a tile is computed the next is read and the one before written; the next group is loaded meanwhile |
//! | errors | `error`: sizes the circuit has not, or an answer of memory with an error, out of turn or of the wrong length; the job is dropped |
//! | cost of a group | 8 * 2^n * (n/2 * (1 + 2^b) + 1) multiplies, one a clock and lane, three clocks between passes over a tile |
//!
//! The steps are in [`model`]: strips of 2^c lines of adjacent rows (inverse over the lines), blocks of 2^a rows (rest of the inverse, scaling,
//! first half of each coset), strips again (second half; rows leave). The split follows n so that both tiles are about as long.
//!
//! **Why the twiddles come from two tables.** From stage a on each row of a strip has its own place in the tree of twiddles, 2^(n + b - 1)
//! in all. Scaling each sub-transform by powers of its shift, the classic twiddle pass, would let a small table do, but costs a pass over each
//! tile (40 clocks a row in place of 37 at n = 24, b = 1) and the same further multiplier, because the powers must be made. Twiddles are
//! multiplicative over the bits of their index, so one product of two entries makes any of them; all lanes share it, and the scaling's
//! s^k comes the same way. The price: useful multiplies are at most lanes / (lanes + 1) of all multipliers, 88.9 % with 8 lanes. The
//! twiddle multiplier has something new to make in only 2 / c of its clocks; a table of each strip's twiddles, made ahead by the lanes
//! themselves, would save it for 1/24 more memory and 2 % more clocks. That is not built.
//!
//! **Rows of memory.** The lines of a strip are a power of two apart; chunks are so placed that they lie in different banks
//! (`swizzle`). A write begins when its burst is complete, words that come in at one a clock wait for four bursts: so what a row costs to open
//! is hidden behind the bursts before it.
//!
//! Whole jobs in Verilator, first word to last row, neither side stalling, memory of 16 banks, 2 KiB pages, 100 clocks to open a row, latency
//! 30, 4 clocks to turn the bus, 256 bits (`cargo run --release -p galena-sim --example lde_external -- N B GROUPS`); equal to Plonky3:
//!
//! | lanes | rows | columns | clocks | of the lanes' multipliers | of all | bytes | bursts (all 1 KiB) | rows opened | bandwidth while busy |
//! |---|---|---|---|---|---|---|---|---|---|
//! | 8 | 2^16 | 8 | 2,176,249 | 75.3 % | 66.9 % | 16,777,216 | 16,384 | 12,303 | 89.3 % |
//! | 8 | 2^18 | 32 | 31,556,649 | 93.0 % | 82.7 % | 268,435,456 | 262,144 | 197,325 | 92.0 % |
//! | 8 | 2^20 | 8 | 40,950,265 | 79.4 % | 70.6 % | 268,435,456 | 262,144 | 196,863 | 92.2 % |
//! | 8 | 2^22 | 8 | 176,275,961 | 80.9 % | 71.9 % | 1,073,741,824 | 1,048,576 | 787,455 | 92.8 % |
//!
//! Where the slots go: the first group's load, 8 * 2^n clocks at a word a clock, in which nothing can be computed (20.5 % of the job of 2^20
//! rows x 8, 6.6 % of 2^18 x 32); all else is 0.3 % (2^18 x 32: 31,556,649 clocks, of which 29,360,128 multiply and 2,097,152 load).
//! The memory is idle in three quarters of the clocks. The last column is of the clocks in which a burst waits to be moved; a burst that is
//! alone counts the opening of its row there, so a bus that is wider than the lanes need shows less (512 bits, bursts of 2 KiB, 2^16 rows
//! x 8, blow-up 8: 5,331,545 clocks, 89.7 % of the lanes', 79.8 % of all multipliers, 66.7 % in 24.6 % of the clocks).
//!
//! A memory that never answers stops the circuit without `error`: that deadline is the caller's, who ends the job with `clear`; the next job
//! still waits for the answers that are owed, and only a reset of both forgets them.
//!
//! Area by yosys 0.70 `synth_ecp5` (synthesis estimate; not placed), 2 lanes, 2^15 rows, blow-up 2, blocks of 2^10 rows, 256 bits: 12
//! MULT18X18D, 66 DP16KD, 3,888 LUT4, 760 CCU2C, 5,525 TRELLIS_FF, 104 TRELLIS_DPR16X4. For 2^24 rows the three buffers of 2^15 rows take 24.4
//! Mbit: a part with large memories.

mod block;
mod drain;
mod factor;
mod fill;
mod geometry;
mod lane;
mod load;
pub mod model;
mod schedule;
mod transform;
mod walk;
mod watched;
mod write;

pub(crate) use block::EXTERNAL_LDE;
pub use block::{labelled, pins, reference};
pub use drain::{BURSTS, drain};
pub use factor::{FACTOR_LATENCY, factor};
pub use fill::fill;
pub use geometry::{Geometry, GeometryError, ROW_BITS};
pub use lane::{FETCH_LATENCY, LANE_LATENCY, lane};
pub use load::load;
pub use schedule::{LEAD, PASS_LATENCY, schedule, settles_below};
pub use transform::external_lde;
pub use walk::walk;
pub use write::write;

use geometry::extend;

/// Where a row of a tile lies: run part `adjacent` above, line below.
fn place_of(geometry: &Geometry, adjacent: &str, line: &str, log_lines: &str) -> String {
    let (tile, run) = (geometry.log_block, geometry.log_run);
    format!("({} << {log_lines}) | {}", extend(adjacent, run, tile), extend(line, geometry.line_bits(), tile))
}

/// Where chunk number `chunk` of a region lies. Chunks of a strip are a power of two apart, so that without this they would all be in one
/// bank of the memory, a row open each: the number of the line is spread over the bits that choose a bank.
fn swizzle(geometry: &Geometry, chunk: &str) -> String {
    let mask = extend("strip_mask", geometry.line_bits(), geometry.chunk_bits());
    format!("{chunk} ^ ((({chunk} >> log_strips) << 1) & {mask})")
}

/// The address of a chunk in the memory: `{region, chunk}` runs.
fn byte_address(geometry: &Geometry, chunk: &str) -> String {
    let low = geometry.log_run + 5;
    let bits = geometry.chunk_bits() + geometry.region_bits() + low;
    extend(&format!("{{{chunk}, {low}'d0}}"), bits, geometry.address_bits)
}

#[cfg(test)]
mod tests;
