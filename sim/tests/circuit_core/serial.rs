//! The serial config: the same jobs bit by bit, and recovery from bytes the line lost.

use crate::host::{Task, answer, frames, identify, verilog};
use galena_hdl::CORE_TOP;
use galena_sim::verilated::{Build, Limits, Model, StallPattern, UartLine};
use galena_target::frame::FrameType;
use galena_target::register::register_map;
use galena_target::{Config, Kernel, Register};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// `tiny` over a fast serial line: every other parameter of a serial config is the same circuit.
fn config() -> Config {
    let config = Config {
        link: galena_target::Link::Uart,
        clock_hz: 48_000_000,
        baud: 6_000_000,
        ..Config::named("tiny").unwrap().clone()
    };
    config.validate().unwrap();
    config
}

fn open(stalls: StallPattern) -> (Model, UartLine) {
    let config = config();
    let mut model = Build::new(CORE_TOP, &verilog(&config)).open().unwrap();
    let line = UartLine::new(&mut model, config.baud_divisor(), stalls).unwrap();
    model.reset(50).unwrap();
    (model, line)
}

/// Sends `words` and returns what comes until the line has been quiet for some words' time.
fn talk(model: &mut Model, line: &mut UartLine, words: &[u32]) -> Vec<u32> {
    let mut out = vec![0; 1 << 16];
    let limits = Limits { cycles: 50_000_000, silence: 10_000 };
    let (sent, received, _) = line.run(model, words, &mut out, false, limits).unwrap();
    assert_eq!(sent, words.len());
    out.truncate(received);
    out
}

#[test]
fn jobs_over_the_serial_line() {
    let seed = 71;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = config();
    for stalls in [StallPattern::NONE, StallPattern::half(72)] {
        let (mut model, mut line) = open(stalls);
        let ask = identify(1);
        let map = answer(&ask, &talk(&mut model, &mut line, &ask)).registers.expect("the map");
        let fixed = Register::Uptime.index();
        let mut expected = register_map(&config);
        expected[Register::Jobs.index()] = 1;
        assert_eq!(map[..fixed], expected[..fixed]);
        for kernel in [Kernel::Lde, Kernel::Commit, Kernel::Hash, Kernel::Tree] {
            let task = Task::random(&mut rng, &config, kernel);
            task.compare(&talk(&mut model, &mut line, &task.words), &format!("seed {seed}"));
        }
    }
}

#[test]
fn a_lost_byte_costs_one_job() {
    let mut rng = ChaCha8Rng::seed_from_u64(73);
    let config = config();
    for lost in 1..4usize {
        let (mut model, mut line) = open(StallPattern::NONE);
        let words = loop {
            let task = Task::random(&mut rng, &config, Kernel::Commit);
            if !task.shape.rows_return() && task.words.len() > 200 {
                break task.words;
            }
        };
        // Some bytes in the middle never arrive; every word after them is out of step.
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let kept: Vec<u8> = [&bytes[..401], &bytes[401 + lost..], &vec![0; lost]].concat();
        let shifted: Vec<u32> = kept.chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
        let found = frames(&talk(&mut model, &mut line, &shifted));
        assert_eq!(found.iter().filter(|f| f.kind == FrameType::Status as u8).count(), 1, "{lost} bytes: {found:?}");
        assert_ne!(found.last().unwrap().payload[0], 0);
        // The stream is still out of step by these bytes, and the core finds the next command all the same.
        let tail: Vec<u8> =
            vec![0x55; 4 - lost].into_iter().chain(words.iter().flat_map(|w| w.to_le_bytes())).collect();
        let again: Vec<u32> = tail.chunks(4).map(|c| c.iter().rev().fold(0, |w, &b| w << 8 | u32::from(b))).collect();
        let status = answer(&words, &talk(&mut model, &mut line, &again)).status;
        assert_eq!(status[0], 0, "{lost} bytes lost");
    }
}
