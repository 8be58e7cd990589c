//! Words over the XDMA engines: each direction in its own thread, every wait with a deadline.

use super::cards::Card;
use super::engines::{ALL_ONES, Access, Engines, Report, TRANSFER_MAX};
use super::error::{BAR, C2H, Engine, H2C, Meaning, RELOAD, XdmaError, failed, gone, meaning, stuck};
use crate::link::{Transport, TransportError};
use galena_target::register::{MAGIC, REGISTER_WORDS};
use galena_target::xdma::{ShellRegister, map_address};
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for packets in one go: how late a failing link is noticed at most.
const LOOK: Duration = Duration::from_millis(20);
/// Longest wait for what the registers say about an engine that is stuck.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Bytes of the longest packet of any config; a device says less.
const PACKET_MAX: usize = 4 * (1 << 15);

/// Most packets that are read in one go.
const PACKETS_MAX: u32 = 64;

/// The link to a card.
pub(crate) struct XdmaTransport {
    card: Card,
    lock: Arc<File>,
    /// None between a reset that failed and one that does not.
    engines: Option<Engines>,
    deadline: Duration,
    /// Words of a beat.
    unit: usize,
    /// Why nothing more is asked of the card before it is recovered.
    stopped: Option<(Engine, String)>,
    /// Words that have arrived and were not yet asked for.
    inbox: Vec<u32>,
}

impl XdmaTransport {
    /// Starts the engines of a card. Nothing is sent; the registers are not looked at.
    pub(crate) fn start(card: &Card, lock: Arc<File>, deadline: Duration) -> Result<Self, XdmaError> {
        let engines = Some(Engines::start(card, lock.clone(), PACKET_MAX)?);
        let card = card.clone();
        Ok(Self { card, lock, engines, deadline, unit: 1, stopped: None, inbox: vec![] })
    }

    /// Transfers are multiples of so many words from here on.
    pub(crate) fn set_unit(&mut self, words: usize) {
        self.unit = words.max(1);
    }

    /// Bytes per second while transfers were under way, to the card and from it.
    pub(crate) fn achieved(&self) -> [Option<f64>; 2] {
        self.engines.as_ref().map_or([None; 2], |engines| [engines.to_card.rate(), engines.to_host.rate()])
    }

    /// The register map as the BAR shows it; a link that is down is an error.
    pub(crate) fn map(&mut self) -> Result<[u32; REGISTER_WORDS], TransportError> {
        let mut map = [0; REGISTER_WORDS];
        for (index, word) in map.iter_mut().enumerate() {
            *word = self.access(Access::Read(map_address(index)), self.deadline)?;
            if index == 0 && *word != MAGIC {
                return Err(self.no_shell(*word));
            }
        }
        Ok(map)
    }

    /// What it means that the register `magic` has another value.
    fn no_shell(&self, found: u32) -> TransportError {
        let prefix = self.card.prefix.display().to_string();
        TransportError::Failed(Box::new(match found {
            ALL_ONES => XdmaError::LinkDown { prefix, rescan: self.card.rescan() },
            _ => XdmaError::NotGalena { prefix, expected: MAGIC, found },
        }))
    }

