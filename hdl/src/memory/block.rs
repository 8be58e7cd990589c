//! The row of device memory in the table of blocks. The reference is a map from places to beats, with the levels of a tree one after another.

use super::model::{digest_address, place, row_address};
use super::{ADDRESS, BEAT, memory};
use crate::block::{Block, Face, Job, Point, Size, Sort, beat, bus};
use crate::field::P;
use crate::netlist::Module;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;

pub(crate) const MEMORY: Block = Block {
    name: "memory",
    doc: "Device memory: rows and digests are kept, then read.",
    sort: Sort::Stream,
    points: || [6, 8, 14].map(point).into(),
};

const FACE: Face = Face::Streams { inputs: &["row_", "digest_", "s_"], outputs: &["m_"], memory: None };

const BINS: [&str; 6] =
    ["edge words", "rows alone", "digests alone", "rows and digests", "addresses wrap", "kept over a reset"];

fn point(log: usize) -> Point {
    Point {
        name: format!("m{log}"),
        module: phased(log),
        harness: None,
        face: FACE,
        multipliers: 0,
        job: Box::new(move |rng, size| job(rng, size, log)),
        bins: BINS.to_vec(),
    }
}

/// A memory that is written first and then read: reading waits until so many beats are kept as the job writes, and, where the job says so, until
/// the memory has been reset after them.
fn phased(log: usize) -> Module {
    Module::new(format!("memory_phased_m{log}"), "device memory that is read once everything is written")
        .timing("read_latency + 3 clocks from an address to its beat", "one write and one read a clock")
        .clk_rst()
        .input("start", 1, "a job begins")
        .input("log_leaves", 5, "")
        .input("rows_base", ADDRESS, "")
        .input("digests_base", ADDRESS, "")
        .input("writes", 16, "rows and digests of the job")
        .input("reset_between", 1, "the memory is reset between writing and reading")
        .input("row_valid", 1, "")
        .output("row_ready", 1, "")
        .input("row_data", BEAT, "")
        .input("digest_valid", 1, "")
        .output("digest_ready", 1, "")
        .input("digest_data", BEAT, "")
        .input("digest_level", 5, "")
        .input("digest_index", ADDRESS, "")
        .input("s_valid", 1, "addresses to read")
        .output("s_ready", 1, "")
        .input("s_data", ADDRESS, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", BEAT, "")
        .reg("written", 16)
        .reg("settled", 1)
        .wire("complete", 1)
        .wire("open", 1)
        .link(
            "kept",
            memory(log),
            "clk start log_leaves row_valid row_ready row_data digest_data digest_level digest_index s_data m_valid m_ready m_data busy",
            [
                ("rst", "rst || (complete && !settled)"),
                ("row_base", "rows_base"),
                ("digest_base", "digests_base"),
                ("digest_valid", "digest_valid && !start"),
                ("s_valid", "s_valid && open"),
                ("s_ready", "takes"),
            ],
        )
        .body(
            "
            assign digest_ready = !start;
            assign complete     = written == writes && !busy && !start;
            assign open         = complete && settled;
            assign s_ready      = takes && open;

            always @(posedge clk) begin
                written <= written + {15'd0, row_valid && row_ready} + {15'd0, digest_valid && digest_ready};
                if (complete) settled <= 1'b1;
                if (start || rst) begin
                    written     <= 16'd0;
                    settled <= !reset_between;
                end
            end
            ",
        )
}

fn beat_words(rng: &mut ChaCha8Rng, size: Size, k: usize) -> [u32; 8] {
    const EDGES: [u32; 4] = [0, P - 1, 1, 0x5555_5555];
    std::array::from_fn(|_| if size == Size::Edge { EDGES[k % 4] } else { rng.random_range(0..P) })
}

/// Rows and digests to places that do not overlap, then reads of them in any order, some twice.
fn job(rng: &mut ChaCha8Rng, size: Size, log: usize) -> Job {
    let room = 1u32 << log;
    let log_leaves = rng.random_range(0..=3usize.min(log - 3));
    let tree = (2usize << log_leaves) - 1;
    let [mut rows, mut digests] = [rng.random_range(0..4) > 0, rng.random_range(0..4) > 0];
    if size == Size::Whole {
        (rows, digests) = (true, true);
    }
    rows |= !digests;
    let most = (room as usize - 2 * tree).min(if size == Size::Small { 8 } else { 4096 });
    let rows = if !rows { 0 } else { if size == Size::Whole { most } else { rng.random_range(1..=most) } };
    let tree = if digests { tree } else { 0 };
    digests &= tree > 0;
    // Any address: only its low bits reach the memory, and it may wrap.
    let row_base: u32 = rng.random_range(0..1 << ADDRESS);
    // Now and then digests stand right behind the rows.
    let gap = room - rows as u32 - tree as u32;
    let gap = if rng.random_range(0..3) == 0 { 0 } else { rng.random_range(0..=gap) };
    let digest_base = row_base.wrapping_add(rows as u32 + gap) & ((1 << ADDRESS) - 1);
    let (mut by_rule, mut by_map) = (HashMap::new(), HashMap::new());
    let (mut row_beats, mut digest_beats) = (vec![], vec![]);
    let mask = room - 1;
    for k in 0..rows {
        let words = beat_words(rng, size, k);
        row_beats.extend(bus(&words));
        by_rule.insert(place(row_address(row_base, rows as u32, 0, k as u32), log), words);
        by_map.insert((row_base.wrapping_add(k as u32) & mask) as usize, words);
    }
    // Level after level, from the leaves; they come in any order.
    let mut list = vec![];
    let mut next = digest_base;
    for level in (0..=log_leaves).filter(|_| digests) {
        for index in 0..1u32 << (log_leaves - level) {
            list.push((level, index, next));
            next = next.wrapping_add(1);
        }
    }
    list.shuffle(rng);
    for (k, &(level, index, address)) in list.iter().enumerate() {
        let words = beat_words(rng, size, k + 1);
        digest_beats.extend(beat(&[(BEAT, &bus(&words)), (5, &[level as u32]), (ADDRESS, &[index])]));
        by_rule.insert(place(digest_address(digest_base, log_leaves, level, index), log), words);
        by_map.insert((address & mask) as usize, words);
    }
    let mut places: Vec<usize> = by_map.keys().copied().collect();
    places.sort_unstable();
    let reads = match size {
        Size::Small => 6,
        Size::Whole => 8192,
        _ => rng.random_range(1..=2 * places.len()),
    };
    let reads: Vec<u32> = (0..reads)
        .map(|_| places[rng.random_range(0..places.len())] as u32 | rng.random_range(0..1u32 << (ADDRESS - log)) << log)
        .collect();
    let answer = |map: &HashMap<usize, [u32; 8]>| -> Vec<u32> {
        reads.iter().flat_map(|&a| map.get(&((a & mask) as usize)).map_or(vec![], |words| bus(words))).collect()
    };
    let mut bins = vec![match (rows > 0, digests) {
        (true, true) => BINS[3],
        (true, false) => BINS[1],
        _ => BINS[2],
    }];
    bins.extend((size == Size::Edge).then_some(BINS[0]));
    bins.extend(((row_base & mask) as usize + rows > room as usize).then_some(BINS[4]));
    let interrupt = size != Size::Whole && rng.random();
    bins.extend(interrupt.then_some(BINS[5]));
    let writes = rows + list.len();
    let pins = [
        ("log_leaves", log_leaves as u32),
        ("rows_base", row_base),
        ("digests_base", digest_base),
        ("writes", writes as u32),
        ("reset_between", interrupt.into()),
        ("start", 1),
    ];
    Job {
        what: format!("{rows} rows, {} digests, {} reads", list.len(), reads.len()),
        pins: vec![pins.map(|(name, value)| (name, vec![value])).into(), vec![("start", vec![0])]],
        results: reads.len() as u64,
        ideal: (writes + reads.len()) as u64,
        model: vec![answer(&by_rule)],
        reference: vec![answer(&by_map)],
        inputs: vec![row_beats, digest_beats, reads],
        bins,
        ..Job::default()
    }
}
