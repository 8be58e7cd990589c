//! A device at the other end of a link: one job at a time, as far ahead as its credit goes.

use super::collect::{self, Collector};
use super::receive::{Payload, Reader};
use super::send::{Outbox, Sender};
use super::{Transport, identity};
use crate::{Canceller, Corruption, Counters, Device, DeviceError, DeviceInfo, Job, Output};
use galena_target::frame::{ANY_JOB, CHUNK_WORDS, HEARTBEAT_CLOCKS, STATUS_WORDS};
use galena_target::kernel::PERMUTATION_MULTIPLIES;
use galena_target::register::REGISTER_WORDS;
use galena_target::{ABI_VERSION, Kernel, Limits, Register, Shape};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Words that every device stores: the window until it has said its own.
const WINDOW_MIN: usize = 1 << 11;

/// Heartbeats without progress beyond what the device's own watchdog allows, before the host gives up.
const PATIENCE: u64 = 64;

/// Largest watchdog of a config: what a device is granted until it has said its own.
const WATCHDOG_MAX: u32 = 28;

/// A device at the other end of a transport.
pub struct LinkDevice<T> {
    pub(super) transport: T,
    pub(super) info: DeviceInfo,
    pub(super) rx: Vec<u32>,
    /// Set while a job is under way: if it is still set when the next begins, the two sides have lost each other.
    pub(super) lost: bool,
    /// Words that an interrupted job may still send.
    pub(super) outstanding: u64,
    /// Number of the last job. The first is random: two hosts, or two runs, do not take each other's answers for theirs.
    number: u16,
    /// Heartbeats without progress that are waited for.
    pub(super) patience: u64,
    canceller: Canceller,
}

impl<T: Transport> LinkDevice<T> {
    /// Asks the device who it is and refuses one that this host does not know by the name of the register that differs.
    pub fn open(name: &str, transport: T) -> Result<Self, DeviceError> {
        let limits = Limits { log_rows_min: 0, log_rows_max: 0, log_blowup_max: 0, columns_max: 0, memory_beats: 0 };
        let info = DeviceInfo {
            name: name.into(),
            link: transport.describe(),
            abi_version: ABI_VERSION,
            config: None,
            config_hash: String::new(),
            git_hash: String::new(),
            dirty: false,
            limits,
            kernels: vec![],
            lanes: 0,
            hasher_multipliers: 0,
            clock_hz: 0,
            window: WINDOW_MIN,
        };
        // Keys of the standard hasher are random; nothing that comes out of a job depends on them.
        let number = (RandomState::new().build_hasher().finish() % u64::from(ANY_JOB)) as u16;
        let (canceller, patience) = (Canceller::default(), heartbeats_granted(WATCHDOG_MAX));
        let rx = vec![];
        let mut device = Self { transport, info, rx, lost: false, outstanding: 0, number, patience, canceller };
        let map = match device.ask_registers() {
            // A device left in the middle of a job by another host answers with something else first.
            Err(
                DeviceError::Corrupt { .. }
                | DeviceError::Status { .. }
                | DeviceError::Silent { .. }
                | DeviceError::Stalled { .. },
            ) => device.resynchronise()?,
            answer => answer?,
        };
        identity::identify(&mut device.info, &map)?;
        device.patience = heartbeats_granted(Register::Watchdog.word(&map));
        device.transport.identified(&device.info);
        Ok(device)
    }

    /// The register map as it stands now: identity, limits, running totals. A device that is no longer the one that was
    /// opened is a mismatch.
    pub fn registers(&mut self) -> Result<[u32; REGISTER_WORDS], DeviceError> {
        let map = self.ask_registers()?;
        // Nothing is asked of another device until the right one answers.
        self.lost = true;
        identity::same(&self.info, &map)?;
        self.lost = false;
        Ok(map)
    }

