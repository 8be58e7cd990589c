//! Jobs of every kernel and many shapes against the software endpoint.

use crate::host::{Core, answer, frame, frames, job_words, random_job};
use galena_device::endpoint::Endpoint;
use galena_sim::verilated::StallPattern;
use galena_target::frame::FrameType;
use galena_target::register::register_map;
use galena_target::{Config, KERNELS, Kernel, Register, Shape};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Runs one job on both and compares everything but the counters.
pub(crate) fn same_as_endpoint(core: &mut Core, config: &Config, shape: &Shape, words: &[u32], what: &str) -> Vec<u32> {
    let mut endpoint = Endpoint::new(config);
    words.iter().for_each(|&w| endpoint.push(w));
    let expected: Vec<u32> = std::iter::from_fn(|| endpoint.pop()).collect();
    let (expected, expected_status) = answer(shape.kernel, &expected);
    let (found, status) = answer(shape.kernel, &core.talk(words));
    assert_eq!(status[..4], expected_status[..4], "{what}");
    // Rows in order of group and row; digests of a level in order; the whole the same set.
    let key = |c: &[u32; 9]| c[0];
    let (rows, digests): (Vec<_>, Vec<_>) = found.iter().partition(|c| key(c) >> 28 == 0);
    assert!(rows.is_sorted_by_key(key), "{what}: rows in order");
    for level in 0..=20 {
        assert!(
            digests.iter().filter(|c| key(c) >> 20 & 0xff == level).is_sorted_by_key(|c| c[0]),
            "{what}: level {level}"
        );
    }
    let mut found: Vec<_> = found.clone();
    let mut expected: Vec<_> = expected.clone();
    found.sort();
    expected.sort();
    assert!(found == expected, "{what}: {} chunks, expected {}", found.len(), expected.len());
    status
}

#[test]
fn every_kernel_with_stalls_on_both_sides() {
    let seed = 51;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    for from in StallPattern::all(52) {
        for to in StallPattern::all(53) {
            let mut core = Core::open(config, [from, to]);
            for k in 0..10 {
                let kernel = KERNELS[1 + k % 4].kernel;
                let (shape, words) = random_job(&mut rng, config, kernel);
                let what = format!("{shape:?} {from:?} {to:?} seed {seed}");
                same_as_endpoint(&mut core, config, &shape, &words, &what);
            }
        }
    }
}

#[test]
fn the_edges_of_every_size() {
    let seed = 54;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config::named("tiny").unwrap();
    let limits = config.limits();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    for row in &KERNELS[1..] {
        let log_max = if row.transforms { limits.log_rows_max } else { limits.log_height_max() };
        for log_rows in [limits.log_rows_min, log_max] {
            for columns in if row.kernel == Kernel::Tree { vec![8] } else { vec![1, 7, 8, 9, 16, 17] } {
                for log_blowup in 0..=if row.transforms { limits.log_blowup_max } else { 0 } {
                    for levels in if row.compresses { vec![0, log_rows + log_blowup] } else { vec![0] } {
                        let (return_rows, return_digests) = (rng.random(), true);
                        let kernel = row.kernel;
                        let shape =
                            Shape { kernel, log_rows, log_blowup, columns, levels, return_rows, return_digests };
                        let words = job_words(&mut rng, &shape);
                        same_as_endpoint(&mut core, config, &shape, &words, &format!("{shape:?} seed {seed}"));
                    }
                }
            }
        }
    }
}

#[test]
fn most_columns_and_a_matrix_of_many_frames() {
    let mut rng = ChaCha8Rng::seed_from_u64(55);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let columns = config.limits().columns_max;
    let shape = Shape {
        kernel: Kernel::Commit,
        log_rows: 2,
        log_blowup: 1,
        columns,
        levels: 3,
        return_rows: true,
        return_digests: true,
    };
    let words = job_words(&mut rng, &shape);
    same_as_endpoint(&mut core, config, &shape, &words, "2048 columns");
    let shape = Shape { log_rows: 6, columns: 100, ..shape };
    let words = job_words(&mut rng, &shape);
    same_as_endpoint(&mut core, config, &shape, &words, "100 columns of 64 rows");
}

#[test]
fn the_smallest_core_that_can_be_asked_for() {
    let seed = 58;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = Config { lanes: 1, multipliers: 4, log_rows_max: 3, ..Config::named("tiny").unwrap().clone() };
    let mut core = Core::open(&config, [StallPattern::half(59), StallPattern::NONE]);
    for k in 0..24 {
        let (shape, words) = random_job(&mut rng, &config, KERNELS[1 + k % 4].kernel);
        same_as_endpoint(&mut core, &config, &shape, &words, &format!("{shape:?} seed {seed}"));
    }
}

#[test]
fn identify_tells_the_register_map_and_counts_jobs() {
    let mut rng = ChaCha8Rng::seed_from_u64(56);
    let config = Config::named("tiny").unwrap();
    let build = [("GIT_HASH", "160'h0123456789abcdef00112233445566778899aabb"), ("DIRTY", "1'b1")];
    let mut core = Core::open_with(config, [StallPattern::NONE; 2], &build);
    let ask = frame(Kernel::Identify.code(), FrameType::Command, 0, &[0; 24]);
    for jobs in 0..4 {
        let frames = frames(&core.talk(&ask));
        assert_eq!(frames.len(), 2);
        assert_eq!((frames[0].kind, frames[0].sequence), (FrameType::Registers as u8, 0));
        let mut expected = register_map(config);
        let git = [0x0123_4567, 0x89ab_cdef, 0x0011_2233, 0x4455_6677, 0x8899_aabb];
        expected[Register::GitHash.index()..][..5].copy_from_slice(&git);
        expected[Register::Dirty.index()] = 1;
        expected[Register::Jobs.index()] = 2 * jobs + 1;
        expected[Register::Errors.index()] = jobs;
        assert_eq!(frames[0].payload, expected);
        assert_eq!((frames[1].kind, frames[1].sequence, frames[1].payload[0]), (FrameType::Status as u8, 1, 0));
        // Between two questions: one job that is done, and one command that is refused and so is no job.
        let (shape, words) = random_job(&mut rng, config, Kernel::Tree);
        same_as_endpoint(&mut core, config, &shape, &words, "tree");
        core.talk(&frame(9, FrameType::Command, 0, &[0; 24]));
    }
}

#[test]
fn counters_say_what_was_done() {
    let mut rng = ChaCha8Rng::seed_from_u64(57);
    let config = Config::named("tiny").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    let (kernel, columns) = (Kernel::Commit, 24);
    let shape =
        Shape { kernel, log_rows: 6, log_blowup: 1, columns, levels: 7, return_rows: false, return_digests: false };
    let words = job_words(&mut rng, &shape);
    let status = same_as_endpoint(&mut core, config, &shape, &words, "counters");
    let wide = |k: usize| status[k] as u64 | (status[k + 1] as u64) << 32;
    let permutations = 3 * 128 + 127;
    assert_eq!(wide(6), 3 * galena_hdl::lde::model::multiplies(6, 1), "butterflies and scaling");
    assert_eq!(status[14], permutations);
    assert_eq!(wide(8), permutations as u64 * 564, "S-box multiplies");
    assert!(wide(4) > wide(8) / 16, "clocks");
    assert!(wide(10) < wide(4) && wide(12) < 10, "the input waited now and then, the output link never");
}
