//! Jobs of every kernel and many shapes against the oracle.

use super::host::{Core, Task, answer, frame, identify, shape};
use galena_hdl::emit;
use galena_sim::verilated::{Build, StallPattern};
use galena_target::frame::FrameType;
use galena_target::register::{REGISTER_WORDS, register_map};
use galena_target::{Config, Kernel, Register, Shape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The kernels that compute.
const COMPUTING: [Kernel; 5] = [Kernel::Lde, Kernel::Commit, Kernel::Hash, Kernel::Tree, Kernel::Grind];

#[test]
fn every_kernel_with_stalls_on_both_sides() {
    let seed = 51;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    for from in StallPattern::all(52) {
        for to in StallPattern::all(53) {
            let mut core = Core::open(config, [from, to]);
            for k in 0..10 {
                let task = Task::random(&mut rng, config, COMPUTING[k % 5]);
                task.check(&mut core, &format!("{from:?} {to:?} seed {seed}"));
            }
        }
    }
}

#[test]
fn the_edges_of_every_size() {
    let seed = 54;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for name in ["tiny", "tiny-blowup"] {
        edges(&mut rng, Config::named(name).unwrap(), seed);
    }
}

fn edges(rng: &mut ChaCha8Rng, config: &Config, seed: u64) {
    let limits = config.limits();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    for kernel in COMPUTING.into_iter().filter(|kernel| !kernel.row().searches) {
        let row = kernel.row();
        let log_max = if row.transforms { limits.log_rows_max } else { limits.log_height_max() };
        for log_rows in [limits.log_rows_min, log_max] {
            for columns in if kernel == Kernel::Tree { vec![8] } else { vec![1, 7, 8, 9, 16, 17] } {
                for log_blowup in 0..=if row.transforms { limits.log_blowup_max } else { 0 } {
                    for levels in if row.compresses { vec![0, log_rows + log_blowup] } else { vec![0] } {
                        let (plain, return_rows) = (shape(kernel, log_rows, log_blowup, columns, levels), rng.random());
                        let task = Task::new(rng, Shape { return_rows, ..plain });
                        task.check(&mut core, &format!("seed {seed}"));
                    }
                }
            }
        }
    }
}

#[test]
fn only_the_levels_that_were_asked_for_come_back() {
    let mut rng = ChaCha8Rng::seed_from_u64(60);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE, StallPattern::half(60)]);
    for kernel in [Kernel::Commit, Kernel::Hash, Kernel::Tree] {
        for first_level in 0..=4 {
            let plain = shape(kernel, 4, 0, 8, 4);
            let task = Task::new(&mut rng, Shape { return_rows: false, first_level, ..plain });
            let least = first_level.max(usize::from(kernel == Kernel::Tree));
            assert_eq!(task.expected.len(), (16 >> least) * 2 - 1);
            task.check(&mut core, "first level");
        }
    }
}

#[test]
fn most_columns_and_a_matrix_of_many_frames() {
    let mut rng = ChaCha8Rng::seed_from_u64(55);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let columns = config.limits().columns_max;
    assert_eq!(columns, 16_384);
    Task::new(&mut rng, shape(Kernel::Commit, 2, 1, columns, 3)).check(&mut core, "most columns");
    Task::new(&mut rng, shape(Kernel::Hash, 2, 0, 2049, 2)).check(&mut core, "more than 256 groups");
    Task::new(&mut rng, shape(Kernel::Commit, 6, 1, 100, 3)).check(&mut core, "100 columns of 64 rows");
}

#[test]
fn the_smallest_core_that_can_be_asked_for() {
    let seed = 58;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config { lanes: 1, multipliers: 4, log_rows_max: 3, ..Config::named("tiny").unwrap().clone() };
    let mut core = Core::open(&config, [StallPattern::half(59), StallPattern::NONE]);
    for k in 0..24 {
        Task::random(&mut rng, &config, COMPUTING[k % 5]).check(&mut core, &format!("seed {seed}"));
    }
}

#[test]
fn larger_blowups_and_sixteen_lanes_with_stalls_on_both_sides() {
    let seed = 62;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let blowup = Config::named("tiny-blowup").unwrap().clone();
    let lanes = Config { lanes: 16, log_rows_max: 7, ..Config::named("tiny").unwrap().clone() };
    let both = Config { lanes: 16, log_rows_max: 4, ..blowup.clone() };
    for config in [blowup, lanes, both] {
        for stalls in [[StallPattern::half(63), StallPattern::NONE], [StallPattern::NONE, StallPattern::bursts(64)]] {
            let mut core = Core::open(&config, stalls);
            for k in 0..24 {
                let what = format!("{} lanes, {stalls:?}, seed {seed}", config.lanes);
                Task::random(&mut rng, &config, COMPUTING[k % 4]).check(&mut core, &what);
            }
        }
    }
}

