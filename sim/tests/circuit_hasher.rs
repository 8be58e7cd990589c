//! The hasher in Verilator against the model: rows, trees, digests, every stall pattern, and its utilisation over whole jobs.

use crate::packing::{element, pack, unpack};
use galena_hdl::emit;
use galena_hdl::hasher::{HasherConfig, hasher};
use galena_hdl::poseidon2::Parameters;
use galena_hdl::poseidon2::model::{Digest, sponge, tree};
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, Model, StallPattern};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

const SEED: u64 = 60;

/// The file with the datasheet.
const DATASHEET: &str = include_str!("../../hdl/src/hasher/mod.rs");

/// log2 of the rows of the hashers that are simulated.
const LOG_ROWS: usize = 16;

/// Hashers on an engine of each layout. The other large ones, whose models are slow to compile, are in the table of blocks.
const MULTIPLIERS: [usize; 7] = [4, 8, 16, 32, 64, 141, 564];

fn open(config: HasherConfig) -> Model {
    let module = hasher(&config).unwrap();
    let mut model = Build::new(&module.name, &emit(&module).unwrap()).open().unwrap();
    // No search begins.
    for port in ["grind_start", "seed"] {
        let id = model.port(port).unwrap();
        model.set_u32(id, 0);
    }
    // The ports of the grinder too, which nothing here drives: a port that nobody has set holds anything.
    let inputs: Vec<String> = model.ports().iter().filter(|p| p.input).map(|p| p.name.clone()).collect();
    for name in inputs {
        let port = model.port(&name).unwrap();
        model.set_wide(port, &[]);
    }
    model.reset(8).unwrap();
    model
}

/// A job: 2^log rows, or as many digests, and how much tree.
struct Job {
    log: usize,
    levels: usize,
    rows: Vec<Vec<u32>>,
    digests: bool,
}

impl Job {
    fn random(rng: &mut ChaCha8Rng, log: usize, columns: usize, levels: usize) -> Self {
        let rows = (0..1 << log).map(|_| (0..columns).map(|_| element(rng)).collect()).collect();
        Self { log, levels, rows, digests: false }
    }

    fn random_digests(rng: &mut ChaCha8Rng, log: usize, levels: usize) -> Self {
        Self { digests: true, ..Self::random(rng, log, 8, levels) }
    }

    /// The beats of the `s_` ports: groups of eight columns, rows in order in each.
    fn beats(&self) -> Vec<u32> {
        let groups = self.rows[0].len().div_ceil(8);
        let mut beats = vec![];
        for group in 0..groups {
            for (index, row) in self.rows.iter().enumerate() {
                let words = &row[8 * group..row.len().min(8 * group + 8)];
                // Missing columns are sent as zeros by the host; anything else must do as well, for they are not absorbed.
                let padded: Vec<u32> = (0..8).map(|k| words.get(k).copied().unwrap_or(0x1234_5678)).collect();
                beats.extend(pack(&padded));
                let flags =
                    [index, (group == 0) as usize, (group + 1 == groups) as usize, words.len(), self.digests as usize];
                beats.extend(flags.map(|f| f as u32));
            }
        }
        beats
    }

    /// What must come out: (level, index) to digest.
    fn expected(&self) -> BTreeMap<(u32, u32), Digest> {
        let parameters = Parameters::width_16();
        let leaf = |row: &Vec<u32>| if self.digests { row[..8].try_into().unwrap() } else { sponge(&parameters, row) };
        let leaves: Vec<Digest> = self.rows.iter().map(leaf).collect();
        let levels = tree(&parameters, &leaves, self.levels);
        let skip = self.digests as usize;
        let place = |(l, nodes): (usize, Vec<Digest>)| {
            nodes.into_iter().enumerate().map(move |(i, d)| ((l as u32, i as u32), d)).collect::<Vec<_>>()
        };
        levels.into_iter().enumerate().skip(skip).flat_map(place).collect()
    }

    fn permutations(&self) -> u64 {
        let rows = if self.digests { 0 } else { self.rows.len() * self.rows[0].len().div_ceil(8) };
        let nodes: usize = (1..=self.levels).map(|l| self.rows.len() >> l).sum();
        (rows + nodes) as u64
    }
}

struct Done {
    cycles: u64,
    multiplies: u64,
    /// Of simulation.
    seconds: f64,
}

