//! `galena device bench`: every kernel's jobs and bytes per second, the link against the computation, and how they overlap.
//!
//! Two clocks. The device's own counters divided by its clock say how long a job took there: exact on a board and in a simulation
//! alike. The wall says how long the host waited: on a board that includes driver and bus, in a simulation it is the simulator.

use galena_device::lab::Selected;
use galena_device::{Counters, Device, DeviceInfo, Job, Kernel, Output, Search, field};
use galena_prover::Moment;
use galena_target::job::{BITS_MAX, STATE_WORDS};
use galena_target::{Config, FIELD_PRIME, Link};
use serde::Serialize;

use crate::drivers;
use crate::failure::Failure;
use crate::table::{Page, count, percent, seconds};

/// How much is measured.
pub(super) struct Effort {
    /// log2 of the rows, at most; the default depends on the link.
    pub(super) log_rows: Option<usize>,
    /// Wall seconds for each kernel, at least.
    pub(super) seconds: f64,
}

/// Columns of a job: four groups.
const COLUMNS: usize = 32;

/// log2 of the rows of a job unless told otherwise: on a serial line, and on every other link.
const LOG_ROWS: (usize, usize) = (6, 10);

#[derive(Serialize)]
pub(super) struct Bench {
    selector: String,
    name: String,
    /// What the clocks are: `simulated`, `device` or `none`.
    clocks: &'static str,
    clock_hz: u32,
    multipliers: u64,
    /// What the link can carry each way, if known.
    link_bytes_per_second: Option<f64>,
    kernels: Vec<Measured>,
}

/// The jobs of one kernel; times and words are of one job.
#[derive(Serialize)]
struct Measured {
    kernel: Kernel,
    shape: String,
    jobs: u64,
    wall_seconds: f64,
    /// What the device counted; `null` if it counts nothing.
    device: Option<Timed>,
}

/// By the device's counters and its clock.
#[derive(Serialize)]
struct Timed {
    #[serde(flatten)]
    counters: Counters,
    seconds: f64,
    sent_bytes_per_second: f64,
    received_bytes_per_second: f64,
    /// The busier direction's words at the link's rate.
    link_seconds: Option<f64>,
    /// Clocks in which the job waited for neither input nor the output link.
    compute_seconds: f64,
    /// Which part of the shorter of the two was hidden behind the longer: (link + compute - seconds) / min(link, compute).
    overlap: Option<f64>,
    utilisation: Option<f64>,
}

pub(super) fn measure(selected: &Selected, device: &mut dyn Device, effort: &Effort) -> Result<Bench, Failure> {
    let info = device.info().clone();
    let config = info.config.as_deref().and_then(|name| Config::named(name).ok());
    let rate = device.bytes_per_second().or_else(|| config.map(rate));
    let mut kernels = Vec::new();
    for &kernel in info.kernels.iter().filter(|kernel| kernel.works()) {
        kernels.push(repeated(selected, device, &info, kernel, rate, effort)?);
    }
    let clocks = match info.clock_hz {
        0 => "none",
        _ if drivers::simulated(selected) => "simulated",
        _ => "device",
    };
    let (selector, name) = (selected.name.clone(), info.name.clone());
    let (clock_hz, multipliers) = (info.clock_hz, info.multipliers());
    Ok(Bench { selector, name, clocks, clock_hz, multipliers, link_bytes_per_second: rate, kernels })
}

/// What a config's own ports carry each way, for a link in this process that knows no rate: a word or a beat a clock, or the base
/// rate of the line, at ten bits a byte.
fn rate(config: &Config) -> f64 {
    match config.link {
        Link::Stream => 4.0 * f64::from(config.clock_hz),
        Link::Uart => f64::from(config.baud) / 10.0,
        Link::Xdma => (config.stream_bits / 8) as f64 * f64::from(config.clock_hz),
    }
}

