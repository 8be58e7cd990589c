//! The jobs of a real proof, with their right answers: recorded once, played to devices that go wrong.

use std::sync::{Arc, Mutex, PoisonError};

use galena_device::{Counters, Device, DeviceError, DeviceInfo, Job, Kernel, Limits, Output, SoftwareDevice};
use galena_target::Config;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::proof::Proof;
use super::table::Row;

/// A job that owns its data.
#[derive(Clone, Debug)]
pub struct OwnJob {
    job: Job<'static>,
    matrix: Vec<u32>,
}

impl OwnJob {
    /// A copy of `job`.
    pub fn of(job: &Job<'_>) -> Self {
        Self { job: Job { matrix: &[], ..*job }, matrix: job.matrix.to_vec() }
    }

    /// The job, to be run.
    pub fn job(&self) -> Job<'_> {
        Job { matrix: &self.matrix, ..self.job }
    }
}

/// Jobs that belong together, and their answers: mostly one; two where the second reads what the first has kept.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The jobs, in order.
    pub jobs: Vec<OwnJob>,
    answers: Vec<Output>,
}

impl Piece {
    /// Runs the jobs; whether every answer was right, or the first error.
    pub fn run(&self, device: &mut dyn Device) -> Result<bool, DeviceError> {
        let mut right = true;
        for (job, answer) in self.jobs.iter().zip(&self.answers) {
            let output = device.run(&job.job())?;
            right &= output.rows == answer.rows && output.layers == answer.layers;
        }
        Ok(right)
    }

    /// Words that go to the device, and back, if nothing goes wrong: about, for places of faults.
    pub fn words(&self) -> (u64, u64) {
        self.jobs.iter().map(|job| words(&job.job())).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }
}

/// Words of a job's frames to the device and back, credits left out.
pub fn words(job: &Job<'_>) -> (u64, u64) {
    let shape = job.shape();
    let framed = |words: usize, most: usize, overhead: usize| words + words.div_ceil(most) * overhead;
    let (data, chunks) = (shape.data_words(), 9 * shape.chunks());
    (29 + framed(data, 1024, 5) as u64, (framed(chunks, 64 * 9, 5) + 21) as u64)
}

/// The pieces of one proof.
#[derive(Clone, Debug)]
pub struct Tape {
    pieces: Vec<Piece>,
}

impl Tape {
    /// Records what `proof` asks of a device of `config` that takes tables of at most 2^`log_rows` rows, and adds a piece that keeps and
    /// reads back.
    ///
    /// # Panics
    /// If the proof fails: then there is nothing to test with.
    pub fn record(proof: &Proof, config: &Config, log_rows: usize) -> Self {
        // Without memory, every job stands for itself.
        let limits = Limits { memory_beats: 0, ..config.limits() };
        let pieces = Arc::new(Mutex::new(Vec::new()));
        let recorder = Recorder { inner: SoftwareDevice::with_limits("recorder", limits), pieces: Arc::clone(&pieces) };
        proof.on(vec![Box::new(recorder)], true, log_rows).expect("the proof that is recorded");
        let mut pieces = std::mem::take(&mut *pieces.lock().unwrap_or_else(PoisonError::into_inner));
        if config.has(Kernel::Read) {
            pieces.push(kept(config));
        }
        Self { pieces }
    }

    /// Number of pieces.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether the proof asked for nothing.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Any piece.
    pub fn pick(&self, rng: &mut ChaCha8Rng) -> &Piece {
        &self.pieces[rng.random_range(0..self.pieces.len())]
    }

    /// Any piece that a fault of `row` can strike.
    ///
    /// # Panics
    /// If there is none: no memory in the config.
    pub fn pick_for(&self, row: &Row, rng: &mut ChaCha8Rng) -> &Piece {
        let possible: Vec<&Piece> = self.pieces.iter().filter(|piece| row.concerns(piece)).collect();
        possible[rng.random_range(0..possible.len())]
    }
}

/// A commit that keeps all it computes, and a read of all of it.
fn kept(config: &Config) -> Piece {
    let columns = 11;
    let matrix: Vec<u32> = (0..columns << 4).map(|i: u32| i.wrapping_mul(0x9e37_79b9) >> 2).collect();
    let all = Job { log_blowup: 1, levels: 5, ..Job::of(Kernel::Commit, 4, columns as usize, &matrix) };
    let rows = all.shape().row_beats() as u32;
    let commit = Job { return_rows: false, keep_rows: Some(0), keep_digests: Some(rows), first_level: 4, ..all };
    let addresses: Vec<u32> = (0..rows + all.shape().digest_beats() as u32).rev().collect();
    let read = Job::of(Kernel::Read, 0, addresses.len(), &addresses);
    let mut device = SoftwareDevice::with_limits("reference", config.limits());
    let answers = [commit, read].map(|job| device.run(&job).expect("a job within the limits"));
    Piece { jobs: [commit, read].iter().map(OwnJob::of).collect(), answers: answers.to_vec() }
}

/// A device that notes what it is asked and what it answers.
struct Recorder {
    inner: SoftwareDevice,
    pieces: Arc<Mutex<Vec<Piece>>>,
}

impl Device for Recorder {
    fn info(&self) -> &DeviceInfo {
        self.inner.info()
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let output = self.inner.run(job)?;
        let answer = Output { counters: Counters::default(), ..output.clone() };
        let piece = Piece { jobs: vec![OwnJob::of(job)], answers: vec![answer] };
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
        Ok(output)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        Ok(())
    }
}
