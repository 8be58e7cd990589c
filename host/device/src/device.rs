//! The trait, and what goes in and out: a job, its output, what a device says about itself.

use crate::{DeviceError, field};
use galena_target::frame::GROUP_COLUMNS;
use galena_target::job::STATE_WORDS;
use galena_target::register::REGISTER_WORDS;
use galena_target::{FIELD_PRIME, Kernel, Limits, Search, Shape};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An opened accelerator. One job at a time; object-safe.
pub trait Device: Send {
    /// What the device is and what it accepts.
    fn info(&self) -> &DeviceInfo;

    /// Runs one job. A job outside the limits is refused before anything is sent. After an error the device is usable
    /// again: what has to be put right is put right by the next call.
    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError>;

    /// Puts a device right after an error now, by the mildest means that works, and says whether one did.
    fn recover(&mut self) -> Result<(), DeviceError>;

    /// The register map as it stands now, or `None` from a device that has none.
    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        Ok(None)
    }

    /// Bytes per second that its link can carry each way, if known: for reports.
    fn bytes_per_second(&self) -> Option<f64> {
        None
    }

    /// What ends a running job from another thread, or `None` if this device cannot be interrupted.
    fn canceller(&self) -> Option<Canceller> {
        None
    }
}

/// Ends the running job of one device from any thread. A job that has not begun is not affected.
#[derive(Clone, Debug, Default)]
pub struct Canceller(Arc<AtomicBool>);

impl Canceller {
    /// Asks for the end of the job that runs now: it ends with [`DeviceError::Status`] and the code `cancelled`, unless
    /// it was about to end anyway.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the job that runs now is to end.
    pub(crate) fn cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// A job begins: what was asked of the one before does not concern it.
    pub(crate) fn rearm(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// What a device is: its identity, its limits, its size.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeviceInfo {
    /// The selector that opens it (`cpu`, `sim:wide`).
    pub name: String,
    /// How it is reached, for people.
    pub link: String,
    /// Version of the kernel ABI.
    pub abi_version: u32,
    /// The config it was generated from, if it was generated.
    pub config: Option<String>,
    /// SHA-256 of the config's canonical text, in hex; empty if it was not generated.
    pub config_hash: String,
    /// Commit it was generated from, in hex; empty if not recorded.
    pub git_hash: String,
    /// Whether the sources differed from that commit.
    pub dirty: bool,
    /// What it accepts.
    pub limits: Limits,
    /// The kernels it has.
    pub kernels: Vec<Kernel>,
    /// Field multipliers of its transform; zero where work is not counted.
    pub lanes: u64,
    /// Field multipliers of its hasher; zero where work is not counted.
    pub hasher_multipliers: u64,
    /// Clock it was generated for, in Hz; zero where there is none.
    pub clock_hz: u32,
    /// Words of input that it stores: how far a host may run ahead of it; zero where there is no link.
    pub window: usize,
}

impl DeviceInfo {
    /// All field multipliers: the divisor of [`Counters::utilisation`].
    pub fn multipliers(&self) -> u64 {
        self.lanes + self.hasher_multipliers
    }
}

/// One piece of work. Field words are Montgomery form (R = 2^32), below p.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Which kernel.
    pub kernel: Kernel,
    /// log2 of the rows of `matrix`; zero for `read` and `grind`.
    pub log_rows: usize,
    /// log2 of the blow-up; zero for kernels that do not transform.
    pub log_blowup: usize,
    /// Coset shift, a field word that is not zero; ignored by kernels that do not transform.
    pub shift: u32,
    /// Field words, row-major, 2^log_rows rows of `columns`. For `tree`: digests, so 8 columns. For `read`: beat addresses
    /// in device memory, plain integers. For `grind`: the 16 words of the sponge, pending inputs put in.
    pub matrix: &'a [u32],
    /// Columns of `matrix`; for `read` the number of beats; for `grind` the words absorbed, the witness the last of them, 1 to 8.
    pub columns: usize,
    /// Tree levels above the leaves.
    pub levels: usize,
    /// `commit` only: whether rows come back. (`lde` always returns rows, the others never.)
    pub return_rows: bool,
    /// `commit`, `hash`, `tree`: whether digests come back. (`lde` and `read` never return any.)
    pub return_digests: bool,
    /// The lowest level whose digests come back, at most `levels`; for `tree` 0 means 1.
    pub first_level: usize,
    /// `commit` only: the beat of device memory from which its rows are kept, row 0 of group 0 first.
    pub keep_rows: Option<u32>,
    /// `commit`, `hash`, `tree`: the beat of device memory from which the digests are kept, the lowest computed level first.
    pub keep_digests: Option<u32>,
    /// `grind` only: what is searched.
    pub search: Search,
}

/// What a job computes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Rows of the extension: field words, row-major, 2^(log_rows + log_blowup) rows of `columns`, in leaf order (row j is
    /// the evaluation at shift * w^bitrev(j)). Empty if rows do not come back. For `read`: 8 words a beat, in order of the
    /// addresses asked for. For `grind`: 8 words, see [`Output::witness`].
    pub rows: Vec<u32>,
    /// Digests by level, lowest first: from `first_level` (0 is the leaves; for `tree` at least 1) to `levels`.
    pub layers: Vec<Vec<[u32; 8]>>,
    /// What the device counted.
    pub counters: Counters,
}

/// The answer of a search that found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The first candidate that passes, a field word.
    pub word: u32,
    /// The value sampled after its absorption, an integer below p whose low bits are zero.
    pub value: u32,
}

