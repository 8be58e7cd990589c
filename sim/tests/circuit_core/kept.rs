//! Device memory behind the whole core: jobs keep rows and digests, and `read` finds each beat where the ABI says, whatever came in between.

use super::host::{Core, Task, answer, cancel, shape, words};
use super::oracle::{self, Chunk};
use galena_hdl::field::P;
use galena_hdl::lde::model::Shape as Transform;
use galena_hdl::memory::model::{Beat, digest_address, place, row_address};
use galena_sim::verilated::StallPattern;
use galena_target::frame::{ANY_JOB, CHUNK_WORDS, StatusCode, Tag};
use galena_target::{Config, Kernel, Shape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// What is known to be in the memory: by place, what was kept there last.
struct Kept {
    log: usize,
    beats: BTreeMap<usize, Beat>,
}

impl Kept {
    fn new(config: &Config) -> Self {
        Self { log: config.log_memory, beats: BTreeMap::new() }
    }

    /// A job of this shape with random data; what it keeps is known from here on.
    fn task(&mut self, rng: &mut ChaCha8Rng, shape: Shape) -> Task {
        let data: Vec<u32> = (0..shape.data_words())
            .map(|k| if k / (8 << shape.log_rows) * 8 + k % 8 < shape.columns { rng.random_range(0..P) } else { 0 })
            .collect();
        let (step, seeds) = match shape.kernel.row().transforms {
            true => {
                let t = Transform::new(shape.log_rows, shape.log_blowup, rng.random_range(1..P));
                (t.step, t.seeds)
            }
            false => (0, [0; 16]),
        };
        let command = shape.command(step, &seeds);
        let everything = Shape { return_rows: true, return_digests: true, first_level: 0, ..shape };
        for chunk in oracle::chunks(&everything, &command, &data) {
            let Tag { digest, group, index } = Tag::from_word(chunk[0]);
            let log_leaves = shape.log_rows + shape.log_blowup;
            let address = match digest {
                true => shape.keep_digests.map(|_| digest_address(command[6], log_leaves, group.into(), index)),
                false => shape.keep_rows.map(|_| row_address(command[5], 1 << log_leaves, group.into(), index)),
            };
            if let Some(address) = address {
                self.beats.insert(place(address, self.log), std::array::from_fn(|k| chunk[k + 1]));
            }
        }
        let (job, expected) = (rng.random_range(0..ANY_JOB), oracle::chunks(&shape, &command, &data));
        Task { shape, job, words: words(job, &shape, &command, &data), expected }
    }

    /// A `read` of so many known beats; the addresses are those modulo the memory, and modulo 2^20.
    fn read(&self, rng: &mut ChaCha8Rng, count: usize) -> Task {
        let known: Vec<usize> = self.beats.keys().copied().collect();
        let places: Vec<usize> = (0..count).map(|_| known[rng.random_range(0..known.len())]).collect();
        let addresses: Vec<u32> =
            places.iter().map(|&p| p as u32 | rng.random::<u32>() & !((1 << self.log) - 1)).collect();
        let expected: Vec<Chunk> = (places.iter().enumerate())
            .map(|(k, p)| {
                let tag = Tag { digest: false, group: 0, index: k as u32 }.word();
                std::array::from_fn(|i| if i == 0 { tag } else { self.beats[p][i - 1] })
            })
            .collect();
        let shape = shape(Kernel::Read, 0, 0, count, 0);
        let shape = Shape { return_rows: false, return_digests: false, ..shape };
        let job = rng.random_range(0..ANY_JOB);
        Task { shape, job, words: words(job, &shape, &shape.command(0, &[0; 16]), &addresses), expected }
    }
}

/// A shape that keeps, somewhere: rows and digests do not meet.
fn keeping(rng: &mut ChaCha8Rng, config: &Config) -> Shape {
    let kernel = [Kernel::Commit, Kernel::Commit, Kernel::Hash, Kernel::Tree][rng.random_range(0..4)];
    let log_blowup = if kernel == Kernel::Commit { rng.random_range(0..=1) } else { 0 };
    let log_rows = rng.random_range(2..=config.log_rows_max);
    let columns = if kernel == Kernel::Tree { 8 } else { rng.random_range(1..=40) };
    let levels = rng.random_range(0..=log_rows + log_blowup);
    let plain = shape(kernel, log_rows, log_blowup, columns, levels);
    let at: u32 = rng.random_range(0..1 << 20);
    let rows = plain.row_beats() as u32;
    Shape {
        return_rows: rng.random(),
        return_digests: rng.random(),
        first_level: rng.random_range(0..=levels),
        keep_rows: (kernel == Kernel::Commit && rng.random_range(0..4) > 0).then_some(at),
        keep_digests: (rng.random_range(0..4) > 0).then_some((at + rows) & 0xf_ffff),
        ..plain
    }
}

#[test]
fn what_jobs_keep_is_read_back_under_every_stall() {
    let seed = 101;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    for from in StallPattern::all(102) {
        for to in StallPattern::all(103) {
            let mut core = Core::open(config, [from, to]);
            let mut kept = Kept::new(config);
            for round in 0..6 {
                let shape_kept = keeping(&mut rng, config);
                let task = kept.task(&mut rng, shape_kept);
                task.check(&mut core, &format!("{from:?} {to:?} seed {seed}"));
                // Jobs that keep nothing leave what is kept alone.
                if round % 2 == 0 {
                    let plain = shape(Kernel::Commit, 4, 1, 12, 3);
                    kept.task(&mut rng, plain).check(&mut core, "keeps nothing");
                }
                if !kept.beats.is_empty() {
                    let count = rng.random_range(1..300);
                    kept.read(&mut rng, count).check(&mut core, &format!("{from:?} {to:?} seed {seed}"));
                }
            }
            assert!(kept.beats.len() > 50, "seed {seed}");
        }
    }
}

#[test]
fn a_read_is_as_fast_as_the_link_and_as_long_as_can_be() {
    let mut rng = ChaCha8Rng::seed_from_u64(104);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let mut kept = Kept::new(config);
    let plain = shape(Kernel::Commit, 6, 1, 64, 7);
    kept.task(&mut rng, Shape { keep_rows: Some(0), keep_digests: Some(1024), ..plain }).check(&mut core, "keeps");
    assert_eq!(kept.beats.len(), 1024 + 255);
    for count in [1, 2, 63, 64, 65, 1 << 16] {
        let answer = kept.read(&mut rng, count).check(&mut core, "read");
        let clocks = answer.wide(4);
        // Nine words a beat, and five more for each frame of 64 beats. A frame begins when all its beats are there: the first one is waited for.
        let words = (count * CHUNK_WORDS + count.div_ceil(64) * 5) as u64;
        let first = (count.min(64) * CHUNK_WORDS) as u64;
        println!("{count} beats: {clocks} clocks for {words} words");
        assert!(clocks <= first + words + words / 100 + 50, "{count} beats took {clocks} clocks");
    }
}

#[test]
fn keeping_costs_a_job_no_clocks() {
    let config = Config::named("tiny").unwrap();
    let clocks = |keep_rows, keep_digests| {
        let mut rng = ChaCha8Rng::seed_from_u64(105);
        let mut core = Core::open(config, [StallPattern::NONE; 2]);
        core.model.steps(1 << 10).unwrap();
        let plain = shape(Kernel::Commit, 6, 1, 64, 7);
        let silent = Shape { return_rows: false, first_level: 7, keep_rows, keep_digests, ..plain };
        Kept::new(config).task(&mut rng, silent).check(&mut core, "keeps").wide(4)
    };
    let (without, with) = (clocks(None, None), clocks(Some(7), Some(2000)));
    println!("{without} clocks without keeping, {with} with");
    assert!(with <= without + 20);
}

#[test]
fn a_read_that_is_cancelled_or_damaged_leaves_nothing_behind() {
    let seed = 106;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let mut kept = Kept::new(config);
    let plain = shape(Kernel::Commit, 5, 1, 16, 6);
    kept.task(&mut rng, Shape { keep_rows: Some(100), keep_digests: Some(1000), ..plain }).check(&mut core, "keeps");
    for round in 0..24 {
        let task = kept.read(&mut rng, 1500);
        let end = rng.random_range(40..task.words.len());
        let mut cut = task.words.clone();
        if round % 2 == 0 {
            // A cancel stands where a frame may begin; what is in its place otherwise is a damaged frame.
            cut.truncate(29 + 4 + 1024 + 1);
            cut.extend(cancel(task.job));
        } else {
            cut[end] ^= 1 << rng.random_range(0..32);
        }
        let received = core.talk(&cut);
        let code = StatusCode::from_code(answer(&cut, &received).status[0]).unwrap();
        assert_ne!(code, StatusCode::Ok, "round {round} seed {seed}");
        kept.read(&mut rng, 200).check(&mut core, &format!("after {code:?}, round {round} seed {seed}"));
    }
}

#[test]
fn keeping_without_a_memory_and_by_kernels_that_cannot_is_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(107);
    let tiny = Config::named("tiny").unwrap();
    let bare = Config { log_memory: 0, ..tiny.clone() };
    let keeps = [(Some(0), None), (None, Some(0))];
    let cases = [
        (&bare, Kernel::Commit),
        (&bare, Kernel::Hash),
        (tiny, Kernel::Lde),
        (tiny, Kernel::Hash),
        (tiny, Kernel::Tree),
    ];
    for (config, kernel) in cases {
        let mut core = Core::open(config, [StallPattern::NONE; 2]);
        for (keep_rows, keep_digests) in keeps {
            let columns = 8;
            let plain = shape(kernel, 3, 0, columns, 0);
            let task = Kept::new(config).task(&mut rng, Shape { keep_rows, keep_digests, ..plain });
            // Only the command: what is refused reads no data.
            let words = &task.words[..29];
            let can = config.log_memory > 0 && kernel.row().compresses && keep_rows.is_none();
            if can {
                task.check(&mut core, "may keep");
            } else {
                let refused = answer(words, &core.talk(words));
                assert_eq!(refused.status[0], StatusCode::Limits as u32, "{kernel} {keep_rows:?} {keep_digests:?}");
            }
        }
    }
}

/// Long after the last word is taken, and long before the first comes back, rows and digests move from circuit to circuit.
#[test]
fn a_job_that_returns_only_its_root_is_not_stuck() {
    let mut rng = ChaCha8Rng::seed_from_u64(108);
    let tiny = Config::named("tiny").unwrap();
    let config = Config { multipliers: 4, log_rows_max: 9, ..tiny.clone() };
    let mut core = Core::open(&config, [StallPattern::NONE; 2]);
    core.quiet = 1 << 20;
    let plain = shape(Kernel::Commit, 9, 1, 8, 10);
    let silent = Shape { return_rows: false, first_level: 10, ..plain };
    let answer = Kept::new(&config).task(&mut rng, silent).check(&mut core, "root");
    assert!(answer.wide(4) > 4 << config.watchdog, "far longer than the watchdog's patience");
}
