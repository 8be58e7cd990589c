//! The ledger: which part of which commitment was computed where, in what shape, what went wrong on the way, and why not
//! on a device when it was not.

use galena_device::{Counters, Kernel};
use serde::Serialize;

/// A commitment of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Commitment {
    /// The preprocessed columns: program, image, tables.
    Preprocessed,
    /// The trace columns.
    Main,
    /// The running sums of the buses.
    Logup,
    /// The quotient chunks.
    Quotient,
    /// A layer of the low-degree test, counted from 0.
    FriLayer(usize),
    /// No commitment: the proof of work before the opening and the queries.
    Grinding,
}

impl std::fmt::Display for Commitment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Preprocessed => f.pad("preprocessed"),
            Self::Main => f.pad("main"),
            Self::Logup => f.pad("logup"),
            Self::Quotient => f.pad("quotient"),
            Self::FriLayer(k) => f.pad(&format!("fri layer {k}")),
            Self::Grinding => f.pad("grinding"),
        }
    }
}

/// The shape of one kernel call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shape {
    /// The kernel.
    pub kernel: Kernel,
    /// log2 of the rows that go in; of a search the bits of work, log2 of the candidates that are expected to be tried.
    pub log_rows: usize,
    /// log2 of the blow-up: 0 where nothing is extended.
    pub log_blowup: usize,
    /// Columns of all matrices together; of a search the words absorbed with the witness.
    pub columns: usize,
    /// Levels of tree above the row digests.
    pub levels: usize,
}

/// Why a kernel call was computed on the CPU.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "detail")]
pub enum Reason {
    /// There is no device.
    NoDevice,
    /// It is outside what the device takes.
    Limits(Limit),
    /// Devices failed, or answered something false: what happened last. The part was recomputed on the CPU.
    Fault(String),
}

/// A quantity outside what a device takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Limit {
    /// `log_rows`, `log_blowup`, `columns`, `levels`, `bits`, or the `kernel`, when the device does not have it (then all numbers are zero).
    pub quantity: &'static str,
    /// Least value.
    pub least: usize,
    /// Greatest value.
    pub most: usize,
    /// The value.
    pub found: usize,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { quantity, least, most, found } = self;
        match (*quantity, found < least) {
            ("kernel", _) => f.write_str("no such kernel"),
            ("log_rows", true) => write!(f, "below 2^{least} rows"),
            ("log_rows", false) => write!(f, "above 2^{most} rows"),
            ("bits", false) => write!(f, "above {most} bits of work"),
            ("columns", false) => write!(f, "above {most} columns"),
            _ => write!(f, "{quantity} {found}, {least} to {most} taken"),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoDevice => f.write_str("no device"),
            Self::Limits(limit) => limit.fmt(f),
            Self::Fault(detail) => write!(f, "device fault: {detail}"),
        }
    }
}

/// What jobs cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Jobs.
    pub jobs: u64,
    /// What the device counted.
    #[serde(flatten)]
    pub counters: Counters,
    /// Wall seconds between submission and answer, the wait for other jobs not included.
    pub wall_seconds: f64,
    /// CPU seconds of the thread that drives the device: for a simulated device, the cost of simulating it.
    pub cpu_seconds: f64,
    /// Jobs that were tried a second time after a passing fault.
    pub retries: u64,
    /// CPU seconds spent on checking the answers.
    pub check_cpu_seconds: f64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.jobs += other.jobs;
        self.counters += other.counters;
        self.wall_seconds += other.wall_seconds;
        self.cpu_seconds += other.cpu_seconds;
        self.retries += other.retries;
        self.check_cpu_seconds += other.check_cpu_seconds;
    }
}

/// Which part of a kernel call: the `index`-th of `of`. A call that was not cut is part 0 of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Part {
    /// Which.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl Part {
    /// A call that was not cut.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

/// Something that went wrong with a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Which device: its place in the report's list.
    pub device: usize,
    /// What happened.
    pub detail: String,
    /// What was done about it.
    pub then: Then,
}

/// What became of work that failed on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The same device was brought back and did it at the second try.
    Retried,
    /// It went to another device, or to the CPU where there was none left.
    Moved,
}