#[test]
fn both_words_of_a_counter_are_of_one_clock() {
    let module = galena_hdl::shell::identify(Config::named("tiny").unwrap());
    let mut model = Build::new(&module.name, &emit(&module).unwrap()).open().unwrap();
    let low = Register::Uptime.index() as u32;
    let names = ["take", "index", "uptime", "word"];
    let [take, index, uptime, word] = names.map(|name| model.port(name).unwrap());
    // The counter is about to carry when its low word is taken, and has when the high word is; a reader may leave the index where it is for long.
    let clocks =
        [(1, low, [u32::MAX, 6]), (0, low, [0, 7]), (0, low, [1, 7]), (1, low + 1, [2, 7]), (0, low + 1, [3, 7])];
    let read = clocks.map(|(taken, at, counter)| {
        model.set_u32(take, taken);
        model.set_u32(index, at);
        model.set_wide(uptime, &counter);
        model.step().unwrap();
        model.get_u32(word)
    });
    assert_eq!(read, [u32::MAX, u32::MAX, u32::MAX, 6, 6]);
}

#[test]
fn identify_tells_the_register_map_and_counts() {
    let mut rng = ChaCha8Rng::seed_from_u64(56);
    let config = Config::named("tiny").unwrap();
    let build = [("GIT_HASH", "160'h0123456789abcdef00112233445566778899aabb"), ("DIRTY", "1'b1")];
    let mut core = Core::open_with(config, [StallPattern::NONE; 2], &build);
    let (mut sent, mut received, mut multiplies, mut cycles) = (0, 0, 0, 0);
    for jobs in 0..COMPUTING.len() as u32 {
        let ask = identify(jobs as u16);
        let words = core.talk(&ask);
        let answer = answer(&ask, &words);
        assert_eq!(answer.status[..4], [0; 4]);
        let map: [u32; 48] = answer.registers.clone().expect("the map").try_into().unwrap();
        let value = |register: Register| register.value(&map);
        let mut expected = register_map(config);
        let git = [0x0123_4567, 0x89ab_cdef, 0x0011_2233, 0x4455_6677, 0x8899_aabb];
        expected[Register::GitHash.index()..][..5].copy_from_slice(&git);
        expected[Register::Dirty.index()] = 1;
        expected[Register::Jobs.index()] = 2 * jobs + 1;
        expected[Register::Errors.index()] = jobs;
        let counters = Register::Uptime.index()..REGISTER_WORDS;
        assert_eq!(map[..counters.start], expected[..counters.start]);
        // The command is in, but for nothing; of the answer, the header and the words before this one have left.
        sent += ask.len() as u64;
        assert_eq!(value(Register::WordsIn), sent);
        assert!((received..received + 48).contains(&value(Register::WordsOut)), "{jobs}: {received}");
        assert_eq!(value(Register::Multiplies), multiplies);
        assert!(value(Register::Busy) >= cycles && value(Register::Busy) < value(Register::Uptime), "{jobs}: {cycles}");
        assert!(value(Register::Uptime) <= core.model.cycles());
        assert!(value(Register::StalledIn) < value(Register::Busy));
        received += words.len() as u64;
        cycles += answer.wide(4);
        // Between two questions: one job that is done, and one command that is refused and so is no job.
        let task = Task::random(&mut rng, config, COMPUTING[jobs as usize]);
        let done = core.talk(&task.words);
        let answer = task.compare(&done, "between");
        (sent, received) = (sent + task.words.len() as u64, received + done.len() as u64);
        (multiplies, cycles) = (multiplies + answer.wide(6) + answer.wide(8), cycles + answer.wide(4));
        let foreign = frame(9, 9, FrameType::Command, 0, &[0; 24]);
        sent += foreign.len() as u64;
        received += core.talk(&foreign).len() as u64;
    }
}

#[test]
fn counters_say_what_was_done() {
    let mut rng = ChaCha8Rng::seed_from_u64(57);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let plain = shape(Kernel::Commit, 6, 1, 24, 7);
    let task = Task::new(&mut rng, Shape { return_rows: false, return_digests: false, ..plain });
    let answer = task.check(&mut core, "counters");
    let permutations = 3 * 128 + 127;
    assert_eq!(answer.wide(6), 3 * galena_hdl::lde::model::multiplies(6, 1), "butterflies and scaling");
    assert_eq!(answer.status[14], permutations);
    assert_eq!(answer.wide(8), permutations as u64 * 564, "S-box multiplies");
    assert!(answer.wide(4) > answer.wide(8) / 16, "clocks");
    assert!(answer.wide(10) < answer.wide(4), "the input waited now and then");
    assert!(answer.wide(12) < 10, "the output link never did");
    // A kernel that does not hash has none of the last one's figures.
    let answer = Task::new(&mut rng, shape(Kernel::Lde, 6, 1, 8, 0)).check(&mut core, "counters");
    assert_eq!((answer.wide(6), answer.wide(8), answer.status[14]), (galena_hdl::lde::model::multiplies(6, 1), 0, 0));
}
