//! The field circuits as blocks: sums, differences, products and reductions of words at every edge and of random ones.

use super::{
    ADD_LATENCY, MUL_LATENCY, P, Product, REDUCE_LATENCY, REDUCE_WIDTH, add, field_add, field_mul, field_reduce,
    field_sub, from_montgomery, mul, sub, to_montgomery, with_product,
};
use crate::block::{Block, Face, Job, Order, Point, Size, Sort};
use crate::netlist::Module;
use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Rows of the table of blocks.
pub(crate) const ADD: Block = row("field-add", "The sum of two elements modulo p.", adders);
pub(crate) const SUB: Block = row("field-sub", "The difference of two elements modulo p.", subtractors);
pub(crate) const MUL: Block = row("field-mul", "The Montgomery product of two elements.", multipliers);
pub(crate) const REDUCE: Block = row("field-reduce", "A lazy sum of 37 bits modulo p.", reducers);

const fn row(name: &'static str, doc: &'static str, points: fn() -> Vec<Point>) -> Block {
    Block { name, doc, sort: Sort::Arithmetic, points }
}

/// Words at which a carry, a borrow or a reduction changes its mind: ends of the range, powers of two, and p's own pattern.
const EDGES: [u32; 20] = [
    0,
    1,
    2,
    3,
    (1 << 17) - 1,
    1 << 17,
    (1 << 18) - 1,
    1 << 18,
    1 << 26,
    (1 << 27) - 1,
    1 << 27,
    (1 << 27) + 1,
    P / 2,
    P / 2 + 1,
    15 << 26,
    P - (1 << 27),
    P - 3,
    P - 2,
    P - 1,
    0x0fff_fffe, // one, in Montgomery form
];

/// An element: at an edge always in edge jobs, and one time in eight in others.
pub(crate) fn element(rng: &mut ChaCha8Rng, size: Size) -> u32 {
    if size == Size::Edge || rng.random_range(0..8) == 0 {
        EDGES[rng.random_range(0..EDGES.len())]
    } else {
        rng.random_range(0..P)
    }
}

/// Plonky3's element of a word in Montgomery form.
pub(crate) fn stock(word: u32) -> BabyBear {
    BabyBear::from_u32(from_montgomery(word))
}

/// The word in Montgomery form of Plonky3's element.
pub(crate) fn word(element: BabyBear) -> u32 {
    to_montgomery(element.as_canonical_u32())
}

/// How many operands a job has.
pub(crate) fn vectors(size: Size) -> usize {
    match size {
        Size::Edge => EDGES.len() * EDGES.len(),
        Size::Small => 64,
        Size::Random => 2_000,
        Size::Whole => 20_000,
    }
}

/// A circuit of two operands.
#[derive(Clone, Copy)]
struct Binary {
    latency: usize,
    multipliers: usize,
    model: fn(u32, u32) -> u32,
    reference: fn(BabyBear, BabyBear) -> BabyBear,
}

impl Binary {
    fn point(self, name: &str, module: Module) -> Point {
        Point {
            name: name.into(),
            module,
            harness: None,
            face: Face::Fixed { latency: self.latency },
            multipliers: self.multipliers,
            job: Box::new(move |rng, size| self.job(rng, size)),
            bins: BINS.to_vec(),
        }
    }

    fn job(self, rng: &mut ChaCha8Rng, size: Size) -> Job {
        let count = vectors(size);
        // Edge jobs have every pair of edges.
        let pair = |k: usize| match size {
            Size::Edge => [EDGES[k / EDGES.len()], EDGES[k % EDGES.len()]],
            _ => std::array::from_fn(|_| element(rng, size)),
        };
        let pairs: Vec<[u32; 2]> = (0..count).map(pair).collect();
        let model = pairs.iter().map(|&[a, b]| (self.model)(a, b)).collect();
        let reference = pairs.iter().map(|&[a, b]| word((self.reference)(stock(a), stock(b)))).collect();
        let hit = |bin: &&&str| {
            pairs.iter().any(|&[a, b]| match **bin {
                "zero" => a == 0 || b == 0,
                "largest" => a == P - 1 && b == P - 1,
                "equal" => a == b,
                "wraps" => u64::from(a) + u64::from(b) >= u64::from(P),
                _ => a < b,
            })
        };
        Job {
            what: format!("{count} pairs"),
            inputs: vec![pairs.concat()],
            order: Order::Listed,
            model: vec![model],
            reference: vec![reference],
            results: count as u64,
            multiplies: (count * self.multipliers) as u64,
            bins: BINS.iter().filter(hit).copied().collect(),
            ..Job::default()
        }
    }
}

/// What pairs of operands must meet between them.
const BINS: [&str; 5] = ["zero", "largest", "equal", "wraps", "less"];

fn adders() -> Vec<Point> {
    let row = Binary { latency: ADD_LATENCY, multipliers: 0, model: add, reference: |a, b| a + b };
    vec![row.point("w31", field_add())]
}

fn subtractors() -> Vec<Point> {
    let row = Binary { latency: ADD_LATENCY, multipliers: 0, model: sub, reference: |a, b| a - b };
    vec![row.point("w31", field_sub())]
}

fn multipliers() -> Vec<Point> {
    let row = Binary { latency: MUL_LATENCY, multipliers: 1, model: mul, reference: |a, b| a * b };
    Product::ALL.map(|p| row.point(p.name(), with_product(&field_mul(), p))).into()
}

fn reducers() -> Vec<Point> {
    const BINS: [&str; 4] = ["reduced", "multiple of p", "below a multiple", "largest"];
    let job = |rng: &mut ChaCha8Rng, size: Size| {
        let top = (1u64 << REDUCE_WIDTH) - 1;
        let count = vectors(size);
        // Near multiples of p, near multiples of 2^27, or anything.
        let value = |k: usize| {
            let near = match rng.random_range(0..2) {
                0 => u64::from(P) * (if size == Size::Edge { k as u64 / 5 } else { rng.random_range(0..=68) }),
                _ => rng.random_range(0..1u64 << (REDUCE_WIDTH - 27)) << 27,
            };
            let near =
                (near + if size == Size::Edge { k as u64 % 5 } else { rng.random_range(0..5) }).saturating_sub(2);
            match size {
                Size::Edge if k + 1 == count => top,
                Size::Edge => near.min(top),
                _ if rng.random() => near.min(top),
                _ => rng.random_range(0..=top),
            }
        };
        let values: Vec<u64> = (0..count).map(value).collect();
        let hit = |bin: &&&str| {
            values.iter().any(|v| match **bin {
                "reduced" => *v < u64::from(P),
                "multiple of p" => *v > 0 && v % u64::from(P) == 0,
                "below a multiple" => v % u64::from(P) == u64::from(P) - 1,
                _ => *v == top,
            })
        };
        Job {
            what: format!("{count} sums"),
            inputs: vec![values.iter().flat_map(|v| [*v as u32, (v >> 32) as u32]).collect()],
            model: vec![values.iter().map(|v| (v % u64::from(P)) as u32).collect()],
            reference: vec![values.iter().map(|&v| BabyBear::from_u64(v).as_canonical_u32()).collect()],
            results: count as u64,
            bins: BINS.iter().filter(hit).copied().collect(),
            ..Job::default()
        }
    };
    vec![Point {
        name: format!("v{REDUCE_WIDTH}"),
        module: field_reduce(),
        harness: None,
        face: Face::Fixed { latency: REDUCE_LATENCY },
        multipliers: 0,
        job: Box::new(job),
        bins: BINS.to_vec(),
    }]
}