impl std::fmt::Display for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Retried => "retried",
            Self::Moved => "moved on",
        })
    }
}

/// Where a kernel call was computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "on")]
pub enum Place {
    /// On a device.
    Device {
        /// Which: its place in the report's list.
        device: usize,
        /// What it cost, second tries included.
        #[serde(flatten)]
        cost: Cost,
    },
    /// On the CPU.
    Cpu(Reason),
}

/// One line of the ledger: one kernel call, or a part of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The commitment it belongs to.
    pub commitment: Commitment,
    /// Its shape, as computed: of the part.
    #[serde(flatten)]
    pub shape: Shape,
    /// Which part of the call.
    pub part: Part,
    /// Where it was computed at last.
    #[serde(flatten)]
    pub place: Place,
    /// What went wrong before, in order.
    pub faults: Vec<Fault>,
}

impl Entry {
    /// What went wrong with a device, if something did: what happened last.
    pub fn fault(&self) -> Option<&str> {
        match (self.faults.last(), &self.place) {
            (Some(fault), _) => Some(&fault.detail),
            (None, Place::Cpu(Reason::Fault(detail))) => Some(detail),
            _ => None,
        }
    }

    /// What a device spent on it.
    pub fn cost(&self) -> Option<Cost> {
        match self.place {
            Place::Device { cost, .. } => Some(cost),
            Place::Cpu(_) => None,
        }
    }

    /// Bytes of the rows that a device committed to: as they were before the extension in a fused job, else as hashed.
    pub fn committed_bytes(&self) -> u64 {
        match (self.shape.kernel, self.cost()) {
            (Kernel::Commit | Kernel::Hash, Some(_)) => (4 * self.shape.columns as u64) << self.shape.log_rows,
            _ => 0,
        }
    }

    /// The order of a report: by commitment, then by kernel and shape. Parallel phases submit in any order.
    pub(crate) fn order(&self) -> (Commitment, Shape, Part) {
        (self.commitment, self.shape, self.part)
    }
}

/// What was done for one commitment: a summary for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Which. All layers of the low-degree test are one share.
    pub commitment: Commitment,
    /// What devices did, and its cost.
    pub device: Cost,
    /// Parts of calls that were cut, done by devices.
    pub parts: u64,
    /// Faults of devices, whatever became of the work.
    pub faults: usize,
    /// Bytes of the rows that devices committed to: as they were before the extension where that was fused with the
    /// hashing, and as they were hashed where not.
    pub committed_bytes: u64,
    /// Kernel calls computed on the CPU, by the reason, in the order of their first appearance.
    pub cpu: Vec<(Reason, usize)>,
}

impl Share {
    /// Bytes on the link, both ways, for a byte committed. `None` where there is no link, or nothing was committed.
    pub fn link_bytes_per_byte(&self) -> Option<f64> {
        let Counters { sent_words, received_words, .. } = self.device.counters;
        let link_bytes = 4 * (sent_words + received_words);
        (link_bytes > 0 && self.committed_bytes > 0).then(|| link_bytes as f64 / self.committed_bytes as f64)
    }
}

/// The shares of a ledger, in the order of the proof.
pub fn shares(entries: &[Entry]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for entry in entries {
        let commitment = match entry.commitment {
            Commitment::FriLayer(_) => Commitment::FriLayer(0),
            other => other,
        };
        if shares.last().is_none_or(|share| share.commitment != commitment) {
            shares.push(Share {
                commitment,
                device: Cost::default(),
                parts: 0,
                faults: 0,
                committed_bytes: 0,
                cpu: Vec::new(),
            });
        }
        let Some(share) = shares.last_mut() else { continue };
        share.faults += entry.faults.len();
        share.parts += u64::from(entry.part.of > 1 && entry.cost().is_some());
        share.committed_bytes += entry.committed_bytes();
        match &entry.place {
            Place::Device { cost, .. } => share.device += *cost,
            Place::Cpu(reason) => {
                // One line for all heights beyond one limit.
                let told = reason.to_string();
                match share.cpu.iter_mut().find(|(known, _)| known.to_string() == told) {
                    Some((_, times)) => *times += 1,
                    None => share.cpu.push((reason.clone(), 1)),
                }
            }
        }
    }
    shares
}
