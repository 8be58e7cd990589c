//! The row of the transform in external memory in the table of blocks.

use super::model::transform;
use super::watched::{Spoil, watched};
use super::{Geometry, external_lde};
use crate::block::{Block, Face, Job, Order, Point, Size, Sort, bus};
use crate::field::{self, P};
use crate::lde::model::{Shape, multiplies};
use p3_baby_bear::BabyBear;
use p3_dft::{Radix2Dit, TwoAdicSubgroupDft};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The transform in external memory.
pub(crate) const EXTERNAL_LDE: Block = Block {
    name: "lde-external",
    doc: "the coset low-degree extension in external memory, two passes, rows out in leaf order",
    sort: Sort::Pipeline,
    points: || POINTS.iter().filter_map(|geometry| point(*geometry)).collect(),
};

/// Tiny circuits over lanes, blow-ups, bursts and buses, then one with bursts of 1 KiB.
pub(crate) const POINTS: [Geometry; 7] = [
    // So few bursts under way that the limit is reached.
    Geometry { outstanding: 2, ..tiny(2, 6, 1, 5, 2, 512) },
    tiny(8, 8, 1, 5, 2, 256),
    tiny(1, 6, 0, 4, 2, 256),
    tiny(2, 8, 2, 6, 3, 512),
    tiny(4, 7, 3, 5, 1, 256),
    tiny(8, 9, 1, 7, 3, 1024),
    tiny(8, 13, 1, 9, 5, 256),
];

const fn tiny(
    lanes: usize,
    log_rows_max: usize,
    log_blowup_max: usize,
    log_block: usize,
    log_run: usize,
    data_bits: usize,
) -> Geometry {
    Geometry {
        lanes,
        log_rows_max,
        log_blowup_max,
        log_block,
        log_run,
        data_bits,
        id_bits: 1,
        address_bits: 32,
        outstanding: 8,
    }
}

/// Memory that whoever runs the jobs puts behind the port, at least.
const MEMORY_BYTES: u64 = 1 << 22;

/// Words at the edges of the field and of the multiplier's halves.
const EDGES: [u32; 8] = [0, 1, 2, P - 1, P - 2, 1 << 27, 15 << 27, (1 << 27) - 1];

fn point(geometry: Geometry) -> Option<Point> {
    let Geometry { lanes, log_rows_max, log_blowup_max, log_block, log_run, data_bits, .. } = geometry;
    let mut bins = BLOWUPS[..=log_blowup_max].to_vec();
    bins.extend(["one group", "more groups", "fewest rows", "most rows"]);
    bins.extend(FAILURES);
    Some(Point {
        name: format!("l{lanes}-n{log_rows_max}-b{log_blowup_max}-t{log_block}-r{log_run}-d{data_bits}"),
        module: external_lde(&geometry).ok()?,
        harness: Some(watched(&geometry).ok()?),
        face: Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: Some("axi_") },
        // One makes the twiddles.
        multipliers: lanes + 1,
        job: Box::new(move |rng, size| job(&geometry, rng, size)),
        bins,
    })
}

const BLOWUPS: [&str; 4] = ["blow-up 1", "blow-up 2", "blow-up 4", "blow-up 8"];

const FAILURES: [&str; 3] = ["sizes refused", "a read failed", "a write failed"];

/// One of so many random jobs fails.
const SELDOM: u32 = 4;

/// What becomes of a job.
#[derive(Clone, Copy, Debug)]
enum End {
    Done,
    /// Its log_rows and log_blowup are not the circuit's.
    Refused(usize, usize),
    /// This answer of memory is spoiled.
    Spoiled(Spoil, usize),
}