/// Runs a job and checks everything it sends and counts.
fn run(model: &mut Model, job: &Job, stalls: [StallPattern; 2], what: &str) -> Done {
    let expected = job.expected();
    let first_sent = job.levels / 2;
    let sizes =
        [("job_start", 1), ("job_log_leaves", job.log), ("job_levels", job.levels), ("job_first_sent", first_sent)];
    for (port, value) in sizes {
        let id = model.port(port).unwrap();
        model.set_u32(id, value as u32);
    }
    let start = model.cycles();
    model.step().unwrap();
    let id = model.port("job_start").unwrap();
    model.set_u32(id, 0);
    let mut s = [model.stream("s_").unwrap().stalls(stalls[0])];
    let mut m = [model.stream("m_").unwrap().stalls(stalls[1])];
    s[0].send(&job.beats());
    m[0].want(expected.len());
    let clock = std::time::Instant::now();
    let end = model.run(&mut s, &mut m, Limits { cycles: 50_000_000, silence: 20_000 }).unwrap();
    let seconds = clock.elapsed().as_secs_f64();
    assert_eq!(end, End::Done, "{what}: stuck after {} of {} digests", m[0].done(), expected.len());
    let busy = model.port("busy").unwrap();
    let mut waited = 0;
    while model.get_u32(busy) == 1 {
        model.step().unwrap();
        waited += 1;
        assert!(waited < 4, "{what}: busy after the last digest");
    }
    let cycles = model.cycles() - start;
    // Nothing comes after the end.
    let valid = model.port("m_valid").unwrap();
    for _ in 0..200 {
        model.step().unwrap();
        assert_eq!(model.get_u32(valid), 0, "{what}: a digest after the end");
    }
    let mut got = BTreeMap::new();
    let mut next = [0; 32];
    for beat in m[0].received().chunks(m[0].beat_words()) {
        let (level, index, sent) = (beat[8], beat[9], beat[10]);
        assert_eq!(sent == 1, level as usize >= first_sent, "{what}: mark of a digest of level {level}");
        assert_eq!(next[level as usize], index, "{what}: level {level} out of order");
        next[level as usize] += 1;
        got.insert((level, index), Digest::try_from(unpack(beat, 8)).unwrap());
    }
    assert!(got == expected, "{what}: wrong digests");
    let count =
        |port: &str| model.get_wide(model.port(port).unwrap()).iter().rev().fold(0u64, |a, w| a << 32 | *w as u64);
    assert_eq!(count("permutations"), job.permutations(), "{what}");
    assert_eq!(count("multiplies"), 564 * job.permutations(), "{what}");
    Done { cycles, multiplies: count("multiplies"), seconds }
}

#[test]
fn random_jobs_equal_the_model_under_stalls() {
    for multipliers in MULTIPLIERS {
        let mut model = open(HasherConfig { multipliers, log_rows_max: LOG_ROWS });
        for (case, stalls) in [
            [StallPattern::NONE, StallPattern::NONE],
            [StallPattern::half(1), StallPattern::half(2)],
            [StallPattern::bursts(3), StallPattern::NONE],
            [StallPattern::NONE, StallPattern::bursts(4)],
        ]
        .into_iter()
        .enumerate()
        {
            let seed = SEED + case as u64;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            for log in 0..=5 {
                for columns in [1, 7, 8, 9, 20, 40] {
                    let levels = rng.random_range(0..=log);
                    let job = Job::random(&mut rng, log, columns, levels);
                    let what =
                        format!("K = {multipliers}, 2^{log} x {columns}, {levels} levels, seed {seed}, {stalls:?}");
                    run(&mut model, &job, stalls, &what);
                }
                let levels = if case == 0 { log } else { rng.random_range(1..=log.max(1)).min(log) };
                if levels > 0 {
                    let job = Job::random_digests(&mut rng, log, levels);
                    let what = format!("K = {multipliers}, tree of 2^{log}, {levels} levels, seed {seed}, {stalls:?}");
                    run(&mut model, &job, stalls, &what);
                }
            }
        }
    }
}

#[test]
fn a_reset_in_the_middle_of_a_job_leaves_no_trace() {
    let mut model = open(HasherConfig { multipliers: 16, log_rows_max: 5 });
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let job = Job::random(&mut rng, 5, 24, 5);
    for cut in [1, 40, 333, 1200, 2500] {
        for (port, value) in [("job_start", 1), ("job_log_leaves", 5), ("job_levels", 5)] {
            let id = model.port(port).unwrap();
            model.set_u32(id, value);
        }
        model.step().unwrap();
        let id = model.port("job_start").unwrap();
        model.set_u32(id, 0);
        let mut s = [model.stream("s_").unwrap()];
        let mut m = [model.stream("m_").unwrap()];
        s[0].send(&job.beats());
        m[0].accept(1000);
        model.run(&mut s, &mut m, Limits { cycles: cut, silence: cut }).unwrap();
        let id = model.port("s_valid").unwrap();
        model.set_u32(id, 0);
        model.reset(1).unwrap();
        run(&mut model, &job, [StallPattern::NONE; 2], &format!("after a reset at {cut}"));
    }
}

