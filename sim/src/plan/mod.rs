//! A core that is not there: the results are the processor's, the clocks are computed (`galena_hdl::clocks`).
//!
//! A proof made with it shows what the same proof would ask of a board before there is one: every job that the prover would send, with the clocks and the
//! words that it would take. Nothing here is simulated; `compare` holds the clocks against Verilator's.

mod compare;
mod line;

pub use compare::{CompareError, Comparison, PAGE, compare, document, missing, page};
pub use line::{Line, LineError};

use galena_device::{Device, DeviceError, DeviceInfo, Job, Output, SoftwareDevice, field};
use galena_hdl::clocks::{Clocks, Core};
use galena_hdl::hasher::HasherError;
use galena_target::{Config, FIELD_PRIME, Kernel, Shape};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A job that was planned.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// Its shape.
    pub shape: Shape,
    /// What it takes over the line.
    pub clocks: Clocks,
    /// Clocks that the core alone would take: with a line of a word a clock.
    pub core: f64,
    /// Seconds that the processor took for it here: no part of any plan.
    pub wall_seconds: f64,
}

/// The jobs of a [`PlannedDevice`], in the order in which it was asked.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Arc<Mutex<Vec<Planned>>>);

impl Jobs {
    /// How many so far.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Those so far.
    pub fn all(&self) -> Vec<Planned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The processor in the place of a core.
pub struct PlannedDevice {
    software: SoftwareDevice,
    info: DeviceInfo,
    line: Core,
    core: Core,
    jobs: Jobs,
}

impl PlannedDevice {
    /// A core of this config behind this line, with the config's limits and memory.
    ///
    /// # Errors
    /// If there is no such core.
    pub fn new(config: &Config, line: &Line) -> Result<Self, HasherError> {
        let name = format!("plan:{}", config.name);
        let software = SoftwareDevice::with_limits(&name, config.limits());
        let kernels = software.info().kernels.iter().copied().filter(|&k| config.has(k)).collect();
        let info = DeviceInfo {
            link: line.to_string(),
            config: Some(config.name.to_string()),
            config_hash: hex::encode(config.config_hash()),
            kernels,
            lanes: config.lanes as u64,
            hasher_multipliers: config.multipliers as u64,
            clock_hz: config.clock_hz,
            window: config.window,
            ..software.info().clone()
        };
        let (over, core) = (Core::new(config, line.word_clocks)?, Core::new(config, 1.0)?);
        Ok(Self { software, info, line: over, core, jobs: Jobs::default() })
    }

    /// Where its jobs are written down.
    pub fn jobs(&self) -> Jobs {
        self.jobs.clone()
    }
}

impl Device for PlannedDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let shape = job.check(&self.info)?;
        let start = Instant::now();
        let mut output = self.software.run(job)?;
        let wall_seconds = start.elapsed().as_secs_f64();
        let judged = if shape.kernel == Kernel::Grind { judged(job, &output) } else { 0 };
        let clocks = self.line.job(&shape, judged);
        output.counters.cycles = clocks.job as u64;
        output.counters.transform_multiplies = clocks.transform_multiplies;
        output.counters.hasher_multiplies = clocks.hasher_multiplies;
        output.counters.permutations = clocks.permutations;
        output.counters.sent_words = clocks.sent_words;
        output.counters.received_words = clocks.received_words;
        let planned = Planned { shape, clocks, core: self.core.job(&shape, judged).job, wall_seconds };
        self.jobs.0.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
        Ok(output)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        Ok(())
    }
}

/// Candidates up to the first that passes, itself included; all of them if none does.
fn judged(job: &Job<'_>, output: &Output) -> u64 {
    let all = u64::from(job.search.candidates);
    let Ok(Some(witness)) = output.witness() else { return all };
    let [first, found] = [job.search.first, witness.word].map(|word| u64::from(field::canonical(word)));
    (found + u64::from(FIELD_PRIME) - first) % u64::from(FIELD_PRIME) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use galena_target::{CONFIGS, Search};

    #[test]
    fn every_config_can_be_planned_and_answers_what_the_processor_does() {
        for config in &CONFIGS {
            let mut planned = PlannedDevice::new(config, &Line::of(config, None).unwrap()).unwrap();
            let matrix: Vec<u32> = (0..8 << 3).collect();
            let job = Job { log_blowup: 1, levels: 4, ..Job::of(Kernel::Commit, 3, 8, &matrix) };
            let output = planned.run(&job).unwrap();
            let expected = SoftwareDevice::new().run(&job).unwrap();
            assert_eq!((&output.rows, &output.layers), (&expected.rows, &expected.layers));
            let [one] = planned.jobs().all()[..] else { panic!("one job") };
            assert_eq!(one.clocks.job as u64, output.counters.cycles);
            assert!(one.core <= one.clocks.job && one.core > 2000.0, "{}: {one:?}", config.name);
        }
    }

    #[test]
    fn candidates_are_counted_up_to_the_witness() {
        let state: Vec<u32> = (100..116).collect();
        let mut software = SoftwareDevice::new();
        // The first candidates wrap around at p.
        for first in [7, FIELD_PRIME - 3] {
            let search = Search { bits: 6, first: field::word(first), candidates: 1 << 12 };
            let job = Job::grind(&state, 1, search);
            let count = judged(&job, &software.run(&job).unwrap());
            let enough = Job::grind(&state, 1, Search { candidates: count as u32, ..search });
            assert!(software.run(&enough).unwrap().witness().unwrap().is_some());
            if count > 1 {
                let fewer = Job::grind(&state, 1, Search { candidates: count as u32 - 1, ..search });
                assert_eq!(software.run(&fewer).unwrap().witness(), Ok(None));
                assert_eq!(judged(&fewer, &software.run(&fewer).unwrap()), count - 1);
            }
        }
    }
}