impl End {
    /// A failure of a job of 2^log_rows rows, before any of its rows leaves.
    fn failed(geometry: &Geometry, rng: &mut ChaCha8Rng, log_rows: usize) -> Self {
        let Geometry { log_rows_max: most, log_blowup_max, log_run, data_bits, .. } = *geometry;
        // The strips and the blocks of the first group are read, its words and strips are written, before there is a row.
        let beats = 2 * (256 << log_rows) / data_bits;
        let bursts = 2 << (log_rows - log_run);
        match rng.random_range(0..7) {
            0 => Self::Refused([0, geometry.log_rows_min() - 1][rng.random_range(0..2)], 0),
            1 => Self::Refused([most + 1, 31][rng.random_range(0..2)], 0),
            2 if log_blowup_max < 3 => Self::Refused(log_rows, rng.random_range(log_blowup_max + 1..=3)),
            3 => Self::Spoiled(Spoil::Id, rng.random_range(0..beats)),
            4 => Self::Spoiled(Spoil::Last, rng.random_range(0..beats)),
            5 => Self::Spoiled(Spoil::Read, rng.random_range(0..beats)),
            _ => Self::Spoiled(Spoil::Write, rng.random_range(0..bursts)),
        }
    }
}

fn job(geometry: &Geometry, rng: &mut ChaCha8Rng, size: Size) -> Job {
    let (least, most, log_blowup_max) = (geometry.log_rows_min(), geometry.log_rows_max, geometry.log_blowup_max);
    let usual = if most <= 8 || rng.random_ratio(1, 50) { most } else { (least + 2).min(most) };
    let (log_rows, log_blowup, groups) = match size {
        Size::Edge => {
            (rng.random_range(least..=least + 1), rng.random_range(0..=log_blowup_max), rng.random_range(1..=3))
        }
        Size::Small => (least, log_blowup_max, 2),
        Size::Random => {
            (rng.random_range(least..=usual), rng.random_range(0..=log_blowup_max), rng.random_range(1..=4))
        }
        Size::Whole => (most, log_blowup_max, 4),
    };
    let edges = size == Size::Edge;
    let shift = if edges { [1, 31, P - 1, 2][rng.random_range(0..4)] } else { rng.random_range(1..P) };
    let word = |rng: &mut ChaCha8Rng| if edges { EDGES[rng.random_range(0..8)] } else { rng.random_range(0..P) };
    let words: Vec<u32> = (0..groups * (8 << log_rows)).map(|_| word(rng)).collect();
    let shape = Shape::new(log_rows, log_blowup, field::to_montgomery(shift));
    let end = match size {
        Size::Edge | Size::Random if rng.random_ratio(1, SELDOM) => End::failed(geometry, rng, log_rows),
        _ => End::Done,
    };
    // Memory may begin anywhere on its pages.
    let pages = (MEMORY_BYTES - geometry.memory_bytes()) >> 12;
    let base = rng.random_range(0..=pages) << 12;
    let mut pins = pins(geometry, &shape, groups, size == Size::Whole);
    let (spoil, after) = if let End::Spoiled(how, after) = end { (how as u32, after) } else { (0, 0) };
    let last = pins.len() - 2;
    pins[last].extend(
        [("told", 1), ("base", base as u32), ("spoil", spoil), ("spoil_after", after as u32)]
            .map(|(n, x)| (n, vec![x])),
    );
    if let End::Refused(rows, blowup) = end {
        pins[last].extend([("log_rows", rows), ("log_blowup", blowup)].map(|(n, x)| (n, vec![x as u32])));
    }
    if !matches!(end, End::Done) {
        // A beat of no row.
        let beat = [&[0; 10][..], &[1, (groups == 1).into(), 1]].concat();
        return Job {
            what: format!("2^{log_rows} rows x {}, blow-up 2^{log_blowup}, that fail: {end:?}", 8 * groups),
            pins,
            inputs: vec![words],
            model: vec![beat.clone()],
            reference: vec![beat],
            results: 1,
            after: vec![("overrun", vec![0])],
            bins: vec![match end {
                End::Refused(..) => FAILURES[0],
                End::Spoiled(Spoil::Write, _) => FAILURES[2],
                _ => FAILURES[1],
            }],
            ..Job::default()
        };
    }
    let rows = transform(geometry, &shape, &words);
    let expected = reference(log_rows, log_blowup, shift, &words);
    let told =
        |rows: &[[u32; 8]]| labelled(&shape, rows, groups).chunks(12).flat_map(|beat| [beat, &[0]].concat()).collect();
    let bins = [
        Some(BLOWUPS[log_blowup]),
        Some(if groups == 1 { "one group" } else { "more groups" }),
        (log_rows == least).then_some("fewest rows"),
        (log_rows == most).then_some("most rows"),
    ];
    Job {
        what: format!("2^{log_rows} rows x {}, blow-up 2^{log_blowup}, shift {shift}", 8 * groups),
        pins,
        order: Order::Listed,
        model: vec![told(&rows)],
        reference: vec![told(&expected)],
        results: 8 * expected.len() as u64,
        multiplies: groups as u64 * multiplies(log_rows, log_blowup),
        // No word more is taken.
        after: vec![("overrun", vec![0]), ("s_ready", vec![0])],
        counted: Some(groups as u64 * multiplies(log_rows, log_blowup) / geometry.lanes as u64),
        // All of the first group is loaded before any of it is transformed; one multiplier of all makes twiddles.
        ideal: (8 << log_rows) + groups as u64 * multiplies(log_rows, log_blowup) / geometry.lanes as u64,
        bins: bins.into_iter().flatten().collect(),
        inputs: vec![words],
    }
}

