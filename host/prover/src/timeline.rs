//! The phases of a proof, one after the other, and what each of them cost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::clock::{Moment, Spent};

/// A phase of proving, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Running the program and recording what it did.
    Execute,
    /// The machine of the program: bus layout, preprocessed columns and their commitment.
    Keygen,
    /// Records to trace columns.
    Fill,
    /// Extending and committing the trace columns.
    MainCommit,
    /// Computing the running sums of the buses.
    LogupFill,
    /// Extending and committing them.
    LogupCommit,
    /// Evaluating the constraints and extending the quotient chunks.
    Quotient,
    /// Committing the quotient chunks.
    QuotientCommit,
    /// Evaluating every column out of domain and combining all of them into one codeword per height.
    Opening,
    /// The low-degree test: folding, its commitments, the proof of work and the queries.
    Fri,
    /// The verifier, run on the finished receipt.
    Verify,
}

impl Phase {
    /// What is done, for progress displays and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Keygen => "keygen",
            Self::Fill => "fill traces",
            Self::MainCommit => "commit traces",
            Self::LogupFill => "fill buses",
            Self::LogupCommit => "commit buses",
            Self::Quotient => "quotient",
            Self::QuotientCommit => "commit quotient",
            Self::Opening => "open",
            Self::Fri => "low-degree test",
            Self::Verify => "verify",
        }
    }

    /// Every phase, in order.
    pub const ALL: [Self; 11] = [
        Self::Execute,
        Self::Keygen,
        Self::Fill,
        Self::MainCommit,
        Self::LogupFill,
        Self::LogupCommit,
        Self::Quotient,
        Self::QuotientCommit,
        Self::Opening,
        Self::Fri,
        Self::Verify,
    ];
}

/// A phase and its cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PhaseCost {
    /// Which.
    pub phase: Phase,
    /// What it took, without the CPU time that went into simulating a device.
    #[serde(flatten)]
    pub spent: Spent,
    /// CPU seconds of the thread that drives the device: of simulating it, if it is simulated.
    pub device_cpu_seconds: f64,
}

/// Called on the thread that enters a phase. Must be quick, and must not start a proof.
pub type Progress = Arc<dyn Fn(Phase) + Send + Sync>;

/// A stop watch: entering a phase ends the one before.
pub(crate) struct Timeline {
    progress: Progress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<(Phase, Moment)>,
    /// CPU seconds of the device's thread in the current phase.
    device_cpu_seconds: f64,
    past: Vec<PhaseCost>,
}

impl Timeline {
    pub(crate) fn new(progress: Progress) -> Self {
        Self { progress, state: Mutex::default() }
    }

    /// Ends the current phase and enters `phase`. Entering the current phase again does nothing.
    pub(crate) fn enter(&self, phase: Phase) {
        {
            let mut state = self.state();
            if state.current.is_some_and(|(current, _)| current == phase) {
                return;
            }
            state.close();
            state.current = Some((phase, Moment::now()));
        }
        (self.progress)(phase);
    }

    /// Takes CPU time spent on a device out of the current phase's account.
    pub(crate) fn simulated(&self, cpu_seconds: f64) {
        self.state().device_cpu_seconds += cpu_seconds;
    }

    /// Ends the current phase and gives all phases so far, in the order of `Phase::ALL`, each once.
    pub(crate) fn finish(&self) -> Vec<PhaseCost> {
        let mut state = self.state();
        state.close();
        let mut costs = state.past.clone();
        costs.sort_by_key(|cost| cost.phase);
        costs
    }

    /// A listener that panicked leaves the account as it was.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn close(&mut self) {
        let Some((phase, start)) = self.current.take() else { return };
        let mut spent = start.elapsed();
        let device_cpu_seconds = std::mem::take(&mut self.device_cpu_seconds);
        spent.cpu_seconds = (spent.cpu_seconds - device_cpu_seconds).max(0.0);
        match self.past.iter_mut().find(|cost| cost.phase == phase) {
            Some(cost) => {
                cost.spent += spent;
                cost.device_cpu_seconds += device_cpu_seconds;
            }
            None => self.past.push(PhaseCost { phase, spent, device_cpu_seconds }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_told_once_and_summed_in_order() {
        let told = Arc::new(Mutex::new(vec![]));
        let listener = Arc::clone(&told);
        let timeline = Timeline::new(Arc::new(move |phase| listener.lock().unwrap().push(phase)));
        for phase in [Phase::Fill, Phase::Execute, Phase::Execute, Phase::Fill] {
            timeline.enter(phase);
        }
        let costs = timeline.finish();
        assert_eq!(costs.iter().map(|c| c.phase).collect::<Vec<_>>(), [Phase::Execute, Phase::Fill]);
        assert_eq!(*told.lock().unwrap(), [Phase::Fill, Phase::Execute, Phase::Fill]);
        assert_eq!(timeline.finish(), costs, "finishing twice adds nothing");
    }

    #[test]
    fn simulation_is_no_work_of_the_phase() {
        let timeline = Timeline::new(Arc::new(|_| ()));
        timeline.enter(Phase::Fill);
        timeline.simulated(1000.0);
        timeline.enter(Phase::Verify);
        let costs = timeline.finish();
        assert_eq!((costs[0].spent.cpu_seconds, costs[0].device_cpu_seconds), (0.0, 1000.0));
        assert_eq!(costs[1].device_cpu_seconds, 0.0);
    }

    #[test]
    fn the_table_of_phases_is_in_order_and_complete() {
        assert!(Phase::ALL.is_sorted());
        assert_eq!(Phase::ALL.len(), Phase::Verify as usize + 1);
    }
}
