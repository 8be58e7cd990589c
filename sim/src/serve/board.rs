//! The loop that owns the board: turns while something happens, sleep while nothing does.

use super::{Options, ServeError, Stop, Summary};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use std::path::Path;
use std::time::Instant;

/// What a turn came to.
pub(super) enum Turn {
    /// Something moved, or the board may still be at work.
    On,
    /// Nothing will happen until one of the wake-up files is ready, or until that time.
    Quiet(Option<Instant>),
    /// The last host has closed the port.
    HostGone,
    /// The board is to disappear.
    Unplugged,
}

/// A board and the files by which a host reaches it.
pub(super) trait ServedPort {
    /// Moves what can be moved between the files and the board, and clocks the board for a while.
    fn turn(&mut self) -> Result<Turn, ServeError>;

    /// Files that become readable when there is something to do.
    fn wakes(&self) -> Vec<BorrowedFd<'_>>;

    /// What has happened so far.
    fn tally(&self) -> Summary;
}

/// Serves until `stop`, or, with `once`, until the host has gone.
pub(super) fn run(port: &mut dyn ServedPort, options: &Options, stop: &Stop) -> Result<Summary, ServeError> {
    let mut running = 0.0;
    'served: loop {
        let start = Instant::now();
        let until = loop {
            if stop.raised() {
                running += start.elapsed().as_secs_f64();
                break 'served;
            }
            match port.turn()? {
                Turn::On => {}
                Turn::HostGone if !options.once => {}
                Turn::HostGone | Turn::Unplugged => {
                    running += start.elapsed().as_secs_f64();
                    break 'served;
                }
                Turn::Quiet(until) => break until,
            }
        };
        running += start.elapsed().as_secs_f64();
        park(port, stop, until)?;
    }
    Ok(Summary { running_seconds: running, ..port.tally() })
}

/// Sleeps until a file is ready, or the board is to stop, or the time has come.
fn park(port: &dyn ServedPort, stop: &Stop, until: Option<Instant>) -> Result<(), ServeError> {
    let mut files: Vec<PollFd<'_>> =
        port.wakes().into_iter().chain([stop.fd()]).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    let left = until.map(|at| at.saturating_duration_since(Instant::now()));
    let left = left.map(|d| Timespec { tv_sec: d.as_secs() as i64, tv_nsec: d.subsec_nanos().into() });
    match poll(&mut files, left.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(ServeError::system("wait for", Path::new("a host"))(error)),
    }
}

/// The time of a board that has no clock of its own: while it waits for its host it goes no faster than a simulation would, so that what
/// is counted in clocks (heartbeats, the watchdog) means the same to the host.
pub(super) struct Pace(Instant);

impl Pace {
    /// Clocks per second, like those of a small simulated core.
    const HZ: f64 = 4e6;

    /// Begins now.
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// Clocks since the last call.
    pub(super) fn passed(&mut self) -> u64 {
        let clocks = (self.0.elapsed().as_secs_f64() * Self::HZ) as u64;
        if clocks > 0 {
            self.0 = Instant::now();
        }
        clocks
    }
}
