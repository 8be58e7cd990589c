//! Every error code, and a good job after each; recovery from anything the link may bring.

use crate::host::{Core, STARVE_LOG, answer, frame, frames, job_words, random_job, words};
use crate::jobs::same_as_endpoint;
use galena_sim::verilated::StallPattern;
use galena_target::frame::{FrameType, HEADER_WORDS, RECOVERY_WORDS, StatusCode, crc32};
use galena_target::{Config, FIELD_PRIME, KERNELS, Kernel, Shape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SHAPE: Shape = Shape {
    kernel: Kernel::Commit,
    log_rows: 6,
    log_blowup: 1,
    columns: 24,
    levels: 7,
    return_rows: true,
    return_digests: true,
};

/// Place of the second data frame in the words of a job of `SHAPE` (1536 data words: frames of 1024 and 512).
const SECOND: usize = HEADER_WORDS + 24 + 1 + HEADER_WORDS + 1024 + 1;

/// Makes the header at `place` true again after a change.
fn seal(words: &mut [u32], place: usize) {
    words[place + 3] = crc32(&words[place..place + 3]);
}

/// Makes the payload of the frame at `place` true again after a change.
fn seal_payload(words: &mut [u32], place: usize) {
    let (start, length) = (place + HEADER_WORDS, words[place + 2] as usize);
    words[start + length] = crc32(&words[start..start + length]);
}

type Case = (&'static str, Box<dyn Fn(&mut Vec<u32>)>, [u32; 4]);

/// What is done to the words of a good job, and the first four words of the status that must come.
fn cases() -> Vec<Case> {
    let command = HEADER_WORDS;
    let case = |name, change: fn(&mut Vec<u32>), code: StatusCode, frame: u32, offset: usize, found: u32| -> Case {
        (name, Box::new(change), [code as u32, frame, offset as u32, found])
    };
    use StatusCode::*;
    let payload = |name, offset: usize, value: u32, code: StatusCode| -> Case {
        let change = move |w: &mut Vec<u32>| {
            w[command + offset] = value;
            seal_payload(w, 0);
        };
        (name, Box::new(change), [code as u32, 0, offset as u32, value])
    };
    let shape = 1 << 16 | 1 << 17 | 1 << 8 | 6;
    vec![
        case(
            "unknown kernel",
            |w| {
                w[1] |= 5;
                w[1] &= !2;
                seal(w, 0)
            },
            UnknownKernel,
            0,
            0,
            5,
        ),
        case(
            "command too short",
            |w| {
                w[2] = 23;
                seal(w, 0)
            },
            Length,
            0,
            0,
            23,
        ),
        case(
            "command too long",
            |w| {
                w[2] = 25;
                seal(w, 0)
            },
            Length,
            0,
            0,
            25,
        ),
        payload("too few rows", 0, shape & !31 | 1, Limits),
        payload("too many rows", 0, shape & !31 | 7, Limits),
        payload("blow-up", 0, shape & !0x300 | 2 << 8, Limits),
        payload("no columns", 1, 0, Limits),
        payload("too many columns", 1, 2049, Limits),
        payload("too many levels", 2, 8, Limits),
        payload("another total", 3, 1544, Length),
        payload("step not reduced", 4, FIELD_PRIME, NonCanonical),
        payload("seed not reduced", 23, u32::MAX, NonCanonical),
        case("command's CRC", |w| w[28] ^= 4, PayloadCrc, 0, 24, 0),
        case("data word not reduced", |w| w[33 + 17] = FIELD_PRIME, NonCanonical, 1, 17, FIELD_PRIME),
        case("data word with bit 31", |w| w[33 + 1023] = 1 << 31, NonCanonical, 1, 1023, 1 << 31),
        case(
            "data changed",
            |w| {
                w[33 + 5] ^= 1;
                w[33 + 5] %= FIELD_PRIME
            },
            PayloadCrc,
            1,
            1024,
            0,
        ),
        case("data CRC changed", |w| w[SECOND - 1] ^= 1 << 31, PayloadCrc, 1, 1024, 0),
        case(
            "frame lost",
            |w| {
                w.drain(29..SECOND);
            },
            Sequence,
            1,
            0,
            2 << 16 | 0x102,
        ),
        case(
            "frame repeated",
            |w| {
                let f = w[29..SECOND].to_vec();
                w.splice(SECOND..SECOND, f);
            },
            Sequence,
            2,
            0,
            1 << 16 | 0x102,
        ),
        case(
            "another kernel",
            |w| {
                w[SECOND + 1] ^= 1;
                seal(w, SECOND)
            },
            Sequence,
            2,
            0,
            2 << 16 | 0x103,
        ),
        case(
            "a command in the job",
            |w| {
                w[SECOND + 1] &= !0xff00;
                seal(w, SECOND)
            },
            Sequence,
            2,
            0,
            2 << 16 | 2,
        ),
        case(
            "data frame too short",
            |w| {
                w[31] = 1016;
                seal(w, 29)
            },
            Length,
            1,
            0,
            1016,
        ),
        case(
            "more than the total",
            |w| {
                w[SECOND + 2] = 520;
                seal(w, SECOND)
            },
            Length,
            2,
            0,
            520,
        ),
        case(
            "empty data frame",
            |w| {
                w[SECOND + 2] = 0;
                seal(w, SECOND)
            },
            Length,
            2,
            0,
            0,
        ),
        case(
            "length above the longest",
            |w| {
                w[31] = 1025;
                seal(w, 29)
            },
            Header,
            1,
            0,
            1025,
        ),
        case("header's magic", |w| w[SECOND] ^= 1 << 8, Header, 2, 0, 0x4e4c_4601),
        case("header's CRC", |w| w[SECOND + 3] ^= 1, Header, 2, 0, 0),
        case("cut in a frame", |w| w.truncate(SECOND + 100), Starved, 2, 96, 0),
        case("cut between frames", |w| w.truncate(SECOND), Starved, 2, 0, 0),
        case("cut in the command", |w| w.truncate(22), Starved, 0, 18, 0),
    ]
}

#[test]
fn every_error_has_its_code_and_the_next_job_is_right() {
    let seed = 61;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE, StallPattern::half(62)]);
    // The honest control: without a change the job is right.
    let good = job_words(&mut rng, &SHAPE);
    same_as_endpoint(&mut core, config, &SHAPE, &good, "control");
    for (name, change, expected) in cases() {
        let good = job_words(&mut rng, &SHAPE);
        let mut bad = good.clone();
        change(&mut bad);
        let mut received = core.talk(&bad);
        if expected[0] == StatusCode::Starved as u32 {
            assert!(
                received.is_empty() || frames(&received).iter().all(|f| f.kind == FrameType::Chunks as u8),
                "{name}"
            );
            core.model.steps(1 << STARVE_LOG).unwrap();
            received.extend(core.talk(&[]));
        }
        let found = frames(&received);
        let status = found.last().unwrap_or_else(|| panic!("{name}: no status"));
        assert_eq!(status.kind, FrameType::Status as u8, "{name}");
        assert_eq!(found.iter().filter(|f| f.kind == FrameType::Status as u8).count(), 1, "{name}");
        assert!(found.iter().enumerate().all(|(k, f)| f.sequence == k as u16), "{name}");
        let mut expected = expected;
        if matches!(expected[0], 1 | 8) && expected[3] == 0 {
            // The word found is a CRC that depends on the data.
            expected[3] = status.payload[3];
        }
        assert_eq!(status.payload[..4], expected, "{name}");
        let kernel = KERNELS[rng.random_range(1..5)].kernel;
        let (shape, words) = random_job(&mut rng, config, kernel);
        same_as_endpoint(&mut core, config, &shape, &words, &format!("after {name}: {shape:?} seed {seed}"));
    }
}