    /// One access to the registers. Packets that are reported meanwhile are kept.
    fn access(&mut self, access: Access, limit: Duration) -> Result<u32, TransportError> {
        let end = Instant::now() + limit;
        let mut ours = Some(access);
        loop {
            let Some(engines) = &mut self.engines else { return Err(self.refusal()) };
            if !engines.bar.busy() {
                match ours.take() {
                    Some(access) => engines.bar.give(access),
                    None => return Err(self.stop(BAR, "an answer was lost")),
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            match engines.report(left) {
                Some(Report::Register(value)) if ours.is_none() => {
                    return value.map_err(|error| failed(&self.card, BAR, error, (0, 4), "no register was read"));
                }
                // What is left of an access that was given up, or of a wait that was under way.
                Some(Report::Register(_) | Report::Packets(_)) => {}
                Some(Report::Packet { bytes, .. }) => self.packet(bytes)?,
                Some(Report::Written(result)) => self.written(result)?,
                None if Instant::now() >= end => return Err(self.stop(BAR, "a register access does not return")),
                None => {}
            }
        }
    }

    /// Takes a packet, or the failure of a read.
    fn packet(&mut self, bytes: std::io::Result<Vec<u8>>) -> Result<(), TransportError> {
        match bytes {
            Ok(bytes) if bytes.is_empty() || bytes.len() % 4 != 0 => {
                let prefix = self.card.prefix.display().to_string();
                Err(TransportError::Failed(Box::new(XdmaError::Ragged { prefix, engine: C2H, bytes: bytes.len() })))
            }
            Ok(bytes) => {
                let words = bytes.chunks_exact(4).filter_map(|word| word.first_chunk());
                self.inbox.extend(words.map(|word| u32::from_le_bytes(*word)));
                Ok(())
            }
            Err(error) => Err(self.failed(C2H, error)),
        }
    }

    fn written(&mut self, result: std::io::Result<()>) -> Result<(), TransportError> {
        result.map_err(|error| self.failed(H2C, error))
    }

    /// A transfer failed: what that means, and that nothing more is asked of an engine that has stopped.
    fn failed(&mut self, engine: Engine, error: std::io::Error) -> TransportError {
        match meaning(&error) {
            Meaning::Stopped(why) => self.stop(engine, why),
            _ => failed(&self.card, engine, error, self.place(engine), ""),
        }
    }

    fn place(&self, engine: Engine) -> (usize, usize) {
        match &self.engines {
            Some(engines) if engine == H2C => engines.to_card.place(),
            Some(engines) if engine == C2H => engines.to_host.place(),
            _ => (0, 4),
        }
    }

    /// An engine has stopped, or does not return: nothing more is asked of the card until it is recovered.
    fn stop(&mut self, engine: Engine, why: &str) -> TransportError {
        let place = self.place(engine);
        let bar = if engine == BAR { "its registers do not answer".into() } else { self.last_words() };
        let what = stuck(why, place, &bar);
        self.stopped = Some((engine, what.clone()));
        TransportError::Stuck { engine, what }
    }

    /// What the registers say when an engine is stuck.
    fn last_words(&mut self) -> String {
        let mut read = |register: ShellRegister| -> Option<u32> {
            let end = Instant::now() + LAST_WORDS;
            let engines = self.engines.as_mut()?;
            let mut given = false;
            loop {
                if !engines.bar.busy() && !given {
                    engines.bar.give(Access::Read(register.address()));
                    given = true;
                }
                match engines.report(end.saturating_duration_since(Instant::now()))? {
                    Report::Register(value) if given => return value.ok(),
                    _ => {}
                }
            }
        };
        match (read(ShellRegister::Packets), read(ShellRegister::Space)) {
            (Some(ALL_ONES), _) => "its registers read all-ones: the link is down".into(),
            (Some(packets), Some(space)) => format!("its registers say c2h_packets {packets}, h2c_space {space}"),
            _ => "its registers do not answer".into(),
        }
    }

    /// What is said to everybody until the card is recovered.
    fn refusal(&self) -> TransportError {
        match &self.stopped {
            Some((engine, what)) => TransportError::Stuck { engine, what: what.clone() },
            None => gone(&self.card.prefix),
        }
    }

    /// Resets the core through the BAR, and checks that it has come out of it.
    pub(crate) fn control(&mut self) -> Result<(), TransportError> {
        self.access(Access::Write(ShellRegister::Control.address(), 1), self.deadline)?;
        let end = Instant::now() + self.deadline;
        loop {
            // The registers answer during the reset; the map is there when the magic is.
            let magic = self.access(Access::Read(map_address(0)), self.deadline)?;
            let packets = self.access(Access::Read(ShellRegister::Packets.address()), self.deadline)?;
            if magic == MAGIC && packets == 0 {
                self.inbox.clear();
                return Ok(());
            }
            if Instant::now() >= end {
                let prefix = self.card.prefix.display().to_string();
                return Err(match magic {
                    MAGIC => TransportError::Failed(Box::new(XdmaError::Reset { prefix, found: packets })),
                    found => self.no_shell(found),
                });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Transport for XdmaTransport {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let (goal, mut sent, mut moved) = (rx.len() + want, 0, Instant::now());
        loop {
            if self.stopped.is_some() {
                return Err(self.refusal());
            }
            rx.append(&mut self.inbox);
            let Some(engines) = &mut self.engines else { return Err(self.refusal()) };
            if !engines.h2c.busy() && sent < tx.len() {
                let words = tx[sent..].len().min(TRANSFER_MAX / 4);
                engines.h2c.give(bytes_of(&tx[sent..sent + words]));
                sent += words;
            }
            if (want > 0 && rx.len() >= goal) || (!tx.is_empty() && sent == tx.len()) || (tx.is_empty() && want == 0) {
                return Ok(sent);
            }
            if !engines.bar.busy() && !engines.c2h.busy() {
                engines.bar.give(Access::Packets(LOOK.min(self.deadline)));
            }
            if let Some(engine) = engines.stuck(self.deadline) {
                return Err(self.stop(engine, "a transfer does not return"));
            }
            if moved.elapsed() >= self.deadline && !engines.h2c.busy() && !engines.c2h.busy() {
                return Err(TransportError::Silent { waited: format!("{:.1} s", moved.elapsed().as_secs_f64()) });
            }
            let Some(report) = engines.report(LOOK) else { continue };
            match report {
                Report::Packets(Ok(ALL_ONES)) => return Err(gone(&self.card.prefix)),
                Report::Packets(Ok(packets)) => {
                    // None if nothing is there yet.
                    if packets > 0 {
                        engines.c2h.give(packets.min(PACKETS_MAX));
                    }
                }
                Report::Packets(Err(error)) => return Err(self.failed(BAR, error)),
                // What is left of an access that was given up.
                Report::Register(_) => {}
                Report::Packet { bytes, .. } => {
                    self.packet(bytes)?;
                    moved = Instant::now();
                }
                Report::Written(result) => {
                    self.written(result)?;
                    moved = Instant::now();
                }
            }
        }
    }

    fn describe(&self) -> String {
        format!("{} ({})", self.card.prefix.display(), self.card.doc())
    }

    /// Opens the files anew, if the threads that use them return, and resets the core.
    fn reset(&mut self) -> Result<bool, TransportError> {
        if let Some(engines) = &mut self.engines {
            if !engines.end(self.deadline) {
                let engine = engines.stuck(Duration::ZERO).unwrap_or(BAR);
                let what = format!(
                    "it is still in a call of the driver and cannot be opened anew; wait for the driver's own time limit (10 s \
                     unless its parameters `h2c_timeout` and `c2h_timeout` say otherwise) and run `galena device recover` again, or {RELOAD}"
                );
                self.stopped = Some((engine, what.clone()));
                return Err(TransportError::Stuck { engine, what });
            }
            self.engines = None;
        }
        self.inbox.clear();
        match Engines::start(&self.card, self.lock.clone(), PACKET_MAX) {
            Ok(engines) => (self.engines, self.stopped) = (Some(engines), None),
            Err(XdmaError::System { source, .. })
                if meaning(&source) == Meaning::Gone || source.kind() == std::io::ErrorKind::NotFound =>
            {
                return Err(gone(&self.card.prefix));
            }
            Err(error) => return Err(TransportError::Failed(Box::new(error))),
        }
        self.map()?;
        self.control()?;
        Ok(true)
    }

    fn unit(&self) -> usize {
        self.unit
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.card.bytes_per_second()
    }
}

impl Drop for XdmaTransport {
    fn drop(&mut self) {
        if let Some(engines) = &mut self.engines {
            engines.end(LAST_WORDS);
        }
    }
}

/// Words as bytes, low byte first.
fn bytes_of(words: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * words.len()];
    for (to, word) in bytes.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
