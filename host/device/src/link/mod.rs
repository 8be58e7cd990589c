//! The link protocol of `ABI.md`, spoken by a host over any [`Transport`].
//!
//! Nothing received is trusted: every header, job number, CRC, sequence number, word and chunk is checked, and what does not
//! fit is a typed error that says where. Sending and receiving overlap; credit alone says how far the host may run ahead.

mod capture;
mod collect;
mod device;
mod faulty;
mod frame;
mod identity;
mod receive;
mod replay;
mod resynchronise;
mod send;

use crate::{DeviceError, DeviceInfo, Kernel};

pub use capture::{Capture, CaptureError, Recorded, Recorder};
pub use device::LinkDevice;
pub use faulty::{FAULTS, Fault, FaultRow, Faulty, Way};
pub use frame::{Header, append as append_frame, crc};
pub(crate) use identity::{identify, same as same_device};
pub use replay::{Difference, ReplayError, Replayed, replay};

/// Why a transport gave up.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Nothing moved in either direction for as long as the transport allows.
    #[error("nothing moved for {waited}")]
    Silent {
        /// How long, in the transport's own measure.
        waited: String,
    },
    /// The port or card disappeared.
    #[error("{path} has disappeared")]
    Unplugged {
        /// The device file.
        path: String,
    },
    /// A transfer that began does not end, and the operating system cannot take it back.
    #[error("the engine `{engine}` is stuck: {what}")]
    Stuck {
        /// Which engine of the driver.
        engine: &'static str,
        /// What it was doing, and what to do.
        what: String,
    },
    /// The link itself failed.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl TransportError {
    /// What this means for a job of which so many frames were received, and so many words sent and received.
    fn in_job(self, kernel: Kernel, frame: usize, sent: u64, received: u64) -> DeviceError {
        match self {
            Self::Silent { waited } => DeviceError::Silent { kernel, frame, waited, sent, received },
            Self::Unplugged { path } => DeviceError::Unplugged { kernel, path },
            Self::Stuck { engine, what } => DeviceError::Stuck { kernel, engine, what },
            Self::Failed(source) => DeviceError::Link { kernel, source },
        }
    }
}

/// A full-duplex stream of words to a device and back.
pub trait Transport: Send {
    /// Sends `tx` and appends what arrives to `rx`, at once, until `want` words have arrived, or all of a non-empty `tx` is
    /// taken. Gives up when nothing moves either way for its deadline. Returns the number of words taken from `tx`.
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError>;

    /// How the device is reached, for people.
    fn describe(&self) -> String;

    /// Resets the device by the link's own means (a break, the BAR, the simulation's `rst`) and reopens the port if it must;
    /// false if there are none.
    fn reset(&mut self) -> Result<bool, TransportError> {
        Ok(false)
    }

    /// Words that transfers should be multiples of; the sender pads with filler before it waits. 1: none.
    fn unit(&self) -> usize {
        1
    }

    /// Bytes per second that the link can do each way, if known: for reports.
    fn bytes_per_second(&self) -> Option<f64> {
        None
    }

    /// The host is about to look for frames in whatever arrives (true), or has found its place in the stream again (false).
    /// A link of bytes finds the word boundary anew while it is searching.
    fn searching(&mut self, _searching: bool) {}

    /// The device at the other end has said who it is: for a link that keeps notes.
    fn identified(&mut self, _info: &DeviceInfo) {}
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        (**self).exchange(tx, rx, want)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        (**self).reset()
    }

    fn unit(&self) -> usize {
        (**self).unit()
    }

    fn bytes_per_second(&self) -> Option<f64> {
        (**self).bytes_per_second()
    }

    fn searching(&mut self, searching: bool) {
        (**self).searching(searching);
    }

    fn identified(&mut self, info: &DeviceInfo) {
        (**self).identified(info);
    }
}

#[cfg(test)]
mod tests;
