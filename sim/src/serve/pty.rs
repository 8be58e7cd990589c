//! A serial board behind a pseudo-terminal, with a USB adapter's manners.
//!
//! The host opens the terminal as it would a serial port. What it writes goes to the board bit by bit at the rate that it has set, so
//! a wrong rate is garbage, as on a real line. A pseudo-terminal has no modem lines and no break; nothing else is missing.

use super::board::{ServedPort, Turn};
use super::fault::{BoardFault, Faults};
use super::line::SerialBoard;
use super::{Board, Options, ServeError, Summary};
use crate::verilated::BitTime;
use galena_target::Config;
use galena_target::frame::RATE_CLOCKS;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::inotify;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, QueueSelector};
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Clocks of a turn: a byte or two at the rates that matter, some milliseconds of simulation.
const TURN: u64 = 1 << 12;

/// Bytes that the adapter holds for the line. What the host writes beyond them waits in the terminal.
const TO_LINE: usize = 512;

/// Bytes that the adapter holds for the host. A host that does not read loses what comes beyond them.
const TO_HOST: usize = 4096;

/// Bytes of an adapter's packet: as soon as it has so many it does not wait for its latency timer.
const PACKET: usize = 62;

/// How long a host is given to read.
const READING: Duration = Duration::from_micros(200);

/// Clocks without a byte after which the design waits for nothing but the host: it has fallen back to its base rate, if it had to.
const STILL: u64 = RATE_CLOCKS as u64 + (1 << 18);

/// The board and its terminal.
pub(super) struct SerialPort {
    board: SerialBoard,
    master: OwnedFd,
    /// Kept open: a terminal without one says end of file.
    slave: OwnedFd,
    path: PathBuf,
    link: PathBuf,
    watch: OwnedFd,
    /// The terminal in what `watch` tells; the other events are those of its folder.
    watched: i32,
    faults: Faults,
    clock_hz: u32,
    bit: BitTime,
    latency_clocks: u64,
    to_line: VecDeque<u8>,
    to_host: VecDeque<u8>,
    /// Clock at which the oldest byte of `to_host` came.
    held_since: u64,
    /// Times that hosts hold the terminal open.
    open: u32,
    arrived: Vec<u8>,
    /// The board's clock has stopped.
    frozen: bool,
    /// The board is slower than what it stands for, so that a host which reads can always follow.
    slow: bool,
    tally: Summary,
}