#[test]
fn foreign_words_between_jobs_are_skipped() {
    let seed = 63;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    for k in 0..30 {
        let mut noise: Vec<u32> = (0..rng.random_range(0..50)).map(|_| rng.random()).collect();
        // Frames that are no commands, headers that are nearly right, and beginnings of headers.
        match k % 5 {
            0 => noise.extend(frame(2, FrameType::Data, 1, &[1, 2, 3])),
            1 => noise.extend(&frame(0, FrameType::Command, 0, &[0; 24])[..3]),
            2 => noise.extend(frame(2, FrameType::Command, 7, &[0; 24])),
            3 => noise.extend([0x4e4c_4701, 0x4e4c_4701, 0x4e4c_4701]),
            _ => noise.extend(&frame(3, FrameType::Status, 0, &[0; 16])),
        }
        assert_eq!(core.talk(&noise), [], "round {k} seed {seed}");
        let (shape, words) = random_job(&mut rng, config, KERNELS[1 + k % 4].kernel);
        same_as_endpoint(&mut core, config, &shape, &words, &format!("round {k} seed {seed}"));
    }
}

#[test]
fn a_lost_host_recovers_with_zero_words() {
    let seed = 64;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    for stalls in [[StallPattern::NONE; 2], [StallPattern::half(65), StallPattern::bursts(66)]] {
        let mut core = Core::open(config, stalls);
        for round in 0..60 {
            let kernel = KERNELS[rng.random_range(1..5)].kernel;
            let (_, mut words) = random_job(&mut rng, config, kernel);
            // Lost, doubled, damaged and missing words, all at once.
            for _ in 0..rng.random_range(0..4) {
                let at = rng.random_range(0..words.len());
                match rng.random_range(0..4) {
                    0 => drop(words.remove(at)),
                    1 => words.insert(at, rng.random()),
                    2 => words[at] ^= 1 << rng.random_range(0..32),
                    _ => words.truncate(at + 1),
                }
            }
            words.extend([0; RECOVERY_WORDS]);
            let received = core.talk(&words);
            let statuses = frames(&received).iter().filter(|f| f.kind == FrameType::Status as u8).count();
            assert!(statuses <= 1, "round {round} seed {seed}: {statuses} statuses");
            let (shape, words) = random_job(&mut rng, config, KERNELS[1 + round % 4].kernel);
            same_as_endpoint(&mut core, config, &shape, &words, &format!("round {round} seed {seed} {shape:?}"));
        }
    }
}