    /// Changes the rate of a serial device to so many clocks per bit. It does so after its answer has left: the caller then
    /// changes its own side and calls [`LinkDevice::registers`], or the device goes back to its base rate.
    pub fn rate(&mut self, divisor: u32) -> Result<(), DeviceError> {
        self.begin(0)?;
        let mut sender = Sender::rate(divisor, self.next_number());
        self.converse(&mut sender, None, |_, _| Ok(())).map(drop)
    }

    /// The transport, for what it alone knows (a simulation's clock).
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport, to be changed: a serial port's rate, a test's faults.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    fn ask_registers(&mut self) -> Result<[u32; REGISTER_WORDS], DeviceError> {
        self.begin(0)?;
        let mut sender = Sender::identify(self.next_number());
        let mut map = None;
        let (_, frames) = self.converse(&mut sender, None, |_, payload| {
            if let Payload::Registers(words) = payload {
                map = Some(*words);
            }
            Ok(())
        })?;
        map.ok_or_else(|| DeviceError::Corrupt {
            kernel: Kernel::Identify,
            what: Corruption::Missing,
            frame: frames.saturating_sub(1),
            offset: 0,
            expected: "one registers frame".into(),
            found: "none".into(),
        })
    }

    /// The number of the job that begins.
    pub(super) fn next_number(&mut self) -> u16 {
        self.number = if self.number >= ANY_JOB - 1 { 0 } else { self.number + 1 };
        self.number
    }

    fn begin(&mut self, chunks: usize) -> Result<(), DeviceError> {
        // Words after the last status that are no filler belong to nothing: something was sent twice.
        if self.lost || self.rx.iter().any(|&word| word != 0) {
            self.resynchronise()?;
        }
        self.rx.clear();
        self.canceller.rearm();
        self.lost = true;
        self.outstanding = (chunks * (CHUNK_WORDS + 1) + 2 * STATUS_WORDS) as u64;
        Ok(())
    }

