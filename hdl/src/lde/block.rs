//! The rows of the transform in the table of blocks: its butterfly, and the whole of it over lanes, sizes and blow-ups.

use super::model::{Shape, multiplies, transform};
use super::{BUTTERFLY_LATENCY, Geometry, butterfly, lde};
use crate::block::{Block, Face, Job, Order, Point, Size, Sort, bus};
use crate::field::{self, P};
use p3_baby_bear::BabyBear;
use p3_dft::{Radix2Dit, TwoAdicSubgroupDft};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The butterfly.
pub(crate) const BUTTERFLY: Block = Block {
    name: "butterfly",
    doc: "both butterflies of the transform and the scaling, around one multiplier",
    sort: Sort::Arithmetic,
    points: || {
        vec![Point {
            name: "radix2".into(),
            module: butterfly(),
            harness: None,
            face: Face::Fixed { latency: BUTTERFLY_LATENCY },
            multipliers: 1,
            job: Box::new(butterfly_job),
            bins: BUTTERFLY_BINS.to_vec(),
        }]
    },
};

/// The transform.
pub(crate) const LDE: Block = Block {
    name: "lde",
    doc: "the coset low-degree extension, 8 columns at a time, rows out in leaf order",
    sort: Sort::Pipeline,
    points: || POINTS.iter().map(|&(lanes, n, b)| point(lanes, n, b)).collect(),
};

/// Lanes, log2 of the rows, log2 of the blow-up: a small circuit of every number of lanes, then natural sizes.
const POINTS: [(usize, usize, usize); 14] = [
    (1, 6, 1),
    (1, 5, 1),
    (2, 5, 2),
    (4, 6, 3),
    (8, 6, 1),
    (16, 7, 1),
    (1, 10, 1),
    (2, 10, 1),
    (4, 10, 1),
    (4, 10, 2),
    (8, 11, 1),
    (8, 10, 3),
    (16, 11, 1),
    (16, 9, 3),
];

/// Words at the edges of the field and of the multiplier's halves.
const EDGES: [u32; 8] = [0, 1, 2, P - 1, P - 2, 1 << 27, 15 << 27, (1 << 27) - 1];

const BUTTERFLY_BINS: [&str; 7] =
    ["forward", "inverse", "scale", "sum reduced", "sum kept", "difference borrows", "difference kept"];

fn element(rng: &mut ChaCha8Rng, edges: bool) -> u32 {
    if edges { EDGES[rng.random_range(0..EDGES.len())] } else { rng.random_range(0..P) }
}

/// Plonky3's element of a field word.
fn plonky3(word: u32) -> BabyBear {
    BabyBear::from_u32(field::from_montgomery(word))
}

fn word(element: BabyBear) -> u32 {
    field::to_montgomery(element.as_canonical_u32())
}

fn butterfly_job(rng: &mut ChaCha8Rng, size: Size) -> Job {
    let count = match size {
        Size::Edge => EDGES.len().pow(3) * 3,
        Size::Small => 48,
        Size::Random => 2000,
        Size::Whole => 4096,
    };
    let mut job = Job { what: format!("{count} butterflies"), inputs: vec![vec![]], ..Job::default() };
    let (mut model, mut reference) = (vec![], vec![]);
    for k in 0..count {
        let [a, b, t] = match size {
            Size::Edge => [1, 8, 64].map(|place| EDGES[k / 3 / place % EDGES.len()]),
            _ => std::array::from_fn(|_| element(rng, false)),
        };
        let mode = if size == Size::Whole { 0 } else { k % 3 };
        let (inverse, scale) = (mode == 1, mode == 2);
        job.inputs[0].extend([u32::from(inverse), u32::from(scale), a, b, t]);
        // What meets the twiddle and what passes beside it, in integers and in Plonky3's field.
        let factor = if inverse {
            field::sub(b, a)
        } else if scale {
            a
        } else {
            b
        };
        let (product, kept) = (field::mul(factor, t), if inverse { field::add(a, b) } else { a });
        let x = if scale {
            product
        } else if inverse {
            kept
        } else {
            field::add(kept, product)
        };
        let y = if inverse { product } else { field::sub(kept, product) };
        model.extend([x, y]);
        let [p, q, r] = [a, b, t].map(plonky3);
        let (x, y) = match mode {
            0 => (p + r * q, p - r * q),
            1 => (p + q, (q - p) * r),
            _ => (p * r, p - p * r),
        };
        reference.extend([word(x), word(y)]);
        let (above, below) = if inverse { (a, b) } else { (kept, product) };
        let sum = if u64::from(above) + u64::from(below) >= u64::from(P) { "sum reduced" } else { "sum kept" };
        let lesser = if inverse { b < a } else { kept < product };
        let difference = if lesser { "difference borrows" } else { "difference kept" };
        job.bins.extend([BUTTERFLY_BINS[mode], sum, difference]);
    }
    job.bins.sort_unstable();
    job.bins.dedup();
    (job.results, job.multiplies) = (2 * count as u64, count as u64);
    (job.model, job.reference) = (vec![model], vec![reference]);
    job
}