impl Witness {
    /// The words of an answer: whether there is a witness, the witness, the value, zeros.
    pub fn answer(found: Option<Self>) -> [u32; GROUP_COLUMNS] {
        let mut words = [0; GROUP_COLUMNS];
        if let Some(Self { word, value }) = found {
            words[..3].copy_from_slice(&[1, word, value]);
        }
        words
    }
}

impl Output {
    /// What a `grind` has found; `Ok(None)` if no candidate passes, `Err` if the words are no answer.
    pub fn witness(&self) -> Result<Option<Witness>, &[u32]> {
        let found = match *self.rows {
            [0, ..] => None,
            [_, word, value, ..] => Some(Witness { word, value }),
            _ => return Err(&self.rows),
        };
        if self.rows == Witness::answer(found) { Ok(found) } else { Err(&self.rows) }
    }
}

/// What was counted in one job, by the device or by the host for it. All zero where nothing is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counters {
    /// Clocks from the command's last word to the status.
    pub cycles: u64,
    /// Butterfly and scaling multiplies of the transform.
    pub transform_multiplies: u64,
    /// S-box multiplies of the hasher.
    pub hasher_multiplies: u64,
    /// Clocks the job waited for input words.
    pub stalled_in: u64,
    /// Clocks the job waited for the output link.
    pub stalled_out: u64,
    /// Permutations.
    pub permutations: u64,
    /// Words that the host put on the link for this job, frames and filler; zero where there is no link.
    pub sent_words: u64,
    /// Words that the host got from the link in this job; zero where there is no link.
    pub received_words: u64,
}

impl Counters {
    /// Useful multiplies / (multipliers * cycles), fill and drain included; `None` where nothing is counted.
    pub fn utilisation(&self, multipliers: u64) -> Option<f64> {
        let capacity = multipliers as f64 * self.cycles as f64;
        (capacity > 0.0).then(|| (self.transform_multiplies + self.hasher_multiplies) as f64 / capacity)
    }
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.cycles += other.cycles;
        self.transform_multiplies += other.transform_multiplies;
        self.hasher_multiplies += other.hasher_multiplies;
        self.stalled_in += other.stalled_in;
        self.stalled_out += other.stalled_out;
        self.permutations += other.permutations;
        self.sent_words += other.sent_words;
        self.received_words += other.received_words;
    }
}

impl<'a> Job<'a> {
    /// A job of this kernel on `matrix`: no blow-up, shift one, no levels; everything comes back and nothing is kept.
    pub fn of(kernel: Kernel, log_rows: usize, columns: usize, matrix: &'a [u32]) -> Self {
        Self {
            kernel,
            log_rows,
            log_blowup: 0,
            shift: field::ONE,
            matrix,
            columns,
            levels: 0,
            return_rows: true,
            return_digests: true,
            first_level: 0,
            keep_rows: None,
            keep_digests: None,
            search: Search::default(),
        }
    }

    /// A search for a witness: `state` is the sponge, 16 words, with the pending inputs put in, and the witness is the last of `absorbed` words.
    pub fn grind(state: &'a [u32], absorbed: usize, search: Search) -> Self {
        Self { search, ..Self::of(Kernel::Grind, 0, absorbed, state) }
    }

    /// The job without its data.
    pub fn shape(&self) -> Shape {
        Shape {
            kernel: self.kernel,
            log_rows: self.log_rows,
            log_blowup: self.log_blowup,
            columns: self.columns,
            levels: self.levels,
            return_rows: self.return_rows,
            return_digests: self.return_digests,
            first_level: self.first_level,
            keep_rows: self.keep_rows,
            keep_digests: self.keep_digests,
            search: self.search,
        }
    }

    /// The checks every device makes before it begins: kernel, limits, length, shift, and every word below p, or, for
    /// `read`, every address within the memory.
    pub fn check(&self, info: &DeviceInfo) -> Result<Shape, DeviceError> {
        let shape = self.shape();
        if !info.kernels.contains(&self.kernel) || !self.kernel.works() {
            return Err(DeviceError::KernelMissing { device: info.name.clone(), kernel: self.kernel });
        }
        info.limits.check(&shape)?;
        let columns = if self.kernel == Kernel::Grind { STATE_WORDS } else { self.columns };
        let expected = columns << shape.log_rows;
        if self.matrix.len() != expected {
            let (kernel, found) = (self.kernel, self.matrix.len());
            return Err(DeviceError::MatrixLength { kernel, expected, found });
        }
        if self.kernel.row().transforms && (self.shift == 0 || self.shift >= FIELD_PRIME) {
            return Err(DeviceError::Shift { kernel: self.kernel, found: self.shift });
        }
        let bound = if self.kernel == Kernel::Read { info.limits.memory_beats as u64 } else { FIELD_PRIME.into() };
        match self.matrix.iter().position(|&word| u64::from(word) >= bound) {
            None => Ok(shape),
            Some(position) if self.kernel == Kernel::Read => {
                let (beats, found) = (info.limits.memory_beats, self.matrix[position]);
                Err(DeviceError::Address { position, beats, found })
            }
            Some(at) => Err(DeviceError::NonCanonical {
                kernel: self.kernel,
                row: at / columns,
                column: at % columns,
                found: self.matrix[at],
            }),
        }
    }

    /// Word `at` of the data on the link: columns in groups of 8, rows in natural order within a group, zeros for the
    /// columns that the last group lacks.
    pub(crate) fn link_word(&self, at: usize) -> u32 {
        let (beat, lane) = (at / GROUP_COLUMNS, at % GROUP_COLUMNS);
        let row = beat & ((1 << self.log_rows) - 1);
        let column = (beat >> self.log_rows) * GROUP_COLUMNS + lane;
        if column < self.columns { self.matrix.get(row * self.columns + column).copied().unwrap_or(0) } else { 0 }
    }
}
