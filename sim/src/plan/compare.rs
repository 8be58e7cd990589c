//! Computed clocks against Verilator's, job by job.

use super::{Line, LineError};
use crate::device;
use galena_device::driver::OpenOptions;
use galena_device::{Device, DeviceError, Job, Kernel, Search, field};
use galena_hdl::clocks::Core;
use galena_hdl::hasher::HasherError;
use galena_target::{Config, Link};
use std::fmt::Write;

/// A job in Verilator and as it was computed.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The config.
    pub config: String,
    /// The kernel.
    pub kernel: Kernel,
    /// The rest of its shape, for people.
    pub shape: String,
    /// Clocks that the core counted.
    pub counted: u64,
    /// Clocks computed.
    pub computed: u64,
    /// The job is as large as what the kernel is for: small ones say how the ends are modelled.
    pub natural: bool,
}

/// Why a config cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The simulation.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Its line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Its core.
    #[error(transparent)]
    Core(#[from] HasherError),
    /// Another amount of work than was computed.
    #[error(
        "config `{config}`, {kernel}: expected transform multiplies, hasher multiplies and permutations {expected:?}, found {found:?}"
    )]
    Work {
        /// The config.
        config: String,
        /// The kernel.
        kernel: Kernel,
        /// As computed.
        expected: [u64; 3],
        /// As counted.
        found: [u64; 3],
    },
}

impl Comparison {
    /// Computed / counted - 1.
    pub fn error(&self) -> f64 {
        self.computed as f64 / self.counted.max(1) as f64 - 1.0
    }
}

/// Rows of the largest jobs, log2: a serial line is slow to simulate.
const LOG_ROWS: [(Link, usize); 3] = [(Link::Stream, 10), (Link::Xdma, 10), (Link::Uart, 5)];

/// The jobs that are compared, for 2^n rows: kernel, log2 of the rows, columns, everything comes back, natural size.
fn jobs(n: usize) -> [(Kernel, usize, usize, bool, bool); 19] {
    use Kernel::{Commit, Grind, Hash, Lde, Tree};
    [
        (Lde, n, 32, true, true),
        (Lde, n, 8, true, true),
        (Lde, n - 2, 13, true, true),
        (Lde, 3, 40, true, false),
        (Commit, n, 32, false, true),
        (Commit, n, 32, true, true),
        (Commit, n, 5, false, true),
        (Commit, n - 2, 9, true, true),
        (Commit, 3, 9, true, false),
        (Hash, n, 64, false, true),
        (Hash, n, 64, true, true),
        (Hash, n + 1, 8, true, true),
        (Hash, n - 2, 5, true, false),
        (Hash, 3, 32, true, false),
        (Tree, n + 1, 8, true, true),
        (Tree, n, 8, false, true),
        (Tree, n - 2, 8, true, false),
        (Tree, 3, 8, true, false),
        (Grind, 12, 1, true, true),
    ]
}

/// Runs the jobs of a config in Verilator and computes them.
///
/// # Errors
/// What opening the config, or a job, says; and multiplies or permutations that are not those counted, for those are exact.
pub fn compare(config: &Config) -> Result<Vec<Comparison>, CompareError> {
    let mut device = device::open(&config.name, &OpenOptions::default())?;
    // A simulated serial line stays at its base rate.
    let core = Core::new(config, Line::of(config, Some(config.baud))?.word_clocks)?;
    let log_rows = LOG_ROWS.iter().find(|row| row.0 == config.link).map_or(3, |row| row.1);
    let mut all = vec![];
    for (kernel, log_rows, columns, back, natural) in jobs(config.log_rows_max.min(log_rows)) {
        let row = kernel.row();
        let words = if row.searches { 16 } else { columns << log_rows };
        let matrix: Vec<u32> = (0..words as u32).map(|k| k.wrapping_mul(0x9e37_79b9) >> 2).collect();
        let log_blowup = if row.transforms { 1 } else { 0 };
        let job = match row.searches {
            true => Job::grind(&matrix, columns, Search { bits: 30, first: 0, candidates: 1 << log_rows }),
            false => Job {
                log_blowup,
                shift: field::word(31),
                levels: if row.compresses { log_rows + log_blowup } else { 0 },
                return_rows: back,
                return_digests: back,
                ..Job::of(kernel, log_rows, columns, &matrix)
            },
        };
        let counted = device.run(&job)?.counters;
        let computed = core.job(&job.shape(), 1 << log_rows);
        let found = [counted.transform_multiplies, counted.hasher_multiplies, counted.permutations];
        let expected = [computed.transform_multiplies, computed.hasher_multiplies, computed.permutations];
        if found != expected {
            return Err(CompareError::Work { config: config.name.to_string(), kernel, expected, found });
        }
        let what = match row.searches {
            true => format!("2^{log_rows} candidates"),
            false if back => format!("2^{log_rows} x {columns}, all back"),
            false => format!("2^{log_rows} x {columns}"),
        };
        let (shape, config) = (what, config.name.to_string());
        let (counted, computed) = (counted.cycles, computed.job.round() as u64);
        all.push(Comparison { config, kernel, shape, counted, computed, natural });
    }
    Ok(all)
}

/// Where the table is kept, from the root of the project.
pub const PAGE: &str = "docs/plan-error.md";

/// The page.
pub fn document(all: &[Comparison]) -> String {
    format!(
        "# How near the planner's clocks are\n\n\
         Generated by `make plan-error`: do not edit. `galena board plan` computes the clocks of every job (`hdl/src/clocks`); here they stand beside those that\n\
         Verilator counted, whole jobs over the config's link, fill and drain included. Multiplies and permutations are exact. The first table has the error of the sums\n\
         over jobs of the size that a kernel is for, and over all jobs below it, the smallest ones among them. `sim/tests/circuit_clocks.rs` measures some of the rows again, and\n\
         `tests/tests/plan.rs` plans a whole proof over a simulated serial board: its clocks were within 0.3 %.\n\n{}",
        page(all)
    )
}

/// The row of one comparison.
fn row(c: &Comparison) -> String {
    let small = if c.natural { "" } else { " (small)" };
    let (error, shape) = (percent(c.error()), &c.shape);
    format!("| {} | {} | {shape}{small} | {} | {} | {error} |\n", c.config, c.kernel, c.counted, c.computed)
}

fn percent(x: f64) -> String {
    format!("{:+.2} %", 100.0 * x)
}

/// The comparisons whose rows a page lacks.
pub fn missing<'a>(page: &str, all: &'a [Comparison]) -> Vec<&'a Comparison> {
    all.iter().filter(|c| !page.contains(&row(c))).collect()
}

/// All of them as a table, and by config and kernel the error of the sums.
pub fn page(all: &[Comparison]) -> String {
    let mut s = String::from("| config | kernel | natural sizes | all |\n|---|---|---|---|\n");
    let mut seen: Vec<(&str, Kernel)> = vec![];
    for one in all {
        let key = (one.config.as_str(), one.kernel);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let sum = |natural: bool| {
            let those = all.iter().filter(|c| (c.config.as_str(), c.kernel) == key && (c.natural || !natural));
            let (counted, computed) = those.fold((0, 0), |(a, b), c| (a + c.counted, b + c.computed));
            percent(computed as f64 / counted.max(1) as f64 - 1.0)
        };
        let _ = writeln!(s, "| {} | {} | {} | {} |", key.0, key.1, sum(true), sum(false));
    }
    s += "\n| config | kernel | job | counted | computed | error |\n|---|---|---|---|---|---|\n";
    s.extend(all.iter().map(row));
    s
}
