//! One device: whether it takes a job, running one, a second try where the fault may pass, and when to leave it alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use galena_device::{Device, DeviceError, DeviceInfo, Job, Kernel, Output};
use galena_target::frame::StatusCode;

use crate::clock::{Moment, thread_cpu_seconds};
use crate::ledger::{Cost, Limit, Shape};
use crate::memory::Memory;
use crate::policy::{Cancel, Policy};

/// Faults, not cured by a second try, after which a device is not asked again in this proof.
pub(crate) const FAULTS_MAX: usize = 3;

/// An opened device, and the threads that drive it.
pub(crate) struct Lane {
    /// Its place in the list of devices.
    pub(crate) index: usize,
    pub(crate) info: DeviceInfo,
    /// Bytes per second that its link can carry each way, if known.
    pub(crate) link_bytes_per_second: Option<f64>,
    /// Its memory, if it has one and digests are to stay there.
    pub(crate) memory: Option<Arc<Memory>>,
    device: Mutex<Box<dyn Device>>,
    pool: rayon::ThreadPool,
    log_rows_max: Option<usize>,
    cancel: Cancel,
    faults: AtomicUsize,
    gone: AtomicBool,
}

/// Why a job has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The proof was cancelled.
    Cancelled,
    /// The device failed, or answered something false.
    Fault(String),
}

/// What running a job came to.
pub(crate) struct Performed<T> {
    pub answer: Result<T, Failure>,
    pub cost: Cost,
    /// The fault that the second try cured.
    pub cured: Option<String>,
}

impl Lane {
    /// A lane for `device`, with as many threads as the pool of the caller has.
    pub(crate) fn new(
        index: usize,
        device: Box<dyn Device>,
        policy: &Policy,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(rayon::current_num_threads())
            .thread_name(move |i| format!("device-{index}-{i}"))
            .build()?;
        let info = device.info().clone();
        let remembers = policy.resident && info.limits.memory_beats > 0 && info.kernels.contains(&Kernel::Read);
        device.canceller().into_iter().for_each(|canceller| policy.cancel.include(canceller));
        Ok(Self {
            index,
            memory: remembers.then(|| Memory::new(info.limits.memory_beats)),
            link_bytes_per_second: device.bytes_per_second(),
            info,
            device: Mutex::new(device),
            pool,
            log_rows_max: policy.log_rows_max,
            cancel: policy.cancel.clone(),
            faults: AtomicUsize::new(0),
            gone: AtomicBool::new(false),
        })
    }

    /// Whether it is still asked.
    pub(crate) fn alive(&self) -> bool {
        !self.gone.load(Ordering::SeqCst)
            && self.faults.load(Ordering::SeqCst) < FAULTS_MAX
            && !self.cancel.is_cancelled()
    }

    /// Counts a fault that no second try has cured.
    pub(crate) fn fail(&self) {
        self.faults.fetch_add(1, Ordering::SeqCst);
    }

    /// Why the device does not take work of this shape.
    pub(crate) fn refusal(&self, shape: &Shape) -> Option<Limit> {
        if !self.info.kernels.contains(&shape.kernel) {
            return Some(Limit { quantity: "kernel", least: 0, most: 0, found: 0 });
        }
        let limit = self.info.limits.check(&job(shape, &[]).shape()).err()?;
        Some(Limit { quantity: limit.what, least: limit.min, most: limit.max, found: limit.found })
    }

    /// Why the policy keeps work of this height from the device, however it is cut.
    pub(crate) fn withheld(&self, log_rows: usize) -> Option<Limit> {
        let most = self.log_rows_max.filter(|&most| log_rows > most)?;
        Some(Limit { quantity: "log_rows", least: self.info.limits.log_rows_min, most, found: log_rows })
    }

    /// Runs `work` in the device's pool: whatever splits into tasks must not do so in the pool of the proof.
    pub(crate) fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Runs a job when it is this job's turn; `read` turns the answer into a result, `check` looks whether it is right;
    /// both may say what is wrong with it.
    ///
    /// A fault that may pass is answered by bringing the device back and running the job once more; a false answer is
    /// not, for a device that computes wrongly does not get better by being asked again. Call from a thread that is no
    /// worker of any pool: it may wait for other jobs.
    pub(crate) fn perform<T: Send + Sync>(
        &self,
        job: &Job<'_>,
        read: impl FnOnce(Output) -> Result<T, &'static str> + Send,
        check: impl FnOnce(&T) -> Result<(), &'static str> + Send,
    ) -> Performed<T> {
        let (answer, mut cost, cured) = self.drive(job);
        let wrong = |fault: &str| Failure::Fault(fault.to_owned());
        let answer = answer.and_then(|output| {
            let result = self.install(|| read(output)).map_err(wrong)?;
            let (checked, cpu_seconds) = self.checked(|| check(&result));
            cost.check_cpu_seconds += cpu_seconds;
            checked.map(|()| result).map_err(wrong)
        });
        if let Err(Failure::Fault(_)) = &answer {
            self.fail();
        }
        Performed { answer, cost, cured }
    }

