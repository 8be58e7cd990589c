//! The Poseidon2 engine in Verilator against its model, which is checked against Plonky3: every folding, both widths, random stalls.

use crate::packing::{element, pack, unpack};
use galena_hdl::emit;
use galena_hdl::field::{from_montgomery, to_montgomery};
use galena_hdl::poseidon2::{Shape, engine};
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, Model, StallPattern};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const TAG: usize = 12;

/// The file with the datasheet.
const DATASHEET: &str = include_str!("../../hdl/src/poseidon2/engine.rs");
const SEED: u64 = 40;

fn open(shape: &Shape) -> Model {
    let module = engine(shape, TAG);
    Build::new(&module.name, &emit(&module).unwrap()).open().unwrap()
}

/// Results in order, and the clocks they took.
struct Run {
    states: Vec<Vec<u32>>,
    cycles: u64,
}

/// Sends states, receives as many, and checks order by their tags.
fn permute(model: &mut Model, shape: &Shape, states: &[Vec<u32>], stalls: [StallPattern; 2]) -> Run {
    let beats: Vec<u32> = (states.iter().enumerate())
        .flat_map(|(k, state)| state.chunks(shape.group).map(move |g| (k, g)))
        .flat_map(|(k, group)| pack(group).into_iter().chain([k as u32 & 0xfff]))
        .collect();
    let mut s = [model.stream("s_").unwrap().stalls(stalls[0])];
    let mut m = [model.stream("m_").unwrap().stalls(stalls[1])];
    s[0].send(&beats);
    m[0].want(states.len() * shape.groups());
    let before = model.cycles();
    let end = model.run(&mut s, &mut m, Limits { cycles: 10_000_000, silence: 20_000 }).unwrap();
    assert_eq!(end, End::Done, "{shape:?}");
    let cycles = model.cycles() - before;
    let width = m[0].beat_words();
    let mut out = vec![];
    for (k, state) in m[0].received().chunks(width * shape.groups()).enumerate() {
        assert!(state.chunks(width).all(|b| b[width - 1] == k as u32 & 0xfff), "state {k} out of order");
        out.push(state.chunks(width).flat_map(|b| unpack(b, shape.group)).collect());
    }
    Run { states: out, cycles }
}

/// Engines of every layout. The other large ones, whose models are slow to compile, are in the table of blocks.
fn shapes() -> impl Iterator<Item = Shape> {
    let listed: [(usize, &[usize]); 2] = [(16, &[4, 8, 16, 32, 141, 282]), (24, &[4, 8, 16, 32, 213])];
    listed.into_iter().flat_map(|(width, all)| all.iter().map(move |&k| Shape::new(width, k).unwrap()))
}

#[test]
fn every_engine_equals_the_model_under_stalls() {
    for shape in shapes() {
        let parameters = shape.parameters();
        for (case, stalls) in [
            [StallPattern::NONE, StallPattern::NONE],
            [StallPattern::half(1), StallPattern::half(2)],
            [StallPattern::bursts(3), StallPattern::bursts(4)],
        ]
        .into_iter()
        .enumerate()
        {
            let mut rng = ChaCha8Rng::seed_from_u64(SEED + case as u64);
            let mut model = open(&shape);
            model.reset(8).unwrap();
            // A few at a time first, so that packs are partial; then more than the engine has contexts.
            for count in [1, 3, (5 * shape.in_flight()).min(shape.in_flight() + 500)] {
                let states: Vec<Vec<u32>> =
                    (0..count).map(|_| (0..shape.width).map(|_| element(&mut rng)).collect()).collect();
                let run = permute(&mut model, &shape, &states, stalls);
                for (k, (state, got)) in states.iter().zip(&run.states).enumerate() {
                    let mut expected = state.clone();
                    parameters.permute(&mut expected);
                    assert_eq!(*got, expected, "{shape:?}, seed {}, state {k} of {count}", SEED + case as u64);
                }
            }
        }
    }
}

/// Plonky3's known answers, first words, through the Verilog.
#[test]
fn known_answers() {
    for shape in shapes() {
        let mut model = open(&shape);
        model.reset(8).unwrap();
        let states = vec![(0..shape.width as u32).map(to_montgomery).collect(), vec![0; shape.width]];
        let run = permute(&mut model, &shape, &states, [StallPattern::NONE; 2]);
        let answer: Vec<u32> = run.states[0][..4].iter().map(|&x| from_montgomery(x)).collect();
        let expected = match shape.width {
            16 => [0x71a73fe7, 0x6788eb7b, 0x74cf6669, 0x29be1dc4],
            _ => [0x03749b66, 0x67dd329b, 0x18679434, 0x186f9efb],
        };
        assert_eq!(answer, expected, "{shape:?}");
        if shape.width == 16 {
            assert_eq!(from_montgomery(run.states[1][0]), 0x45acb8c6);
        }
    }
}

/// Verilator's lint, and yosys: all engines there are.
#[test]
fn lint_and_check() {
    let all =
        [16, 24].into_iter().flat_map(|width| Shape::multipliers_of(width).map(|k| Shape::new(width, k).unwrap()));
    for shape in all {
        let module = engine(&shape, TAG);
        let files = emit(&module).unwrap();
        // The one waiver: an output that is left open is meant (`.m_last()`).
        lint(&files, &module.name).unwrap();
        tools::yosys(&files, &[], &format!("hierarchy -check -top {}; proc; check -assert", module.name)).unwrap();
    }
}

/// Steady state: at least 97 % of what E S-boxes can do at best, and what the datasheet says.
#[test]
fn throughput_as_in_the_datasheet() {
    let mut missing = vec![];
    for shape in shapes().filter(|s| s.width == 16) {
        let mut model = open(&shape);
        model.reset(8).unwrap();
        let mut cycles =
            |count: usize| permute(&mut model, &shape, &vec![vec![7; 16]; count], [StallPattern::NONE; 2]).cycles;
        let latency = cycles(1);
        let scale = shape.in_flight().div_ceil(128);
        let (few, many) = (100 * scale, 600 * scale);
        let each = (cycles(many) - cycles(few)) as f64 / (many - few) as f64;
        let share = 564.0 / shape.multipliers() as f64 / each;
        let row = format!("| {} | {each:.2} | {:.1} % | {latency} |", shape.multipliers(), 100.0 * share);
        println!("{row}");
        assert!(share >= 0.97, "{shape:?}");
        if !DATASHEET.contains(&row) {
            missing.push(row);
        }
    }
    assert!(missing.is_empty(), "put into the datasheet of hdl/src/poseidon2/engine.rs:\n{}", missing.join("\n"));
}
