//! The sample programs do what their `sample.toml` says, here and under the oracle. `GALENA_SAMPLES` names another folder of ELF files.

use std::path::{Path, PathBuf};

use galena_vm::Program;
use serde::Deserialize;

use crate::{Outcome, qemu, run_plain, run_recorded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    description: String,
    language: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The input itself, or the name of a file beside `sample.toml`.
    input: Option<String>,
    input_file: Option<String>,
    output: String,
    #[serde(default)]
    log: String,
    #[serde(default)]
    exit_code: i32,
}

const NAMES: [&str; 4] = ["sha256", "fibonacci-c", "fibonacci-rust", "game"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

pub(crate) fn elf(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("GALENA_SAMPLES").map_or_else(folder, PathBuf::from);
    std::fs::read(folder.join(name).join(format!("{name}.elf"))).expect("a built sample")
}

#[test]
fn samples_do_what_they_say() {
    let oracle = qemu::available("samples");
    for name in NAMES {
        let text = std::fs::read_to_string(folder().join(name).join("sample.toml")).expect("a description");
        let sample: Sample = toml::from_str(&text).expect("a well-formed description");
        assert!(
            !sample.description.is_empty()
                && ["c", "rust"].contains(&sample.language.as_str())
                && !sample.case.is_empty()
        );
        let elf = elf(name);
        let program = Program::from_elf(&elf).expect("a program");
        assert!(program.symbol_at(program.entry).is_some(), "{name}: function names are kept for profiles");
        for case in &sample.case {
            let input = match (&case.input, &case.input_file) {
                (Some(text), None) => text.as_bytes().to_vec(),
                (None, Some(file)) => std::fs::read(folder().join(name).join(file)).expect("an input file"),
                _ => panic!("{name}, {}: expected either input or input_file", case.name),
            };
            let expected =
                Outcome { output: case.output.clone().into(), log: case.log.clone().into(), exit_code: case.exit_code };
            let (outcome, segment) = run_recorded(&program, &input);
            assert_eq!(outcome, expected, "{name}, {}", case.name);
            println!("{name}, {}: {} cycles", case.name, segment.cycles);
            if oracle {
                assert_eq!(qemu::run(&elf, &input), expected, "{name}, {} under qemu", case.name);
            }
        }
    }
}

/// Long input: reads of many chunks, and whole blocks at every offset of a chunk's end.
#[test]
fn sha256_of_long_inputs() {
    if !qemu::available("sha256_of_long_inputs") {
        return;
    }
    let (elf, mut input) = (elf("sha256"), Vec::new());
    let program = Program::from_elf(&elf).expect("a program");
    for size in [65_535, 65_536, 65_537, 65_600, 200_000] {
        input.extend((input.len()..size).map(|i| ((i * i) >> 3) as u8));
        let (outcome, _) = run_plain(&program, &input);
        assert_eq!(outcome, qemu::run(&elf, &input), "{size} bytes");
    }
}

#[path = "../../samples/game/src/breakout.rs"]
#[allow(unreachable_pub, dead_code)]
mod breakout;

/// The game compiled for this machine and the one compiled for RISC-V agree on random games, whole or broken off.
#[test]
fn the_game_follows_its_rules() {
    use rand::{Rng, SeedableRng};
    const SEED: u64 = 7;
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(SEED);
    let program = Program::from_elf(&elf("game")).expect("a program");
    for round in 0..200 {
        let mut game = breakout::Game::new();
        let mut moves = Vec::new();
        let length = rng.random_range(0..400);
        while !game.is_over() && moves.len() < length {
            let byte = *[b'<', b'.', b'>', b'<', b'>'].get(rng.random_range(0..5)).expect("in range");
            game.tick(breakout::Move::from_byte(byte).expect("a move"));
            moves.push(byte);
        }
        let expected = format!("score {} bricks {} lives {}\n", game.score, game.bricks_left, game.lives);
        let (outcome, _) = run_plain(&program, &moves);
        assert_eq!(String::from_utf8_lossy(&outcome.output), expected, "round {round} of seed {SEED}");
        if game.is_over() {
            moves.push(b'.');
            assert_eq!(
                run_plain(&program, &moves).0.exit_code,
                1,
                "a move after the end, round {round} of seed {SEED}"
            );
        }
    }
}
