//! The link protocol of `ABI.md`, spoken by a host over any [`Transport`].
//!
//! Nothing received is trusted: every header, CRC, sequence number, word and chunk is checked, and what does not fit is a
//! typed error that says where. Sending and receiving overlap, so that full buffers on either side cannot wedge the two.

mod faulty;
mod receive;
mod send;

use crate::{Counters, Device, DeviceError, DeviceInfo, Job, Output};
use galena_target::frame::{CHUNK_WORDS, HEADER_WORDS, RECOVERY_WORDS, STATUS_WORDS};
use galena_target::register::{REGISTER_WORDS, hash_words, register_map};
use galena_target::{ABI_VERSION, CONFIGS, KERNELS, Kernel, Limits, REGISTERS, Register};
use receive::{Collector, Payload, Reader};
use send::Sender;

pub use faulty::{Fault, Faulty, Way};
pub(crate) use send::{append as append_frame, crc};

/// Words kept ready for the transport: enough that a fast link never waits for the host.
const SEND_AHEAD: usize = 16 * 1024;

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

/// A device at the other end of a transport.
pub struct LinkDevice<T> {
    transport: T,
    info: DeviceInfo,
    rx: Vec<u32>,
    /// Set while a job is under way: if it is still set when the next begins, the two sides have lost each other.
    lost: bool,
    /// Words that an interrupted job may still send.
    outstanding: usize,
}

impl<T: Transport> LinkDevice<T> {
    /// Asks the device who it is and refuses one that this host does not know by the name of the register that differs.
    pub fn open(name: &str, transport: T) -> Result<Self, DeviceError> {
        let info = DeviceInfo {
            name: name.into(),
            link: transport.describe(),
            abi_version: ABI_VERSION,
            config: None,
            config_hash: String::new(),
            git_hash: String::new(),
            dirty: false,
            limits: Limits { log_rows_min: 0, log_rows_max: 0, log_blowup_max: 0, columns_max: 0, memory_beats: 0 },
            kernels: vec![],
            lanes: 0,
            hasher_multipliers: 0,
            clock_hz: 0,
            window: 0,
        };
        let mut device = Self { transport, info, rx: vec![], lost: false, outstanding: 0 };
        let map = match device.registers() {
            Ok(map) => map,
            // A device left in the middle of a job by another host answers with something else first.
            Err(_) => device.resynchronise()?,
        };
        identify(&mut device.info, &map)?;
        Ok(device)
    }

    /// The register map as it stands now: identity, limits, and the counters of jobs and errors.
    pub fn registers(&mut self) -> Result<[u32; REGISTER_WORDS], DeviceError> {
        self.begin(0)?;
        let mut sender = Sender::identify();
        let mut map = None;
        self.converse(Kernel::Identify, &mut sender, usize::MAX, |payload| {
            if let Payload::Registers(words) = payload {
                map = Some(words);
            }
            Ok(usize::MAX)
        })?;
        map.ok_or_else(|| receive::missing(Kernel::Identify, "one registers frame", "none"))
    }

    /// The transport, for what it alone knows (a simulation's clock).
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport, to be changed: for tests that plan faults.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    fn begin(&mut self, chunks: usize) -> Result<(), DeviceError> {
        // Words after the last status belong to nothing: something was sent twice.
        if self.lost || !self.rx.is_empty() {
            self.resynchronise()?;
        }
        (self.lost, self.outstanding) = (true, chunks * (CHUNK_WORDS + HEADER_WORDS + 1) + 2 * STATUS_WORDS);
        Ok(())
    }

