//! The protocol against a software endpoint: the conformance suite over frames, then every way a link can break.

mod capture;
mod credit;
mod faults;
mod fuzz;
mod identity;
mod interrupt;
mod rate;

use super::*;
use crate::endpoint::{Endpoint, EndpointLink};
use crate::{Device, Job, Output};
use galena_target::{Config, FIELD_PRIME};

/// A link whose buffers hold so many words, to a model of `tiny`.
fn link(capacity: usize) -> EndpointLink {
    EndpointLink::new(Endpoint::new(Config::named("tiny").unwrap()), capacity)
}

fn connect(capacity: usize) -> LinkDevice<Faulty<EndpointLink>> {
    LinkDevice::open("model", Faulty::new(link(capacity))).unwrap()
}

mod on_a_stream {
    fn open() -> Box<dyn crate::Device> {
        Box::new(super::connect(64))
    }
    crate::device_conformance!(open, largest = 6);
}

/// A serial line holds nothing back; a card takes words in fours.
mod on_a_line_in_units {
    fn open() -> Box<dyn crate::Device> {
        Box::new(super::LinkDevice::open("model", super::link(5000).lossy().unit(4)).unwrap())
    }
    crate::device_conformance!(open, largest = 4);
}

const COLUMNS: usize = 19;
const LOG_ROWS: usize = 5;

/// Field words without a pattern.
fn matrix() -> Vec<u32> {
    words(COLUMNS << LOG_ROWS)
}

fn words(count: usize) -> Vec<u32> {
    (0..count as u32).map(|i| i.wrapping_mul(0x9e37_79b9) % FIELD_PRIME).collect()
}

/// Three groups, five frames of chunks, all levels.
fn job(matrix: &[u32]) -> Job<'_> {
    let shift = crate::field::word(31);
    Job { log_blowup: 1, shift, levels: 6, ..Job::of(Kernel::Commit, LOG_ROWS, COLUMNS, matrix) }
}

fn reference(matrix: &[u32]) -> Output {
    crate::conformance::reference(&job(matrix))
}

/// The same rows and digests, whatever was counted on the way.
fn right(found: &Output, want: &Output) -> bool {
    found.rows == want.rows && found.layers == want.layers
}
