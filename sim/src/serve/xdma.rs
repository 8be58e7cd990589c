//! A card behind a directory of XDMA device files: blocking transfers, packet-bounded reads, timeouts, a stuck engine, a card that is gone.
//!
//! The manners are those of Xilinx's driver, with one difference that FUSE imposes: a transfer that times out fails there with the number 512
//! (`ERESTARTSYS`), which the kernel does not let a filesystem return; here it is `ERESTART`, 85. What this does not show is the hardware: DMA, interrupts,
//! the driver itself.

use super::board::{ServedPort, Turn};
use super::card::CardBoard;
use super::fault::{BoardFault, Faults};
use super::files::{Files, Request};
use super::mount::Mount;
use super::{Board, Options, ServeError, Summary};
use crate::xdma::Card;
use fuser::{Errno, ReplyData, ReplyWrite};
use galena_target::Config;
use rustix::event::EventfdFlags;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Clocks of a turn: what a register access waits for at most.
const TURN: u64 = 1 << 8;

/// Bytes that an engine has given to the card ahead of what the card takes.
const ENGINE: usize = 4096;

/// Clocks without a request or a beat after which the card waits for nothing but the host.
const STILL: u64 = 1 << 18;

/// A transfer to the card.
struct Write {
    bytes: Vec<u8>,
    given: usize,
    until: Option<Instant>,
    reply: ReplyWrite,
}

/// A transfer from the card.
struct Read {
    size: usize,
    until: Option<Instant>,
    reply: ReplyData,
}

/// The card and its files.
pub(super) struct CardPort {
    board: CardBoard,
    requests: Receiver<Request>,
    bell: Arc<OwnedFd>,
    faults: Faults,
    timeout: Duration,
    writes: VecDeque<Write>,
    reads: VecDeque<Read>,
    /// What a read left of a packet that was longer than its buffer.
    rest: Vec<u8>,
    /// Engines that a timeout has left unusable: host to card, card to host.
    stuck: [bool; 2],
    /// The card has been pulled.
    gone: bool,
    /// The card's clock has stopped.
    frozen: bool,
    still: u64,
    open: u32,
    closed: bool,
    tally: Summary,
    /// Dropped last: no more requests come after it.
    _mount: Mount,
}