    /// One job: sends all frames of `sender`, hands every payload to `take`, ends with the status. No more than `allowed` words
    /// are sent until `take` allows more. Clears `lost` when the device has said its last word and is known to wait for a
    /// command.
    fn converse(
        &mut self,
        kernel: Kernel,
        sender: &mut Sender<'_>,
        mut allowed: usize,
        mut take: impl FnMut(Payload<'_>) -> Result<usize, DeviceError>,
    ) -> Result<Counters, DeviceError> {
        let mut reader = Reader::new(kernel);
        let (mut tx, mut sent, mut total) = (vec![], 0, (0u64, 0u64));
        loop {
            if sent == tx.len() {
                tx.clear();
                sent = 0;
            }
            while tx.len() < SEND_AHEAD && sender.frame(&mut tx) {}
            let before = self.rx.len();
            let want = reader.wanted().saturating_sub(before);
            let room = allowed.saturating_sub(total.0 as usize).min(tx.len() - sent);
            let moved = self.transport.exchange(&tx[sent..sent + room], &mut self.rx, want).map_err(|e| failure(e, kernel, reader.frames(), total))?;
            sent = (sent + moved).min(tx.len());
            total = (total.0 + moved as u64, total.1 + (self.rx.len().saturating_sub(before)) as u64);
            while let Some(payload) = reader.next(&mut self.rx)? {
                if let Payload::Status(words) = payload {
                    let counters = receive::status(kernel, &words, reader.frames());
                    // Whatever the status says, the device is through with this job.
                    self.lost = !matches!(counters, Ok(_) | Err(DeviceError::Status { .. }));
                    return counters;
                }
                allowed = take(payload)?;
            }
        }
    }

    /// Brings both sides back to the beginning: ends whatever frame the device is in, asks for the registers, and throws
    /// away everything that comes before them.
    fn resynchronise(&mut self) -> Result<[u32; REGISTER_WORDS], DeviceError> {
        self.lost = true;
        self.rx.clear();
        let mut skipped = 0;
        // A serial line may lose the question while the device is still busy with an old job: then it is asked again.
        for _ in 0..2 {
            if let Some(map) = self.search_registers(&mut skipped)? {
                self.lost = false;
                return Ok(map);
            }
        }
        Err(DeviceError::Lost { skipped })
    }

    fn search_registers(&mut self, skipped: &mut u64) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        let mut tx = vec![0; RECOVERY_WORDS];
        Sender::identify().frame(&mut tx);
        let mut sent = 0;
        let limit = *skipped + (2 * self.outstanding + 65_536) as u64;
        loop {
            if let Some(map) = receive::find_registers(&mut self.rx, skipped) {
                return Ok(Some(map));
            }
            let want = receive::REGISTERS_FRAME_WORDS.saturating_sub(self.rx.len()).max(1);
            match self.transport.exchange(&tx[sent..], &mut self.rx, want) {
                Ok(moved) if *skipped <= limit => sent = (sent + moved).min(tx.len()),
                Ok(_) | Err(TransportError::Silent { .. }) => return Ok(None),
                Err(e) => return Err(failure(e, Kernel::Identify, 0, (0, 0))),
            }
        }
    }
}

impl<T: Transport> Device for LinkDevice<T> {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let shape = job.check(&self.info)?;
        self.begin(shape.chunks())?;
        let mut collector = Collector::new(job, shape);
        let mut sender = Sender::new(job, &shape);
        let counters = self.converse(job.kernel, &mut sender, usize::MAX, |payload| {
            if let Payload::Chunks(words) = payload {
                collector.take(words)?;
            }
            Ok(usize::MAX)
        })?;
        collector.finish(counters)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        self.resynchronise().map(drop)
    }
}

/// What a link's failure means for a job of which so many frames were received, and so many words sent and received.
fn failure(error: TransportError, kernel: Kernel, frame: usize, (sent, received): (u64, u64)) -> DeviceError {
    match error {
        TransportError::Silent { waited } => DeviceError::Silent { kernel, frame, waited, sent, received },
        TransportError::Unplugged { path } => DeviceError::Unplugged { kernel, path },
        TransportError::Stuck { engine, what } => DeviceError::Stuck { kernel, engine, what },
        TransportError::Failed(source) => DeviceError::Link { kernel, source },
    }
}

/// Reads the register map into `info`, or names the register that this host does not agree with.
fn identify(info: &mut DeviceInfo, map: &[u32; REGISTER_WORDS]) -> Result<(), DeviceError> {
    let hex = |words: &[u32]| words.iter().map(|w| format!("{w:08x}")).collect::<String>();
    let mismatch = |register: Register, expected: String, found: String| {
        Err(DeviceError::Mismatch { register: register.row().name, expected, found, advice: String::new() })
    };
    for (register, expected) in [(Register::Magic, galena_target::register::MAGIC), (Register::AbiVersion, ABI_VERSION)]
    {
        let found = register.word(map);
        if found != expected {
            return mismatch(register, format!("{expected:#x}"), format!("{found:#x}"));
        }
    }
    let hash = hex(Register::ConfigHash.of(map));
    let Some(config) = CONFIGS.iter().find(|c| hex(&hash_words(&c.config_hash())) == hash) else {
        let known = CONFIGS.iter().map(|c| format!("that of `{}`", c.name)).collect::<Vec<_>>().join(" or ");
        return mismatch(Register::ConfigHash, known, hash);
    };
    let known = register_map(config);
    for row in REGISTERS.iter().filter(|row| row.register.fixed()) {
        let (expected, found) = (row.register.of(&known), row.register.of(map));
        if expected != found {
            return mismatch(row.register, hex(expected), hex(found));
        }
    }
    let git = Register::GitHash.of(map);
    info.config = Some(config.name.to_string());
    info.config_hash = hash;
    info.git_hash = if git.iter().all(|&w| w == 0) { String::new() } else { hex(git) };
    info.dirty = Register::Dirty.word(map) != 0;
    info.limits = config.limits();
    let kernels = Register::Kernels.word(map);
    info.kernels = KERNELS.iter().map(|row| row.kernel).filter(|kernel| kernels & kernel.bit() != 0).collect();
    info.lanes = config.lanes as u64;
    info.hasher_multipliers = config.multipliers as u64;
    info.clock_hz = config.clock_hz;
    info.window = config.window;
    Ok(())
}

#[cfg(test)]
mod tests;
