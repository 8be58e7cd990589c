//! One device, shared by the transform, the commitments and the opening of one proof; the ledger of what it did; the clock.
//!
//! Whoever has work asks. The answer is the result, or `None`: do it on the CPU; why is in the ledger. A device that
//! fails is reported there, loudly, and its work is recomputed; where a device is required the proof fails instead.
//!
//! Jobs run on a thread of their own, inside a pool of their own. The callers are workers of the proof's thread pool: a
//! worker that waited for a lock while its holder waits for pool work could wait for itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use galena_device::{Device, DeviceInfo, Job, Kernel, Output};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use thiserror::Error;

use crate::field::{Compress, Digest, Hash, Layer, Val, perm, word};
use crate::lane::{Lane, Policy, job};
use crate::ledger::{Commitment, Entry, Place, Reason, Shape};
use crate::marshal;
use crate::spot;
use crate::timeline::{Phase, Progress, Timeline};

/// Faults after which a device is not asked again in this proof.
const FAULTS_MAX: usize = 3;

/// Where extensions are compared with what they extend: any point will do that nobody chose to fail at.
const POINT: Val = Val::new(0x2b7e_1516);

// What can be wrong with an answer.
const MALFORMED: &str = "the answer has another shape than the job, or words that are no field elements";
const WRONG_EXTENSION: &str =
    "the extended columns are not the columns sent: a silent error of the hardware or the link";
const WRONG_DIGESTS: &str = "recomputed digests differ: a silent error of the hardware or the link";

/// The device failed, and its use was required.
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

/// What a proof asks of its device.
pub struct Offload {
    lane: Option<Lane>,
    hash: Hash,
    compress: Compress,
    timeline: Timeline,
    state: Mutex<State>,
}

struct State {
    phase: Option<Phase>,
    commitment: Commitment,
    commits: usize,
    layers: usize,
    faults: usize,
    lost: Option<DeviceLost>,
    ledger: Vec<Entry>,
}

impl Offload {
    /// Everything on the CPU.
    pub fn cpu(progress: Progress) -> Arc<Self> {
        Arc::new(Self::with_lane(None, progress))
    }

    /// On `device` where its limits and the `policy` allow.
    ///
    /// # Errors
    /// If the system refuses the threads that drive the device.
    pub fn new(
        device: Box<dyn Device>,
        policy: Policy,
        progress: Progress,
    ) -> Result<Arc<Self>, rayon::ThreadPoolBuildError> {
        Ok(Arc::new(Self::with_lane(Some(Lane::new(device, policy)?), progress)))
    }

    fn with_lane(lane: Option<Lane>, progress: Progress) -> Self {
        let state = State {
            phase: None,
            commitment: Commitment::Preprocessed,
            commits: 0,
            layers: 0,
            faults: 0,
            lost: None,
            ledger: Vec::new(),
        };
        let (hash, compress) = (Hash::new(perm()), Compress::new(perm()));
        Self { lane, hash, compress, timeline: Timeline::new(progress), state: Mutex::new(state) }
    }

    /// Whether there is a device at all.
    pub fn has_device(&self) -> bool {
        self.lane.is_some()
    }

    /// What the device says about itself.
    pub fn info(&self) -> Option<&DeviceInfo> {
        self.lane.as_ref().map(|lane| &lane.info)
    }

    /// Whether the device computed anything so far.
    pub(crate) fn took_part(&self) -> bool {
        self.state().ledger.iter().any(|entry| matches!(entry.place, Place::Device(_)))
    }

    /// Every kernel call so far, in the order of the proof.
    pub fn ledger(&self) -> Vec<Entry> {
        let mut ledger = self.state().ledger.clone();
        ledger.sort_by_key(Entry::order);
        ledger
    }

    /// The phases so far; ends the current one.
    pub(crate) fn finish(&self) -> Vec<crate::timeline::PhaseCost> {
        self.timeline.finish()
    }

