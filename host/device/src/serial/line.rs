//! An open serial port as a stream of words: full duplex in one thread, with a deadline on every wait.

use super::Port;
use super::words::Aligner;
use crate::access::{Obstacle, Root, holder, obstacle};
use crate::link::TransportError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use rustix::termios::{ControlModes, InputModes, OptionalActions, tcgetattr, tcsetattr};
use serialport::{ClearBuffer, SerialPort, TTYPort};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Words that are turned into bytes and offered to the port at a time.
const BLOCK: usize = 2048;

/// How long a break lasts: 2^14 clocks of the slowest clock that a config may have, 1 MHz, and some.
const BREAK: Duration = Duration::from_millis(20);

/// How long the port rests before it is opened again after it has come back.
const REPLUG_POLL: Duration = Duration::from_millis(20);

/// Why a serial port cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SerialError {
    /// It is missing, or in use, or not for this user.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// A file that is not a serial port.
    #[error("expected a serial port, found something else at {path}")]
    NotAPort {
        /// The file.
        path: String,
    },
    /// The operating system refuses something.
    #[error("cannot {what} {path}: {source}")]
    System {
        /// The port.
        path: String,
        /// What was tried.
        what: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The port does not do the rate.
    #[error("{path} was asked for {expected} baud and runs at {found}; give a slower one with max_baud")]
    Rate {
        /// The port.
        path: String,
        /// Asked for.
        expected: u32,
        /// What the driver made of it.
        found: u32,
    },
    /// Nothing answered.
    #[error(
        "no board answers on {path}: tried {tried} baud; is a bitstream loaded, and is this the board's serial port? (the last answer: {last})"
    )]
    NoBoard {
        /// The port.
        path: String,
        /// The rates tried.
        tried: String,
        /// What the last attempt said.
        last: String,
    },
    /// No path was given and there is not exactly one port to choose.
    #[error("expected `serial:PATH`: {found}; `galena device list` shows all ports")]
    Choose {
        /// What there is.
        found: String,
    },
}

/// The operating system's side of a port.
struct Handle {
    /// Keeps the port locked, and sets it up.
    tty: TTYPort,
    /// The same open file, for reading and writing without waiting.
    file: OwnedFd,
}

/// A serial port that was opened, by this host alone.
pub(crate) struct Line {
    /// As the user wrote it.
    path: PathBuf,
    /// The path that is the same after the port was unplugged and plugged in again.
    stable: PathBuf,
    /// None once it has disappeared.
    handle: Option<Handle>,
    rate: u32,
    pub(crate) deadline: Duration,
    words: Aligner,
    /// Bytes of a word that the port has taken in part.
    rest: Vec<u8>,
    /// When the line is through with what it was given.
    busy_until: Instant,
    /// A pseudo-terminal says that it has sent a break, and has not.
    has_break: bool,
}

/// Opens the file of a port, once: each open and close moves the modem lines of some boards.
fn open_file(path: &Path) -> Result<OwnedFd, SerialError> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        Errno::BUSY => busy(path).into(),
        error => match obstacle(&Root::default(), path) {
            Some(obstacle) => obstacle.into(),
            None => system(path, "open", error),
        },
    })
}

fn busy(path: &Path) -> Obstacle {
    Obstacle::Busy { path: path.display().to_string(), holder: holder(&Root::default(), path) }
}

fn system(path: &Path, what: &str, source: impl std::error::Error + Send + Sync + 'static) -> SerialError {
    SerialError::System { path: path.display().to_string(), what: what.into(), source: Box::new(source) }
}

