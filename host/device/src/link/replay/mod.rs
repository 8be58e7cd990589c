//! A capture played to another device: the same words go in, and what comes out is compared.
//!
//! Compared is what the host would have made of it: rows and digests by their tags, however they were cut into frames; the
//! status without its counters; the registers that follow from the config. Credits and heartbeats depend on the clock and are
//! not. The kernel `rate` is left out: a replay has no line whose rate could change.

mod answers;
mod cutter;

use super::capture::Capture;
use super::faulty::Way;
use super::{Header, Transport, TransportError};
use answers::{Answers, compare};
use cutter::Follower;
use galena_target::Kernel;

/// Words asked for at a time while sending.
const WANT: usize = 4096;

/// Credit of a device whose config is not known.
const WINDOW_MIN: u64 = 1 << 11;

/// Why a capture cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is nothing in it to compare.
    #[error("the capture holds no answer of a device")]
    Empty,
    /// The link to the device that it is played to failed.
    #[error("the replay stopped in job {job}: {source}")]
    Link {
        /// Number of the job.
        job: u16,
        /// Why.
        source: TransportError,
    },
}

/// How a replay ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Replayed {
    /// Jobs whose answers were compared.
    pub jobs: usize,
    /// Rows and digests compared.
    pub chunks: usize,
    /// Jobs whose answer is not whole in the capture: what there is of them was compared.
    pub partial: usize,
    /// Words from the device in the capture that belong to no frame, or to no job that its host asked for.
    pub noise: usize,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// Where a replay differs from its capture.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Number of the job.
    pub job: u16,
    /// Its kernel.
    pub kernel: Option<Kernel>,
    /// Number of the frame in the capture.
    pub frame: u16,
    /// Word of its payload.
    pub word: usize,
    /// What the capture has there.
    pub expected: String,
    /// What the replay has in its place.
    pub found: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { job, kernel, frame, word, expected, found } = self;
        let kernel = kernel.map_or("unknown", Kernel::name);
        write!(
            f,
            "job {job}, kernel `{kernel}`, frame {frame}, word {word}: the capture has {expected}, the replay {found}"
        )
    }
}

/// Plays what the host sent to `device` and compares the answers.
pub fn replay(capture: &Capture, device: &mut dyn Transport) -> Result<Replayed, ReplayError> {
    let mut expected = Answers::default();
    let mut player = Player::new(device, capture.config().map_or(WINDOW_MIN, |config| config.window as u64));
    let (mut host, mut out) = (Follower::default(), vec![]);
    for record in &capture.records {
        match record.way {
            Way::ToHost => record.words.iter().for_each(|&word| expected.push(word)),
            Way::ToDevice => {
                player.wait(expected.ended)?;
                for &word in &record.words {
                    if let Some((command, before)) = host.push(word, &mut out) {
                        player.send(&before)?;
                        player.begin(command);
                        expected.ask(command.job);
                    }
                }
                host.pause(&mut out);
                player.send(&std::mem::take(&mut out))?;
            }
        }
    }
    // An answer that the capture has the beginning of is waited for to its end.
    let begun = expected.jobs.last().is_some_and(|answer| answer.status.is_none());
    player.wait(expected.ended + usize::from(begun))?;
    if expected.jobs.is_empty() {
        return Err(ReplayError::Empty);
    }
    Ok(compare(&expected, &player.found))
}

/// Sends the host's words as far as the replay's own credit goes.
struct Player<'a> {
    device: &'a mut dyn Transport,
    rx: Vec<u32>,
    found: Answers,
    job: u16,
    window: u64,
    sent: u64,
    silent: bool,
}

impl<'a> Player<'a> {
    fn new(device: &'a mut dyn Transport, window: u64) -> Self {
        let (rx, found) = Default::default();
        Self { device, rx, found, job: 0, window, sent: 0, silent: false }
    }

    /// Waits until so many jobs have ended, or the device has nothing more to say.
    fn wait(&mut self, ended: usize) -> Result<(), ReplayError> {
        self.silent = false;
        while self.found.ended < ended && !self.silent {
            self.exchange(&[], 1)?;
        }
        Ok(())
    }

    /// A job begins with the next word sent.
    fn begin(&mut self, command: Header) {
        (self.job, self.sent, self.found.taken) = (command.job, 0, 0);
        self.found.ask(command.job);
    }

    fn send(&mut self, words: &[u32]) -> Result<(), ReplayError> {
        let (mut at, unit) = (0, self.device.unit().max(1));
        self.silent = false;
        while at < words.len() {
            let room = (self.found.taken + self.window).saturating_sub(self.sent);
            if room == 0 && !self.silent {
                self.exchange(&[], 1)?;
                continue;
            }
            // A device that has gone silent gives no more credit: what it makes of the rest is compared.
            let some = if self.silent { words.len() } else { words.len().min(at + room as usize) };
            let mut tx = words[at..some].to_vec();
            tx.resize(tx.len().next_multiple_of(unit), 0);
            let moved = self.exchange(&tx, WANT)?.min(some - at);
            if moved == 0 && self.silent {
                return Ok(());
            }
            (at, self.sent) = (at + moved, self.sent + moved as u64);
        }
        Ok(())
    }

    fn exchange(&mut self, tx: &[u32], want: usize) -> Result<usize, ReplayError> {
        let result = self.device.exchange(tx, &mut self.rx, want);
        self.rx.drain(..).for_each(|word| self.found.push(word));
        match result {
            Ok(moved) => Ok(moved),
            Err(TransportError::Silent { .. }) => {
                self.silent = true;
                Ok(0)
            }
            Err(source) => Err(ReplayError::Link { job: self.job, source }),
        }
    }
}
