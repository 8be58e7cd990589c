//! One commitment and its openings on a simulated card, from end to end: nothing but the cap comes back, rows and digests stay in device memory until
//! they are opened. Everything that comes back is checked by Plonky3.

use galena_device::link::LinkDevice;
use galena_device::{Counters, Device, Job, Kernel, field};
use galena_hdl::core::core_module;
use galena_hdl::{CORE_TOP, emit};
use galena_sim::SimTransport;
use galena_sim::verilated::{Build, StallPattern};
use galena_target::{Config, FIELD_PRIME, Shape};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_commit::{BatchOpeningRef, Mmcs};
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::Field;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{
    CryptographicHasher, MerkleCap, PaddingFreeSponge, PseudoCompressionFunction, TruncatedPermutation,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

type Packing = <BabyBear as Field>::Packing;
type Perm = Poseidon2BabyBear<16>;
type Sponge = PaddingFreeSponge<Perm, 16, 8, 8>;
type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
type Tree = MerkleTreeMmcs<Packing, Packing, Sponge, Compress, 2, 8>;
type Digest = [BabyBear; 8];
type Failure = Box<dyn std::error::Error>;

/// What is committed and opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// log2 of the rows of the trace.
    pub(crate) log_rows: usize,
    /// Its columns.
    pub(crate) columns: usize,
    /// log2 of the digests of the cap.
    pub(crate) log_cap: usize,
    /// Rows opened, drawn with repetition.
    pub(crate) queries: usize,
}

/// What it took. Clocks are simulated; words are counted by the host, frames, credits and filler included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Clocks of the commitment, from its first word to its last.
    pub(crate) wall: u64,
    /// Clocks that its words need, the fuller direction, at a word a clock.
    pub(crate) link: u64,
    /// Clocks in which the transform or the hasher multiplied.
    pub(crate) compute: u64,
    /// What the busier of the two would need if it never paused.
    pub(crate) multipliers: u64,
    /// Words of the commitment, both ways.
    pub(crate) commit_words: u64,
    /// Rows opened, without repetitions, and digests read for their paths.
    pub(crate) rows: usize,
    /// Digests read.
    pub(crate) digests: usize,
    /// Clocks of all reads.
    pub(crate) open_clocks: u64,
    /// Words of all reads, both ways.
    pub(crate) open_words: u64,
    /// Bytes of the trace.
    pub(crate) trace_bytes: u64,
}

impl Measured {
    /// The part of the smaller of transfer and computation that the larger one hides.
    pub(crate) fn overlap(&self) -> f64 {
        let (more, less) = (self.link.max(self.compute), self.link.min(self.compute));
        1.0 - self.wall.saturating_sub(more) as f64 / less as f64
    }

    /// Bytes over the link, openings included, for each byte of the trace.
    pub(crate) fn bytes_per_byte(&self) -> f64 {
        4.0 * (self.commit_words + self.open_words) as f64 / self.trace_bytes as f64
    }
}

