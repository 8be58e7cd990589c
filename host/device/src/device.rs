//! The trait, and what goes in and out: a job, its output, what a device says about itself.

use crate::DeviceError;
use galena_target::frame::GROUP_COLUMNS;
use galena_target::{FIELD_PRIME, Kernel, Limits, Shape};

/// An opened accelerator. One job at a time; object-safe.
pub trait Device: Send {
    /// What the device is and what it accepts.
    fn info(&self) -> &DeviceInfo;

    /// Runs one job. A job outside the limits is refused before anything is sent. After an error the device is usable
    /// again: what has to be put right is put right by the next call.
    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError>;

    /// Puts a device right after an error now, and says whether that worked.
    fn recover(&mut self) -> Result<(), DeviceError>;
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
    /// log2 of the rows of `matrix`.
    pub log_rows: usize,
    /// log2 of the blow-up; zero for `hash` and `tree`.
    pub log_blowup: usize,
    /// Coset shift, a field word that is not zero; ignored by kernels that do not transform.
    pub shift: u32,
    /// Field words, row-major, 2^log_rows rows of `columns`. For `tree`: digests, so 8 columns.
    pub matrix: &'a [u32],
    /// Columns of `matrix`.
    pub columns: usize,
    /// Tree levels above the leaves.
    pub levels: usize,
    /// `commit` only: whether rows come back. (`lde` always returns rows, the others never.)
    pub return_rows: bool,
    /// `commit` only: whether digests come back. (`hash` and `tree` always return digests, `lde` never.)
    pub return_digests: bool,
}

/// What a job computes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Rows of the extension: field words, row-major, 2^(log_rows + log_blowup) rows of `columns`, in leaf order (row j is
    /// the evaluation at shift * w^bitrev(j)). Empty if rows do not come back.
    pub rows: Vec<u32>,
    /// Digests by level, lowest first: the leaves (level 0) and upwards; for `tree`, level 1 and upwards.
    pub layers: Vec<Vec<[u32; 8]>>,
    /// What the device counted.
    pub counters: Counters,
}

/// What a device counted in one job. All zero where nothing is counted.
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
    }
}

impl Job<'_> {
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
        }
    }

    /// The checks every device makes before it begins: kernel, limits, length, shift, and every word below p.
    pub fn check(&self, info: &DeviceInfo) -> Result<Shape, DeviceError> {
        let shape = self.shape();
        if !info.kernels.contains(&self.kernel) || self.kernel == Kernel::Identify {
            return Err(DeviceError::KernelMissing { device: info.name.clone(), kernel: self.kernel });
        }
        info.limits.check(&shape)?;
        let expected = self.columns << self.log_rows;
        if self.matrix.len() != expected {
            let (kernel, found) = (self.kernel, self.matrix.len());
            return Err(DeviceError::MatrixLength { kernel, expected, found });
        }
        if self.kernel.row().transforms && (self.shift == 0 || self.shift >= FIELD_PRIME) {
            return Err(DeviceError::Shift { kernel: self.kernel, found: self.shift });
        }
        match self.matrix.iter().position(|&word| word >= FIELD_PRIME) {
            None => Ok(shape),
            Some(at) => Err(DeviceError::NonCanonical {
                kernel: self.kernel,
                row: at / self.columns,
                column: at % self.columns,
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