/// Plonky3's extension in leaf order, as beats. Words in Montgomery form, `shift` canonical.
pub fn reference(log_rows: usize, log_blowup: usize, shift: u32, words: &[u32]) -> Vec<[u32; 8]> {
    let word = |x: BabyBear| field::to_montgomery(x.as_canonical_u32());
    let group = |group: &[u32]| {
        let values = group.iter().map(|&x| BabyBear::from_u32(field::from_montgomery(x))).collect();
        let matrix = RowMajorMatrix::new(values, 8);
        let extended = Radix2Dit::default().coset_lde_batch(matrix, log_blowup, BabyBear::from_u32(shift));
        let rows = extended.bit_reverse_rows().to_row_major_matrix().values;
        rows.chunks(8).map(|row| std::array::from_fn(|c| word(row[c]))).collect::<Vec<[u32; 8]>>()
    };
    words.chunks(8 << log_rows).flat_map(group).collect()
}

/// What `m_` carries: the row's words, its number, its group, whether that is the first, the last.
pub fn labelled(shape: &Shape, rows: &[[u32; 8]], groups: usize) -> Vec<u32> {
    let height = 1usize << (shape.log_rows + shape.log_blowup);
    let beat = |(k, row): (usize, &[u32; 8])| {
        let group = k / height;
        let label = [k % height, group, usize::from(group == 0), usize::from(group + 1 == groups)];
        [bus(row), label.map(|x| x as u32).to_vec()].concat()
    };
    rows.iter().enumerate().flat_map(beat).collect()
}

/// The seeds, the start, and the clocks before the first word; before a whole job also those in which the tables of twiddles fill.
pub fn pins(geometry: &Geometry, shape: &Shape, groups: usize, settled: bool) -> Vec<Vec<(&'static str, Vec<u32>)>> {
    let tables = (1 << geometry.low_bits()) + (1 << geometry.high_bits()) + 16 * geometry.index_bits();
    let mut pins = vec![vec![]; if settled { tables } else { 0 }];
    let word = |x: usize| vec![x as u32];
    pins.push(vec![("clear", word(0)), ("base", word(0))]);
    pins.extend(
        shape
            .seeds
            .iter()
            .enumerate()
            .map(|(k, &seed)| vec![("seed", word(1)), ("seed_index", word(k)), ("seed_data", vec![seed])]),
    );
    pins.push(vec![
        ("seed", word(0)),
        ("step", vec![shape.step]),
        ("log_rows", word(shape.log_rows)),
        ("log_blowup", word(shape.log_blowup)),
        ("group_last", word(groups - 1)),
        ("start", word(1)),
    ]);
    pins.push(vec![("start", word(0))]);
    pins
}