    /// An error if a required device failed.
    pub(crate) fn check(&self) -> Result<(), DeviceLost> {
        self.state().lost.clone().map_or(Ok(()), Err)
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
        if !main {
            self.state().commitment = Commitment::Quotient;
        }
        self.enter(if main { Phase::LogupFill } else { Phase::Quotient });
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

    // The kernels.

    /// Coset extension of one matrix: rows of the extension in bit-reversed order.
    pub(crate) fn lde(&self, m: &RowMajorMatrix<Val>, log_blowup: usize, shift: Val) -> Option<RowMajorMatrix<Val>> {
        let shape = Shape { log_blowup, ..shape(Kernel::Lde, m.height(), m.width()) };
        let lane = self.admit(shape)?;
        let matrix = marshal::words(&[m]);
        let job = Job { shift: word(shift), ..job(&shape, &matrix) };
        self.run(lane, shape, &job, |output| {
            let mut rows = marshal::rows(&output.rows, &[m.width()], m.height() << log_blowup).ok_or(MALFORMED)?;
            if !spot::extends(&[m], &rows, shift, POINT) {
                return Err(WRONG_EXTENSION);
            }
            rows.pop().ok_or(MALFORMED)
        })
    }

    /// Coset extension of matrices of one height, their row digests, and `levels` layers of tree over them.
    pub(crate) fn commit(
        &self,
        matrices: &[&RowMajorMatrix<Val>],
        log_blowup: usize,
        shift: Val,
        levels: usize,
    ) -> Option<(Vec<RowMajorMatrix<Val>>, Vec<Layer>)> {
        let height = matrices.first()?.height();
        let widths: Vec<usize> = matrices.iter().map(|m| m.width()).collect();
        let shape = Shape { log_blowup, levels, ..shape(Kernel::Commit, height, widths.iter().sum()) };
        let lane = self.admit(shape)?;
        let matrix = marshal::words(matrices);
        let job = Job { shift: word(shift), ..job(&shape, &matrix) };
        self.run(lane, shape, &job, |output| {
            let rows = marshal::rows(&output.rows, &widths, height << log_blowup).ok_or(MALFORMED)?;
            if !spot::extends(matrices, &rows, shift, POINT) {
                return Err(WRONG_EXTENSION);
            }
            let layers = self.hashed(output, &rows.iter().collect::<Vec<_>>(), levels)?;
            Ok((rows, layers))
        })
    }

    /// Row digests of matrices of one height, and `levels` layers of tree over them.
    pub(crate) fn hash<M: Matrix<Val>>(&self, matrices: &[&M], levels: usize) -> Option<Vec<Layer>> {
        let height = matrices.first()?.height();
        let shape = Shape { levels, ..shape(Kernel::Hash, height, matrices.iter().map(|m| m.width()).sum()) };
        let lane = self.admit(shape)?;
        let matrix = marshal::words(matrices);
        let job = job(&shape, &matrix);
        self.run(lane, shape, &job, |output| self.hashed(output, matrices, levels))
    }

    /// `levels` layers of tree over `below`.
    pub(crate) fn tree(&self, below: &[Digest], levels: usize) -> Option<Vec<Layer>> {
        let shape = Shape { levels, ..shape(Kernel::Tree, below.len(), 8) };
        let lane = self.admit(shape)?;
        let matrix: Vec<u32> = below.iter().flatten().map(|&x| word(x)).collect();
        let job = job(&shape, &matrix);
        self.run(lane, shape, &job, |output| {
            let layers = marshal::layers(&output.layers, below.len() / 2, levels).ok_or(MALFORMED)?;
            if spot::compresses(&self.compress, below, &layers) { Ok(layers) } else { Err(WRONG_DIGESTS) }
        })
    }

    /// The digests of an answer: of these rows, and `levels` layers above them.
    fn hashed<M: Matrix<Val>>(&self, output: &Output, rows: &[&M], levels: usize) -> Result<Vec<Layer>, &'static str> {
        let height = rows.first().map_or(0, |m| m.height());
        let layers = marshal::layers(&output.layers, height, levels + 1).ok_or(MALFORMED)?;
        let right = layers.split_first().is_some_and(|(digests, above)| {
            spot::hashes(&self.hash, rows, digests) && spot::compresses(&self.compress, digests, above)
        });
        if right { Ok(layers) } else { Err(WRONG_DIGESTS) }
    }

    /// The device, if it takes work of this shape; otherwise the ledger says why not.
    fn admit(&self, shape: Shape) -> Option<&Lane> {
        let reason = match &self.lane {
            None => Reason::NoDevice,
            Some(_) if self.state().faults >= FAULTS_MAX => {
                Reason::Fault(format!("not asked again after {FAULTS_MAX} faults"))
            }
            Some(lane) => match lane.refusal(&shape) {
                None => return Some(lane),
                Some(limit) => Reason::Limits(limit),
            },
        };
        self.record(shape, Place::Cpu(reason));
        None
    }

    /// Runs an admitted job. `accept` turns the answer into elements, or says what is wrong with it.
    fn run<T>(
        &self,
        lane: &Lane,
        shape: Shape,
        job: &Job<'_>,
        accept: impl FnOnce(&Output) -> Result<T, &'static str>,
    ) -> Option<T> {
        let fault = match std::thread::scope(|scope| scope.spawn(|| lane.drive(job)).join()) {
            Ok((Ok(output), cost)) => match accept(&output) {
                Ok(result) => {
                    self.timeline.simulated(cost.cpu_seconds);
                    self.record(shape, Place::Device(cost));
                    return Some(result);
                }
                Err(fault) => fault.to_owned(),
            },
            Ok((Err(error), _)) => error.to_string(),
            Err(_) => "its driver panicked".to_owned(),
        };
        {
            let mut state = self.state();
            state.faults += 1;
            if lane.policy.required && state.lost.is_none() {
                let device = lane.info.name.clone();
                state.lost = Some(DeviceLost { device, kernel: shape.kernel, detail: fault.clone() });
            }
        }
        self.record(shape, Place::Cpu(Reason::Fault(fault)));
        None
    }

    fn record(&self, shape: Shape, place: Place) {
        let mut state = self.state();
        let commitment = state.commitment;
        state.ledger.push(Entry { commitment, shape, place });
    }

    /// A panic elsewhere leaves the state consistent: every change is one statement.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work on `height` rows, a power of two.
fn shape(kernel: Kernel, height: usize, columns: usize) -> Shape {
    Shape { kernel, log_rows: height.max(1).ilog2() as usize, log_blowup: 0, columns, levels: 0 }
}
