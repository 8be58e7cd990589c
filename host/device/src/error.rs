//! What can go wrong between asking a device and having its answer.

use galena_target::frame::StatusCode;
use galena_target::{Kernel, LimitError};

/// An error of a device, of its link, or of what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The device does not have this kernel.
    #[error("device `{device}` does not have the kernel `{kernel}`")]
    KernelMissing {
        /// The device.
        device: String,
        /// The kernel.
        kernel: Kernel,
    },
    /// The job is outside the device's limits.
    #[error(transparent)]
    Limits(#[from] LimitError),
    /// The matrix does not have the length its shape says.
    #[error("kernel `{kernel}`: expected a matrix of {expected} words, found {found}")]
    MatrixLength {
        /// The kernel.
        kernel: Kernel,
        /// Rows times columns.
        expected: usize,
        /// Words given.
        found: usize,
    },
    /// The shift is zero or not below p.
    #[error("kernel `{kernel}`: expected a shift that is a field word and not zero, found {found:#010x}")]
    Shift {
        /// The kernel.
        kernel: Kernel,
        /// The shift given.
        found: u32,
    },
    /// A word of the matrix is not below p.
    #[error("kernel `{kernel}`: expected field words below p, found {found:#010x} in row {row}, column {column}")]
    NonCanonical {
        /// The kernel.
        kernel: Kernel,
        /// Row of the matrix.
        row: usize,
        /// Column of the matrix.
        column: usize,
        /// The word.
        found: u32,
    },
    /// A beat address outside the device's memory.
    #[error("kernel `read`, beat {position}: expected an address below {beats}, found {found}")]
    Address {
        /// Which of the addresses.
        position: usize,
        /// Beats of the device's memory.
        beats: usize,
        /// The address.
        found: u32,
    },
    /// The device ended the job with an error status.
    #[error(
        "kernel `{kernel}`: the device reports `{}` ({}) at frame {frame}, word {offset}{}, found {found:#010x}",
        code.name(), code.doc(), place.map(|place| format!(" ({place})")).unwrap_or_default()
    )]
    Status {
        /// The kernel.
        kernel: Kernel,
        /// The status.
        code: StatusCode,
        /// Sequence number of the frame at fault.
        frame: u32,
        /// Word of that frame's payload.
        offset: u32,
        /// The word found there.
        found: u32,
        /// Where in the matrix that word stands, if it is one of its words.
        place: Option<Place>,
    },
    /// What came back is not what the protocol allows.
    #[error(
        "kernel `{kernel}`, frame {frame}, word {offset}: {what}: expected {expected}, found {found}; the link or the device is faulty"
    )]
    Corrupt {
        /// The kernel.
        kernel: Kernel,
        /// What is wrong.
        what: Corruption,
        /// Number of the frame received.
        frame: usize,
        /// Word of the frame: of the header for header faults, of the payload for the others.
        offset: usize,
        /// What should have come.
        expected: String,
        /// What came.
        found: String,
    },
    /// Nothing moved on the link for as long as the link allows.
    #[error(
        "kernel `{kernel}`: the device went silent in frame {frame} ({waited}); sent {sent} words, received {received}"
    )]
    Silent {
        /// The kernel.
        kernel: Kernel,
        /// Number of the frame awaited.
        frame: usize,
        /// How long was waited.
        waited: String,
        /// Words sent in this job.
        sent: u64,
        /// Words received in this job.
        received: u64,
    },
    /// The device lives, but the job does not go on: heartbeats only.
    #[error(
        "kernel `{kernel}`: the device sent {heartbeats} heartbeats without taking a word or returning one; it has taken \
         {taken} of {sent} words sent, and {received} were received"
    )]
    Stalled {
        /// The kernel.
        kernel: Kernel,
        /// Heartbeats since the last progress.
        heartbeats: u64,
        /// Words of the job that the device says it has taken.
        taken: u64,
        /// Words sent in this job.
        sent: u64,
        /// Words received in this job.
        received: u64,
    },
    /// The port or card disappeared.
    #[error("kernel `{kernel}`: {path} has disappeared: was the cable pulled or the board switched off?")]
    Unplugged {
        /// The kernel.
        kernel: Kernel,
        /// The device file.
        path: String,
    },
    /// A transfer that began does not end, and the operating system cannot take it back.
    #[error("kernel `{kernel}`: the engine `{engine}` is stuck: {what}")]
    Stuck {
        /// The kernel.
        kernel: Kernel,
        /// Which engine of the driver.
        engine: &'static str,
        /// What it was doing, and what to do.
        what: String,
    },
    /// The link itself failed.
    #[error("kernel `{kernel}`: the link failed: {source}")]
    Link {
        /// The kernel.
        kernel: Kernel,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The device did not come back after an error.
    #[error("the device does not answer after {skipped} words were discarded: reset or reload it")]
    Lost {
        /// Words discarded while looking for an answer.
        skipped: u64,
    },
    /// The device is not the one this host was built for.
    #[error("device register `{register}`: this host has {expected}, the device has {found}; {advice}")]
    Mismatch {
        /// The register.
        register: &'static str,
        /// What this host knows.
        expected: String,
        /// What the device says.
        found: String,
        /// What to do about it.
        advice: String,
    },
    /// No driver for the selector.
    #[error("expected a device selector like {known}, found `{selector}`")]
    Selector {
        /// The selector given.
        selector: String,
        /// The forms there are.
        known: String,
    },
    /// The device cannot be opened.
    #[error("cannot open the device `{selector}`: {source}")]
    Open {
        /// The selector.
        selector: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A word of a job's matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A word of a matrix.
    Word {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// One of the columns that fill up the last group, and are zero.
    Padding {
        /// Its row.
        row: usize,
        /// Its group of 8 columns.
        group: usize,
    },
    /// An address of `read`.
    Address(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word { row, column } => write!(f, "row {row}, column {column}"),
            Self::Padding { row, group } => write!(f, "row {row}, padding of group {group}"),
            Self::Address(position) => write!(f, "address {position}"),
        }
    }
}

/// What of a received frame is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// The first word is not the magic.
    Magic,
    /// The header's CRC.
    HeaderCrc,
    /// The kernel in the header.
    Kernel,
    /// The job number: an answer to something else, stale or of another host.
    Job,
    /// The sequence number.
    Sequence,
    /// The frame type.
    Type,
    /// The payload length.
    Length,
    /// The payload's CRC.
    PayloadCrc,
    /// A field word that is not below p.
    NonCanonical,
    /// A column beyond the matrix that is not zero.
    Padding,
    /// A chunk that is not the next of its kind: lost, repeated, out of order, or not asked for.
    Chunk,
    /// The job ended with chunks missing.
    Missing,
    /// A status code that does not exist.
    StatusCode,
    /// A credit that is less than the one before or more than was sent.
    Credit,
    /// An `ok` before all of the job's data had been sent.
    Early,
    /// Nothing but zeros, for longer than any link fills up with.
    Filler,
}

impl std::fmt::Display for Corruption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Magic => "wrong first word of a frame",
            Self::HeaderCrc => "wrong header crc",
            Self::Kernel => "wrong kernel in a header",
            Self::Job => "wrong job number in a header",
            Self::Sequence => "wrong sequence number",
            Self::Type => "wrong frame type",
            Self::Length => "wrong payload length",
            Self::PayloadCrc => "wrong payload crc",
            Self::NonCanonical => "a field word that is not below p",
            Self::Padding => "a column that was not sent",
            Self::Chunk => "wrong chunk",
            Self::Missing => "missing chunks",
            Self::StatusCode => "unknown status code",
            Self::Credit => "impossible credit",
            Self::Early => "the job ended before its data were sent",
            Self::Filler => "endless filler",
        })
    }
}
