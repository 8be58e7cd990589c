//! The hasher as a block: rows of every kind and trees, against Plonky3's sponge, compression and Merkle tree.

use super::{HasherConfig, INDEX, LEVEL, hasher};
use crate::block::{Block, Face, Job, Order, Point, Size, Sort, beat, bus};
use crate::field::block::{element, stock, word};
use crate::grind::block as grind;
use crate::poseidon2::model::{Digest, sponge, tree};
use crate::poseidon2::{Parameters, Shape};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_commit::Mmcs;
use p3_field::Field;
use p3_matrix::dense::RowMajorMatrix;
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{CryptographicHasher, PaddingFreeSponge, PseudoCompressionFunction, TruncatedPermutation};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Row of the table of blocks.
pub(crate) const HASHER: Block =
    Block { name: "hasher", doc: "Row sponge and Merkle tree.", sort: Sort::Pipeline, points };

type Permutation = Poseidon2BabyBear<16>;
type Sponge = PaddingFreeSponge<Permutation, 16, 8, 8>;
type Compression = TruncatedPermutation<Permutation, 2, 8, 16>;
type Packing = <BabyBear as Field>::Packing;
type Tree = MerkleTreeMmcs<Packing, Packing, Sponge, Compression, 2, 8>;

/// What the natural whole job of a point is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Traffic {
    /// Rows of 64 columns, no tree.
    Leaves,
    /// The same with their tree.
    Mixed,
    /// A tree over digests, to the root.
    Tree,
}

const BINS: [&str; 14] = [
    "one row",
    "one column",
    "short last group",
    "whole groups",
    "fri layer",
    "extension columns",
    "leaves only",
    "part of a tree",
    "to the root",
    "digests",
    "fewer rows than in flight",
    "more rows than in flight",
    "a search",
    "the largest tree",
];

/// Rows up to which random jobs go to the largest tree, log2.
const LARGEST: usize = 7;

/// One of so many random jobs is a search of the grinder.
const SELDOM: u32 = 8;

/// The smallest hasher first; then, for each number of multipliers, the three jobs that utilisation is quoted for.
fn points() -> Vec<Point> {
    let small = point(4, 7, "k4-r7".into(), Traffic::Mixed);
    let named = [("leaves", Traffic::Leaves), ("mixed", Traffic::Mixed), ("tree", Traffic::Tree)];
    let all = Shape::multipliers_of(16)
        .into_iter()
        .flat_map(|k| named.map(|(name, t)| point(k, 16, format!("k{k}-{name}"), t)));
    small.into_iter().chain(all.flatten()).collect()
}

fn point(multipliers: usize, log: usize, name: String, traffic: Traffic) -> Option<Point> {
    let config = HasherConfig { multipliers, log_rows_max: log };
    let shape = Shape::new(16, multipliers).ok()?;
    Some(Point {
        name,
        module: hasher(&config).ok()?,
        harness: None,
        face: Face::Streams { inputs: &["s_"], outputs: &["m_", "answer_"], memory: None },
        multipliers,
        job: Box::new(move |rng, size| job(&config, &shape, traffic, rng, size)),
        bins: BINS[..BINS.len() - usize::from(log > LARGEST)].to_vec(),
    })
}

fn job(config: &HasherConfig, shape: &Shape, traffic: Traffic, rng: &mut ChaCha8Rng, size: Size) -> Job {
    if matches!(size, Size::Edge | Size::Random) && rng.random_ratio(1, SELDOM) {
        let mut job = grind::search(rng, size, shape);
        job.inputs = vec![vec![]];
        job.model.insert(0, vec![]);
        job.reference.insert(0, vec![]);
        job.bins = vec!["a search"];
        return job;
    }
    Work::of(config, traffic, rng, size).job(config)
}

/// Rows or digests of 2^log leaves, and the levels of the tree above them.
struct Work {
    log: usize,
    levels: usize,
    /// The lowest level that is marked.
    first_sent: usize,
    digests: bool,
    rows: Vec<Vec<u32>>,
    kind: &'static str,
}

