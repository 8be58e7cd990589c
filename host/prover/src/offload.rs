//! The devices of one proof, shared by the transform, the commitments and the openings; the ledger of what they did; the
//! clock. What they are asked is in `kernels.rs`.
//!
//! Whoever has work asks. A device that fails is reported in the ledger, loudly, and its work goes to another device or
//! to the CPU; where devices are required the proof fails instead.
//!
//! Jobs run on threads of their own, inside pools of their own. The callers are workers of the proof's thread pool: a
//! worker that waited for a lock while its holder waits for pool work could wait for itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use galena_device::{Device, DeviceInfo, Kernel};
use p3_dft::Radix2DitParallel;
use thiserror::Error;

use crate::field::{Compress, Hash, Val, perm};
use crate::lane::Lane;
use crate::ledger::{Commitment, Entry, Fault, Limit, Part, Place, Reason, Shape, Then};
use crate::policy::{Cancel, Policy};
use crate::share::{Desk, Done};
use crate::spot::Checks;
use crate::timeline::{Phase, Progress, Timeline};

/// A proof that ended before its time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Interrupted {
    /// A device failed, and its use was required.
    #[error(transparent)]
    Lost(#[from] DeviceLost),
    /// Its end was asked for.
    #[error("the proof was cancelled")]
    Cancelled,
}

/// A device failed, and its use was required.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("device `{device}` failed in kernel `{kernel}`, and --require-device forbids recomputing on the cpu: {detail}")]
pub struct DeviceLost {
    /// The device's name.
    pub device: String,
    /// What it was doing.
    pub kernel: Kernel,
    /// The fault.
    pub detail: String,
}

/// What a proof asks of its devices.
pub struct Offload {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) desk: Desk,
    pub(crate) checks: Checks,
    pub(crate) hash: Hash,
    pub(crate) compress: Compress,
    pub(crate) dft: Radix2DitParallel<Val>,
    required: bool,
    cancel: Cancel,
    timeline: Timeline,
    state: Mutex<State>,
}

struct State {
    phase: Option<Phase>,
    commitment: Commitment,
    commits: usize,
    layers: usize,
    lost: Option<DeviceLost>,
    ledger: Vec<Entry>,
}

impl Offload {
    /// Everything on the CPU.
    pub fn cpu(progress: Progress) -> Arc<Self> {
        Arc::new(Self::with_lanes(vec![], &Policy::default(), progress))
    }

    /// On `devices` where their limits and the `policy` allow; on the CPU if there are none.
    ///
    /// # Errors
    /// If the system refuses the threads that drive the devices.
    pub fn new(
        devices: Vec<Box<dyn Device>>,
        policy: Policy,
        progress: Progress,
    ) -> Result<Arc<Self>, rayon::ThreadPoolBuildError> {
        let lanes = devices.into_iter().enumerate().map(|(index, device)| Lane::new(index, device, &policy));
        Ok(Arc::new(Self::with_lanes(lanes.collect::<Result<_, _>>()?, &policy, progress)))
    }

    fn with_lanes(lanes: Vec<Lane>, policy: &Policy, progress: Progress) -> Self {
        let state = State {
            phase: None,
            commitment: Commitment::Preprocessed,
            commits: 0,
            layers: 0,
            lost: None,
            ledger: Vec::new(),
        };
        Self {
            desk: Desk::new(lanes.len()),
            lanes,
            checks: Checks { samples: policy.check_samples },
            hash: Hash::new(perm()),
            compress: Compress::new(perm()),
            dft: Radix2DitParallel::default(),
            required: policy.required,
            cancel: policy.cancel.clone(),
            timeline: Timeline::new(progress),
            state: Mutex::new(state),
        }
    }

    /// Whether there is a device at all.
    pub fn has_device(&self) -> bool {
        !self.lanes.is_empty()
    }

    /// What the devices say about themselves, in the order they were given.
    pub fn infos(&self) -> impl Iterator<Item = &DeviceInfo> {
        self.lanes.iter().map(|lane| &lane.info)
    }

    /// How much of every answer is recomputed.
    pub fn checks(&self) -> Checks {
        self.checks
    }

    /// The names of the devices that computed anything so far.
    pub(crate) fn took_part(&self) -> Vec<String> {
        let state = self.state();
        let took_part = |lane: &&Lane| {
            let own = |entry: &Entry| matches!(entry.place, Place::Device { device, .. } if device == lane.index);
            state.ledger.iter().any(own)
        };
        self.lanes.iter().filter(took_part).map(|lane| lane.info.name.clone()).collect()
    }

    /// Every kernel call so far, or its parts, in the order of the proof.
    pub fn ledger(&self) -> Vec<Entry> {
        let mut ledger = self.state().ledger.clone();
        ledger.sort_by_key(Entry::order);
        ledger
    }

    /// The phases so far; ends the current one.
    pub(crate) fn finish(&self) -> Vec<crate::timeline::PhaseCost> {
        self.timeline.finish()
    }

    /// An error if a required device failed, or the end was asked for.
    pub(crate) fn check(&self) -> Result<(), Interrupted> {
        if self.cancel.is_cancelled() {
            return Err(Interrupted::Cancelled);
        }
        self.state().lost.clone().map_or(Ok(()), |lost| Err(lost.into()))
    }

    // The commitment scheme sees every boundary between phases; it calls these.

