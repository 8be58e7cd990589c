//! The S-box array and the Poseidon2 engines as blocks, against Plonky3's permutations.

use super::sbox::sbox;
use super::{Parameters, SBOX_LATENCY, Shape, engine, model};
use crate::block::{Block, Face, Job, Point, Size, Sort, beat, bus};
use crate::field::block::{element, stock, vectors, word};
use p3_baby_bear::{BabyBear, default_babybear_poseidon2_16, default_babybear_poseidon2_24};
use p3_field::PrimeCharacteristicRing;
use p3_symmetric::Permutation;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Rows of the table of blocks.
pub(crate) const SBOX: Block =
    Block { name: "sbox", doc: "x^7 on E lanes, four multipliers each.", sort: Sort::Arithmetic, points: sboxes };
pub(crate) const ENGINE: Block =
    Block { name: "poseidon2", doc: "Poseidon2 permutations in order.", sort: Sort::Pipeline, points: engines };

/// Bits of the tag of a permutation.
const TAG: usize = 12;

fn sboxes() -> Vec<Point> {
    const BINS: [&str; 2] = ["zero", "largest"];
    let point = |lanes: usize| {
        let job = move |rng: &mut ChaCha8Rng, size: Size| {
            let count = vectors(size);
            let words: Vec<Vec<u32>> = (0..count).map(|_| (0..lanes).map(|_| element(rng, size)).collect()).collect();
            let each = |f: &dyn Fn(u32) -> u32| -> Vec<u32> {
                words.iter().flat_map(|lanes| bus(&lanes.iter().map(|&x| f(x)).collect::<Vec<_>>())).collect()
            };
            let hit = |bin: &&&str| {
                let wanted = if **bin == "zero" { 0 } else { crate::field::P - 1 };
                words.iter().flatten().any(|x| *x == wanted)
            };
            Job {
                what: format!("{count} beats of {lanes}"),
                inputs: vec![each(&|x| x)],
                model: vec![each(&model::sbox)],
                reference: vec![each(&|x| word(stock(x).exp_const_u64::<7>()))],
                results: (count * lanes) as u64,
                multiplies: (4 * count * lanes) as u64,
                bins: BINS.iter().filter(hit).copied().collect(),
                ..Job::default()
            }
        };
        Point {
            name: format!("e{lanes}"),
            module: sbox(lanes),
            harness: None,
            face: Face::Fixed { latency: SBOX_LATENCY },
            multipliers: 4 * lanes,
            job: Box::new(job),
            bins: BINS.to_vec(),
        }
    };
    [1, 2, 4, 8].map(point).into()
}

fn engines() -> Vec<Point> {
    let shapes = [16, 24].into_iter().flat_map(|width| Shape::multipliers_of(width).map(|k| Shape::new(width, k)));
    let mut shapes: Vec<Shape> = shapes.flatten().collect();
    // Smaller is only the one with a single S-box, whose rows have one slot: half of the control has nothing to do there.
    shapes.sort_by_key(|shape| (shape.width, shape.multipliers()) != (16, 8));
    shapes.into_iter().map(point).collect()
}

/// One permutation, fewer than the engine holds, more than it holds.
const BINS: [&str; 3] = ["one", "few", "full"];

fn point(shape: Shape) -> Point {
    Point {
        name: format!("k{}-w{}", shape.multipliers(), shape.width),
        module: engine(&shape, TAG),
        harness: None,
        face: Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: None },
        multipliers: shape.multipliers(),
        job: Box::new(move |rng, size| job(&shape, rng, size)),
        bins: BINS.to_vec(),
    }
}

fn job(shape: &Shape, rng: &mut ChaCha8Rng, size: Size) -> Job {
    let held = shape.in_flight();
    let parameters = shape.parameters();
    let count = match size {
        Size::Edge => 1,
        Size::Small => 3,
        Size::Random if rng.random() => rng.random_range(1..held.min(40)),
        Size::Random => rng.random_range(held..3 * held),
        // So many that the first one's latency is below one part in a hundred.
        Size::Whole => 100 * held.max(16),
    };
    let states: Vec<(Vec<u32>, u32)> = (0..count)
        .map(|_| ((0..shape.width).map(|_| element(rng, size)).collect(), rng.random_range(0..1 << TAG)))
        .collect();
    let beats = |f: &dyn Fn(&[u32]) -> Vec<u32>| -> Vec<u32> {
        let ports = |group: &[u32], tag: u32| beat(&[(31 * group.len(), &bus(group)), (TAG, &[tag])]);
        let state = |(state, tag): &(Vec<u32>, u32)| {
            f(state).chunks(shape.group).flat_map(|group| ports(group, *tag)).collect::<Vec<_>>()
        };
        states.iter().flat_map(state).collect()
    };
    Job {
        what: format!("{count} permutations"),
        inputs: vec![beats(&<[u32]>::to_vec)],
        model: vec![beats(&|state| permuted(&parameters, state))],
        reference: vec![beats(&reference)],
        results: count as u64,
        multiplies: (4 * parameters.sboxes() * count) as u64,
        counted: Some((parameters.sboxes() * count) as u64),
        bins: vec![if count == 1 {
            "one"
        } else if count < held {
            "few"
        } else {
            "full"
        }],
        ..Job::default()
    }
}

fn permuted(parameters: &Parameters, state: &[u32]) -> Vec<u32> {
    let mut state = state.to_vec();
    parameters.permute(&mut state);
    state
}

/// Plonky3's permutation of 16 or 24 words.
fn reference(state: &[u32]) -> Vec<u32> {
    fn permuted<const W: usize>(permutation: &impl Permutation<[BabyBear; W]>, state: &[u32]) -> Vec<u32> {
        permutation.permute(std::array::from_fn(|i| stock(state[i]))).map(word).into()
    }
    match state.len() {
        16 => permuted(&default_babybear_poseidon2_16(), state),
        _ => permuted(&default_babybear_poseidon2_24(), state),
    }
}