impl Handle {
    /// Opens the port for this process alone, raw, 8N1, without flow control, and empties its buffers. `choose` names the rate,
    /// given the one that the port was left at.
    fn open(path: &Path, choose: impl FnOnce(u32) -> u32) -> Result<(Self, u32), SerialError> {
        let file = open_file(path)?;
        let Ok(mut settings) = tcgetattr(&file) else {
            return Err(SerialError::NotAPort { path: path.display().to_string() });
        };
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(busy(path).into()),
            Err(error) => return Err(system(path, "lock", error)),
        }
        let rate = choose(settings.output_speed());
        settings.make_raw();
        settings.control_modes |= ControlModes::CREAD | ControlModes::CLOCAL | ControlModes::CS8;
        settings.control_modes -= ControlModes::CSTOPB | ControlModes::PARENB | ControlModes::CRTSCTS;
        settings.input_modes -= InputModes::IXOFF;
        tcsetattr(&file, OptionalActions::Now, &settings).map_err(|e| system(path, "set up", e))?;
        let shared = file.try_clone().map_err(|e| system(path, "open", e))?;
        // SAFETY: the descriptor is open, and nobody else owns this copy of it.
        #[allow(unsafe_code)]
        let tty = unsafe { TTYPort::from_raw_fd(shared.into_raw_fd()) };
        let mut handle = Self { tty, file };
        handle.set_rate(path, rate)?;
        // What a former host left unread is nobody's. (A port that cannot say so is drained by the protocol.)
        let _ = handle.tty.clear(ClearBuffer::All);
        Ok((handle, rate))
    }

    /// Sets the rate, and checks that the driver has done so.
    fn set_rate(&mut self, path: &Path, rate: u32) -> Result<(), SerialError> {
        let failed = |e: serialport::Error| system(path, &format!("set {rate} baud on"), e);
        self.tty.set_baud_rate(rate).map_err(failed)?;
        let found = self.tty.baud_rate().map_err(failed)?;
        match u64::from(found.abs_diff(rate)) * 50 <= u64::from(rate) {
            true => Ok(()),
            false => Err(SerialError::Rate { path: path.display().to_string(), expected: rate, found }),
        }
    }
}

impl Line {
    /// Opens the port at `path`. The rate is the one it was left at if that is in
    /// `candidates`, otherwise their first.
    pub(crate) fn open(path: &Path, port: &Port, candidates: &[u32], deadline: Duration) -> Result<Self, SerialError> {
        let (handle, rate) = Handle::open(path, |left| {
            *candidates.iter().find(|&&rate| rate == left).or(candidates.first()).unwrap_or(&left)
        })?;
        Ok(Self {
            path: path.into(),
            stable: port.by_id.as_deref().unwrap_or(path).into(),
            handle: Some(handle),
            rate,
            deadline,
            words: Aligner::searching(),
            rest: vec![],
            busy_until: Instant::now(),
            has_break: !port.pty,
        })
    }

    /// The rate of this side.
    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    /// Changes the rate of this side. What was received at the old one is thrown away.
    pub(crate) fn set_rate(&mut self, rate: u32) -> Result<(), SerialError> {
        let Some(handle) = &mut self.handle else {
            return Err(Obstacle::Missing { path: self.path.display().to_string() }.into());
        };
        handle.set_rate(&self.path, rate)?;
        let _ = handle.tty.clear(ClearBuffer::All);
        self.rate = rate;
        self.forget();
        Ok(())
    }

    fn forget(&mut self) {
        self.words.clear();
        self.rest.clear();
    }

    /// Whether a magic word may begin anywhere in what arrives.
    pub(crate) fn searching(&mut self, searching: bool) {
        self.words.searching = searching;
    }

