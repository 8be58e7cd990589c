//! Searches for a witness through a whole core: every place, limits by name, heartbeats instead of a watchdog, cancel and reset in the middle.

use super::host::{Core, Task, WATCHDOG, answer, cancel, searching, words};
use galena_hdl::field::to_montgomery;
use galena_sim::verilated::StallPattern;
use galena_target::frame::{ANY_JOB, HEADER_WORDS, StatusCode, crc32};
use galena_target::job::BITS_MAX;
use galena_target::{Config, FIELD_PRIME, KERNELS, Kernel, Search};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const P: u32 = FIELD_PRIME;

fn tiny() -> &'static Config {
    Config::named("tiny").unwrap()
}

/// A search that no candidate ends.
const fn endless(candidates: u32) -> Search {
    Search { bits: BITS_MAX, first: 0, candidates }
}

#[test]
fn every_place_and_the_counters() {
    let seed = 95;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut core = Core::open(tiny(), [StallPattern::NONE, StallPattern::half(seed)]);
    for absorbed in 1..=8 {
        let first = to_montgomery(P - 1 - rng.random_range(0..4));
        let task = Task::new(&mut rng, searching(absorbed, Search { bits: 4, first, candidates: 100 }));
        let answer = task.check(&mut core, &format!("{absorbed} absorbed, seed {seed}"));
        assert_eq!(answer.wide(8), 564 * u64::from(answer.status[14]), "multiplies of the candidates judged");
        assert!(answer.wide(4) > 800 && answer.wide(6) == 0);
    }
    let none = Task::new(&mut rng, searching(3, endless(77))).check(&mut core, "no witness");
    assert_eq!((none.status[14], none.wide(8)), (77, 77 * 564));
    // Another kernel after it counts its own.
    let tree = Task::random(&mut rng, tiny(), Kernel::Tree).check(&mut core, "after a search");
    assert_eq!(tree.wide(8), 564 * u64::from(tree.status[14]));
}

/// The search takes many times what the watchdog grants a job that does not move.
#[test]
fn a_long_search_says_that_it_lives_and_is_not_stuck() {
    let mut rng = ChaCha8Rng::seed_from_u64(96);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    core.quiet = 100_000;
    let task = Task::new(&mut rng, searching(8, endless(10_000)));
    let answer = task.check(&mut core, "long");
    let clocks = answer.wide(4);
    assert!(clocks > 4 << WATCHDOG, "{clocks} clocks");
    let heartbeats = answer.credits.len() as u64;
    assert!((clocks >> 17..=clocks >> 15).contains(&heartbeats), "{heartbeats} heartbeats in {clocks} clocks");
    let utilisation = answer.wide(8) as f64 / (tiny().multipliers as u64 * clocks) as f64;
    println!("grind: 10000 candidates, {clocks} clocks, {:.1} %", 100.0 * utilisation);
    assert!(utilisation > 0.95, "{utilisation}");
}

#[test]
fn what_is_outside_the_limits_is_refused_by_its_word() {
    let mut rng = ChaCha8Rng::seed_from_u64(97);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    use StatusCode::{Length, Limits, NonCanonical};
    let cases = [
        (0, 1, Limits),
        (0, 1 << 8, Limits),
        (0, 1 << 18, Limits),
        (0, 1 << 19, Limits),
        (1, 0, Limits),
        (1, 9, Limits),
        (2, 31, Limits),
        (3, 8, Length),
        (4, P, NonCanonical),
        (5, 0, Limits),
        (5, P + 1, Limits),
        (8, P, NonCanonical),
        (23, u32::MAX, NonCanonical),
    ];
    for (word, value, code) in cases {
        let mut bad = Task::new(&mut rng, searching(2, endless(5))).words;
        bad[HEADER_WORDS + word] = value;
        bad[HEADER_WORDS + 24] = crc32(&bad[HEADER_WORDS..HEADER_WORDS + 24]);
        let status = answer(&bad, &core.talk(&bad)).status;
        assert_eq!(status[..4], [code as u32, 0, word as u32, value], "word {word}");
        Task::new(&mut rng, searching(2, endless(5))).check(&mut core, &format!("after word {word} was {value:#x}"));
    }
    // The largest of everything is taken; the first candidate passes.
    let most = Search { bits: 0, first: P - 1, candidates: P };
    Task::new(&mut rng, searching(8, most)).check(&mut core, "the whole field");
}

#[test]
fn cancel_and_reset_end_a_search_at_any_time() {
    let seed = 98;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut core = Core::open(tiny(), [StallPattern::NONE; 2]);
    for round in 0..24 {
        // A search of the whole field that no candidate is likely to end: nobody computes what it would find.
        let shape = searching(1 + round % 8, endless(P));
        let state = std::array::from_fn(|_| rng.random_range(0..P));
        let job = rng.random_range(0..ANY_JOB);
        let sent = words(job, &shape, &shape.command(0, &state), &[]);
        // The command is in; of what is reset, any part of it may be.
        let clocks = rng.random_range(if round % 2 == 0 { 100 } else { 1 }..6000);
        let what = format!("round {round}, {clocks} clocks, seed {seed}");
        core.begin(&sent, 0, clocks);
        if round % 2 == 0 {
            let received = core.talk(&cancel(job));
            assert_eq!(answer(&sent, &received).status[0], StatusCode::Cancelled as u32, "{what}");
        } else {
            core.model.reset(1).unwrap();
        }
        let next = KERNELS[[1, 2, 3, 4, 7][rng.random_range(0..5)]].kernel;
        Task::random(&mut rng, tiny(), next).check(&mut core, &what);
    }
}
