//! Whole cores over their links: a natural job of every kernel that multiplies.

use crate::Failure;
use galena_device::driver::OpenOptions;
use galena_device::{Device, DeviceInfo, Job, Kernel, Search, field};
use galena_hdl::core::core_module;
use galena_sim::area::{Family, area_by_module};
use galena_sim::datasheet::{BenchConfig, BenchJob};
use galena_target::job::{BITS_MAX, STATE_WORDS};
use galena_target::{CONFIGS, Config, Link};

/// Kernels, log2 of the rows at most (of a search: of the candidates), columns.
const JOBS: [(Kernel, usize, usize); 5] = [
    (Kernel::Lde, 14, 128),
    (Kernel::Commit, 14, 128),
    (Kernel::Hash, 14, 64),
    (Kernel::Tree, 16, 8),
    (Kernel::Grind, 14, STATE_WORDS),
];

/// The same behind a serial line, at most: the line sets the pace, and its simulation is slow.
const SERIAL: (usize, usize) = (5, 16);

/// Measures the configs whose name is wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, with_area: bool) -> Result<Vec<BenchConfig>, Failure> {
    let configs: Vec<&Config> = CONFIGS.iter().filter(|c| wanted(&c.name)).collect();
    let mut all = configs.iter().map(|c| one(c)).collect::<Result<Vec<_>, _>>()?;
    if with_area {
        for (config, figures) in configs.iter().zip(&mut all) {
            eprintln!("area of config {}", config.name);
            let core = core_module(config)?;
            figures.ecp5 = Some(area_by_module(&core, Family::Ecp5)?.cells);
            figures.ultrascale = Some(area_by_module(&core, Family::UltraScalePlus)?.cells);
        }
    }
    Ok(all)
}

fn one(config: &Config) -> Result<BenchConfig, Failure> {
    let mut device = galena_sim::device::open(&config.name, &OpenOptions::default())?;
    let info = device.info().clone();
    let mut jobs = vec![];
    for (kernel, log_rows, columns) in JOBS {
        let serial = config.link == Link::Uart;
        let log_rows = if serial { log_rows.min(SERIAL.0) } else { log_rows };
        let columns = if serial { columns.min(SERIAL.1) } else { columns };
        eprintln!("config {}, {kernel}", config.name);
        jobs.push(job(&mut device, &info, kernel, log_rows, columns)?);
    }
    Ok(BenchConfig {
        config: config.name.to_string(),
        link: config.link.name().to_owned(),
        lanes: info.lanes,
        hasher_multipliers: info.hasher_multipliers,
        jobs,
        ecp5: None,
        ultrascale: None,
    })
}

fn job(
    device: &mut impl Device,
    info: &DeviceInfo,
    kernel: Kernel,
    log_rows: usize,
    columns: usize,
) -> Result<BenchJob, Failure> {
    let row = kernel.row();
    let (log_rows_max, log_blowup) = match row.transforms {
        true => (info.limits.log_rows_max, info.limits.log_blowup_max),
        false => (info.limits.log_height_max(), 0),
    };
    let log_rows = if row.searches { log_rows } else { log_rows.min(log_rows_max) };
    let words = |n: usize| (0..n as u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 2).collect::<Vec<u32>>();
    let matrix = words(if row.searches { columns } else { columns << log_rows });
    let shape = match (row.searches, row.transforms) {
        (true, _) => format!("{} candidates", 1 << log_rows),
        (_, true) => format!("2^{log_rows} x {columns}, blow-up {}", 1 << log_blowup),
        _ => format!("2^{log_rows} x {columns}"),
    };
    let job = match row.searches {
        // No candidate of these passes: 30 bits are asked for.
        true => Job::grind(&matrix, 1, Search { bits: BITS_MAX, first: 0, candidates: 1 << log_rows }),
        false => Job {
            log_blowup,
            shift: field::word(31),
            levels: if matches!(kernel, Kernel::Tree | Kernel::Commit) { log_rows + log_blowup } else { 0 },
            // What a prover asks for: rows where the kernel is for rows, digests otherwise.
            return_rows: kernel == Kernel::Lde,
            ..Job::of(kernel, log_rows, columns, &matrix)
        },
    };
    let counters = device.run(&job)?.counters;
    let multipliers =
        if row.transforms { info.lanes } else { 0 } + if kernel.hashes() { info.hasher_multipliers } else { 0 };
    Ok(BenchJob {
        kernel: kernel.name().to_owned(),
        shape,
        clocks: counters.cycles,
        multiplies: counters.transform_multiplies + counters.hasher_multiplies,
        multipliers,
        utilisation: counters.utilisation(multipliers).unwrap_or(0.0),
        stalled_in: counters.stalled_in,
        stalled_out: counters.stalled_out,
    })
}