fn point(lanes: usize, log_rows_max: usize, log_blowup_max: usize) -> Point {
    let geometry = Geometry { lanes, log_rows_max, log_blowup_max };
    let blowups = ["blow-up 1", "blow-up 2", "blow-up 4", "blow-up 8"];
    let mut bins = blowups[..=log_blowup_max].to_vec();
    bins.extend(["one group", "more groups", "fewest rows", "most rows"]);
    Point {
        name: format!("l{lanes}-n{log_rows_max}-b{log_blowup_max}"),
        module: lde(&geometry),
        harness: None,
        face: Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: None },
        multipliers: lanes,
        job: Box::new(move |rng, size| lde_job(&geometry, rng, size)),
        bins,
    }
}

/// Rows of a random job go up to the largest size one time in so many where that is large, so that thousands of jobs stay quick.
const SELDOM: u32 = 50;

fn lde_job(geometry: &Geometry, rng: &mut ChaCha8Rng, size: Size) -> Job {
    let Geometry { lanes, log_rows_max: most, log_blowup_max } = *geometry;
    let least = geometry.log_rows_min();
    let usual = if most <= 6 || rng.random_ratio(1, SELDOM) { most } else { 6 };
    let (log_rows, log_blowup, groups) = match size {
        Size::Edge => (rng.random_range(least..=3), rng.random_range(0..=log_blowup_max), rng.random_range(1..=2)),
        Size::Small => (2, log_blowup_max, 2),
        Size::Random => {
            (rng.random_range(least..=usual), rng.random_range(0..=log_blowup_max), rng.random_range(1..=4))
        }
        // The load of the first group is 1 / (4 * (n/2 * (1 + 2^b) + 1)) of the work, whatever the lanes.
        Size::Whole => (most, log_blowup_max, 4 * lanes),
    };
    let shift = match size {
        Size::Edge => [1, 31, P - 1, 2][rng.random_range(0..4)],
        _ => rng.random_range(1..P),
    };
    let words: Vec<u32> = (0..groups * (8 << log_rows)).map(|_| element(rng, size == Size::Edge)).collect();
    let shape = Shape::new(log_rows, log_blowup, field::to_montgomery(shift));
    let rows = transform(&shape, &words);
    let expected = reference(log_rows, log_blowup, shift, &words);
    Job {
        what: format!("2^{log_rows} rows x {}, blow-up 2^{log_blowup}, shift {shift}", 8 * groups),
        pins: pins(geometry, &shape, groups, size == Size::Whole),
        order: Order::Listed,
        model: vec![labelled(&shape, &rows, groups)],
        reference: vec![labelled(&shape, &expected, groups)],
        results: 8 * expected.len() as u64,
        multiplies: groups as u64 * multiplies(log_rows, log_blowup),
        counted: Some(groups as u64 * multiplies(log_rows, log_blowup) / lanes as u64),
        ideal: 0,
        bins: [
            Some(["blow-up 1", "blow-up 2", "blow-up 4", "blow-up 8"][log_blowup]),
            Some(if groups == 1 { "one group" } else { "more groups" }),
            (log_rows == least).then_some("fewest rows"),
            (log_rows == most).then_some("most rows"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        inputs: vec![words],
        ..Job::default()
    }
}

/// The extension by Plonky3, as beats.
fn reference(log_rows: usize, log_blowup: usize, shift: u32, words: &[u32]) -> Vec<[u32; 8]> {
    let group = |group: &[u32]| {
        let matrix = RowMajorMatrix::new(group.iter().map(|&x| plonky3(x)).collect(), 8);
        let extended = Radix2Dit::default().coset_lde_batch(matrix, log_blowup, BabyBear::from_u32(shift));
        let rows = extended.bit_reverse_rows().to_row_major_matrix().values;
        rows.chunks(8).map(|row| std::array::from_fn(|c| word(row[c]))).collect::<Vec<[u32; 8]>>()
    };
    words.chunks(8 << log_rows).flat_map(group).collect()
}

/// What `m_` carries: the row's words, its number, its group, whether that is the first, the last.
fn labelled(shape: &Shape, rows: &[[u32; 8]], groups: usize) -> Vec<u32> {
    let height = 1usize << (shape.log_rows + shape.log_blowup);
    let beat = |(k, row): (usize, &[u32; 8])| {
        let group = k / height;
        let label = [k % height, group, usize::from(group == 0), usize::from(group + 1 == groups)];
        [bus(row), label.map(|x| x as u32).to_vec()].concat()
    };
    rows.iter().enumerate().flat_map(beat).collect()
}

/// The seeds, the start, and the clocks before the first word; before a whole job also those in which the twiddle table fills.
fn pins(geometry: &Geometry, shape: &Shape, groups: usize, settled: bool) -> Vec<Vec<(&'static str, Vec<u32>)>> {
    let table = if settled { (1 << geometry.twiddle_bits()) + 64 } else { 0 };
    let mut pins = vec![vec![]; table];
    pins.push(vec![("clear", vec![0])]);
    pins.extend(
        shape
            .seeds
            .iter()
            .enumerate()
            .map(|(k, &seed)| vec![("seed", vec![1]), ("seed_index", vec![k as u32]), ("seed_data", vec![seed])]),
    );
    let word = |x: usize| vec![x as u32];
    pins.push(vec![
        ("seed", vec![0]),
        ("step", vec![shape.step]),
        ("log_rows", word(shape.log_rows)),
        ("log_blowup", word(shape.log_blowup)),
        ("group_last", word(groups - 1)),
        ("start", vec![1]),
    ]);
    // The shell needs a frame's header before the first word of data.
    pins.push(vec![("start", vec![0])]);
    pins.extend(vec![vec![]; 3]);
    pins
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn models_and_references_agree_and_every_bin_can_be_hit() {
        for block in [BUTTERFLY, LDE] {
            for point in (block.points)() {
                let mut rng = ChaCha8Rng::seed_from_u64(71);
                let mut hit = vec![];
                for k in 0..150 {
                    let size = [Size::Edge, Size::Small, Size::Random][k % 3];
                    let job = (point.job)(&mut rng, size);
                    assert!(job.model == job.reference, "{} {}: {}", block.name, point.name, job.what);
                    assert!(job.results > 0 && job.multiplies > 0 && job.bins.iter().all(|b| point.bins.contains(b)));
                    hit.extend(job.bins);
                }
                let whole = (point.job)(&mut rng, Size::Whole);
                assert!(whole.model == whole.reference, "{} {}: {}", block.name, point.name, whole.what);
                hit.extend(whole.bins);
                let missed: Vec<_> = point.bins.iter().filter(|b| !hit.contains(b)).collect();
                assert!(missed.is_empty(), "{} {}: {missed:?}", block.name, point.name);
            }
        }
    }
}
