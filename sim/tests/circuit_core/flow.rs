//! Flow control and the life of a job: credits, heartbeats, filler, cancel, reset, the watchdog.

use super::host::{Answer, Core, Task, WATCHDOG, answer, cancel, complete, frame, frames, identify, shape, verilog};
use galena_hdl::VerilogFile;
use galena_sim::verilated::StallPattern;
use galena_target::frame::{ANY_JOB, FrameType, HEARTBEAT_CLOCKS, RECOVERY_WORDS, StatusCode};
use galena_target::{Config, KERNELS, Kernel, Register, Shape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn tiny() -> &'static Config {
    Config::named("tiny").unwrap()
}

/// `tiny` with a watchdog that waits for some heartbeats.
fn patient() -> Config {
    Config { watchdog: WATCHDOG + 2, ..tiny().clone() }
}

/// Returns nothing, so that the link back carries credits and the status only.
fn silent(kernel: Kernel, columns: usize) -> Shape {
    Shape {
        return_rows: false,
        return_digests: false,
        ..shape(kernel, 6, usize::from(kernel == Kernel::Commit), columns, 0)
    }
}

/// The code in the status of a job's answer.
fn code(answer: &Answer) -> Option<StatusCode> {
    StatusCode::from_code(answer.status[0])
}

/// A host that keeps to its credit, in slices of so many clocks. Returns what came, and the most words that were ever outstanding.
fn obedient(core: &mut Core, words: &[u32], window: usize, slice: u64) -> (Vec<u32>, usize) {
    let (mut sent, mut credit, mut most, mut idle) = (0, 0, 0, 0);
    let mut received = vec![];
    while idle < 400_000 {
        let allowed = (credit + window).min(words.len());
        let (taken, more) = core.exchange(&words[sent..allowed], 1 << 16, slice);
        sent += taken;
        most = most.max(sent - credit);
        idle = if more.is_empty() { idle + slice } else { 0 };
        received.extend(more);
        let seen = frames(complete(&received));
        if seen.iter().any(|f| f.kind == FrameType::Status as u8) {
            break;
        }
        let last = seen.iter().rfind(|f| f.kind == FrameType::Credit as u8);
        credit = last.map_or(0, |f| f.payload[0] as usize);
    }
    (received, most)
}

#[test]
fn a_host_that_keeps_to_its_credit_is_never_stuck() {
    let seed = 91;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let window = tiny().window;
    for stalls in StallPattern::all(92) {
        let mut core = Core::open(tiny(), [StallPattern::NONE, stalls]);
        for task in [shape(Kernel::Commit, 6, 1, 90, 7), silent(Kernel::Hash, 120), shape(Kernel::Lde, 6, 1, 70, 0)] {
            let task = Task::new(&mut rng, task);
            assert!(task.words.len() > 2 * window);
            let (received, most) = obedient(&mut core, &task.words, window, 700);
            let answer = task.compare(&received, &format!("{stalls:?} seed {seed}"));
            assert_eq!(most, window, "all of the credit was used, and no more");
            assert!(answer.credits.iter().all(|&c| c as usize <= task.words.len()), "{:?}", answer.credits);
        }
    }
}

#[test]
fn a_credit_comes_for_every_quarter_of_the_window() {
    let mut rng = ChaCha8Rng::seed_from_u64(93);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    let quarter = tiny().window / 4;
    let task = Task::new(&mut rng, silent(Kernel::Hash, 200));
    let answer = task.check(&mut core, "credits");
    let mut last = 0;
    for &credit in &answer.credits {
        // The header goes first: some words more are taken until the number is.
        assert!((quarter..quarter + 10).contains(&(credit as usize - last)), "{:?}", answer.credits);
        last = credit as usize;
    }
    assert!(task.words.len() - last <= quarter + 10, "{:?} of {}", answer.credits, task.words.len());
    // A job within a quarter needs none.
    let small = Shape { log_rows: 5, ..silent(Kernel::Hash, 8) };
    assert!(Task::new(&mut rng, small).check(&mut core, "small").credits.is_empty());
}

#[test]
fn the_store_holds_the_window_whatever_the_job_does() {
    let mut rng = ChaCha8Rng::seed_from_u64(94);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    for kernel in [Kernel::Lde, Kernel::Commit] {
        let task = Task::new(&mut rng, shape(kernel, 6, 1, 64, 0));
        // Nothing is taken from the core: its output fills, its pipelines stop, and still the window's words all go in.
        let (taken, _) = core.exchange(&task.words[..tiny().window], 0, 40_000);
        assert_eq!(taken, tiny().window);
        let rest = core.talk(&task.words[tiny().window..]);
        task.compare(&rest, "after the wait");
    }
}