#[test]
fn a_reset_in_the_middle_of_a_job_leaves_nothing_behind() {
    let seed = 67;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    for round in 0..30 {
        let good = job_words(&mut rng, &SHAPE);
        core.begin(&good[..rng.random_range(1..good.len())], rng.random_range(0..200), rng.random_range(1..3000));
        core.model.reset(1).unwrap();
        let (shape, words) = random_job(&mut rng, config, KERNELS[1 + round % 4].kernel);
        same_as_endpoint(&mut core, config, &shape, &words, &format!("round {round} seed {seed} {shape:?}"));
    }
}

#[test]
fn a_command_that_comes_early_waits_for_the_status() {
    let mut rng = ChaCha8Rng::seed_from_u64(68);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    // Two jobs back to back, without waiting: ABI.md forbids it to the host, the device bears it.
    let shape = Shape { return_rows: false, return_digests: false, ..SHAPE };
    let both = [job_words(&mut rng, &shape), frame(0, FrameType::Command, 0, &[0; 24])].concat();
    let found = frames(&core.talk(&both));
    assert_eq!(found.iter().map(|f| (f.kernel, f.kind)).collect::<Vec<_>>(), [(2, 3), (0, 4), (0, 3)]);
}

#[test]
fn a_refused_command_is_refused_whatever_follows() {
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let shape = Shape { log_rows: 7, ..SHAPE };
    let data = vec![0; shape.data_words()];
    let (_, status) = answer(Kernel::Commit, &core.talk(&words(&shape, &shape.command(0, &[0; 16]), &data)));
    assert_eq!(status[0], StatusCode::Limits as u32);
    assert_eq!(status[6..10], [0; 4], "nothing was computed");
}