impl CardPort {
    /// Builds the card and mounts its files on `folder`.
    pub(super) fn open(config: &Config, options: &Options, folder: &Path) -> Result<Self, ServeError> {
        let faults = Faults::new(&options.faults);
        Mount::check(folder)?;
        let board = match options.board {
            Board::Model => CardBoard::model(config),
            Board::Verilated => {
                let model = faults.model(config, options.waves.as_deref())?;
                CardBoard::Verilated(Box::new(Card::new(model, config)?))
            }
        };
        let (sender, requests) = channel();
        let bell = rustix::event::eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)
            .map_err(ServeError::system("make an event for", folder))?;
        let bell = Arc::new(bell);
        let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let mount = Mount::new(folder, Files { requests: sender, bell: bell.clone(), owner })?;
        Ok(Self {
            board,
            requests,
            bell,
            faults,
            timeout: options.timeout,
            writes: VecDeque::new(),
            reads: VecDeque::new(),
            rest: vec![],
            stuck: [false; 2],
            gone: false,
            frozen: false,
            still: 0,
            open: 0,
            closed: false,
            tally: Summary::default(),
            _mount: mount,
        })
    }

    /// Deals with what the host asked for since the last turn.
    fn hear(&mut self) -> Result<(), ServeError> {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.bell, &mut count);
        while let Ok(request) = self.requests.try_recv() {
            self.still = 0;
            match request {
                Request::Opened => {
                    self.tally.hosts += u64::from(self.open == 0);
                    self.open += 1;
                }
                Request::Closed => {
                    self.open = self.open.saturating_sub(1);
                    self.closed |= self.open == 0;
                }
                Request::Write(_, reply) if self.gone => reply.error(Errno::ENODEV),
                Request::Read(_, reply) if self.gone => reply.error(Errno::ENODEV),
                Request::Write(_, reply) if self.stuck[0] => reply.error(Errno::EIO),
                Request::Read(_, reply) if self.stuck[1] => reply.error(Errno::EIO),
                Request::Write(bytes, reply) => {
                    self.writes.push_back(Write { bytes, given: 0, until: None, reply });
                }
                Request::Read(size, reply) => {
                    self.reads.push_back(Read { size: size as usize, until: None, reply });
                }
                // A bus that nobody answers on reads all ones.
                Request::BarRead(_, reply) if self.gone || self.frozen => reply.data(&[0xff; 4]),
                Request::BarRead(address, reply) => reply.data(&self.board.bar_read(address)?.to_le_bytes()),
                Request::BarWrite(_, _, reply) if self.gone || self.frozen => reply.written(4),
                Request::BarWrite(address, value, reply) => {
                    self.board.bar_write(address, value)?;
                    reply.written(4);
                }
                Request::Reload(bytes, reply) => {
                    self.fail(Errno::EIO);
                    self.rest.clear();
                    self.stuck = [false; 2];
                    reply.written(bytes as u32);
                }
            }
        }
        Ok(())
    }

    /// Ends every transfer under way with this error.
    fn fail(&mut self, error: Errno) {
        self.tally.line_errors += (self.writes.len() + self.reads.len()) as u64;
        self.writes.drain(..).for_each(|write| write.reply.error(error));
        self.reads.drain(..).for_each(|read| read.reply.error(error));
    }

    /// Goes on with the transfers, one of each direction at a time.
    fn transfer(&mut self, now: Instant) -> Result<(), ServeError> {
        if let Some(write) = self.writes.front_mut() {
            write.until.get_or_insert(now + self.timeout);
            let room = ENGINE.saturating_sub(self.board.queued());
            let next = write.bytes.get(write.given..).unwrap_or_default();
            if room > 0 && !next.is_empty() {
                write.given += self.board.write(next.get(..room).unwrap_or(next))?;
            }
            if write.given == write.bytes.len()
                && self.board.queued() == 0
                && let Some(write) = self.writes.pop_front()
            {
                self.tally.bytes_in += write.bytes.len() as u64;
                write.reply.written(write.bytes.len() as u32);
            }
        }
        if let Some(read) = self.reads.front_mut() {
            read.until.get_or_insert(now + self.timeout);
            if !self.rest.is_empty() || self.board.read(&mut self.rest)? {
                self.still = 0;
                if let Some(read) = self.reads.pop_front() {
                    let size = read.size.min(self.rest.len());
                    self.tally.bytes_out += size as u64;
                    read.reply.data(self.rest.get(..size).unwrap_or_default());
                    self.rest.drain(..size);
                }
            }
        }
        Ok(())
    }

    /// When the transfers under way time out: host to card, card to host.
    fn deadlines(&self) -> [Option<Instant>; 2] {
        [self.writes.front().and_then(|write| write.until), self.reads.front().and_then(|read| read.until)]
    }

    /// A transfer that took too long fails, and its engine does nothing more until the driver is loaded again.
    fn time_out(&mut self, now: Instant) {
        let late = self.deadlines().map(|until| until.is_some_and(|until| now >= until));
        if late[0] {
            self.stuck[0] = true;
            self.tally.line_errors += 1;
            self.writes.pop_front().into_iter().for_each(|write| write.reply.error(timed_out()));
            self.writes.drain(..).for_each(|write| write.reply.error(Errno::EIO));
        }
        if late[1] {
            self.stuck[1] = true;
            self.tally.line_errors += 1;
            self.reads.pop_front().into_iter().for_each(|read| read.reply.error(timed_out()));
            self.reads.drain(..).for_each(|read| read.reply.error(Errno::EIO));
        }
    }
}

/// `ERESTART`: see the head of this file.
fn timed_out() -> Errno {
    Errno::from_i32(rustix::io::Errno::RESTART.raw_os_error())
}

impl ServedPort for CardPort {
    fn turn(&mut self) -> Result<Turn, ServeError> {
        self.hear()?;
        if std::mem::take(&mut self.closed) && self.open == 0 {
            return Ok(Turn::HostGone);
        }
        match self.faults.due(self.board.clocks()) {
            Some(BoardFault::Unplug) => {
                self.gone = true;
                self.fail(Errno::ENODEV);
            }
            Some(BoardFault::Freeze) => self.frozen = true,
            None => {}
        }
        let now = Instant::now();
        if self.gone {
            return Ok(Turn::Quiet(None));
        }
        if !self.frozen {
            let before = (self.board.queued(), self.writes.front().map(|write| write.given));
            let clock = self.board.clocks();
            self.transfer(now)?;
            self.board.run(TURN)?;
            let moved = before != (self.board.queued(), self.writes.front().map(|write| write.given));
            self.still = if moved { 0 } else { self.still + self.board.clocks() - clock };
        } else {
            // The engines wait for a card that does nothing.
            let until = now + self.timeout;
            self.writes.front_mut().map(|write| write.until.get_or_insert(until));
            self.reads.front_mut().map(|read| read.until.get_or_insert(until));
        }
        self.time_out(now);
        let next = self.deadlines().into_iter().flatten().min();
        Ok(if self.frozen || self.still >= STILL { Turn::Quiet(next) } else { Turn::On })
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        vec![self.bell.as_fd()]
    }

    fn tally(&self) -> Summary {
        Summary { clocks: self.board.clocks(), ..self.tally }
    }
}
