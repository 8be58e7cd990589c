//! The serial config: the same jobs bit by bit, its rate, its breaks, and recovery from bytes the line lost.

use super::host::{Answer, Task, answer, frame, frames, identify, verilog};
use galena_hdl::CORE_TOP;
use galena_sim::verilated::{BitTime, Build, Limits, Model, StallPattern, UartLine};
use galena_target::frame::{BREAK_CLOCKS, FrameType, HEARTBEAT_CLOCKS, RATE_CLOCKS, StatusCode};
use galena_target::register::register_map;
use galena_target::{Config, Kernel, Register};
use rand::{Rng, SeedableRng};
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
    listen(model, line, words, 10_000)
}

/// Sends words and takes what comes, until nothing has for so many clocks.
fn listen(model: &mut Model, line: &mut UartLine, words: &[u32], silence: u64) -> Vec<u32> {
    let mut out = vec![0; 1 << 16];
    let limits = Limits { cycles: 50_000_000, silence };
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

/// A `rate` command for so many clocks per bit, and what comes back.
fn rate(model: &mut Model, line: &mut UartLine, divisor: u32) -> Answer {
    let mut payload = [0; 24];
    payload[7] = divisor;
    let ask = frame(3, Kernel::Rate.code(), FrameType::Command, 0, &payload);
    answer(&ask, &talk(model, line, &ask))
}

/// The host's end changes its rate.
fn follow(line: &mut UartLine, divisor: u32) {
    line.set_bit_times(BitTime::clocks(divisor), BitTime::clocks(divisor));
}

/// A register, asked for over the line; `None` if no map comes.
fn ask(model: &mut Model, line: &mut UartLine, register: Register) -> Option<u64> {
    let ask = identify(4);
    let words = talk(model, line, &ask);
    let map: [u32; 48] =
        frames(&words).into_iter().find(|f| f.kind == FrameType::Registers as u8)?.payload.try_into().ok()?;
    Some(register.value(&map))
}

#[test]
fn the_rate_changes_and_jobs_run_at_the_new_one() {
    let seed = 74;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = config();
    let (mut model, mut line) = open(StallPattern::NONE);
    for divisor in [4, 16, 100, 5, 8] {
        let answer = rate(&mut model, &mut line, divisor);
        assert_eq!((answer.status[..4].to_vec(), answer.chunks.len()), (vec![0; 4], 0), "to {divisor}");
        follow(&mut line, divisor);
        let task = Task::random(&mut rng, &config, Kernel::Tree);
        task.compare(&talk(&mut model, &mut line, &task.words), &format!("at {divisor} seed {seed}"));
    }
    // It stays: no frame is needed to keep a rate that has been confirmed.
    model.steps(2 * u64::from(RATE_CLOCKS)).unwrap();
    assert_eq!(ask(&mut model, &mut line, Register::LineErrors), Some(0));
    // A reset frame brings the base rate back at once.
    rate(&mut model, &mut line, 20);
    follow(&mut line, 20);
    talk(&mut model, &mut line, &frame(5, 0, FrameType::Reset, 0, &[]));
    follow(&mut line, config.baud_divisor());
    assert_eq!(ask(&mut model, &mut line, Register::Jobs), Some(1));
}

#[test]
fn a_rate_outside_the_limits_is_refused_and_nothing_changes() {
    let (mut model, mut line) = open(StallPattern::NONE);
    for divisor in [0, 3, 65_536, u32::MAX] {
        let expected = [StatusCode::Limits as u32, 0, 7, divisor];
        assert_eq!(rate(&mut model, &mut line, divisor).status[..4], expected, "{divisor}");
        assert_eq!(ask(&mut model, &mut line, Register::Kernels).map(|k| k >> 6 & 1), Some(1));
    }
}

#[test]
fn a_rate_that_nobody_follows_is_given_up() {
    let (mut model, mut line) = open(StallPattern::NONE);
    let base = config().baud_divisor();
    assert_eq!(rate(&mut model, &mut line, 31).status[0], 0);
    // The host stays at the old rate: what it says is noise to the device.
    assert_eq!(ask(&mut model, &mut line, Register::Jobs), None);
    model.steps(RATE_CLOCKS.into()).unwrap();
    follow(&mut line, base);
    assert_eq!(ask(&mut model, &mut line, Register::Jobs), Some(2));
    assert!(ask(&mut model, &mut line, Register::LineErrors) > Some(0), "and the noise was counted");
}

#[test]
fn a_break_resets_the_device_whatever_it_does() {
    let seed = 75;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = config();
    let rx = |model: &mut Model, level: u32| model.set_u32(model.port("rx").unwrap(), level);
    for round in 0..8 {
        let (mut model, mut line) = open(StallPattern::NONE);
        if round % 2 == 1 {
            rate(&mut model, &mut line, 6);
            follow(&mut line, 6);
        }
        // Some of a job's words, some of its time.
        let task = Task::random(&mut rng, &config, Kernel::Commit);
        let cut = rng.random_range(0..=task.words.len());
        let limits = Limits { cycles: rng.random_range(1..400_000), silence: 20_000 };
        line.run(&mut model, &task.words[..cut], &mut vec![0; 1 << 16], false, limits).unwrap();
        rx(&mut model, 0);
        model.steps(u64::from(BREAK_CLOCKS) + rng.random_range(10..5000)).unwrap();
        rx(&mut model, 1);
        model.steps(20).unwrap();
        // A new line, for this one may have been in the middle of a byte.
        let mut line = UartLine::new(&mut model, config.baud_divisor(), StallPattern::NONE).unwrap();
        model.steps(10_000).unwrap();
        assert_eq!(ask(&mut model, &mut line, Register::Jobs), Some(1), "round {round} seed {seed}");
        assert_eq!(ask(&mut model, &mut line, Register::LineErrors), Some(0), "round {round} seed {seed}");
        task.compare(&talk(&mut model, &mut line, &task.words), &format!("round {round} seed {seed}"));
    }
}

#[test]
fn words_beyond_the_credit_are_lost_and_counted() {
    let mut rng = ChaCha8Rng::seed_from_u64(76);
    let config = Config { watchdog: 20, ..config() };
    let mut model = Build::new(CORE_TOP, &verilog(&config)).open().unwrap();
    // Rows back are twice the words in, and the line back is the slower one: the input must wait.
    let mut line = UartLine::new(&mut model, config.baud_divisor(), StallPattern::NONE).unwrap();
    model.reset(50).unwrap();
    let task = Task::new(&mut rng, super::host::shape(Kernel::Lde, 6, 1, 100, 0));
    // If the last of the words are among those that are lost, the job ends when the watchdog has waited for them.
    let received = listen(&mut model, &mut line, &task.words, 2 << config.watchdog);
    let status = answer(&task.words, &received).status;
    assert_ne!(status[0], StatusCode::Ok as u32, "this host does not look at its credit");
    let errors = ask(&mut model, &mut line, Register::LineErrors);
    assert!(errors > Some(100), "{errors:?}");
    task_with_credit(&mut model, &mut line, &task, config.window);
    assert_eq!(ask(&mut model, &mut line, Register::LineErrors), errors, "and no more are lost");
}

/// The same job by a host that keeps to its credit.
fn task_with_credit(model: &mut Model, line: &mut UartLine, task: &Task, window: usize) {
    let (mut sent, mut credit) = (0, 0);
    let mut received = vec![];
    loop {
        let allowed = (credit + window).min(task.words.len());
        let mut more = vec![0; 1 << 16];
        let limits = Limits { cycles: 20_000, silence: 2 * u64::from(HEARTBEAT_CLOCKS) };
        let (taken, count, _) = line.run(model, &task.words[sent..allowed], &mut more, false, limits).unwrap();
        sent += taken;
        received.extend(&more[..count]);
        let seen = frames(super::host::complete(&received));
        if seen.iter().any(|f| f.kind == FrameType::Status as u8) {
            break;
        }
        let last = seen.iter().rfind(|f| f.kind == FrameType::Credit as u8);
        credit = last.map_or(0, |f| f.payload[0] as usize);
    }
    task.compare(&received, "with credit");
}