/// Commits and opens random columns on `config`'s card.
pub(crate) fn measure(config: &Config, case: &Case, seed: u64) -> Result<Measured, Failure> {
    let Case { log_rows, columns, log_cap, queries } = *case;
    let log_height = log_rows + 1;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let matrix: Vec<u32> = (0..columns << log_rows).map(|_| rng.random_range(0..FIELD_PRIME)).collect();
    let shift = rng.random_range(1..FIELD_PRIME);
    let mut card = Card::open(config)?;

    // Rows first, digests behind them.
    let groups = columns.div_ceil(8);
    let (rows_at, digests_at) = (0, (groups << log_height) as u32);
    let levels = log_height - log_cap;
    let job = Job {
        log_blowup: 1,
        shift,
        levels,
        first_level: levels,
        return_rows: false,
        keep_rows: Some(rows_at),
        keep_digests: Some(digests_at),
        ..Job::of(Kernel::Commit, log_rows, columns, &matrix)
    };
    let (commit, wall, compute) = card.run(&job)?;
    let cap: Vec<Digest> = commit.layers.last().ok_or("no cap came back")?.iter().map(digest).collect();

    // Rows, and the digests of their paths that cannot be computed from them.
    let opened: BTreeSet<u32> = (0..queries).map(|_| rng.random_range(0..1 << log_height)).collect();
    let row_beats = opened.iter().flat_map(|&row| (0..groups as u32).map(move |g| rows_at + (g << log_height) + row));
    let beats = card.read(&row_beats.collect::<Vec<_>>())?;
    let rows: BTreeMap<u32, Vec<BabyBear>> = (opened.iter().zip(beats.0.chunks(8 * groups)))
        .map(|(&row, words)| (row, words.iter().take(columns).map(|&w| element(w)).collect()))
        .collect();
    let wanted = siblings(&opened, levels);
    let shape = Shape::from_command(Kernel::Commit, &command(log_rows, columns, levels));
    let address = |&(level, index): &(usize, u32)| digests_at + shape.digest_beat(level) as u32 + index;
    let paths = card.read(&wanted.iter().map(address).collect::<Vec<_>>())?;
    let read: BTreeMap<(usize, u32), Digest> =
        wanted.iter().copied().zip(paths.0.as_chunks::<8>().0.iter().map(digest)).collect();

    check(&matrix, case, shift, &cap, &rows, read)?;
    let reads = [beats.1, paths.1];
    let sum = |of: fn(&(Counters, u64)) -> u64| reads.iter().map(of).sum();
    let words = |c: &Counters| c.sent_words + c.received_words;
    let counters = &commit.counters;
    Ok(Measured {
        wall,
        link: counters.sent_words.max(counters.received_words),
        compute,
        multipliers: (counters.transform_multiplies / config.lanes as u64)
            .max(counters.hasher_multiplies / config.multipliers as u64),
        commit_words: words(counters),
        rows: rows.len(),
        digests: wanted.len(),
        open_clocks: sum(|r| r.1),
        open_words: reads.iter().map(|r| words(&r.0)).sum(),
        trace_bytes: 4 * matrix.len() as u64,
    })
}

/// A simulated card whose core counts the clocks in which it multiplies.
struct Card(LinkDevice<SimTransport>);

impl Card {
    fn open(config: &Config) -> Result<Self, Failure> {
        let module = core_module(config)?
            .output_reg("computing", 64, "clocks in which the transform or the hasher multiplied")
            .reg("hash_multiplies_before", 64)
            .body(
                "
                always @(posedge clk) begin
                    hash_multiplies_before <= hash_multiplies;
                    if (multiplying || hash_multiplies != hash_multiplies_before) computing <= computing + 1'b1;
                    if (rst) computing <= 64'd0;
                end
                ",
            );
        let model = Build::new(CORE_TOP, &emit(&module)?).open()?;
        let transport = SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE)?;
        Ok(Self(LinkDevice::open("overlap", transport)?))
    }

    fn computing(&mut self) -> Result<u64, Failure> {
        let model = self.0.transport_mut().model_mut();
        let port = model.port("computing")?;
        let words = model.get_wide(port);
        Ok(words.iter().rev().fold(0, |sum, &w| sum << 32 | u64::from(w)))
    }

    /// The output, the clocks, and the clocks of computation of a job.
    fn run(&mut self, job: &Job<'_>) -> Result<(galena_device::Output, u64, u64), Failure> {
        let before = (self.0.transport().cycles(), self.computing()?);
        let output = self.0.run(job)?;
        Ok((output, self.0.transport().cycles() - before.0, self.computing()? - before.1))
    }

    /// The words at these addresses, the counters, and the clocks.
    fn read(&mut self, addresses: &[u32]) -> Result<(Vec<u32>, (Counters, u64)), Failure> {
        if addresses.is_empty() {
            return Ok((vec![], (Counters::default(), 0)));
        }
        let (output, clocks, _) = self.run(&Job::of(Kernel::Read, 0, addresses.len(), addresses))?;
        Ok((output.rows, (output.counters, clocks)))
    }
}