impl SerialPort {
    /// Builds the board, opens a terminal for it, and makes `link` point there.
    pub(super) fn open(config: &Config, options: &Options, link: &Path) -> Result<Self, ServeError> {
        check_place(link)?;
        let faults = Faults::new(&options.faults);
        let board = match options.board {
            Board::Model => SerialBoard::model(config),
            Board::Verilated => SerialBoard::verilated(faults.model(config, options.waves.as_deref())?, config)?,
        };
        let (master, slave, path) = terminal().map_err(ServeError::system("open a pseudo-terminal for", link))?;
        let watch = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC)
            .map_err(ServeError::system("watch", &path))?;
        let flags = inotify::WatchFlags::OPEN | inotify::WatchFlags::CLOSE;
        let watched = inotify::add_watch(&watch, &path, flags).map_err(ServeError::system("watch", &path))?;
        // Two equal events in a row become one. The folder's event comes between them, so none of the terminal's is lost.
        let folder = path.parent().unwrap_or(Path::new("/dev/pts"));
        inotify::add_watch(&watch, folder, flags).map_err(ServeError::system("watch", folder))?;
        point(link, &path)?;
        let bit = BitTime::clocks(config.baud_divisor());
        Ok(Self {
            board,
            master,
            slave,
            path,
            link: link.into(),
            watch,
            watched,
            faults,
            clock_hz: config.clock_hz,
            bit,
            latency_clocks: u64::from(config.clock_hz) / 1000 * u64::from(options.latency_ms),
            to_line: VecDeque::new(),
            to_host: VecDeque::new(),
            held_since: 0,
            open: 0,
            arrived: vec![],
            frozen: false,
            slow: options.board == Board::Verilated,
            tally: Summary::default(),
        })
    }

    /// The terminal's own path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, what: &'static str) -> impl FnOnce(Errno) -> ServeError {
        ServeError::system(what, &self.path)
    }

    /// Counts who opened and closed the terminal. True if the last host has gone.
    fn presence(&mut self) -> Result<bool, ServeError> {
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let before = self.open;
        let mut closed = false;
        let mut events = inotify::Reader::new(&self.watch, &mut buffer);
        loop {
            match events.next() {
                Ok(event) if event.wd() != self.watched => {}
                Ok(event) if event.events().contains(inotify::ReadFlags::OPEN) => {
                    self.tally.hosts += u64::from(self.open == 0);
                    self.open += 1;
                }
                Ok(_) => {
                    self.open = self.open.saturating_sub(1);
                    closed |= self.open == 0;
                }
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(ServeError::system("watch", &self.path)(error)),
            }
        }
        let gone = closed && self.open == 0;
        if gone || (before == 0 && self.open > 0) {
            // What a host did not fetch is nobody's, and a host that was killed did not give up its lock.
            self.to_host.clear();
            let _ = rustix::termios::tcflush(&self.slave, QueueSelector::IFlush);
        }
        if gone {
            let _ = rustix::termios::ioctl_tiocnxcl(&self.slave);
        }
        Ok(gone)
    }

    /// Takes what the host has written, as far as the adapter has room. True if there was something.
    fn take(&mut self) -> Result<bool, ServeError> {
        let mut buffer = [0; TO_LINE];
        let room = TO_LINE.saturating_sub(self.to_line.len());
        if room == 0 {
            return Ok(true);
        }
        match rustix::io::read(&self.master, &mut buffer[..room]) {
            Ok(count) => {
                self.tally.bytes_in += count as u64;
                self.to_line.extend(&buffer[..count]);
                Ok(count > 0)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Err(error) => Err(self.failed("read from")(error)),
        }
    }

    /// Gives the host what the adapter has for it, if it is time.
    fn give(&mut self) -> Result<(), ServeError> {
        let waited = self.board.clocks() - self.held_since;
        if self.to_host.is_empty() || (self.to_host.len() < PACKET && waited < self.latency_clocks) {
            return Ok(());
        }
        match rustix::io::write(&self.master, self.to_host.make_contiguous()) {
            Ok(count) => {
                self.tally.bytes_out += count as u64;
                self.to_host.drain(..count);
                self.held_since = self.board.clocks();
                Ok(())
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(()),
            Err(error) => Err(self.failed("write to")(error)),
        }
    }

    /// What the line has brought goes to the adapter, if a host has the port open and the adapter has room.
    fn collect(&mut self) {
        if self.open > 0 && !self.arrived.is_empty() {
            if self.to_host.is_empty() {
                self.held_since = self.board.clocks();
            }
            let room = TO_HOST.saturating_sub(self.to_host.len());
            self.tally.line_errors += self.arrived.len().saturating_sub(room) as u64;
            self.to_host.extend(self.arrived.iter().take(room));
        }
        self.arrived.clear();
    }
}

impl ServedPort for SerialPort {
    fn turn(&mut self) -> Result<Turn, ServeError> {
        if self.presence()? {
            return Ok(Turn::HostGone);
        }
        match self.faults.due(self.board.clocks()) {
            Some(BoardFault::Unplug) => return Ok(Turn::Unplugged),
            Some(BoardFault::Freeze) => self.frozen = true,
            None => {}
        }
        if self.frozen {
            return Ok(Turn::Quiet(None));
        }
        let came = self.take()?;
        // The rate that the host has set, custom rates included. Asked after its bytes are taken: it sets the rate before it writes.
        let settings = rustix::termios::tcgetattr(&self.slave).map_err(self.failed("ask for the rate of"))?;
        self.bit = BitTime::of_rate(self.clock_hz, settings.output_speed());
        if !self.slow && self.to_host.len() > PACKET {
            // The model runs ahead of any host: wait until it has read.
            self.give()?;
            return Ok(if self.to_host.is_empty() { Turn::On } else { Turn::Quiet(Some(Instant::now() + READING)) });
        }
        self.board.run(TURN, self.bit, &mut self.to_line, &mut self.arrived)?;
        self.collect();
        self.give()?;
        let still = !came && self.to_line.is_empty() && self.to_host.is_empty() && self.board.quiet() >= STILL;
        Ok(if still { Turn::Quiet(None) } else { Turn::On })
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        let watch = self.watch.as_fd();
        if self.frozen { vec![watch] } else { vec![self.master.as_fd(), watch] }
    }

    fn tally(&self) -> Summary {
        let line_errors = self.tally.line_errors + self.board.frame_errors();
        Summary { clocks: self.board.clocks(), line_errors, ..self.tally }
    }
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        // Only the link that is still ours.
        if std::fs::read_link(&self.link).is_ok_and(|target| target == self.path) {
            let _ = std::fs::remove_file(&self.link);
        }
    }
}

/// A new pseudo-terminal, raw: master, slave, and the slave's path.
fn terminal() -> Result<(OwnedFd, OwnedFd, PathBuf), Errno> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = rustix::pty::openpt(flags)?;
    rustix::fs::fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK)?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    let path = PathBuf::from(OsStr::from_bytes(name.as_bytes()));
    let slave = rustix::fs::open(&path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let mut settings = rustix::termios::tcgetattr(&slave)?;
    settings.make_raw();
    rustix::termios::tcsetattr(&slave, OptionalActions::Now, &settings)?;
    Ok((master, slave, path))
}

/// Nothing is at `link`, or a link that a board may have left.
fn check_place(link: &Path) -> Result<(), ServeError> {
    let occupied = |found| Err(ServeError::Occupied { path: link.into(), found });
    match std::fs::symlink_metadata(link) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ServeError::system("look at", link)(error)),
        Ok(metadata) if metadata.is_dir() => occupied("a directory"),
        Ok(metadata) if !metadata.is_symlink() => occupied("a file"),
        Ok(_) => match std::fs::read_link(link) {
            Ok(target) if target.starts_with("/dev/pts") => Ok(()),
            Ok(_) => occupied("a link to something that is not a pseudo-terminal"),
            Err(error) => Err(ServeError::system("look at", link)(error)),
        },
    }
}

/// Makes `link` point to `path`, in one step: a host sees the old link or the new one.
fn point(link: &Path, path: &Path) -> Result<(), ServeError> {
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let fresh = link.with_file_name(name);
    let _ = std::fs::remove_file(&fresh);
    std::os::unix::fs::symlink(path, &fresh).map_err(ServeError::system("create", &fresh))?;
    check_place(link)?;
    std::fs::rename(&fresh, link).map_err(ServeError::system("create", link))
}
