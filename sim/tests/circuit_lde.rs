//! The transform in Verilator against its model (which its own crate compares with Plonky3): every geometry and size, random stalls on
//! both sides, dropped jobs; utilisation; lint and yosys.

use galena_hdl::field::{P, to_montgomery};
use galena_hdl::lde::model::{Shape, multiplies, transform};
use galena_hdl::lde::{Geometry, lde};
use galena_hdl::{VerilogFile, emit};
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, Model, StallPattern};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LIMITS: Limits = Limits { cycles: 20_000_000, silence: 200_000 };

fn files(geometry: &Geometry) -> (String, Vec<VerilogFile>) {
    let module = lde(geometry);
    (module.name.clone(), emit(&module).unwrap())
}

fn open(geometry: &Geometry) -> Model {
    let (name, files) = files(geometry);
    let mut model = Build::new(&name, &files).open().unwrap();
    model.reset(3).unwrap();
    model
}

/// Writes the parameters of a job and pulses `start`.
fn start(model: &mut Model, shape: &Shape, groups: usize) {
    let set = |model: &mut Model, port: &str, value: u32| model.set_u32(model.port(port).unwrap(), value);
    set(model, "seed", 1);
    for (k, &seed) in shape.seeds.iter().enumerate() {
        set(model, "seed_index", k as u32);
        set(model, "seed_data", seed);
        model.step().unwrap();
    }
    set(model, "seed", 0);
    set(model, "step", shape.step);
    set(model, "log_rows", shape.log_rows as u32);
    set(model, "log_blowup", shape.log_blowup as u32);
    set(model, "group_last", groups as u32 - 1);
    set(model, "start", 1);
    model.step().unwrap();
    set(model, "start", 0);
    // The shell needs a frame header before the first word of data.
    model.steps(4).unwrap();
}

/// The beats `m_` should carry: 8 words, row, group, first, last.
fn labelled(shape: &Shape, words: &[u32], groups: usize) -> Vec<u32> {
    let rows = 1usize << (shape.log_rows + shape.log_blowup);
    let label = |k: usize| {
        let group = k / rows;
        [(k % rows) as u32, group as u32, (group == 0) as u32, (group + 1 == groups) as u32]
    };
    transform(shape, words).iter().enumerate().flat_map(|(k, beat)| [&packed(beat)[..], &label(k)].concat()).collect()
}

/// Eight 31-bit words as the 248-bit bus they share, in words of 32 bits.
fn packed(beat: &[u32; 8]) -> [u32; 8] {
    let mut bus = [0u32; 8];
    for (k, &word) in beat.iter().enumerate() {
        let wide = (word as u64) << (31 * k % 32);
        bus[31 * k / 32] |= wide as u32;
        if let Some(next) = bus.get_mut(31 * k / 32 + 1) {
            *next |= (wide >> 32) as u32;
        }
    }
    bus
}

fn random_job(rng: &mut ChaCha8Rng, log_rows: usize, log_blowup: usize, groups: usize) -> (Shape, Vec<u32>) {
    let shape = Shape::new(log_rows, log_blowup, to_montgomery(rng.random_range(1..P)));
    let words = (0..groups * (8 << log_rows)).map(|_| rng.random_range(0..P)).collect();
    (shape, words)
}

/// Runs a job and checks every beat; returns (cycles, clocks in which the lanes began a multiplication).
fn check(model: &mut Model, shape: &Shape, words: &[u32], stalls: [StallPattern; 2], what: &str) -> u64 {
    let groups = words.len() / (8 << shape.log_rows);
    start(model, shape, groups);
    let (mut s, mut m) =
        ([model.stream("s_").unwrap().stalls(stalls[0])], [model.stream("m_").unwrap().stalls(stalls[1])]);
    let before = model.cycles();
    s[0].send(words);
    m[0].want(groups << (shape.log_rows + shape.log_blowup));
    assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done, "{what}");
    assert!(m[0].received() == labelled(shape, words, groups), "{what}");
    model.cycles() - before
}