    pub(crate) fn enter(&self, phase: Phase) {
        self.state().phase = Some(phase);
        self.timeline.enter(phase);
    }

    pub(crate) fn enter_preprocessing(&self) {
        self.state().commitment = Commitment::Preprocessed;
    }

    /// The first commitment of a proof is the traces, the second the buses.
    pub(crate) fn enter_commit(&self) {
        let phase = {
            let mut state = self.state();
            state.commits += 1;
            (state.commitment, state.phase) = match state.commits {
                1 => (Commitment::Main, Some(Phase::MainCommit)),
                _ => (Commitment::Logup, Some(Phase::LogupCommit)),
            };
            state.phase
        };
        phase.into_iter().for_each(|phase| self.timeline.enter(phase));
    }

    pub(crate) fn leave_commit(&self) {
        let main = self.state().commitment == Commitment::Main;
        self.enter(if main { Phase::LogupFill } else { Phase::Quotient });
    }

    /// What follows belongs to the quotient chunks: of a prover without buses, directly after the traces.
    pub(crate) fn enter_quotient(&self) {
        self.state().commitment = Commitment::Quotient;
        self.enter(Phase::Quotient);
    }

    /// All is committed; the next commitment is the first of another proof.
    pub(crate) fn enter_opening(&self) {
        {
            let mut state = self.state();
            (state.commits, state.layers) = (0, 0);
        }
        self.enter(Phase::Opening);
    }

    /// A tree over something that is not a polynomial commitment's: while opening, a layer of the low-degree test.
    pub(crate) fn enter_layer(&self) {
        {
            let mut state = self.state();
            if !matches!(state.phase, Some(Phase::Opening | Phase::Fri)) {
                return;
            }
            state.commitment = Commitment::FriLayer(state.layers);
            state.layers += 1;
        }
        self.enter(Phase::Fri);
    }

    /// The devices that take parts of this work: those that do not refuse what `least` says is the least of it. `None`:
    /// there are none, and the ledger says why.
    pub(crate) fn admit(&self, whole: Shape, least: impl Fn(&Lane) -> Shape) -> Option<Vec<&Lane>> {
        let refusal = |lane: &Lane| lane.withheld(whole.log_rows).or_else(|| lane.refusal(&least(lane)));
        self.admit_for(self.commitment(), whole, refusal)
    }

    /// The same of work that belongs to this commitment, where `refusal` says why a device does not take it.
    pub(crate) fn admit_for(
        &self,
        commitment: Commitment,
        whole: Shape,
        refusal: impl Fn(&Lane) -> Option<Limit>,
    ) -> Option<Vec<&Lane>> {
        let mut reason = Reason::NoDevice;
        let mut lanes = Vec::new();
        for lane in &self.lanes {
            match refusal(lane) {
                _ if !lane.alive() => reason = Reason::Fault("not asked again after its faults".into()),
                Some(limit) => reason = Reason::Limits(limit),
                None => lanes.push(lane),
            }
        }
        if lanes.is_empty() {
            self.decline_for(commitment, whole, reason);
            return None;
        }
        Some(lanes)
    }

    /// The commitment that is being made.
    pub(crate) fn commitment(&self) -> Commitment {
        self.state().commitment
    }

    /// Enters a fault that was found after the job.
    pub(crate) fn condemn(&self, commitment: Commitment, shape: Shape, device: usize, detail: &str) {
        self.lanes.get(device).into_iter().for_each(Lane::fail);
        let faults = vec![Fault { device, detail: detail.to_owned(), then: Then::Moved }];
        self.settle_for::<()>(commitment, shape, Part::WHOLE, Done { answer: None, faults, simulated: 0.0 });
    }

    /// Enters what became of a part. `None`: it remains for the CPU.
    pub(crate) fn settle<T>(&self, shape: Shape, part: Part, done: Done<T>) -> Option<T> {
        self.settle_for(self.commitment(), shape, part, done)
    }

    /// The same of a part that belongs to this commitment.
    pub(crate) fn settle_for<T>(&self, commitment: Commitment, shape: Shape, part: Part, done: Done<T>) -> Option<T> {
        let Done { answer, faults, simulated } = done;
        self.timeline.simulated(simulated);
        if let Some(fault) = faults.iter().find(|fault| self.required && fault.then == Then::Moved) {
            let device = self.lanes.get(fault.device).map_or_else(String::new, |lane| lane.info.name.clone());
            let lost = DeviceLost { device, kernel: shape.kernel, detail: fault.detail.clone() };
            self.state().lost.get_or_insert(lost);
        }
        let (place, result) = match answer {
            Some((device, result, cost)) => (Place::Device { device, cost }, Some(result)),
            None => {
                let last = faults.last().map_or("no device was left".into(), |fault| fault.detail.clone());
                (Place::Cpu(Reason::Fault(last)), None)
            }
        };
        self.state().ledger.push(Entry { commitment, shape, part, place, faults });
        result
    }

    /// Enters work that no device takes.
    pub(crate) fn decline(&self, shape: Shape, reason: Reason) {
        self.decline_for(self.commitment(), shape, reason);
    }

    fn decline_for(&self, commitment: Commitment, shape: Shape, reason: Reason) {
        let place = Place::Cpu(reason);
        self.state().ledger.push(Entry { commitment, shape, part: Part::WHOLE, place, faults: vec![] });
    }

    /// A panic elsewhere leaves the state consistent: every change is one statement.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
