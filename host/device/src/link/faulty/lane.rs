//! One direction of a faulty link: words in, words out, and the frames they make.

use super::table::Fault;
use crate::link::{Header, crc};
use galena_target::frame::{CHUNK_WORDS, FrameType, HEADER_WORDS, MAGIC};
use galena_target::{FIELD_PRIME, Kernel, Register};
use std::collections::VecDeque;

/// One direction.
#[derive(Default)]
pub(super) struct Lane {
    /// Words that came in since the beginning.
    seen: u64,
    plan: Option<(u64, Fault)>,
    /// Words of the frame under way as far as they came, and whether they were held back.
    frame: Vec<u32>,
    held: bool,
    /// The last whole frame, and the last one of the job before its.
    last: Vec<u32>,
    former: Vec<u32>,
    /// What goes after the next word or frame.
    after: Vec<u32>,
    /// What goes after a silence.
    late: Vec<u32>,
    stopped: bool,
    /// Words that go out.
    pub(super) out: VecDeque<u32>,
    /// How often a fault happened.
    pub(super) happened: u64,
}

impl Lane {
    pub(super) fn plan(&mut self, after: u64, fault: Fault) {
        self.plan = Some((self.seen + after, fault));
    }

    /// No fault any more; what was held back for one is lost.
    pub(super) fn heal(&mut self) {
        (self.plan, self.stopped, self.held) = (None, false, false);
        self.after.clear();
    }

    /// The link was silent: what is late comes now. Whether there was anything.
    pub(super) fn silence(&mut self) -> bool {
        let any = !self.late.is_empty();
        self.out.extend(self.late.drain(..));
        any
    }

    /// A word comes in.
    pub(super) fn push(&mut self, word: u32) {
        let place = self.seen;
        self.seen += 1;
        if self.stopped {
            return;
        }
        match self.plan {
            Some((at, fault)) if fault.of_words() && at == place => self.word_fault(fault, word),
            Some((at, fault)) if !fault.of_words() && at <= place && self.frame.is_empty() && word == MAGIC => {
                // Held back until the header says whether it is a frame for this fault.
                self.held = true;
                self.frame.push(word);
            }
            _ => self.pass(word),
        }
    }

    fn word_fault(&mut self, fault: Fault, word: u32) {
        self.happened += 1;
        match fault {
            Fault::Flip(mask) => self.pass(word ^ mask),
            Fault::Repeat => {
                self.pass(word);
                self.out.push_back(word);
            }
            Fault::Swap => self.after.push(word),
            Fault::Zeros(count) => {
                self.out.extend(std::iter::repeat_n(0, count));
                self.pass(word);
            }
            Fault::Garbage(count) => {
                // A generator of noise that is the same every time.
                let noise = |i: usize| (i as u64 + self.seen).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 29;
                let noise: Vec<u32> = (0..count).map(|i| noise(i) as u32).collect();
                self.out.extend(noise);
                self.pass(word);
            }
            Fault::Stop => self.stopped = true,
            _ => {} // lost
        }
    }

    /// A word that no word fault changes: on its way out, or into the frame that is held back.
    fn pass(&mut self, word: u32) {
        if !self.held {
            self.out.push_back(word);
            if self.plan.is_some_and(|(_, fault)| fault == Fault::Swap) {
                self.out.extend(self.after.drain(..));
            }
        }
        if self.frame.is_empty() && word != MAGIC {
            return; // filler, or noise
        }
        self.frame.push(word);
        let Some(&[_, kind, length, _]) = self.frame.first_chunk::<HEADER_WORDS>() else { return };
        let header = Header::of(kind, length);
        if self.held && self.frame.len() == HEADER_WORDS {
            let fits = |frame| self.plan.is_some_and(|(_, fault)| fault.fits(frame));
            if !header.frame_type().is_some_and(fits) {
                self.held = false;
                self.out.extend(&self.frame);
            }
        }
        if self.frame.len() >= header.frame_words() {
            self.whole(header);
        }
    }

    /// A frame is over.
    fn whole(&mut self, header: Header) {
        let frame = std::mem::take(&mut self.frame);
        if self.last.get(2).is_some_and(|&length| Header::of(0, length).job != header.job) {
            self.former = std::mem::replace(&mut self.last, frame.clone());
        } else {
            self.last.clone_from(&frame);
        }
        if std::mem::take(&mut self.held) {
            if let Some((_, fault)) = self.plan.take() {
                self.happened += 1;
                self.frame_fault(fault, frame, header);
            }
        } else {
            self.out.extend(self.after.drain(..));
        }
    }

    fn frame_fault(&mut self, fault: Fault, mut frame: Vec<u32>, mut header: Header) {
        let payload = HEADER_WORDS..frame.len() - 1;
        let words = payload.len();
        match fault {
            Fault::Truncate => frame.truncate(frame.len() / 2),
            Fault::DropFrame => frame.clear(),
            Fault::RepeatFrame | Fault::RepeatStatus => frame.extend_from_within(..),
            Fault::SwapFrames => self.after = std::mem::take(&mut frame),
            Fault::Late => self.late = std::mem::take(&mut frame),
            Fault::Stale => self.out.extend(&self.former),
            Fault::OtherJob => header.job ^= 1,
            Fault::OtherSequence => header.sequence ^= 1,
            Fault::OtherKernel => header.kernel = if header.kernel == 1 { Kernel::Hash.code() } else { 1 },
            Fault::OtherType => header.frame = (header.frame + 1) % 8,
            Fault::OtherLength => {
                header.length += if header.frame_type() == Some(FrameType::Chunks) { CHUNK_WORDS as u16 } else { 8 };
            }
            Fault::NonCanonical if words > 1 => {
                // In the middle, and in a chunk no tag.
                let middle = words / 2;
                frame[payload.start + if middle % CHUNK_WORDS == 0 { middle + 1 } else { middle }] = FIELD_PRIME;
            }
            Fault::WrongTag if words > 0 => frame[payload.start] ^= 1,
            Fault::RepeatChunk if words >= 2 * CHUNK_WORDS => {
                frame.copy_within(payload.start..payload.start + CHUNK_WORDS, payload.start + CHUNK_WORDS);
            }
            Fault::WrongStatus(code) if words > 0 => frame[payload.start] = code,
            Fault::WrongRegisters if words > Register::Lanes.index() => {
                frame[payload.start + Register::Lanes.index()] ^= 6;
            }
            Fault::CreditTooSmall if words > 0 => frame[payload.start] = frame[payload.start].saturating_sub(100),
            Fault::CreditTooLarge if words > 0 => frame[payload.start] += 1 << 20,
            Fault::CreditBackwards if words > 0 => frame[payload.start] = 0,
            _ => {}
        }
        if frame.len() == header.frame_words() || fault == Fault::OtherLength {
            frame[..HEADER_WORDS].copy_from_slice(&header.words());
            let sum = crc(&frame[payload.clone()]);
            frame[payload.end] = sum;
        }
        self.out.extend(frame);
    }
}
