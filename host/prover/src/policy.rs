//! How a proof uses its devices, and how it is ended before its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use galena_device::Canceller;

/// How a proof uses its devices.
#[derive(Clone, Debug)]
pub struct Policy {
    /// A device fault that a second try does not cure fails the proof, and so do devices that can do nothing for it.
    pub required: bool,
    /// log2 of the most rows that go to a device, below its own limit, and the most bits of work: a simulated one takes its time.
    pub log_rows_max: Option<usize>,
    /// How much of every answer is recomputed: see [`crate::Checks`]. 0 recomputes nothing.
    pub check_samples: usize,
    /// Digests stay in the memory of a device that has one, and come to the host when they are opened.
    pub resident: bool,
    /// What ends the proof.
    pub cancel: Cancel,
}

/// Samples that cost little beside marshalling the same data.
pub const CHECK_SAMPLES: usize = 8;

impl Default for Policy {
    /// Faults are recomputed; every table that fits goes to a device; answers are sampled; digests stay where they are.
    fn default() -> Self {
        Self {
            required: false,
            log_rows_max: None,
            check_samples: CHECK_SAMPLES,
            resident: true,
            cancel: Cancel::default(),
        }
    }
}

/// Ends a proof from any thread: running jobs are cancelled, no further one begins, and the proof ends with
/// `Cancelled` at the next boundary between its phases.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicBool,
    jobs: Mutex<Jobs>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Jobs {
    cancellers: Vec<Canceller>,
    running: usize,
}

/// How often a job that does not end is asked again: one that was just beginning may not have heard.
const AGAIN: Duration = Duration::from_millis(20);

impl Cancel {
    /// Asks for the end, and returns at once.
    pub fn cancel(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        self.jobs().cancellers.iter().for_each(Canceller::cancel);
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Asks for the end and waits until no job runs on any device, at most for `patience`. False if one still does.
    pub fn settle(&self, patience: Duration) -> bool {
        let start = Instant::now();
        self.cancel();
        let mut jobs = self.jobs();
        while jobs.running > 0 && start.elapsed() < patience {
            jobs = self.0.ended.wait_timeout(jobs, AGAIN).unwrap_or_else(PoisonError::into_inner).0;
            jobs.cancellers.iter().for_each(Canceller::cancel);
        }
        jobs.running == 0
    }

    /// A device whose jobs are to be ended.
    pub(crate) fn include(&self, canceller: Canceller) {
        self.jobs().cancellers.push(canceller);
    }

    /// A job begins, unless the end was asked for. It runs until the guard is dropped.
    pub(crate) fn begin(&self) -> Option<Running<'_>> {
        let mut jobs = self.jobs();
        if self.is_cancelled() {
            return None;
        }
        jobs.running += 1;
        Some(Running(self))
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job under way.
pub(crate) struct Running<'a>(&'a Cancel);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.jobs().running -= 1;
        self.0.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_job_begins_after_the_end_was_asked_for() {
        let cancel = Cancel::default();
        let running = cancel.begin().unwrap();
        assert!(!cancel.is_cancelled());
        assert!(!cancel.settle(Duration::from_millis(50)), "a job still runs");
        assert!(cancel.begin().is_none());
        drop(running);
        assert!(cancel.settle(Duration::ZERO));
    }

    #[test]
    fn settling_waits_for_the_running_job() {
        let cancel = Cancel::default();
        let held = cancel.clone();
        let (begun, told) = std::sync::mpsc::channel();
        let job = std::thread::spawn(move || {
            let _running = held.begin().unwrap();
            begun.send(()).unwrap();
            while !held.is_cancelled() {
                std::thread::yield_now();
            }
        });
        told.recv().unwrap();
        assert!(cancel.settle(Duration::from_secs(20)));
        job.join().unwrap();
    }
}
