//! Whole cores over their links: the natural jobs of every kernel.

use crate::Failure;
use crate::figures::{ConfigFigures, JobFigures};
use galena_device::driver::OpenOptions;
use galena_device::{Device, Job, Kernel, field};
use galena_hdl::core::core_module;
use galena_sim::area::{Family, area_of};
use galena_target::{CONFIGS, Config, Link};

/// Kernels, log2 of the rows at most, columns.
const JOBS: [(Kernel, usize, usize); 4] =
    [(Kernel::Lde, 12, 64), (Kernel::Hash, 12, 64), (Kernel::Tree, 13, 8), (Kernel::Commit, 12, 64)];

/// Rows and columns of a core behind a serial line, at most: the line sets the pace, and its simulation is slow.
const SERIAL: (usize, usize) = (5, 16);

/// Measures the configs whose name is wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, with_area: bool) -> Result<Vec<ConfigFigures>, Failure> {
    CONFIGS.iter().filter(|c| wanted(&c.name)).map(|c| one(c, with_area)).collect()
}

fn one(config: &Config, with_area: bool) -> Result<ConfigFigures, Failure> {
    eprintln!("config {}", config.name);
    let mut device = galena_sim::device::open(&config.name, &OpenOptions::default())?;
    let info = device.info().clone();
    let mut jobs = vec![];
    for (kernel, log_rows, columns) in JOBS {
        let row = kernel.row();
        let serial = config.link == Link::Uart;
        let (log_rows, columns) = if serial { (SERIAL.0, columns.min(SERIAL.1)) } else { (log_rows, columns) };
        let log_rows = log_rows.min(info.limits.log_rows_max);
        let log_blowup = if row.transforms { info.limits.log_blowup_max } else { 0 };
        let words = (columns << log_rows) as u32;
        let matrix: Vec<u32> = (0..words).map(|i| i.wrapping_mul(0x9e37_79b9) >> 2).collect();
        let job = Job {
            log_blowup,
            shift: field::word(31),
            levels: if kernel == Kernel::Tree || kernel == Kernel::Commit { log_rows + log_blowup } else { 0 },
            // What a prover asks for: rows where the kernel is for rows, digests otherwise.
            return_rows: kernel == Kernel::Lde,
            ..Job::of(kernel, log_rows, columns, &matrix)
        };
        let counters = device.run(&job)?.counters;
        let multipliers = if row.transforms { info.lanes } else { 0 }
            + if row.absorbs || row.compresses { info.hasher_multipliers } else { 0 };
        jobs.push(JobFigures {
            kernel: kernel.name().to_owned(),
            shape: format!("2^{log_rows} x {columns}"),
            clocks: counters.cycles,
            multiplies: counters.transform_multiplies + counters.hasher_multiplies,
            multipliers,
            utilisation: counters.utilisation(multipliers).unwrap_or(0.0),
            stalled_in: counters.stalled_in,
            stalled_out: counters.stalled_out,
        });
    }
    let ecp5 = if with_area && config.link == Link::Uart {
        Some(area_of(&core_module(config)?, Family::Ecp5)?.cells)
    } else {
        None
    };
    Ok(ConfigFigures {
        config: config.name.to_string(),
        lanes: info.lanes,
        hasher_multipliers: info.hasher_multipliers,
        jobs,
        ecp5,
    })
}
