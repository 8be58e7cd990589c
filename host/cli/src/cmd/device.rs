//! `galena device`: what can be opened, what it says about itself, and whether it computes what it should.

use std::path::Path;
use std::process::ExitCode;

use galena_device::conformance::reference;
use galena_device::{Counters, Device, DeviceInfo, Job, Kernel, field};
use serde::Serialize;

use crate::args;
use crate::drivers;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count, percent};

pub(crate) fn run(command: &args::Device) -> Result<ExitCode, Failure> {
    match command {
        args::Device::List { json } => list(*json),
        args::Device::Info { device, json } => info(device, *json),
        args::Device::Selftest { device, waves, json } => selftest(device, waves.as_deref(), *json),
    }
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    let found = drivers::list();
    if json {
        files::print_json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let state = |obstacle: &Option<String>| obstacle.clone().unwrap_or_else(|| "ready".to_owned());
    let rows: Vec<_> = found.iter().map(|f| vec![f.selector.clone(), state(&f.obstacle), f.doc.clone()]).collect();
    let mut page = Page::stdout();
    page.table(&["device", "state", "what it is"], &rows);
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

fn info(selector: &str, json: bool) -> Result<ExitCode, Failure> {
    let device = drivers::open_any(selector, None)?;
    let info = device.info();
    if json {
        files::print_json(info)?;
    } else {
        files::print(&text(info))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(info: &DeviceInfo) -> String {
    let mut page = Page::stdout();
    page.heading(&info.name);
    page.fact("link", &info.link);
    page.fact("abi version", info.abi_version);
    if let Some(config) = &info.config {
        page.fact("config", format!("{config} {}", info.config_hash));
    }
    if !info.git_hash.is_empty() {
        page.fact("sources", format!("{}{}", info.git_hash, if info.dirty { ", modified" } else { "" }));
    }
    let kernels: Vec<&str> = info.kernels.iter().map(|kernel| kernel.name()).collect();
    page.fact("kernels", kernels.join(", "));
    let limits = &info.limits;
    page.fact("rows", format!("2^{} to 2^{}", limits.log_rows_min, limits.log_rows_max));
    page.fact("blow-up", format!("up to 2^{}", limits.log_blowup_max));
    page.fact("columns", format!("up to {}", count(limits.columns_max as u64)));
    if info.multipliers() > 0 {
        page.fact("multipliers", format!("{} transform, {} hasher", info.lanes, info.hasher_multipliers));
    }
    if info.clock_hz > 0 {
        page.fact("clock", format!("{} MHz", u64::from(info.clock_hz) / 1_000_000));
    }
    page.text().to_owned()
}

/// One job of a self-test.
#[derive(Serialize)]
struct Tried {
    kernel: Kernel,
    log_rows: usize,
    columns: usize,
    /// What went wrong, if something did.
    fault: Option<String>,
    #[serde(flatten)]
    counters: Counters,
    utilisation: Option<f64>,
}

#[derive(Serialize)]
struct Selftest {
    name: String,
    passed: bool,
    jobs: Vec<Tried>,
}

/// Largest job of a self-test: quick in simulation, and more than one group, one frame and one level.
const LOG_ROWS: usize = 7;
const COLUMNS: usize = 19;

fn selftest(selector: &str, waves: Option<&Path>, json: bool) -> Result<ExitCode, Failure> {
    let mut device = drivers::open_any(selector, waves)?;
    let info = device.info().clone();
    let mut jobs = Vec::new();
    for &kernel in info.kernels.iter().filter(|kernel| kernel.works() && **kernel != Kernel::Read) {
        for log_rows in [info.limits.log_rows_min.max(2), info.limits.log_rows_max.min(LOG_ROWS)] {
            jobs.push(tried(device.as_mut(), &info, kernel, log_rows));
        }
    }
    let report = Selftest { name: info.name.clone(), passed: jobs.iter().all(|job| job.fault.is_none()), jobs };
    if json {
        files::print_json(&report)?;
    } else {
        let mut page = Page::stdout();
        let rows: Vec<_> = (report.jobs.iter())
            .map(|job| {
                let outcome = job.fault.clone().unwrap_or_else(|| "equal to the reference".to_owned());
                let shape = format!("2^{} x {}", job.log_rows, job.columns);
                let used = job.utilisation.map_or_else(String::new, percent);
                vec![job.kernel.to_string(), shape, count(job.counters.cycles), used, outcome]
            })
            .collect();
        page.heading(&report.name);
        page.table(&["kernel", ">shape", ">cycles", ">utilisation", "outcome"], &rows);
        files::print(page.text())?;
    }
    if report.passed { Ok(ExitCode::SUCCESS) } else { Err(Failure::Selftest { device: report.name }) }
}

/// Runs one job and compares it with the plain-integer reference, word for word.
fn tried(device: &mut dyn Device, info: &DeviceInfo, kernel: Kernel, log_rows: usize) -> Tried {
    let row = kernel.row();
    let columns = if kernel == Kernel::Tree { 8 } else { COLUMNS.min(info.limits.columns_max) };
    let log_blowup = if row.transforms { info.limits.log_blowup_max.min(1) } else { 0 };
    // Both edges of the field, and between them words without a pattern.
    let mut matrix: Vec<u32> = (0..columns << log_rows)
        .map(|i| ((i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % 0x7800_0001)
        .collect();
    if let [first, .., last] = matrix.as_mut_slice() {
        (*first, *last) = (0, 0x7800_0000);
    }
    let job = Job {
        kernel,
        log_rows,
        log_blowup,
        shift: field::word(31),
        matrix: &matrix,
        columns,
        levels: if row.compresses { log_rows + log_blowup } else { 0 },
        return_rows: true,
        return_digests: true,
        first_level: 0,
        keep_rows: None,
        keep_digests: None,
    };
    let (fault, counters) = match device.run(&job) {
        Err(error) => (Some(error.to_string()), Counters::default()),
        Ok(output) => {
            let expected = reference(&job);
            let equal = output.rows == expected.rows && output.layers == expected.layers;
            ((!equal).then(|| "wrong result".to_owned()), output.counters)
        }
    };
    Tried { kernel, log_rows, columns, fault, counters, utilisation: counters.utilisation(info.multipliers()) }
}
