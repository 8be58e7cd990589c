//! The grinder and its reduction in the table of blocks. The reference is Plonky3's challenger, asked witness by witness.

use super::model::{self, Answer, Search};
use super::{CANONICAL_LATENCY, canonical, grind};
use crate::block::{Block, Face, Job, Point, Size, Sort, beat, bus};
use crate::field::{P, from_montgomery, to_montgomery};
use crate::poseidon2::{Parameters, Shape};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_challenger::{CanObserve, CanSample, DuplexChallenger, GrindingChallenger};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::Permutation;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The reduction alone.
pub(crate) const CANONICAL: Block = Block {
    name: "canonical",
    doc: "a field word to its integer, by shifts and adds",
    sort: Sort::Arithmetic,
    points: || {
        vec![Point {
            name: "w31".into(),
            module: canonical(),
            harness: None,
            face: Face::Fixed { latency: CANONICAL_LATENCY },
            multipliers: 0,
            job: Box::new(reductions),
            bins: vec![],
        }]
    },
};

/// The grinder with its engine.
pub(crate) const GRIND: Block = Block {
    name: "grind",
    doc: "the smallest proof-of-work witness, on a Poseidon2 engine; and states that only pass through",
    sort: Sort::Pipeline,
    points: || [4, 8, 16, 32].into_iter().filter_map(point).collect(),
};

type Challenger = DuplexChallenger<BabyBear, Poseidon2BabyBear<16>, 16, 8>;

/// Bits of the tag of states that pass through.
const TAG: usize = 12;

const FOUND: &str = "a witness";
const NONE: &str = "no witness in the range";
const AT_ONCE: &str = "the first candidate passes";
const WRAPS: &str = "candidates go on at 0";
const FILLS: &str = "the witness fills the buffer";
const LONE: &str = "nothing but the witness is absorbed";
const PASSED: &str = "states pass through after a search";

/// Words at the edges of the field.
const EDGES: [u32; 6] = [0, 1, P - 1, P - 2, 1 << 27, (1 << 27) - 1];

fn point(multipliers: usize) -> Option<Point> {
    let shape = Shape::new(16, multipliers).ok()?;
    let module = grind(&shape, TAG);
    Some(Point {
        name: format!("k{multipliers}"),
        module,
        harness: None,
        face: Face::Streams { inputs: &["s_"], outputs: &["m_", "answer_"], memory: None },
        multipliers,
        job: Box::new(move |rng, size| job(rng, size, &shape)),
        bins: vec![FOUND, NONE, AT_ONCE, WRAPS, FILLS, LONE, PASSED],
    })
}

/// A transcript, what is searched, and how many states pass through afterwards.
struct Case {
    sponge: [BabyBear; 16],
    pending: Vec<BabyBear>,
    bits: usize,
    /// As an integer.
    first: u32,
    candidates: u32,
    passing: usize,
}

impl Case {
    fn new(rng: &mut ChaCha8Rng, size: Size) -> Self {
        let word = |rng: &mut ChaCha8Rng| {
            BabyBear::new(match size {
                Size::Edge => EDGES[rng.random_range(0..EDGES.len())],
                _ => rng.random_range(0..P),
            })
        };
        let place = match size {
            Size::Edge => [0, 7][rng.random_range(0..2)],
            _ => rng.random_range(0..8),
        };
        let first = match size {
            Size::Whole => 0,
            // Now and then so near the end that candidates wrap.
            _ if rng.random() => P - rng.random_range(1..8),
            _ => rng.random_range(0..P),
        };
        let (bits, candidates, passing) = match size {
            Size::Edge => ([0, 1, 30][rng.random_range(0..3)], rng.random_range(1..9), rng.random_range(0..3)),
            Size::Small => (1, 3, 1),
            // Few, or so many that it is the witness that ends the search.
            Size::Random => match rng.random_range(0..2) {
                0 => (rng.random_range(0..6), rng.random_range(1..100), rng.random_range(0..6)),
                _ => {
                    let bits = rng.random_range(7..31);
                    (rng.random_range(0..5), (1 << bits) + rng.random_range(0..4), 0)
                }
            },
            Size::Whole => (16, 1 << 17, 0),
        };
        let sponge = std::array::from_fn(|_| word(rng));
        let pending = (0..place).map(|_| word(rng)).collect();
        Self { sponge, pending, bits, first, candidates, passing }
    }

