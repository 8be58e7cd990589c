//! The coset low-degree extension beyond on-chip memory, in two passes.

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