#[test]
fn a_job_in_which_nothing_moves_has_heartbeats_until_it_starves() {
    let mut rng = ChaCha8Rng::seed_from_u64(95);
    let config = patient();
    let mut core = Core::open(&config, [StallPattern::NONE; 2]);
    for cut in [4, 20, 29, 600] {
        let words = &Task::new(&mut rng, silent(Kernel::Hash, 64)).words[..cut];
        let (taken, mut received) = core.exchange(words, 1 << 16, 4000);
        assert_eq!(taken, cut);
        let before = frames(complete(&received)).len();
        let mut beats = 0;
        for _ in 0..3 {
            received.extend(core.exchange(&[], 1 << 16, u64::from(HEARTBEAT_CLOCKS) + 20).1);
            beats += 1;
            assert_eq!(frames(complete(&received)).len(), before + beats, "one a beat");
        }
        received.extend(core.exchange(&[], 1 << 16, u64::from(HEARTBEAT_CLOCKS) + 20).1);
        let answer = answer(words, &received);
        assert_eq!(code(&answer), Some(StatusCode::Starved), "cut at {cut}");
        // The fourth may come just before the end.
        assert!(answer.credits.len() >= before + beats, "cut at {cut}");
        assert!(answer.credits[before..].iter().all(|&c| c == cut as u32), "cut at {cut}");
        Task::random(&mut rng, &config, Kernel::Commit).check(&mut core, "after starving");
    }
    // Between jobs nobody speaks.
    assert_eq!(core.exchange(&[], 1 << 16, 3 * u64::from(HEARTBEAT_CLOCKS)).1, [0u32; 0]);
}

#[test]
fn filler_between_frames_is_skipped_and_counted() {
    let seed = 96;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut core = Core::open(tiny(), [StallPattern::half(97), StallPattern::half(98)]);
    for round in 0..20 {
        let task =
            Task::new(&mut rng, shape(KERNELS[1 + round % 4].kernel, 6, 0, 8 + 16 * usize::from(round % 4 != 3), 0));
        let mut words = task.words.clone();
        let (mut at, mut before_last) = (29, 0);
        while at < words.len() {
            let filler = rng.random_range(0..100);
            words.splice(at..at, vec![0; filler]);
            (at, before_last) = (at + filler + 5 + (words[at + filler + 2] & 0xffff) as usize, before_last + filler);
        }
        words.extend(vec![0; rng.random_range(0..100)]);
        let answer = answer(&task.words, &core.talk(&words));
        assert_eq!(code(&answer), Some(StatusCode::Ok), "round {round} seed {seed}");
        let taken = answer.status[15] as usize;
        assert!((task.words.len() + before_last..=words.len()).contains(&taken), "round {round} seed {seed}");
        let mut chunks = answer.chunks;
        chunks.sort();
        assert!(chunks == task.expected, "round {round} seed {seed}");
    }
}

#[test]
fn a_cancel_ends_the_job_in_every_phase() {
    let seed = 99;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for stalls in [StallPattern::NONE, StallPattern::bursts(100)] {
        let mut core = Core::open(tiny(), [StallPattern::NONE, stalls]);
        let (mut cancelled, mut late) = (0, 0);
        for round in 0..60 {
            let what = format!("round {round} seed {seed} {stalls:?}");
            let levels = rng.random_range(0..8);
            let task = Task::new(&mut rng, shape(Kernel::Commit, 6, 1, 24, levels));
            let whose = if rng.random() { task.job } else { ANY_JOB };
            // Between frames, or some time after the last of them.
            let cut = [29, 29 + 1029, task.words.len(), task.words.len()][round % 4];
            let mut received = core.exchange(&task.words[..cut], 1 << 16, 2000).1;
            let wait = if cut == task.words.len() { rng.random_range(1..30_000) } else { rng.random_range(1..3000) };
            received.extend(core.exchange(&[], 1 << 16, wait).1);
            // In the middle of a frame the frame is filled up first: that is another error.
            let (end, _) = core.exchange(&cancel(whose), 0, 200);
            assert_eq!(end, 5, "{what}: taken at once");
            received.extend(core.talk_until(&[], usize::from(!ended(&received))));
            let answer = answer(&task.words, &received);
            match code(&answer) {
                Some(StatusCode::Cancelled) => {
                    cancelled += 1;
                    assert_eq!(answer.status[2..4], [0, 0], "{what}");
                }
                // It came when all was done.
                Some(StatusCode::Ok) if cut == task.words.len() => late += 1,
                other => panic!("{what}: {other:?}"),
            }
            Task::random(&mut rng, tiny(), KERNELS[1 + round % 4].kernel).check(&mut core, &what);
        }
        assert!(cancelled >= 35 && late >= 3, "{cancelled} cancelled, {late} late");
    }
}

/// Whether a status is among the frames.
fn ended(words: &[u32]) -> bool {
    frames(complete(words)).iter().any(|f| f.kind == FrameType::Status as u8)
}

