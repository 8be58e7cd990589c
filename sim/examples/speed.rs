//! How fast the simulated cores run, and how well they use their multipliers: whole jobs through the link.
//!
//! `cargo run --release -p galena-sim --example speed [CONFIG...]`
//!
//! Cycles and multiplies are the device's own counters; seconds are processor time of this one thread (Linux), the best of several
//! runs, and the speed is that of all simulated clocks of the job, words of the link included. Serial configs get small jobs: their line, not
//! their core, sets the pace.
//!
//! Instructions are counted by `valgrind --tool=cachegrind`, which knows no AVX-512: build with `RUSTFLAGS=`, run with
//! `CXXFLAGS=-march=x86-64-v3` and `GALENA_SPEED_RUNS=1`, and again with `GALENA_SPEED_RUNS=2`; the difference is that of one run of each job.

use galena_device::driver::OpenOptions;
use galena_device::{Device, Job, Kernel, field};
use galena_target::Link;

/// Rows (log2, at most), columns and levels of the jobs.
const JOBS: [(Kernel, usize, usize); 4] =
    [(Kernel::Lde, 10, 64), (Kernel::Commit, 10, 64), (Kernel::Hash, 10, 64), (Kernel::Tree, 10, 8)];

/// Runs of a job, of which the fastest counts; `GALENA_SPEED_RUNS` overrides it.
const RUNS: usize = 5;

/// Processor seconds of this thread so far.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let configs = galena_target::CONFIGS.iter().map(|c| c.name.to_string());
    let configs: Vec<String> = if named.is_empty() { configs.collect() } else { named };
    let runs: usize = std::env::var("GALENA_SPEED_RUNS").map_or(Ok(RUNS), |n| n.parse())?;
    println!(
        "{:<12} {:<7} {:>5} {:>4} {:>10} {:>8} {:>9} {:>11} {:>10}",
        "config", "kernel", "rows", "cols", "clocks", "seconds", "Mclock/s", "utilisation", "stalled"
    );
    for config in configs {
        let mut device = galena_sim::device::open(&config, &OpenOptions::default())?;
        let info = device.info().clone();
        let serial = galena_target::Config::named(&config)?.link == Link::Uart;
        for (kernel, log_rows, columns) in JOBS {
            let log_rows = log_rows.min(if serial { 5 } else { info.limits.log_rows_max });
            let columns = if serial { columns.min(16) } else { columns };
            let log_blowup = usize::from(kernel.row().transforms);
            let matrix: Vec<u32> =
                (0..(columns << log_rows) as u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 2).collect();
            let job = Job {
                kernel,
                log_rows,
                log_blowup,
                shift: field::word(31),
                matrix: &matrix,
                columns,
                levels: if kernel.row().compresses { log_rows + log_blowup } else { 0 },
                return_rows: false,
                return_digests: true,
                first_level: 0,
                keep_rows: None,
                keep_digests: None,
                search: Default::default(),
            };
            let (mut counters, mut clocks, mut seconds) = (Default::default(), 0, f64::INFINITY);
            for _ in 0..runs.max(1) {
                let (before, start) = (device.transport().cycles(), processor_seconds()?);
                counters = device.run(&job)?.counters;
                clocks = device.transport().cycles() - before;
                seconds = seconds.min(processor_seconds()? - start);
            }
            // A kernel is measured by the multipliers it can use.
            let multipliers = if kernel.row().transforms { info.lanes } else { 0 }
                + if kernel.row().compresses { info.hasher_multipliers } else { 0 };
            println!(
                "{:<12} {:<7} {:>5} {:>4} {:>10} {:>8.3} {:>9.2} {:>10.1}% {:>10}",
                info.config.as_deref().unwrap_or(""),
                kernel.name(),
                1 << log_rows,
                columns,
                clocks,
                seconds,
                clocks as f64 / seconds / 1e6,
                100.0 * counters.utilisation(multipliers).unwrap_or(0.0),
                counters.stalled_in + counters.stalled_out
            );
        }
    }
    Ok(())
}
