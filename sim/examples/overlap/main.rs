//! How well a card hides its transfers behind its computation, and what it moves over its link for a byte of the trace.
//!
//! `cargo run --release -p galena-sim --example overlap [SEED]`
//!
//! Config `card`, in Verilator: commits with rows and digests kept and only the cap coming back, then opens 172 rows with their paths, which Plonky3
//! verifies. Clocks are simulated; the host takes no time of its own, and the link moves a word a clock each way.
//!
//! | trace | clocks | link | compute | overlap | bytes / byte of the commitment | with 172 openings |
//! |---|---|---|---|---|---|---|
//! | 2^14 x 112 | 9,050,104 | 1,844,000 | 8,917,106 | 92.8 % | 1.0060 | 1.0257 |
//! | 2^12 x 256 | 4,854,278 | 1,053,728 | 4,820,090 | 96.8 % | 1.0060 | 1.0665 |
//!
//! What is not hidden is the load of the first group. 170 rows of 256 are 4.1 % of a trace of 2^12 rows by themselves.

mod measure;

use galena_target::Config;
use measure::{Case, measure};

/// 2^14 x 112 is what `card` can keep with all its digests: 14 * 2^15 + 2^16 - 32 of 2^19 beats.
const CASES: [Case; 2] = [
    Case { log_rows: 14, columns: 112, log_cap: 4, queries: 172 },
    Case { log_rows: 12, columns: 256, log_cap: 4, queries: 172 },
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |s| s.parse())?;
    let config = Config::named("card")?;
    println!(
        "{:<12} {:>9} {:>9} {:>9} {:>11} {:>8} {:>12} {:>11} {:>11} {:>10}",
        "trace",
        "clocks",
        "link",
        "compute",
        "multipliers",
        "overlap",
        "commit words",
        "open clocks",
        "open words",
        "bytes/byte"
    );
    for case in CASES {
        let began = std::time::Instant::now();
        let m = measure(config, &case, seed)?;
        println!(
            "{:<12} {:>9} {:>9} {:>9} {:>11} {:>7.1}% {:>12} {:>11} {:>11} {:>10.4}",
            format!("2^{} x {}", case.log_rows, case.columns),
            m.wall,
            m.link,
            m.compute,
            m.multipliers,
            100.0 * m.overlap(),
            m.commit_words,
            m.open_clocks,
            m.open_words,
            m.bytes_per_byte()
        );
        println!(
            "    {} rows and {} digests opened; verified by Plonky3; {:.0} s",
            m.rows,
            m.digests,
            began.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