    /// One job: sends the frames of `sender` as far as there is credit, hands every payload but credits to `take` with the
    /// number of its frame, ends with the status. Returns the counters and the number of frames. Clears `lost` when the
    /// device has said its last word and is known to wait for a command.
    fn converse(
        &mut self,
        sender: &mut Sender<'_>,
        shape: Option<&Shape>,
        mut take: impl FnMut(usize, Payload<'_>) -> Result<(), DeviceError>,
    ) -> Result<(Counters, usize), DeviceError> {
        let kernel = sender.kernel();
        let unit = self.transport.unit();
        let mut reader = Reader::new(kernel, sender.number());
        let mut outbox = Outbox::default();
        let mut credit = Credit { window: self.info.window as u64, ..Credit::default() };
        let (mut received, mut heartbeats, mut cancelling) = (0, 0, false);
        let searching = shape.map_or(0, |shape| heartbeats_of(shape, self.info.hasher_multipliers));
        loop {
            outbox.fill(sender, self.info.window, unit);
            // Not before its command has begun: a cancel for a job that is not there is ignored.
            if !cancelling && credit.sent > 0 && self.canceller.cancelled() {
                cancelling = true;
                outbox.cancel(sender, unit);
            }
            let before = self.rx.len();
            let want = reader.wanted().saturating_sub(before);
            let offer = outbox.offer(credit.room(), unit);
            let moved = self.transport.exchange(offer, &mut self.rx, want);
            received += self.rx.len().saturating_sub(before) as u64;
            let moved = moved.map_err(|e| e.in_job(kernel, reader.frames(), credit.sent, received))?.min(offer.len());
            outbox.took(moved);
            credit.sent += moved as u64;
            loop {
                let frame = reader.frames();
                let Some(payload) = reader.next(&mut self.rx)? else { break };
                match payload {
                    Payload::Credit(word) => match credit.report(word) {
                        Some(0) => heartbeats += 1,
                        Some(_) => heartbeats = 0,
                        None => {
                            return Err(DeviceError::Corrupt {
                                kernel,
                                what: Corruption::Credit,
                                frame,
                                offset: 0,
                                expected: format!("from {} to {}", credit.taken, credit.sent),
                                found: word.to_string(),
                            });
                        }
                    },
                    Payload::Status(words) => {
                        let result = collect::status(sender, frame, words, shape);
                        // Whatever the status says, the device is through with this job.
                        self.lost = !matches!(result, Ok(_) | Err(DeviceError::Status { .. }));
                        let mut counters = result?;
                        if !cancelling && let Some(early) = self.early(frame, sender, &outbox) {
                            return Err(early);
                        }
                        (counters.sent_words, counters.received_words) = (credit.sent, received);
                        return Ok((counters, frame + 1));
                    }
                    other => {
                        take(frame, other)?;
                        heartbeats = 0;
                    }
                }
            }
            if heartbeats > self.patience + searching {
                let (taken, sent) = (credit.taken, credit.sent);
                return Err(DeviceError::Stalled { kernel, heartbeats, taken, sent, received });
            }
        }
    }

    /// The error of an `ok` that came before all data had been sent.
    fn early(&mut self, frame: usize, sender: &Sender<'_>, outbox: &Outbox) -> Option<DeviceError> {
        let (made, words) = sender.progress();
        (made < words || outbox.in_frame()).then(|| {
            self.lost = true;
            DeviceError::Corrupt {
                kernel: sender.kernel(),
                what: Corruption::Early,
                frame,
                offset: 0,
                expected: format!("an error, or `ok` after {words} words of data"),
                found: "`ok`".into(),
            }
        })
    }
}

/// How many heartbeats without progress a device with this watchdog is granted.
fn heartbeats_granted(watchdog: u32) -> u64 {
    (1 << watchdog.clamp(HEARTBEAT_CLOCKS.ilog2(), WATCHDOG_MAX).saturating_sub(HEARTBEAT_CLOCKS.ilog2())) + PATIENCE
}

/// Heartbeats of a search: it takes no word and returns none until it ends, and its end is known. Twice the clocks that its candidates take
/// on that many multipliers.
fn heartbeats_of(shape: &Shape, multipliers: u64) -> u64 {
    let candidates = if shape.kernel == Kernel::Grind { u64::from(shape.search.candidates) } else { 0 };
    2 * candidates * PERMUTATION_MULTIPLIES / multipliers.max(1) / u64::from(HEARTBEAT_CLOCKS)
}

/// How far the host may run ahead of the device, in words since the command's first.
#[derive(Default)]
struct Credit {
    window: u64,
    taken: u64,
    sent: u64,
}

impl Credit {
    /// Words that may be sent now.
    fn room(&self) -> usize {
        usize::try_from((self.taken + self.window).saturating_sub(self.sent)).unwrap_or(usize::MAX)
    }

    /// Takes a report of the device; returns how many words it has taken since the last, or nothing if that cannot be.
    fn report(&mut self, word: u32) -> Option<u64> {
        // A total modulo 2^32: one that is less than the last looks like very many more.
        let more = u64::from(word.wrapping_sub(self.taken as u32));
        (self.taken + more <= self.sent).then(|| {
            self.taken += more;
            more
        })
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
        let mut sender = Sender::new(job, &shape, self.next_number());
        let (counters, frames) = self.converse(&mut sender, Some(&shape), |frame, payload| match payload {
            Payload::Chunks(words) => collector.take(frame, words),
            _ => Ok(()),
        })?;
        collector.finish(frames, counters)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        let Err(error) = self.resynchronise() else { return Ok(()) };
        let reset = self.transport.reset();
        match reset.map_err(|e| e.in_job(Kernel::Identify, 0, 0, 0))? {
            true => self.resynchronise().map(drop),
            false => Err(error),
        }
    }

    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        LinkDevice::registers(self).map(Some)
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.transport.bytes_per_second()
    }

    fn canceller(&self) -> Option<Canceller> {
        Some(self.canceller.clone())
    }
}