/// Words 0 to 2 of a commit's command, from which a shape knows where its digests lie.
fn command(log_rows: usize, columns: usize, levels: usize) -> [u32; galena_target::frame::COMMAND_WORDS] {
    let mut words = [0; galena_target::frame::COMMAND_WORDS];
    (words[0], words[1], words[2]) = (log_rows as u32 | 1 << 8, columns as u32, levels as u32);
    words
}

/// The nodes (level, index) below the cap that are next to a path and on none.
fn siblings(opened: &BTreeSet<u32>, levels: usize) -> Vec<(usize, u32)> {
    let mut nodes = opened.clone();
    let mut out = vec![];
    for level in 0..levels {
        out.extend(nodes.iter().map(|i| i ^ 1).filter(|i| !nodes.contains(i)).map(|i| (level, i)));
        nodes = nodes.iter().map(|i| i >> 1).collect();
    }
    out
}

/// The cap is the one that Plonky3 computes, and Plonky3 accepts every opened row with its whole path; a row that was tampered with is refused.
fn check(
    matrix: &[u32],
    case: &Case,
    shift: u32,
    cap: &[Digest],
    rows: &BTreeMap<u32, Vec<BabyBear>>,
    mut nodes: BTreeMap<(usize, u32), Digest>,
) -> Result<(), Failure> {
    let perm = default_babybear_poseidon2_16();
    let (sponge, compress) = (Sponge::new(perm.clone()), Compress::new(perm));
    let tree = Tree::new(sponge.clone(), compress.clone(), case.log_cap);
    let trace = RowMajorMatrix::new(matrix.iter().map(|&w| element(w)).collect(), case.columns);
    let extension = Radix2DitParallel::default().coset_lde_batch(trace, 1, element(shift));
    let extension = extension.bit_reverse_rows().to_row_major_matrix();
    let dimensions = [Dimensions { width: case.columns, height: extension.height() }];
    let (commitment, _) = tree.commit_matrix(extension);
    let found = MerkleCap::from(cap.to_vec());
    if commitment != found {
        return Err("expected the cap that Plonky3 computes, found another".into());
    }
    // The nodes on the paths are computed from the rows upward.
    let levels = case.log_rows + 1 - case.log_cap;
    let mut path: BTreeSet<u32> = rows.keys().copied().collect();
    for (&row, words) in rows {
        nodes.insert((0, row), sponge.hash_iter(words.iter().copied()));
    }
    for level in 0..levels {
        path = path.iter().map(|i| i >> 1).collect();
        for &index in &path {
            let child = |k| nodes.get(&(level, k)).copied().ok_or("a sibling was not read");
            let node = compress.compress([child(2 * index)?, child(2 * index + 1)?]);
            nodes.insert((level + 1, index), node);
        }
    }
    for (&row, words) in rows {
        let sibling = |level: usize| nodes.get(&(level, row >> level ^ 1)).copied().ok_or("a sibling was not read");
        let proof = (0..levels).map(sibling).collect::<Result<Vec<Digest>, _>>()?;
        let mut values = vec![words.clone()];
        tree.verify_batch(&found, &dimensions, row as usize, BatchOpeningRef::new(&values, &proof))
            .map_err(|e| format!("row {row}: {e:?}"))?;
        values[0][0] += BabyBear::new(1);
        if tree.verify_batch(&found, &dimensions, row as usize, BatchOpeningRef::new(&values, &proof)).is_ok() {
            return Err(format!("row {row}: a changed row was accepted").into());
        }
    }
    Ok(())
}

fn element(word: u32) -> BabyBear {
    BabyBear::new(field::canonical(word))
}

fn digest(words: &[u32; 8]) -> Digest {
    words.map(element)
}