/// Every K and both ends of the sizes: Verilator's lint, and yosys.
#[test]
fn lint_and_check() {
    for (multipliers, log_rows_max) in [(4, 2), (8, 6), (16, 11), (32, 16), (16, 20), (64, 3), (141, 4), (564, 5)] {
        let module = hasher(&HasherConfig { multipliers, log_rows_max }).unwrap();
        let files = emit(&module).unwrap();
        // The one waiver: an output that is left open is meant (`.m_last()`).
        lint(&files, &module.name).unwrap();
        let script = format!("hierarchy -check -top {}; proc; check -assert", module.name);
        tools::yosys(&files, &[], &script).unwrap();
    }
}

/// `synth_ecp5`: the multipliers and memories go where they should, and the area is what the datasheet says.
#[test]
fn area_as_in_the_datasheet() {
    let module = hasher(&HasherConfig { multipliers: 16, log_rows_max: 11 }).unwrap();
    let script = format!("synth_ecp5 -top {}; stat", module.name);
    let log = tools::yosys(&emit(&module).unwrap(), &["GALENA_ECP5"], &script).unwrap();
    // Lines of the last `stat`: count, cell.
    let count = |cell: &str| -> usize {
        let line = log.lines().rev().find(|l| l.split_whitespace().last() == Some(cell));
        line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    let cells = ["MULT18X18D", "DP16KD", "LUT4", "TRELLIS_FF", "CCU2C", "TRELLIS_DPR16X4"];
    let found = cells.map(count);
    println!("| 16 | 11 | {} |", found.map(|n| n.to_string()).join(" | "));
    let row = DATASHEET.lines().find_map(|l| l.strip_prefix("//! | 16 | 11 | ")).unwrap();
    let stated: Vec<usize> = row.split('|').filter_map(|n| n.trim().parse().ok()).collect();
    assert_eq!(found[0], 64, "multipliers in MULT18X18D");
    assert!(found[1] >= 56, "2^11 states of 496 bits are 56 block memories");
    for ((cell, found), stated) in cells.iter().zip(found).zip(stated) {
        assert!(found.abs_diff(stated) * 20 <= stated, "{cell}: {found}, the datasheet says {stated}");
    }
}

/// Whole jobs, fill and drain included: the figures of the datasheet, and the aims.
#[test]
fn utilisation_as_in_the_datasheet() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut missing = vec![];
    for multipliers in MULTIPLIERS {
        let mut model = open(HasherConfig { multipliers, log_rows_max: LOG_ROWS });
        // As many rows as keep the engine full several times over.
        let log = match multipliers {
            ..=32 => 10,
            33..=128 => 12,
            _ => 14,
        };
        for (name, job, aim) in [
            (format!("leaves, 2^{log} rows x 64"), Job::random(&mut rng, log, 64, 0), 0.97),
            (format!("leaves and tree, 2^{log} rows x 64"), Job::random(&mut rng, log, 64, log), 0.96),
            (format!("tree, 2^{LOG_ROWS} digests"), Job::random_digests(&mut rng, LOG_ROWS, LOG_ROWS), 0.97),
        ] {
            let done = run(&mut model, &job, [StallPattern::NONE; 2], &name);
            let utilisation = done.multiplies as f64 / (multipliers as u64 * done.cycles) as f64;
            let row = format!("| {multipliers} | {name} | {} | {:.1} % |", done.cycles, 100.0 * utilisation);
            println!("{row} simulated at {:.2} Mcycle/s", done.cycles as f64 / done.seconds / 1e6);
            // A tree that arrives a digest a clock is as long as its way to the root: the datasheet accounts for it.
            let aim = if multipliers == 564 && job.digests { 0.87 } else { aim };
            assert!(utilisation >= aim, "below the aim: {row}");
            if !DATASHEET.contains(&row) {
                missing.push(row);
            }
        }
    }
    assert!(missing.is_empty(), "put into the datasheet of hdl/src/hasher/mod.rs:\n{}", missing.join("\n"));
}
