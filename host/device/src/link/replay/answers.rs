//! What a device said, job by job, and where two devices said different things.

use super::cutter::{Cutter, Piece};
use super::{Difference, Replayed};
use crate::link::{Header, crc};
use galena_target::frame::{CHUNK_WORDS, FrameType, HEADER_WORDS, StatusCode, Tag};
use galena_target::{Kernel, REGISTERS};
use std::collections::BTreeMap;

/// What a device said about one job.
#[derive(Default)]
pub(super) struct Answer {
    header: Option<Header>,
    frames: u16,
    /// Chunks by tag: the number of their frame, their place in it, their words.
    chunks: BTreeMap<Tag, (u16, usize, Vec<u32>)>,
    registers: Option<(u16, Vec<u32>)>,
    pub(super) status: Option<(u16, Vec<u32>)>,
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
pub(super) struct Answers {
    cutter: Cutter,
    /// Numbers of the jobs that were asked for and have not ended, oldest first.
    open: Vec<u16>,
    pub(super) jobs: Vec<Answer>,
    /// Jobs that have ended; what the device says it has taken of the one under way.
    pub(super) ended: usize,
    pub(super) taken: u64,
    noise: usize,
}

impl Answers {
    pub(super) fn push(&mut self, word: u32) {
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
    pub(super) fn ask(&mut self, job: u16) {
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
pub(super) fn compare(expected: &Answers, found: &Answers) -> Replayed {
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

/// The first difference between two answers to one job. How much of a job that failed had left the device by then is up to
/// the device, and how far one came that its host cut short depends on the clock: of their rows and digests only what both
/// have is compared.
fn differ(answer: &Answer, other: &Answer, partial: bool) -> Option<Found> {
    let cut = [answer, other].iter().any(|answer| answer.code() == Some(StatusCode::Cancelled as u32));
    let failed = answer.code() != Some(StatusCode::Ok as u32);
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
            None if cut || failed => {}
            None => return Some((*frame, *offset, name, "none".into())),
        }
    }
    if !partial && !cut && !failed && answer.chunks.len() != other.chunks.len() {
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
