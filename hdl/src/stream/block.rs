//! The rows of streams in the table of blocks. References are plain Rust collections, over bits where a circuit moves bits.

mod harness;
mod jobs;
mod pair;

use super::{crc, delay, fifo, gather, ram, register, scatter};
use crate::block::{Block, Face, Job, Point, Size, Sort};
use crate::netlist::Module;
use rand_chacha::ChaCha8Rng;

/// One stream in, one stream out.
const THROUGH: Face = Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: None };

const fn block(name: &'static str, doc: &'static str, points: fn() -> Vec<Point>) -> Block {
    Block { name, doc, sort: Sort::Stream, points }
}

/// A point; everything about its jobs is in `job`.
fn point(
    name: String,
    module: Module,
    face: Face,
    bins: &[&'static str],
    job: impl Fn(&mut ChaCha8Rng, Size) -> Job + Send + Sync + 'static,
) -> Point {
    Point { name, module, harness: None, face, multipliers: 0, job: Box::new(job), bins: bins.to_vec() }
}

pub(crate) const REGISTER: Block =
    block("register", "a register in a stream, with room for the beat that was under way", || {
        let width =
            |w| point(format!("w{w}"), register(w), THROUGH, jobs::BINS, move |rng, size| jobs::same(rng, size, w, 2));
        [8, 32, 248].map(width).into()
    });

/// Points of a FIFO: (width, depth).
fn fifos<const N: usize>(sizes: [(usize, usize); N]) -> Vec<Point> {
    let size = |(w, d)| {
        point(format!("w{w}-d{d}"), fifo(w, d), THROUGH, jobs::BINS, move |rng, size| jobs::same(rng, size, w, d))
    };
    sizes.map(size).into()
}

pub(crate) const FIFO: Block = block("fifo", "first in, first out, in distributed memory", || {
    fifos([(8, 4), (32, 2), (32, 16), (248, 8), (33, 32)])
});

pub(crate) const FIFO_DEEP: Block =
    block("fifo-deep", "first in, first out, in block memory with two registers behind it", || {
        fifos([(8, 64), (32, 128), (248, 64), (65, 1024)])
    });

pub(crate) const QUEUE: Block =
    block("queue", "a queue without back-pressure, with the count of its users in front", || {
        let size = |(w, d)| {
            let job = move |rng: &mut ChaCha8Rng, size| jobs::same(rng, size, w, d);
            point(format!("w{w}-d{d}"), harness::queue(w, d), THROUGH, jobs::BINS, job)
        };
        [(8, 4), (31, 2), (40, 16)].map(size).into()
    });

pub(crate) const GATHER: Block = block("gather", "gathers words into one wide beat, the first word lowest", || {
    let size = |(w, n)| {
        let job = move |rng: &mut ChaCha8Rng, size| jobs::gathered(rng, size, w, n);
        point(format!("w{w}-n{n}"), gather(w, n), THROUGH, jobs::BINS, job)
    };
    [(8, 6), (8, 5), (31, 8), (32, 9), (1, 6)].map(size).into()
});

pub(crate) const SCATTER: Block = block("scatter", "takes a wide beat apart, the lowest word first", || {
    let size = |(w, n)| {
        let job = move |rng: &mut ChaCha8Rng, size| jobs::scattered(rng, size, w, n);
        point(format!("w{w}-n{n}"), scatter(w, n), THROUGH, jobs::BINS, job)
    };
    [(8, 3), (32, 9), (31, 8), (1, 4)].map(size).into()
});

pub(crate) const STORE: Block = block("store", "the input store, with a check of the level that it tells", || {
    let window = |d| {
        let job = move |rng: &mut ChaCha8Rng, size| jobs::stored(rng, size, d);
        point(format!("d{d}"), harness::store(d), THROUGH, jobs::BINS, job)
    };
    [64, 16, 2048].map(window).into()
});

/// Points of a delay: (width, clocks).
fn delays<const N: usize>(sizes: [(usize, usize); N]) -> Vec<Point> {
    let size = |(w, c)| {
        let job = move |rng: &mut ChaCha8Rng, size| jobs::delayed(rng, size, w, c);
        point(format!("w{w}-c{c}"), delay(w, c), Face::Fixed { latency: c }, jobs::CONTENT, job)
    };
    sizes.map(size).into()
}

pub(crate) const DELAY: Block = block("delay", "a fixed delay, as a ring in memory", || {
    delays([(9, 6), (9, 5), (31, 4), (9, 8), (9, 15), (9, 16), (9, 17), (248, 64)])
});

pub(crate) const DELAY_BLOCK: Block =
    block("delay-block", "a long fixed delay, as a ring in block memory", || delays([(9, 514), (27, 600)]));

pub(crate) const DELAY_CHAIN: Block =
    block("delay-chain", "a fixed delay, as a chain of registers", || delays([(9, 3), (9, 1), (9, 2), (248, 2)]));

pub(crate) const RAM: Block = block("ram", "block memory, one write port and one read port", || {
    let size = |(w, d)| {
        let job = move |rng: &mut ChaCha8Rng, size| jobs::remembered(rng, size, w, d);
        point(format!("w{w}-d{d}"), ram(w, d), Face::Fixed { latency: super::RAM_LATENCY }, jobs::RAM_BINS, job)
    };
    [(8, 16), (31, 24), (248, 64), (31, 4096)].map(size).into()
});

pub(crate) const CRC: Block = block("crc", "CRC-32 of a word a clock", || {
    vec![point("w32".into(), crc::crc32_circuit(), Face::Fixed { latency: 1 }, jobs::CRC_BINS, jobs::checked)]
});

pub(crate) const UART: Block = block("uart", "a serial line: words sent, received, and the rate of both", || {
    vec![point("d12".into(), harness::uart(), THROUGH, pair::BINS, pair::job)]
});