/// Runs the kernel's job again and again for the seconds asked for, once at least.
fn repeated(
    selected: &Selected,
    device: &mut dyn Device,
    info: &DeviceInfo,
    kernel: Kernel,
    rate: Option<f64>,
    effort: &Effort,
) -> Result<Measured, Failure> {
    let failed = |source| Failure::Device { selector: selected.name.clone(), source: Box::new(source) };
    let limits = &info.limits;
    let serial = info.kernels.contains(&Kernel::Rate);
    let log_rows = effort.log_rows.unwrap_or(if serial { LOG_ROWS.0 } else { LOG_ROWS.1 });
    let log_rows = log_rows.clamp(limits.log_rows_min, limits.log_rows_max);
    let (row, height) = (kernel.row(), log_rows);
    // A `read` fetches what is there, whatever that is: random access, as openings do.
    let beats = limits.memory_beats.min(1 << log_rows);
    let (log_rows, columns, bound) = match kernel {
        Kernel::Read => (0, beats, limits.memory_beats as u64),
        Kernel::Tree => (log_rows, 8, FIELD_PRIME.into()),
        Kernel::Grind => (0, STATE_WORDS, FIELD_PRIME.into()),
        _ => (log_rows, COLUMNS.min(limits.columns_max), FIELD_PRIME.into()),
    };
    let log_blowup = if row.transforms { limits.log_blowup_max.min(1) } else { 0 };
    let levels = if row.compresses { log_rows + log_blowup } else { 0 };
    let mixed = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let matrix: Vec<u32> = (0..columns << log_rows).map(|i| (mixed(i) % bound.max(1)) as u32).collect();
    // As many candidates as a matrix of that many groups has permutations, and no witness among them.
    let search = Search { bits: BITS_MAX, first: 0, candidates: (4 << height) as u32 };
    let job = match kernel {
        Kernel::Grind => Job::grind(&matrix, 1, search),
        _ => Job { log_blowup, shift: field::word(31), levels, ..Job::of(kernel, log_rows, columns, &matrix) },
    };
    let (start, mut jobs, mut total) = (Moment::now(), 0, Counters::default());
    let wall = loop {
        let Output { counters, .. } = device.run(&job).map_err(failed)?;
        (jobs, total) = (jobs + 1, {
            total += counters;
            total
        });
        let wall = start.elapsed().wall_seconds;
        if wall >= effort.seconds {
            break wall;
        }
    };
    let shape = match kernel {
        Kernel::Read => format!("{columns} beats"),
        Kernel::Grind => format!("{} candidates", count(search.candidates.into())),
        _ => format!("2^{log_rows} x {columns}"),
    };
    let counts = info.clock_hz > 0 && total.cycles > 0;
    let device = counts.then(|| timed(each(total, jobs), info, kernel, rate));
    Ok(Measured { kernel, shape, jobs, wall_seconds: wall / jobs as f64, device })
}

/// The mean of so many jobs.
fn each(total: Counters, jobs: u64) -> Counters {
    let Counters { cycles, transform_multiplies, hasher_multiplies, stalled_in, stalled_out, permutations, .. } = total;
    let Counters { sent_words, received_words, .. } = total;
    Counters {
        cycles: cycles / jobs,
        transform_multiplies: transform_multiplies / jobs,
        hasher_multiplies: hasher_multiplies / jobs,
        stalled_in: stalled_in / jobs,
        stalled_out: stalled_out / jobs,
        permutations: permutations / jobs,
        sent_words: sent_words / jobs,
        received_words: received_words / jobs,
    }
}

fn timed(counters: Counters, info: &DeviceInfo, kernel: Kernel, rate: Option<f64>) -> Timed {
    let clock = |clocks: u64| clocks as f64 / f64::from(info.clock_hz);
    let elapsed = clock(counters.cycles);
    let [sent, received] = [counters.sent_words, counters.received_words].map(|words| 4.0 * words as f64);
    let compute = clock(counters.cycles.saturating_sub(counters.stalled_in + counters.stalled_out));
    let link = rate.map(|rate| sent.max(received) / rate);
    let overlap = link
        .filter(|link| link.min(compute) > 0.0)
        .map(|link| ((link + compute - elapsed) / link.min(compute)).clamp(0.0, 1.0));
    let multipliers = if kernel.row().transforms { info.lanes } else { 0 }
        + if kernel.hashes() { info.hasher_multipliers } else { 0 };
    Timed {
        counters,
        seconds: elapsed,
        sent_bytes_per_second: sent / elapsed,
        received_bytes_per_second: received / elapsed,
        link_seconds: link,
        compute_seconds: compute,
        overlap,
        utilisation: counters.utilisation(multipliers),
    }
}