    /// See [`crate::link::Transport::exchange`]. Silence is counted from the moment that the line itself could be through with
    /// what it was given.
    pub(crate) fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        if tx.is_empty() && want == 0 {
            return Ok(0);
        }
        let (goal, mut sent, mut moved) = (rx.len() + want, 0, Instant::now());
        loop {
            let received = self.receive(rx, if want > 0 { goal } else { 0 })?;
            let (taken, written) = self.send(tx.get(sent..).unwrap_or_default())?;
            sent += taken;
            let unsent = sent < tx.len() || !self.rest.is_empty();
            if (want > 0 && rx.len() >= goal) || (!tx.is_empty() && !unsent) {
                return Ok(sent);
            }
            let now = Instant::now();
            if received || written {
                moved = now;
            }
            let silent_at = moved.max(self.busy_until) + self.deadline;
            if now >= silent_at {
                return Err(TransportError::Silent { waited: format!("{:.1} s", (now - moved).as_secs_f64()) });
            }
            self.wait(unsent, silent_at - now)?;
        }
    }

    /// Waits until something arrives, or until the port takes more if there is `more`.
    fn wait(&mut self, more: bool, limit: Duration) -> Result<(), TransportError> {
        let Some(handle) = &self.handle else { return Err(self.unplugged()) };
        let events = if more { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: limit.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&handle.file, events)], Some(&limit)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Takes what has arrived, until there is no more or `rx` has `goal` words. True if there was something.
    fn receive(&mut self, rx: &mut Vec<u32>, goal: usize) -> Result<bool, TransportError> {
        let (mut buffer, mut some) = ([0; 4096], false);
        loop {
            let Some(handle) = &self.handle else { return Err(self.unplugged()) };
            match rustix::io::read(&handle.file, &mut buffer) {
                // The end of a file that has none: a hang-up.
                Ok(0) => return Err(self.unplugged()),
                Ok(bytes) => {
                    self.words.take(buffer.get(..bytes).unwrap_or_default(), rx);
                    some = true;
                    if rx.len() >= goal {
                        return Ok(true);
                    }
                }
                Err(Errno::AGAIN) => return Ok(some),
                Err(Errno::INTR) => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// Gives the port what it takes at once. Returns the words taken, and whether any byte was. A word that has begun counts as
    /// taken; its other bytes go first the next time.
    fn send(&mut self, tx: &[u32]) -> Result<(usize, bool), TransportError> {
        let old = self.rest.len();
        if old > 0 {
            let written = self.write()?;
            self.rest.drain(..written);
            if !self.rest.is_empty() {
                return Ok((0, written > 0));
            }
        }
        let block = &tx[..tx.len().min(BLOCK)];
        if block.is_empty() {
            return Ok((0, old > 0));
        }
        self.rest.extend(block.iter().flat_map(|word| word.to_le_bytes()));
        let written = match self.write() {
            Ok(written) => written,
            Err(error) => {
                self.rest.clear();
                return Err(error);
            }
        };
        let taken = written.div_ceil(4);
        self.rest.truncate(4 * taken);
        self.rest.drain(..written);
        Ok((taken, old > 0 || written > 0))
    }

    /// Writes the front of `rest`: the number of bytes taken.
    fn write(&mut self) -> Result<usize, TransportError> {
        let Some(handle) = &self.handle else { return Err(self.unplugged()) };
        let written = match rustix::io::write(&handle.file, &self.rest) {
            Ok(written) => written,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(error) => return Err(self.failed(error)),
        };
        // Ten bits to a byte.
        let time = Duration::from_secs_f64(written as f64 * 10.0 / f64::from(self.rate.max(1)));
        self.busy_until = self.busy_until.max(Instant::now()) + time;
        Ok(written.min(self.rest.len()))
    }

    /// What an error of reading, writing or waiting means.
    fn failed(&mut self, error: Errno) -> TransportError {
        match error {
            Errno::IO | Errno::NXIO | Errno::NODEV | Errno::BADF => self.unplugged(),
            _ => TransportError::Failed(Box::new(system(&self.path, "talk to", error))),
        }
    }

    fn unplugged(&mut self) -> TransportError {
        self.handle = None;
        TransportError::Unplugged { path: self.path.display().to_string() }
    }

    /// Resets the board by a break; a port that has disappeared is waited for, for one deadline, and opened again first. False if
    /// neither was possible: a pseudo-terminal has no break. This side is at `base` afterwards.
    pub(crate) fn reset(&mut self, base: u32) -> Result<bool, TransportError> {
        let reopened = self.handle.is_none();
        if reopened {
            self.reopen(base)?;
        }
        self.forget();
        let broken = self.send_break()?;
        if broken && self.rate != base {
            self.set_rate(base).map_err(|e| TransportError::Failed(Box::new(e)))?;
        }
        Ok(broken || reopened)
    }

    /// Holds the line low for long enough; false if the port cannot.
    fn send_break(&mut self) -> Result<bool, TransportError> {
        let Some(handle) = &self.handle else { return Err(self.unplugged()) };
        // ENOTTY, or whatever else the driver says: the port has no break.
        if !self.has_break || handle.tty.set_break().is_err() {
            return Ok(false);
        }
        std::thread::sleep(BREAK);
        let ended = handle.tty.clear_break();
        // The line has to be high for a while before the next start bit.
        std::thread::sleep(BREAK / 4);
        let _ = handle.tty.clear(ClearBuffer::All);
        Ok(ended.is_ok())
    }

    /// Waits for the port to come back, and opens it.
    fn reopen(&mut self, rate: u32) -> Result<(), TransportError> {
        let end = Instant::now() + self.deadline;
        loop {
            match Handle::open(&self.stable, |_| rate) {
                Ok((handle, rate)) => {
                    (self.handle, self.rate, self.busy_until) = (Some(handle), rate, Instant::now());
                    return Ok(());
                }
                // A port that has just come back has its permissions set a moment later.
                Err(_) if Instant::now() < end => std::thread::sleep(REPLUG_POLL),
                Err(SerialError::Obstacle(Obstacle::Missing { .. })) => return Err(self.unplugged()),
                Err(error) => return Err(TransportError::Failed(Box::new(error))),
            }
        }
    }
}