    /// The search that a host makes of it: what absorbing a witness does to the sponge, but for the witness.
    fn search(&self) -> Search {
        let place = self.pending.len();
        let mut state = self.sponge;
        state[..8].fill(BabyBear::ZERO);
        state[..place].copy_from_slice(&self.pending);
        state[8] += BabyBear::from_usize(place + 1);
        let state = state.map(|x| to_montgomery(x.as_canonical_u32()));
        Search { state, place, bits: self.bits, first: to_montgomery(self.first), candidates: self.candidates }
    }

    /// What Plonky3's challenger says, one witness after the other.
    fn stock(&self) -> Answer {
        let mut before = Challenger::new(default_babybear_poseidon2_16());
        before.sponge_state = self.sponge;
        before.input_buffer.clone_from(&self.pending);
        for judged in 1..=u64::from(self.candidates) {
            let witness = BabyBear::new(((u64::from(self.first) + judged - 1) % u64::from(P)) as u32);
            if before.clone().check_witness(self.bits, witness) {
                let mut after = before.clone();
                after.observe(witness);
                let sample: BabyBear = after.sample();
                let witness = to_montgomery(witness.as_canonical_u32());
                return Answer { found: true, witness, value: sample.as_canonical_u32(), judged };
            }
        }
        Answer { judged: self.candidates.into(), ..Answer::default() }
    }
}

/// A search alone, as a job of whoever has a grinder in it: its answer is the only beat.
pub(crate) fn search(rng: &mut ChaCha8Rng, size: Size, shape: &Shape) -> Job {
    let case = Case { passing: 0, ..Case::new(rng, size) };
    let mut job = made(rng, &case, &case.stock(), shape);
    job.inputs.clear();
    (job.model, job.reference) = (job.model.split_off(1), job.reference.split_off(1));
    job.bins.clear();
    job
}

fn job(rng: &mut ChaCha8Rng, size: Size, shape: &Shape) -> Job {
    let mut case = Case::new(rng, size);
    let mut stock = case.stock();
    // A whole search is one of about 2^16 candidates.
    while size == Size::Whole && !(1 << 15..1 << 17).contains(&stock.judged) {
        case = Case::new(rng, size);
        stock = case.stock();
    }
    made(rng, &case, &stock, shape)
}

fn made(rng: &mut ChaCha8Rng, case: &Case, stock: &Answer, shape: &Shape) -> Job {
    let search = case.search();
    let ours = model::search(&Parameters::width_16(), &search);
    let states: Vec<[BabyBear; 16]> =
        (0..case.passing).map(|_| std::array::from_fn(|_| BabyBear::new(rng.random_range(0..P)))).collect();
    let words = |state: &[BabyBear; 16]| state.map(|x| to_montgomery(x.as_canonical_u32()));
    let beats = |states: &[[u32; 16]]| -> Vec<u32> {
        let groups = states.iter().enumerate().flat_map(|(tag, s)| s.chunks(shape.group).map(move |g| (tag as u32, g)));
        groups.flat_map(|(tag, g)| beat(&[(31 * shape.group, &bus(g)), (TAG, &[tag])])).collect()
    };
    let sent: Vec<[u32; 16]> = states.iter().map(words).collect();
    let modelled = sent.clone().into_iter().map(|mut state| {
        Parameters::width_16().permute(&mut state);
        state
    });
    let permutation = default_babybear_poseidon2_16();
    let permuted = states.iter().map(|state| words(&permutation.permute(*state)));
    let answer = |a: &Answer| vec![u32::from(a.found), a.witness, a.value];
    let judged = stock.judged + states.len() as u64;
    Job {
        what: format!(
            "{} bits at word {} from {}, {} candidates, {} judged, then {} states",
            case.bits, search.place, case.first, case.candidates, stock.judged, case.passing
        ),
        pins: pins(&search),
        inputs: vec![beats(&sent)],
        model: vec![beats(&modelled.collect::<Vec<_>>()), answer(&ours)],
        reference: vec![beats(&permuted.collect::<Vec<_>>()), answer(stock)],
        results: judged,
        multiplies: 4 * shape.parameters().sboxes() as u64 * judged,
        after: after(shape, stock.judged),
        bins: bins(case, stock),
        ..Job::default()
    }
}