    /// The device's answer, at the first or the second try.
    fn drive(&self, job: &Job<'_>) -> (Result<Output, Failure>, Cost, Option<String>) {
        let mut guard = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        let device: &mut dyn Device = guard.as_mut();
        let mut cost = Cost::default();
        let mut passing = None;
        loop {
            let Some(_running) = self.cancel.begin() else { return (Err(Failure::Cancelled), cost, None) };
            let error = match self.once(device, job, &mut cost) {
                Some(Ok(output)) => return (Ok(output), cost, passing),
                Some(Err(_)) if self.cancel.is_cancelled() => return (Err(Failure::Cancelled), cost, None),
                Some(Err(error)) => error,
                None => return (Err(Failure::Fault("its driver panicked".into())), cost, None),
            };
            let fault = error.to_string();
            if let Some(first) = passing {
                let again = format!("{first}; and at the second try: {fault}");
                return (Err(Failure::Fault(again)), cost, None);
            }
            match may_pass(&error) {
                Fate::Passing => {}
                Fate::Lasting => return (Err(Failure::Fault(fault)), cost, None),
                Fate::Gone => {
                    self.gone.store(true, Ordering::SeqCst);
                    return (Err(Failure::Fault(fault)), cost, None);
                }
            }
            let recovered = self.install(|| catch_unwind(AssertUnwindSafe(|| device.recover())));
            let failure = match recovered {
                Ok(Ok(())) => {
                    cost.retries += 1;
                    passing = Some(fault);
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "its driver panicked".into(),
            };
            self.gone.store(true, Ordering::SeqCst);
            return (Err(Failure::Fault(format!("{fault}; it did not come back: {failure}"))), cost, None);
        }
    }

    /// One try; `None` if the driver panicked. Its cost is added.
    fn once(&self, device: &mut dyn Device, job: &Job<'_>, cost: &mut Cost) -> Option<Result<Output, DeviceError>> {
        let start = Moment::now();
        let (result, cpu_seconds) = self.install(|| {
            let start = thread_cpu_seconds();
            let result = catch_unwind(AssertUnwindSafe(|| device.run(job)));
            (result, thread_cpu_seconds() - start)
        });
        cost.jobs += 1;
        cost.wall_seconds += start.elapsed().wall_seconds;
        cost.cpu_seconds += cpu_seconds;
        if let Ok(Ok(output)) = &result {
            cost.counters += output.counters;
        }
        result.ok()
    }

    /// Runs a check in the device's pool, and says what it cost all of the pool's threads.
    fn checked<T: Send>(&self, check: impl FnOnce() -> T + Send) -> (T, f64) {
        let spent = || self.pool.broadcast(|_| thread_cpu_seconds()).iter().sum::<f64>();
        let start = spent();
        let result = self.install(check);
        (result, (spent() - start).max(0.0))
    }
}

/// What to expect of a device after an error.
enum Fate {
    /// It may work at the second try.
    Passing,
    /// It will say the same again.
    Lasting,
    /// It is not there any more.
    Gone,
}

fn may_pass(error: &DeviceError) -> Fate {
    use StatusCode::{Limits, UnknownKernel};
    match error {
        DeviceError::Status { code: Limits | UnknownKernel, .. } => Fate::Lasting,
        DeviceError::Status { .. }
        | DeviceError::Corrupt { .. }
        | DeviceError::Silent { .. }
        | DeviceError::Stalled { .. }
        | DeviceError::Stuck { .. }
        | DeviceError::Link { .. } => Fate::Passing,
        DeviceError::Lost { .. } | DeviceError::Unplugged { .. } => Fate::Gone,
        _ => Fate::Lasting,
    }
}

/// A job of this shape that returns everything it computes.
pub(crate) fn job<'a>(shape: &Shape, matrix: &'a [u32]) -> Job<'a> {
    let Shape { kernel, log_rows, log_blowup, columns, levels } = *shape;
    Job { log_blowup, levels, ..Job::of(kernel, log_rows, columns, matrix) }
}