#[test]
fn a_cancel_of_another_job_changes_nothing() {
    let seed = 101;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut core = Core::open(tiny(), [StallPattern::half(102); 2]);
    for round in 0..12 {
        let task = Task::new(&mut rng, shape(Kernel::Commit, 6, 1, 24, 7));
        let other = cancel(task.job ^ 1);
        let mut words = task.words.clone();
        let places = [29, 29 + 1029, words.len()];
        words.splice(places[round % 3]..places[round % 3], other.clone());
        let answer = answer(&task.words, &core.talk(&words));
        assert_eq!(code(&answer), Some(StatusCode::Ok), "round {round} seed {seed}");
        assert_eq!(answer.chunks.len(), task.expected.len());
    }
}

#[test]
fn a_reset_frame_begins_anew_and_loses_nothing_that_follows() {
    let mut rng = ChaCha8Rng::seed_from_u64(103);
    let mut core = Core::open(tiny(), [StallPattern::NONE, StallPattern::half(104)]);
    let reset = frame(77, 0, FrameType::Reset, 0, &[]);
    for round in 0..10 {
        for kernel in [Kernel::Commit, Kernel::Tree] {
            Task::random(&mut rng, tiny(), kernel).check(&mut core, "before");
        }
        let ask = identify(round);
        // The question is right behind, and may already be in the store.
        let words = [reset.clone(), ask.clone()].concat();
        let before = core.model.cycles();
        let answer = answer(&ask, &core.talk(&words));
        let map: [u32; 48] = answer.registers.unwrap().try_into().unwrap();
        for (register, value) in [(Register::Jobs, 1), (Register::Errors, 0), (Register::Multiplies, 0)] {
            assert_eq!(register.value(&map), value, "{register:?}");
        }
        assert_eq!(Register::WordsIn.value(&map), 30, "the zero that is the reset's own CRC, and the command");
        assert!(Register::Uptime.value(&map) < core.model.cycles() - before);
        Task::random(&mut rng, tiny(), Kernel::Commit).check(&mut core, "after");
    }
    // Within a job it is a frame out of place; while the job computes it is nothing.
    let task = Task::new(&mut rng, shape(Kernel::Commit, 6, 1, 24, 7));
    let early = [&task.words[..29], &reset[..]].concat();
    assert_eq!(code(&answer(&task.words, &core.talk(&early))), Some(StatusCode::Sequence));
    let late = [&task.words[..], &reset[..]].concat();
    let answer = answer(&task.words, &core.talk(&late));
    assert_eq!((code(&answer), answer.chunks.len()), (Some(StatusCode::Ok), task.expected.len()));
}

#[test]
fn a_link_that_does_not_take_the_answer_is_waited_for() {
    let mut rng = ChaCha8Rng::seed_from_u64(105);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    let task = Task::new(&mut rng, shape(Kernel::Commit, 6, 1, 16, 7));
    let (taken, _) = core.exchange(&task.words, 0, 3 << WATCHDOG);
    assert_eq!(taken, task.words.len());
    let answer = task.check_late(&mut core);
    assert!(answer.wide(12) > 2 << WATCHDOG, "and the wait is counted");
}

/// The Verilog of `tiny` with texts replaced in the one file of that beginning.
fn broken(file: &str, edits: &[(&str, &str)]) -> Vec<VerilogFile> {
    let mut files = verilog(tiny());
    let own = files.iter_mut().find(|f| f.name.starts_with(file)).expect("the file");
    for (from, to) in edits {
        assert_eq!(own.text.matches(from).count(), 1, "{file}: {from}");
        own.text = own.text.replace(from, to);
    }
    files
}

#[test]
fn a_circuit_that_moves_no_more_is_ended_by_its_watchdog() {
    let mut rng = ChaCha8Rng::seed_from_u64(106);
    // Rows never reach the hasher, and wait for it: nothing that hashes can end.
    let edits = [("assign hash_valid = valid &&", "assign hash_valid = 1'b0 &&"), (" || hash_has || hash_ready;", ";")];
    let files = broken("shell_rows", &edits);
    let mut core = Core::open_files(&files, [StallPattern::NONE; 2]);
    for columns in [8, 200] {
        let task = Task::new(&mut rng, silent(Kernel::Hash, columns));
        let window = task.words.len().min(tiny().window);
        let before = core.model.cycles();
        let (_, mut received) = core.exchange(&task.words[..window], 1 << 16, 1 << (WATCHDOG - 1));
        assert!(!ended(&received));
        received.extend(core.exchange(&[], 1 << 16, 1 << WATCHDOG).1);
        let answer = answer(&task.words, complete(&received));
        assert_eq!(code(&answer), Some(StatusCode::Stuck), "{columns} columns");
        assert!(answer.wide(4) >= 1 << WATCHDOG && answer.wide(4) < core.model.cycles() - before);
        // What was still stored of a job that is over is skipped, and what does not hash goes on.
        let received = core.talk(&[vec![0; RECOVERY_WORDS], cancel(ANY_JOB)].concat());
        assert_eq!(received, [0u32; 0]);
        Task::new(&mut rng, shape(Kernel::Lde, 6, 1, 24, 0)).check(&mut core, "after");
    }
}
