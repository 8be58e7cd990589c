//! A capture played to another device: the same words go in, and what comes out is compared.
//!
//! Compared is what the host would have made of it: rows and digests by their tags, however they were cut into frames; the
//! status without its counters; the registers that follow from the config. Credits and heartbeats depend on the clock and are
//! not. The kernel `rate` is left out: a replay has no line whose rate could change.

use super::capture::Capture;
use super::faulty::Way;
use super::frame::{Header, crc};
use super::{Transport, TransportError};
use galena_target::frame::{CHUNK_WORDS, FrameType, HEADER_WORDS, MAGIC, StatusCode, Tag};
use galena_target::{Kernel, REGISTERS};
use std::collections::BTreeMap;

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
    let mut host = Cutter::default();
    for record in &capture.records {
        match record.way {
            Way::ToHost => record.words.iter().for_each(|&word| expected.push(word)),
            Way::ToDevice => {
                player.wait(expected.ended)?;
                for &word in &record.words {
                    if let Some(piece) = host.push(word) {
                        if let Piece::Frame(header, _) = &piece
                            && header.frame_type() == Some(FrameType::Command)
                        {
                            expected.ask(header.job);
                        }
                        player.send(piece)?;
                    }
                }
                player.send(host.rest())?;
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

/// A frame, or words that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Frame(Header, Vec<u32>),
    Noise(Vec<u32>),
}

/// Cuts a stream into frames and noise.
#[derive(Default)]
struct Cutter {
    words: Vec<u32>,
    /// The words so far are the beginning of a frame.
    frame: Option<Header>,
}

impl Cutter {
    /// Takes a word; returns the piece that it ends.
    fn push(&mut self, word: u32) -> Option<Piece> {
        self.words.push(word);
        if let Some(header) = self.frame {
            return (self.words.len() >= header.frame_words()).then(|| {
                self.frame = None;
                Piece::Frame(header, std::mem::take(&mut self.words))
            });
        }
        let at = self.words.len().checked_sub(HEADER_WORDS)?;
        self.frame = self.words.get(at..).and_then(|words| words.first_chunk()).and_then(Header::read);
        self.frame?;
        let frame = self.words.split_off(at);
        let noise = std::mem::replace(&mut self.words, frame);
        (!noise.is_empty()).then_some(Piece::Noise(noise))
    }

    /// What there is of noise, but not a frame under way, nor what may be the beginning of one.
    fn rest(&mut self) -> Piece {
        let begun = self.words.iter().rev().take(HEADER_WORDS - 1).position(|&word| word == MAGIC);
        let keep = if self.frame.is_some() { self.words.len() } else { begun.map_or(0, |at| at + 1) };
        let rest = self.words.split_off(self.words.len() - keep);
        Piece::Noise(std::mem::replace(&mut self.words, rest))
    }
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

    fn send(&mut self, piece: Piece) -> Result<(), ReplayError> {
        let words = match piece {
            Piece::Frame(header, _) if header.kernel == Kernel::Rate.code() => return Ok(()),
            Piece::Frame(header, words) => {
                if header.frame_type() == Some(FrameType::Command) {
                    self.found.ask(header.job);
                    (self.job, self.sent, self.found.taken) = (header.job, 0, 0);
                }
                words
            }
            Piece::Noise(words) => words,
        };
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

/// What a device said about one job.
#[derive(Default)]
struct Answer {
    header: Option<Header>,
    frames: u16,
    /// Chunks by tag: the number of their frame, their place in it, their words.
    chunks: BTreeMap<Tag, (u16, usize, Vec<u32>)>,
    registers: Option<(u16, Vec<u32>)>,
    status: Option<(u16, Vec<u32>)>,
    partial: bool,
}

impl Answer {
    /// The code of its status.
    fn code(&self) -> Option<u32> {
        self.status.as_ref().and_then(|(_, words)| words.first().copied())
    }
}

/// What a device said.
#[derive(Default)]
struct Answers {
    cutter: Cutter,
    /// Numbers of the jobs that were asked for and have not ended, oldest first.
    open: Vec<u16>,
    jobs: Vec<Answer>,
    /// Jobs that have ended; what the device says it has taken of the one under way.
    ended: usize,
    taken: u64,
    noise: usize,
}

impl Answers {
    fn push(&mut self, word: u32) {
        match self.cutter.push(word) {
            None => {}
            Some(Piece::Noise(words)) => self.noise += words.iter().filter(|&&word| word != 0).count(),
            Some(Piece::Frame(header, words)) => {
                let payload = &words[HEADER_WORDS..words.len() - 1];
                if crc(payload) == words[words.len() - 1] {
                    self.frame(header, payload);
                } else {
                    self.noise += words.len();
                }
            }
        }
    }

    /// A job of this number is asked for. Two that did not end before were given up by their host.
    fn ask(&mut self, job: u16) {
        self.open.push(job);
        if self.open.len() > 3 {
            self.open.remove(0);
        }
    }

    fn frame(&mut self, header: Header, payload: &[u32]) {
        if !self.open.contains(&header.job) {
            self.noise += header.frame_words();
            return;
        }
        let same = |answer: &Answer| answer.status.is_none() && answer.header.is_some_and(|h| h.job == header.job);
        // A stray frame of another job may stand between two of this one.
        let near = self.jobs.len().saturating_sub(3);
        let at = self.jobs[near..].iter().rposition(same).map_or(self.jobs.len(), |at| near + at);
        if at == self.jobs.len() {
            self.jobs.push(Answer { header: Some(header), ..Answer::default() });
        }
        let answer = &mut self.jobs[at];
        answer.partial |= header.sequence != answer.frames;
        answer.frames = header.sequence.wrapping_add(1);
        match header.frame_type() {
            Some(FrameType::Chunks) => {
                for (position, chunk) in payload.chunks_exact(CHUNK_WORDS).enumerate() {
                    let place = (header.sequence, position * CHUNK_WORDS, chunk.to_vec());
                    answer.chunks.entry(Tag::from_word(chunk[0])).or_insert(place);
                }
            }
            Some(FrameType::Registers) => answer.registers = Some((header.sequence, payload.to_vec())),
            Some(FrameType::Credit) => self.taken = payload.first().map_or(self.taken, |&word| word.into()),
            Some(FrameType::Status) => {
                answer.status = Some((header.sequence, payload.to_vec()));
                self.open.retain(|&job| job != header.job);
                self.ended += usize::from(header.kernel != Kernel::Rate.code());
            }
            _ => answer.partial = true,
        }
    }
}

/// Looks for the answer to each job of the capture in the replay, and for the first difference.
fn compare(expected: &Answers, found: &Answers) -> Replayed {
    let mut replayed = Replayed { noise: expected.noise, ..Replayed::default() };
    let mut from = 0;
    for answer in &expected.jobs {
        let Some(header) = answer.header.filter(|header| header.kernel != Kernel::Rate.code()) else { continue };
        let kernel = Kernel::from_code(header.kernel);
        let partial = answer.partial || answer.status.is_none();
        let place = |frame, word, expected: String, found: String| Difference {
            job: header.job,
            kernel,
            frame,
            word,
            expected,
            found,
        };
        let job = |other: &Answer| other.header.is_some_and(|other| other.job == header.job);
        let Some(at) = found.jobs[from..].iter().position(job) else {
            replayed.difference = Some(place(0, 0, "an answer".into(), "none".into()));
            return replayed;
        };
        let other = &found.jobs[from + at];
        from += at + 1;
        replayed.jobs += 1;
        replayed.chunks += answer.chunks.len();
        replayed.partial += usize::from(partial);
        if let Some((frame, word, expected, found)) = differ(answer, other, partial) {
            replayed.difference = Some(place(frame, word, expected, found));
            return replayed;
        }
    }
    replayed
}

/// Frame, word, what the capture has, what the replay has.
type Found = (u16, usize, String, String);

/// The first difference between two answers to one job. How far a job came that its host cut short depends on the clock: of
/// such a one only what both have is compared.
fn differ(answer: &Answer, other: &Answer, partial: bool) -> Option<Found> {
    let cut = [answer, other].iter().any(|answer| answer.code() == Some(StatusCode::Cancelled as u32));
    let partial = partial || cut;
    if let (Some(code), Some(others)) = (answer.code(), other.code())
        && code != others
        && !cut
    {
        let name =
            |code: u32| StatusCode::from_code(code).map_or_else(|| hex(code), |code| format!("`{}`", code.name()));
        return Some((answer.frames.wrapping_sub(1), 0, format!("the status {}", name(code)), name(others)));
    }
    for (tag, (frame, offset, words)) in &answer.chunks {
        let (kind, of) = if tag.digest { ("digest", "level") } else { ("row", "group") };
        let name = format!("{kind} {} of {of} {}", tag.index, tag.group);
        match other.chunks.get(tag) {
            Some((_, _, others)) => {
                if let Some(at) = words.iter().zip(others).position(|(a, b)| a != b) {
                    let expected = format!("{} in {name}", hex(words[at]));
                    return Some((*frame, offset + at, expected, hex(others[at])));
                }
            }
            None if cut => {}
            None => return Some((*frame, *offset, name, "none".into())),
        }
    }
    if !partial && answer.chunks.len() != other.chunks.len() {
        let count = |answer: &Answer| format!("{} rows and digests", answer.chunks.len());
        return Some((0, 0, count(answer), count(other)));
    }
    differ_in_registers(answer, other).or_else(|| if cut { None } else { differ_in_status(answer, other) })
}

fn differ_in_registers(answer: &Answer, other: &Answer) -> Option<Found> {
    let ((frame, map), (_, others)) = (answer.registers.as_ref()?, other.registers.as_ref()?);
    let fixed = REGISTERS.iter().filter(|row| row.register.fixed());
    let mut words = fixed.flat_map(|row| (row.index..row.index + row.words).map(move |at| (row.name, at)));
    let (name, at) = words.find(|&(_, at)| map.get(at) != others.get(at))?;
    let word = |map: &[u32]| map.get(at).map_or_else(|| "nothing".into(), |&word| hex(word));
    Some((*frame, at, format!("{} in `{name}`", word(map)), word(others)))
}

fn differ_in_status(answer: &Answer, other: &Answer) -> Option<Found> {
    let (frame, status) = answer.status.as_ref()?;
    let Some((_, others)) = &other.status else { return Some((*frame, 0, "a status".into(), "none".into())) };
    // Code, frame, word, found: the rest counts clocks and work.
    let at = status.iter().zip(others).take(4).position(|(a, b)| a != b)?;
    Some((*frame, at, format!("{} in the status", hex(status[at])), hex(others[at])))
}

fn hex(word: u32) -> String {
    format!("{word:#010x}")
}