/// What the counters say, and that there is no search.
fn after(shape: &Shape, judged: u64) -> Vec<(&'static str, Vec<u32>)> {
    let multiplies = 4 * shape.parameters().sboxes() as u64 * judged;
    vec![
        ("grind_busy", vec![0]),
        ("grind_permutations", vec![judged as u32]),
        ("grind_multiplies", vec![multiplies as u32, (multiplies >> 32) as u32]),
    ]
}

/// The state word by word, then the start.
fn pins(search: &Search) -> Vec<Vec<(&'static str, Vec<u32>)>> {
    let word = |(k, &word): (usize, &u32)| {
        let marked = u32::from(k == search.place);
        // A pin that was never set has any value.
        vec![
            ("grind_start", vec![0]),
            ("seed", vec![1]),
            ("seed_index", vec![k as u32]),
            ("seed_data", vec![word]),
            ("seed_marked", vec![marked]),
        ]
    };
    let mut pins: Vec<_> = search.state.iter().enumerate().map(word).collect();
    pins.push(vec![
        ("seed", vec![0]),
        ("grind_start", vec![1]),
        ("grind_bits", vec![search.bits as u32]),
        ("grind_first", vec![search.first]),
        ("grind_candidates", vec![search.candidates]),
    ]);
    pins.push(vec![("grind_start", vec![0])]);
    pins
}

fn bins(case: &Case, answer: &Answer) -> Vec<&'static str> {
    let last = u64::from(case.first) + answer.judged - 1;
    let hit = [
        (answer.found, FOUND),
        (!answer.found, NONE),
        (answer.found && answer.judged == 1, AT_ONCE),
        (last >= u64::from(P), WRAPS),
        (case.pending.len() == 7, FILLS),
        (case.pending.is_empty(), LONE),
        (case.passing > 0, PASSED),
    ];
    hit.into_iter().filter(|(hit, _)| *hit).map(|(_, bin)| bin).collect()
}

fn reductions(rng: &mut ChaCha8Rng, size: Size) -> Job {
    let count = match size {
        Size::Edge => EDGES.len(),
        Size::Small => 8,
        Size::Random => 1000,
        Size::Whole => 1 << 14,
    };
    let words: Vec<u32> =
        (0..count).map(|k| if size == Size::Edge { EDGES[k] } else { rng.random_range(0..P) }).collect();
    // The host's own way back: one is R, so an element divided by it is the word's integer.
    let stock = |&word: &u32| (BabyBear::new(word) * BabyBear::TWO.exp_u64(32).inverse()).as_canonical_u32();
    Job {
        what: format!("{count} words"),
        model: vec![words.iter().map(|&word| from_montgomery(word)).collect()],
        reference: vec![words.iter().map(stock).collect()],
        results: count as u64,
        inputs: vec![words],
        ..Job::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    /// Model and reference agree on jobs of every size, and the jobs hit every bin between them.
    #[test]
    fn the_model_is_plonky3s_challenger() {
        let seed = 31;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let shape = Shape::new(16, 4).unwrap();
        let mut hit = vec![];
        for size in [Size::Edge, Size::Small, Size::Random].repeat(40) {
            let job = job(&mut rng, size, &shape);
            assert_eq!(job.model, job.reference, "{}, seed {seed}", job.what);
            hit.extend(job.bins);
        }
        for bin in point(4).unwrap().bins {
            assert!(hit.contains(&bin), "{bin}, seed {seed}");
        }
        for size in [Size::Edge, Size::Random] {
            let job = reductions(&mut rng, size);
            assert_eq!(job.model, job.reference, "{}, seed {seed}", job.what);
        }
    }
}