#[test]
fn every_geometry_and_size_with_stalls_on_both_sides() {
    let seed = 31;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let sizes = [(1, 5, 1), (2, 8, 1), (4, 8, 1), (8, 9, 1), (4, 5, 0), (8, 7, 2), (2, 6, 3), (16, 8, 1), (16, 6, 3)];
    for (lanes, log_rows_max, log_blowup_max) in sizes {
        let geometry = Geometry { lanes, log_rows_max, log_blowup_max };
        let mut model = open(&geometry);
        for log_rows in geometry.log_rows_min()..=log_rows_max {
            for log_blowup in 0..=log_blowup_max {
                let groups = rng.random_range(1..=4);
                let (shape, words) = random_job(&mut rng, log_rows, log_blowup, groups);
                let all = StallPattern::all(rng.random());
                // Jobs follow each other without a reset: what one leaves behind must not disturb the next.
                let stalls = [all[rng.random_range(0..4)], all[rng.random_range(0..4)]];
                let what = format!("{geometry:?} n {log_rows} b {log_blowup} groups {groups} {stalls:?} seed {seed}");
                check(&mut model, &shape, &words, stalls, &what);
            }
        }
    }
}

#[test]
fn every_pair_of_stall_patterns() {
    let seed = 32;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for lanes in [4, 16] {
        let mut model = open(&Geometry { lanes, log_rows_max: 8, log_blowup_max: 1 });
        for log_rows in [3, 6, 7] {
            for from in StallPattern::all(41) {
                for to in StallPattern::all(42) {
                    let (shape, words) = random_job(&mut rng, log_rows, 1, 3);
                    let what = format!("{lanes} lanes n {log_rows} {from:?} {to:?} seed {seed}");
                    check(&mut model, &shape, &words, [from, to], &what);
                }
            }
        }
    }
}

#[test]
fn a_dropped_job_leaves_nothing_behind() {
    let seed = 33;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut model = open(&Geometry { lanes: 2, log_rows_max: 8, log_blowup_max: 1 });
    let clear = model.port("clear").unwrap();
    for round in 0..40 {
        let log_rows = rng.random_range(1..=8);
        let (shape, words) = random_job(&mut rng, log_rows, 1, 3);
        start(&mut model, &shape, 3);
        // Some of the words, some of the rows, some clocks; then the job is dropped.
        let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
        s[0].send(&words[..8 * rng.random_range(0..=words.len() / 8)]);
        m[0].accept(rng.random_range(0..200));
        let limits = Limits { cycles: rng.random_range(1..6000), silence: 2000 };
        model.run(&mut s, &mut m, limits).unwrap();
        drop((s, m));
        for port in ["s_valid", "m_ready"] {
            let port = model.port(port).unwrap();
            model.set_u32(port, 0);
        }
        model.set_u32(clear, 1);
        model.step().unwrap();
        model.set_u32(clear, 0);
        let (shape, words) = random_job(&mut rng, log_rows, 1, 2);
        check(&mut model, &shape, &words, [StallPattern::NONE; 2], &format!("round {round} seed {seed}"));
    }
}

#[test]
fn utilisation_of_whole_jobs() {
    let mut rng = ChaCha8Rng::seed_from_u64(34);
    // (lanes, n, groups, least utilisation): fill and drain included, neither side stalls.
    for (lanes, log_rows, groups, least) in [(2, 10, 4, 0.90), (4, 8, 8, 0.88), (4, 11, 4, 0.90), (8, 11, 8, 0.85)] {
        let mut model = open(&Geometry { lanes, log_rows_max: log_rows, log_blowup_max: 1 });
        // The twiddle table is filled once, after reset.
        model.steps(2 << log_rows).unwrap();
        let (shape, words) = random_job(&mut rng, log_rows, 1, groups);
        let cycles = check(&mut model, &shape, &words, [StallPattern::NONE; 2], "utilisation");
        let useful = groups as u64 * multiplies(log_rows, 1);
        let utilisation = useful as f64 / (lanes as u64 * cycles) as f64;
        println!(
            "lde: {lanes} lanes, 2^{log_rows} rows, {} columns: {cycles} cycles, utilisation {utilisation:.4}",
            8 * groups
        );
        assert!(utilisation >= least, "{lanes} lanes, 2^{log_rows} rows: {utilisation}");
    }
}

#[test]
fn lint_and_yosys_accept_it() {
    for (lanes, log_rows_max, log_blowup_max) in [(1, 6, 0), (2, 10, 1), (4, 16, 1), (8, 5, 2), (16, 7, 1)] {
        let (name, files) = files(&Geometry { lanes, log_rows_max, log_blowup_max });
        lint(&files, &name).unwrap();
        if matches!(lanes, 2 | 16) {
            tools::yosys(&files, &[], &format!("hierarchy -check -top {name}; proc; check -assert")).unwrap();
        }
    }
}