impl Work {
    fn of(config: &HasherConfig, traffic: Traffic, rng: &mut ChaCha8Rng, size: Size) -> Self {
        let top = config.log_rows_max;
        let rows = |rng: &mut ChaCha8Rng, log: usize, columns: usize| -> Vec<Vec<u32>> {
            (0..1 << log).map(|_| (0..columns).map(|_| element(rng, size)).collect()).collect()
        };
        if size == Size::Whole {
            // As many rows as keep the engine full several times over.
            let log = top.min(10 + config.multipliers.div_ceil(32).ilog2() as usize);
            let (log, columns) = if traffic == Traffic::Tree { (top, 8) } else { (log, 64) };
            let levels = if traffic == Traffic::Leaves { 0 } else { log };
            let digests = traffic == Traffic::Tree;
            let kind = "whole groups";
            return Self { log, levels, first_sent: 0, digests, rows: rows(rng, log, columns), kind };
        }
        let (kind, columns) = match rng.random_range(0..6) {
            0 => ("one column", 1),
            1 => ("short last group", 8 * rng.random_range(0..4) + rng.random_range(1..8)),
            2 => ("whole groups", 8 * rng.random_range(1..5)),
            // A row of an extension-field layer: elements of five words, 2 to 8 of them.
            3 => ("fri layer", 5 * rng.random_range(2..=8)),
            4 => ("extension columns", 5 * rng.random_range(1..=3)),
            _ => ("digests", 8),
        };
        let digests = kind == "digests";
        let most = match size {
            Size::Small => 2,
            Size::Edge => 3,
            _ => 5,
        };
        let log = match size {
            // Now and then as many rows as the engine holds, or more.
            Size::Random if rng.random_range(0..8) == 0 => {
                let held = config.in_flight().next_power_of_two().ilog2() as usize;
                held + if held > 6 { 0 } else { rng.random_range(0..=3) }
            }
            _ => rng.random_range(0..=most),
        };
        let largest = size == Size::Random && top <= LARGEST && rng.random_range(0..8) == 0;
        let log = if largest { top } else { log.min(top) };
        // Of many rows few columns: it is the tree that they are for.
        let (kind, columns) = if log > 6 && columns > 8 { ("one column", 1) } else { (kind, columns) };
        let levels = match rng.random_range(0..3) {
            _ if largest => log,
            0 => 0,
            1 => rng.random_range(0..=log),
            _ => log,
        };
        let first_sent = rng.random_range(0..=levels + 1);
        Self { log, levels, first_sent, digests, rows: rows(rng, log, columns), kind }
    }

    /// Groups of eight columns, rows in order in each.
    fn beats(&self) -> Vec<u32> {
        let groups = self.rows[0].len().div_ceil(8);
        let one = |group: usize, index: usize| {
            let row = &self.rows[index];
            let words = &row[8 * group..row.len().min(8 * group + 8)];
            // Columns that are not there must not matter: they hold anything.
            let padded: Vec<u32> = (0..8).map(|k| words.get(k).copied().unwrap_or(0x1234_5678)).collect();
            let flags = [(group == 0) as u32, (group + 1 == groups) as u32, words.len() as u32, self.digests as u32];
            let mut ports = vec![(8 * 31, bus(&padded)), (INDEX, vec![index as u32])];
            ports.extend([1, 1, 4, 1].into_iter().zip(flags.map(|f| vec![f])));
            beat(&ports.iter().map(|(bits, words)| (*bits, &words[..])).collect::<Vec<_>>())
        };
        (0..groups).flat_map(|g| (0..self.rows.len()).flat_map(move |i| one(g, i)).collect::<Vec<_>>()).collect()
    }

    /// The digests that come out, level by level.
    fn sent(&self, levels: &[Vec<Digest>]) -> Vec<u32> {
        let sent = levels.iter().enumerate().skip(usize::from(self.digests));
        let place = |(level, nodes): (usize, &Vec<Digest>)| {
            let one = |(index, digest): (usize, &Digest)| {
                let sent = u32::from(level >= self.first_sent);
                beat(&[(8 * 31, &bus(digest)), (LEVEL, &[level as u32]), (INDEX, &[index as u32]), (1, &[sent])])
            };
            nodes.iter().enumerate().flat_map(one).collect::<Vec<_>>()
        };
        sent.flat_map(place).collect()
    }

