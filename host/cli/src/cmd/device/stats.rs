//! `galena device stats`: what a device counted since its last reset.

use galena_device::Device;
use galena_device::lab::Selected;
use galena_target::Register;
use serde::Serialize;

use crate::drivers;
use crate::failure::Failure;
use crate::table::{Page, bytes, count, percent, seconds};

/// The counters of the register map, and what follows from them.
#[derive(Serialize)]
pub(super) struct Stats {
    /// What it was selected as.
    selector: String,
    /// Its clocks are simulated in this process: they began when this command did.
    simulated: bool,
    clock_hz: u32,
    uptime_clocks: u64,
    busy_clocks: u64,
    jobs: u64,
    errors: u64,
    line_errors: u64,
    words_in: u64,
    words_out: u64,
    stalled_in_clocks: u64,
    stalled_out_clocks: u64,
    multiplies: u64,
    multipliers: u64,
    /// Busy clocks / uptime.
    busy: Option<f64>,
    /// Useful multiplies / (multipliers x busy clocks).
    utilisation_busy: Option<f64>,
    /// Useful multiplies / (multipliers x uptime).
    utilisation: Option<f64>,
}

pub(super) fn read(selected: &Selected, device: &mut dyn Device) -> Result<Stats, Failure> {
    let failed = |source| Failure::Device { selector: selected.name.clone(), source: Box::new(source) };
    let map = device.registers().map_err(failed)?;
    let map = map.ok_or_else(|| Failure::NoRegisters { device: selected.name.clone() })?;
    let info = device.info();
    let [uptime_clocks, busy_clocks, multiplies] =
        [Register::Uptime, Register::Busy, Register::Multiplies].map(|register| register.value(&map));
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let multipliers = info.multipliers();
    Ok(Stats {
        selector: selected.name.clone(),
        simulated: drivers::simulated(selected),
        clock_hz: info.clock_hz,
        uptime_clocks,
        busy_clocks,
        jobs: Register::Jobs.value(&map),
        errors: Register::Errors.value(&map),
        line_errors: Register::LineErrors.value(&map),
        words_in: Register::WordsIn.value(&map),
        words_out: Register::WordsOut.value(&map),
        stalled_in_clocks: Register::StalledIn.value(&map),
        stalled_out_clocks: Register::StalledOut.value(&map),
        multiplies,
        multipliers,
        busy: share(busy_clocks, uptime_clocks),
        utilisation_busy: share(multiplies, multipliers.saturating_mul(busy_clocks)),
        utilisation: share(multiplies, multipliers.saturating_mul(uptime_clocks)),
    })
}

pub(super) fn text(page: &mut Page, stats: &Stats) {
    let since = if stats.simulated { "since this command opened it" } else { "since its last reset" };
    page.heading(&format!("{}, {since}", stats.selector));
    let clocks = |n: u64| match stats.clock_hz {
        0 => format!("{} clocks", count(n)),
        hz => format!("{} clocks, {} at {} MHz", count(n), seconds(n as f64 / f64::from(hz)), hz / 1_000_000),
    };
    let of = |part: Option<f64>, whole: &str| {
        part.map_or_else(String::new, |part| format!("; {} of {whole}", percent(part)))
    };
    let waited = |n: u64| {
        let share = (stats.busy_clocks > 0).then(|| n as f64 / stats.busy_clocks as f64);
        format!("{} clocks{}", count(n), of(share, "them"))
    };
    page.fact("up", clocks(stats.uptime_clocks));
    page.fact("in jobs", format!("{}{}", clocks(stats.busy_clocks), of(stats.busy, "the time")));
    page.fact("  for input", format!("waited {}", waited(stats.stalled_in_clocks)));
    page.fact("  for output", format!("waited {}", waited(stats.stalled_out_clocks)));
    page.fact("jobs", count(stats.jobs));
    page.fact("errors", format!("{} of jobs, {} of the line", count(stats.errors), count(stats.line_errors)));
    let words = |n: u64| format!("{} words, {}", count(n), bytes(4 * n));
    page.fact("received", words(stats.words_in));
    page.fact("sent", words(stats.words_out));
    page.fact("multiplies", format!("{}, by {} multipliers", count(stats.multiplies), count(stats.multipliers)));
    let used = |share: Option<f64>| share.map_or_else(|| "not known".to_owned(), percent);
    page.fact(
        "utilisation",
        format!("{} in jobs, {} of all the time", used(stats.utilisation_busy), used(stats.utilisation)),
    );
}
