//! The simulated board that any host can open: a config behind a pseudo-terminal, or behind a directory of XDMA device files.
//!
//! The host sees what it would see of a board: a serial port with a rate, or character devices with XDMA's manners. Behind them is
//! the Verilated core, UART and all, or, for those who write hosts and have no Verilator, the protocol's software model.

mod board;
mod card;
mod fault;
mod files;
mod line;
mod mount;
mod pty;
mod xdma;

use crate::SimError;
use galena_target::{Config, Link};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use fault::{BOARD_FAULTS, BoardFault, Injection};

/// What is behind the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Board {
    /// The generated Verilog, simulated.
    Verilated,
    /// The protocol's model in software: starts at once, and has no clock to speak of.
    Model,
}

/// Where a host finds the board.
#[derive(Clone, Debug)]
pub enum Port {
    /// A symbolic link to a pseudo-terminal, for configs with a uart.
    Pty(PathBuf),
    /// A directory with `xdma0_h2c_0`, `xdma0_c2h_0` and `xdma0_user`, for xdma configs. It is created if it is not there.
    Xdma(PathBuf),
}

/// What may be asked of a simulated board.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is behind the port.
    pub board: Board,
    /// Where a host finds it.
    pub port: Port,
    /// Write waves of the simulation to this file.
    pub waves: Option<PathBuf>,
    /// Damage that is done to it, and when.
    pub faults: Vec<Injection>,
    /// End when the host closes the port.
    pub once: bool,
    /// How long a USB adapter holds received bytes back, in milliseconds of the board's time.
    pub latency_ms: u32,
    /// How long a transfer of the XDMA files may take: the driver's timeout.
    pub timeout: Duration,
}

impl Options {
    /// The Verilated board on this port, undamaged, until it is stopped.
    pub fn new(port: Port) -> Self {
        Self {
            board: Board::Verilated,
            port,
            waves: None,
            faults: vec![],
            once: false,
            latency_ms: 0,
            timeout: Duration::from_secs(10),
        }
    }
}

/// Why a board cannot be served, or stopped being served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The simulation.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The config does not have the link that the port needs.
    #[error(
        "expected a config with the link `{expected}` for {option}, found `{config}`, whose link is `{found}`; try {advice}"
    )]
    Link {
        /// What the port needs.
        expected: &'static str,
        /// The option of the command.
        option: &'static str,
        /// The config.
        config: String,
        /// Its link.
        found: &'static str,
        /// Configs that would do.
        advice: String,
    },
    /// Something that is not ours is where the link should be.
    #[error("expected nothing, or the link of a former board, at {}, found {found}; remove it or choose another path", path.display())]
    Occupied {
        /// The path.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// This machine or this user cannot mount a FUSE filesystem.
    #[error("cannot mount {}: {reason}; {advice}", path.display())]
    Mount {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// No such fault.
    #[error("expected a fault like NAME or NAME@CLOCKS, found `{found}`; the faults are {known}")]
    Fault {
        /// What was given.
        found: String,
        /// The names there are.
        known: String,
    },
    /// The operating system refuses something.
    #[error("cannot {what} {}: {source}", path.display())]
    System {
        /// What was attempted.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl ServeError {
    /// Something that the operating system refused.
    fn system<E: Into<std::io::Error>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        move |source| Self::System { what, path: path.into(), source: source.into() }
    }
}

/// Ends a board from another thread, or from a signal handler: one byte into the pipe whose other end this is.
pub struct Stop(OwnedFd);

impl Stop {
    /// The end to listen at, and the end to write to.
    pub fn new() -> std::io::Result<(Self, OwnedFd)> {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        Ok((Self(reader), writer))
    }

    /// Whether the board is to end. The byte stays in the pipe.
    fn raised(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&now)).is_ok_and(|ready| ready > 0)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What happened while a board was served.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Clocks simulated.
    pub clocks: u64,
    /// Seconds in which the board was not parked.
    pub running_seconds: f64,
    /// Bytes from the host.
    pub bytes_in: u64,
    /// Bytes to the host.
    pub bytes_out: u64,
    /// Bytes that came with a broken stop bit, bytes that nobody took, transfers that failed.
    pub line_errors: u64,
    /// Times that a host opened the port.
    pub hosts: u64,
}

/// Serves a board until `stop`, or, if asked, until the host has gone. `ready` is called once, when a host can open the port, with what it is
/// called: `small-uart on /tmp/board (pty /dev/pts/3)`.
pub fn serve(
    config: &Config,
    options: &Options,
    stop: &Stop,
    ready: &mut dyn FnMut(&str),
) -> Result<Summary, ServeError> {
    let (expected, option) = match options.port {
        Port::Pty(_) => (Link::Uart, "--pty"),
        Port::Xdma(_) => (Link::Xdma, "--xdma"),
    };
    if config.link != expected {
        let fitting = galena_target::CONFIGS.iter().filter(|c| c.link == expected);
        return Err(ServeError::Link {
            expected: expected.name(),
            option,
            config: config.name.to_string(),
            found: config.link.name(),
            advice: fitting.map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(" or "),
        });
    }
    match &options.port {
        Port::Pty(link) => {
            let mut port = pty::SerialPort::open(config, options, link)?;
            ready(&format!("{} on {} (pty {})", config.name, link.display(), port.path().display()));
            board::run(&mut port, options, stop)
        }
        Port::Xdma(folder) => {
            let mut port = xdma::CardPort::open(config, options, folder)?;
            ready(&format!("{} on {} (xdma0_h2c_0, xdma0_c2h_0, xdma0_user)", config.name, folder.display()));
            board::run(&mut port, options, stop)
        }
    }
}