    /// Every level, by the model.
    fn model(&self) -> Vec<Vec<Digest>> {
        let parameters = Parameters::width_16();
        let leaf = |row: &Vec<u32>| if self.digests { first_eight(row) } else { sponge(&parameters, row) };
        tree(&parameters, &self.rows.iter().map(leaf).collect::<Vec<_>>(), self.levels)
    }

    /// Every level, by Plonky3's sponge and compression; the root of rows by its Merkle tree.
    fn reference(&self) -> Vec<Vec<Digest>> {
        let permutation = default_babybear_poseidon2_16();
        let (hash, pair) = (Sponge::new(permutation.clone()), Compression::new(permutation));
        let leaf = |row: &Vec<u32>| -> [BabyBear; 8] {
            if self.digests { first_eight(row).map(stock) } else { hash.hash_iter(row.iter().map(|&x| stock(x))) }
        };
        let mut levels: Vec<Vec<[BabyBear; 8]>> = vec![self.rows.iter().map(leaf).collect()];
        for level in 0..self.levels {
            let pairs = levels[level].as_chunks::<2>().0;
            levels.push(pairs.iter().map(|&two| pair.compress(two)).collect());
        }
        if !self.digests && self.levels == self.log {
            let words = self.rows.iter().flatten().map(|&x| stock(x)).collect();
            let (root, _) = Tree::new(hash, pair, 0).commit_matrix(RowMajorMatrix::new(words, self.rows[0].len()));
            levels[self.levels] = vec![root.roots()[0]];
        }
        levels.into_iter().map(|nodes| nodes.into_iter().map(|d| d.map(word)).collect()).collect()
    }

    fn permutations(&self) -> u64 {
        let rows = if self.digests { 0 } else { self.rows.len() * self.rows[0].len().div_ceil(8) };
        let nodes: usize = (1..=self.levels).map(|l| self.rows.len() >> l).sum();
        (rows + nodes) as u64
    }

    fn job(&self, config: &HasherConfig) -> Job {
        let (model, reference) = (self.sent(&self.model()), self.sent(&self.reference()));
        let columns = self.rows[0].len();
        let multiplies = self.permutations() * Parameters::width_16().sboxes() as u64 * 4;
        let what = if self.digests { "digests".into() } else { format!("rows x {columns}") };
        let mut bins = vec![self.kind];
        bins.extend((self.log == 0).then_some("one row"));
        bins.push(match self.levels {
            0 => "leaves only",
            levels if levels < self.log => "part of a tree",
            _ => "to the root",
        });
        bins.extend(
            (self.log == config.log_rows_max && self.log <= LARGEST && self.levels == self.log)
                .then_some("the largest tree"),
        );
        let held = config.in_flight();
        bins.push(if self.rows.len() < held { "fewer rows than in flight" } else { "more rows than in flight" });
        let start = vec![
            ("job_start", vec![1]),
            ("job_log_leaves", vec![self.log as u32]),
            ("job_levels", vec![self.levels as u32]),
            ("job_first_sent", vec![self.first_sent as u32]),
        ];
        Job {
            what: format!("2^{} {what}, {} levels", self.log, self.levels),
            pins: vec![start, vec![("job_start", vec![0])]],
            inputs: vec![self.beats()],
            order: Order::Any,
            results: self.permutations(),
            model: vec![model, vec![]],
            reference: vec![reference, vec![]],
            multiplies,
            after: vec![
                ("busy", vec![0]),
                ("permutations", vec![self.permutations() as u32]),
                ("multiplies", vec![multiplies as u32, (multiplies >> 32) as u32]),
            ],
            counted: None,
            ideal: 0,
            bins,
        }
    }
}

fn first_eight(row: &[u32]) -> Digest {
    std::array::from_fn(|k| row[k])
}
