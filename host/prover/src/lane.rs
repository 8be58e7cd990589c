//! The device side of an offload: whether it takes a job, and running one.

use std::sync::{Mutex, PoisonError};

use galena_device::{Device, DeviceError, DeviceInfo, Job, Output};

use crate::clock::{Moment, thread_cpu_seconds};
use crate::ledger::{Cost, Limit, Shape};

/// How a proof uses its device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// A device fault fails the proof, and so does a device that can do nothing for it.
    pub required: bool,
    /// log2 of the most rows that go to the device, below its own limit: a simulated one takes its time.
    pub log_rows_max: Option<usize>,
}

/// An opened device, and the threads that drive it.
pub(crate) struct Lane {
    device: Mutex<Box<dyn Device>>,
    pub(crate) info: DeviceInfo,
    pool: rayon::ThreadPool,
    pub(crate) policy: Policy,
}

impl Lane {
    /// A lane for `device`, with as many threads as the pool of the caller has.
    pub(crate) fn new(device: Box<dyn Device>, policy: Policy) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(rayon::current_num_threads())
            .thread_name(|i| format!("device-{i}"))
            .build()?;
        let info = device.info().clone();
        Ok(Self { device: Mutex::new(device), info, pool, policy })
    }

    /// Why the device does not take work of this shape.
    pub(crate) fn refusal(&self, shape: &Shape) -> Option<Limit> {
        if !self.info.kernels.contains(&shape.kernel) {
            return Some(Limit { quantity: "kernel", least: 0, most: 0, found: 0 });
        }
        let most = self.policy.log_rows_max.filter(|&most| shape.log_rows > most);
        if let Some(most) = most {
            return Some(Limit {
                quantity: "log_rows",
                least: self.info.limits.log_rows_min,
                most,
                found: shape.log_rows,
            });
        }
        let limit = self.info.limits.check(&job(shape, &[]).shape()).err()?;
        Some(Limit { quantity: limit.what, least: limit.min, most: limit.max, found: limit.found })
    }

    /// Runs a job when it is this job's turn, and says what it cost.
    ///
    /// Call from a thread that is no worker of any pool: it may wait for other jobs.
    pub(crate) fn drive(&self, job: &Job<'_>) -> (Result<Output, DeviceError>, Cost) {
        let mut guard = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        let device: &mut dyn Device = guard.as_mut();
        let start = Moment::now();
        let (result, cpu_seconds) = self.pool.install(|| {
            let start = thread_cpu_seconds();
            let result = device.run(job);
            (result, thread_cpu_seconds() - start)
        });
        let counters = result.as_ref().map(|output| output.counters).unwrap_or_default();
        let cost = Cost { jobs: 1, counters, wall_seconds: start.elapsed().wall_seconds, cpu_seconds };
        (result, cost)
    }
}

/// A job of this shape that returns everything it computes.
pub(crate) fn job<'a>(shape: &Shape, matrix: &'a [u32]) -> Job<'a> {
    Job {
        kernel: shape.kernel,
        log_rows: shape.log_rows,
        log_blowup: shape.log_blowup,
        shift: 0,
        matrix,
        columns: shape.columns,
        levels: shape.levels,
        return_rows: true,
        return_digests: true,
        first_level: 0,
        keep_rows: None,
        keep_digests: None,
    }
}
