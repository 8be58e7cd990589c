//! What the default config reaches on whole jobs: link, fill and drain included.

use super::host::{Core, Task, answer, shape};
use galena_hdl::clocks::Core as Clocks;
use galena_sim::verilated::StallPattern;
use galena_target::{Config, Kernel, Shape};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Clocks, transform multiplies and hasher multiplies of a job.
fn run(core: &mut Core, shape: Shape) -> [u64; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(81);
    let words = Task::new(&mut rng, shape).words;
    let answer = answer(&words, &core.talk(&words));
    assert_eq!(answer.status[0], 0);
    [4, 6, 8].map(|k| answer.wide(k))
}

#[test]
fn utilisation_of_whole_jobs() {
    let config = Config::named("wide").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    core.quiet = 10_000_000;
    // The twiddle table is filled after reset.
    core.model.steps(2 << config.log_rows_max).unwrap();
    let (lanes, hasher) = (config.lanes as u64, config.multipliers as u64);
    // Which multipliers a kernel is measured by, and the least it must reach.
    let jobs = [
        (Shape { return_rows: false, ..shape(Kernel::Lde, 11, 1, 64, 0) }, lanes, 0.80),
        (Shape { return_rows: false, ..shape(Kernel::Hash, 11, 0, 64, 11) }, hasher, 0.80),
        (Shape { return_rows: false, ..shape(Kernel::Commit, 11, 1, 64, 12) }, lanes + hasher, 0.80),
        (Shape { return_rows: false, ..shape(Kernel::Tree, 10, 0, 8, 10) }, hasher, 0.0),
    ];
    for (shape, multipliers, least) in jobs {
        let before = (core.model.cycles(), std::time::Instant::now());
        let [clocks, transform, hash] = run(&mut core, shape);
        let speed = (core.model.cycles() - before.0) as f64 / before.1.elapsed().as_secs_f64();
        let utilisation = (transform + hash) as f64 / (multipliers * clocks) as f64;
        println!(
            "{}: 2^{} rows, {} columns: {clocks} clocks, {multipliers} multipliers used {:.1} %, simulated at {:.0} clocks/s",
            shape.kernel,
            shape.log_rows,
            shape.columns,
            100.0 * utilisation,
            speed
        );
        assert!(utilisation >= least, "{}: {utilisation}", shape.kernel);
    }
}

#[test]
fn the_clocks_of_an_lde_are_accounted_for() {
    let config = Config::named("wide").unwrap();
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    core.quiet = 10_000_000;
    core.model.steps(2 << config.log_rows_max).unwrap();
    let accounted = Clocks::new(config, 1.0).unwrap();
    // Few columns and many, sizes at which the link waits for the transform and sizes at which it is the other way round.
    for (log_rows, columns) in [(10, 64), (10, 512), (12, 32), (12, 128)] {
        let shape = shape(Kernel::Lde, log_rows, 1, columns, 0);
        let [clocks, transform, _] = run(&mut core, shape);
        // The load of a group, inverse and cosets, the rows over the link: what overlaps in time overlaps there.
        let expected = accounted.job(&shape, 0).job;
        println!(
            "lde: 2^{log_rows} rows, {columns} columns: {clocks} clocks, {expected:.0} accounted for, {:.1} % of the transform's multiplies",
            100.0 * transform as f64 / (config.lanes as u64 * clocks) as f64
        );
        assert!((clocks as f64 / expected - 1.0).abs() < 0.01, "{clocks} clocks, {expected} accounted for");
    }
}