pub(super) fn text(page: &mut Page, report: &Bench) {
    page.heading(&format!(
        "{}, {}",
        report.selector,
        match report.clocks {
            "none" => "by the wall; it counts nothing itself".to_owned(),
            "simulated" => format!(
                "simulated clocks, as seconds at {} MHz; the wall is the simulator's",
                report.clock_hz / 1_000_000
            ),
            _ => format!("its own clocks, as seconds at {} MHz; and the wall", report.clock_hz / 1_000_000),
        }
    ));
    if let Some(rate) = report.link_bytes_per_second {
        page.line(&format!("  link: {} each way", speed(rate)));
    }
    let share = |rate: f64| match report.link_bytes_per_second {
        Some(link) => format!("{} ({})", speed(rate), percent(rate / link)),
        None => speed(rate),
    };
    let per_second = |s: f64| if s > 0.0 { count((1.0 / s).round() as u64) } else { String::new() };
    let known = |value: Option<f64>, shown: fn(f64) -> String| value.map_or_else(String::new, shown);
    let rows: Vec<_> = (report.kernels.iter())
        .map(|m| {
            let mut row = vec![m.kernel.to_string(), m.shape.clone()];
            row.extend(m.device.as_ref().map_or_else(
                || vec![String::new(); 8],
                |d| {
                    vec![
                        per_second(d.seconds),
                        count(d.counters.cycles),
                        share(d.sent_bytes_per_second),
                        share(d.received_bytes_per_second),
                        known(d.link_seconds, seconds),
                        seconds(d.compute_seconds),
                        known(d.overlap, percent),
                        known(d.utilisation, percent),
                    ]
                },
            ));
            row.extend([m.jobs.to_string(), per_second(m.wall_seconds)]);
            row
        })
        .collect();
    page.table(
        &[
            "kernel",
            ">shape",
            ">jobs/s",
            ">clocks",
            ">to device",
            ">from device",
            ">link",
            ">compute",
            ">overlap",
            ">utilisation",
            ">jobs run",
            ">jobs/s by the wall",
        ],
        &rows,
    );
    page.line("");
    page.line(
        "  link: the busier way's words at the link's rate. compute: clocks that waited for neither input nor output.",
    );
    page.line("  overlap: how much of the shorter of the two was hidden behind the longer. multipliers: those the kernel can use.");
}

/// Bytes per second, in decimal units, as links are sold.
fn speed(rate: f64) -> String {
    match rate {
        r if r < 1e5 => format!("{} B/s", count(r as u64)),
        r if r < 1e8 => format!("{:.2} MB/s", r / 1e6),
        r => format!("{:.3} GB/s", r / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> DeviceInfo {
        let device = galena_device::SoftwareDevice::new();
        DeviceInfo { clock_hz: 1_000_000, lanes: 2, hasher_multipliers: 6, ..device.info().clone() }
    }

    #[test]
    fn overlap_is_the_link_time_that_was_not_waited_for() {
        // 1000 clocks at 1 MHz; 500 words at 4 MB/s are 500 us on the link.
        let counters = |stalled_in| Counters { cycles: 1000, stalled_in, sent_words: 500, ..Counters::default() };
        let overlap = |stalled| timed(counters(stalled), &device(), Kernel::Commit, Some(4e6)).overlap.unwrap();
        assert!((overlap(0) - 1.0).abs() < 1e-9, "never waited: all of it hidden");
        assert!(overlap(500).abs() < 1e-9, "waited for every word: nothing hidden");
        assert!((overlap(250) - 0.5).abs() < 1e-9);
        assert_eq!(timed(counters(0), &device(), Kernel::Commit, None).overlap, None, "no rate, no overlap");
    }

    #[test]
    fn utilisation_is_of_the_multipliers_that_the_kernel_can_use() {
        let counters = Counters { cycles: 100, transform_multiplies: 100, ..Counters::default() };
        assert_eq!(timed(counters, &device(), Kernel::Lde, None).utilisation, Some(0.5));
        assert_eq!(timed(counters, &device(), Kernel::Commit, None).utilisation, Some(0.125));
    }

    #[test]
    fn speeds_read_as_links_are_sold() {
        assert_eq!([300.0, 300_000.0, 4e8].map(speed), ["300 B/s", "0.30 MB/s", "0.400 GB/s"]);
    }
}
