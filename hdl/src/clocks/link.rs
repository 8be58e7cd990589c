//! The link: words in, as far ahead as the device stores them, and chunks out, a frame at a time.

use super::FRAME_WORDS;
use crate::shell::CHUNK_STORE;
use galena_target::frame::{CHUNK_WORDS, CHUNKS_MAX, PAYLOAD_MAX};
use std::collections::VecDeque;

/// How fast a link is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Clocks of a word.
    pub(super) word: f64,
    /// Words that have left the shell and are not on the line yet: in registers, and the one that is being shifted out.
    pub(super) held: f64,
}

/// Words of so much data with its frames.
pub(super) fn frames(data: usize) -> usize {
    data + FRAME_WORDS * data.div_ceil(PAYLOAD_MAX)
}

/// Data words on their way in.
pub(super) struct Inward {
    pace: Pace,
    window: f64,
    /// When the last word that was asked for had arrived, and when it was taken.
    arrived: f64,
    taken: f64,
    /// Data words so far.
    data: usize,
}

impl Inward {
    /// A job's data follow its command, which had come at `start`.
    pub(super) fn new(pace: Pace, window: usize, start: f64) -> Self {
        Self { pace, window: window as f64, arrived: start, taken: start, data: 0 }
    }

    /// When the last word was taken.
    pub(super) fn taken(&self) -> f64 {
        self.taken
    }

    /// Takes so many data words from `start` on, one a clock at most; returns when the last is taken. The link brings words before they are asked
    /// for, as many as the store holds.
    pub(super) fn take(&mut self, start: f64, data: usize) -> f64 {
        let words = (frames(self.data + data) - frames(self.data)) as f64;
        self.data += data;
        let start = start.max(self.taken);
        let ahead = start + (words - self.window).max(0.0) * self.pace.word;
        self.arrived = (self.arrived + words * self.pace.word).max(ahead);
        self.taken = self.arrived.max(start + words);
        self.taken
    }

    /// Nothing is taken before this.
    pub(super) fn hold(&mut self, until: f64) {
        // A beat of eight words is gathered while the one before waits.
        self.taken = self.taken.max(until - 8.0);
    }
}

/// Chunks on their way out.
pub(super) struct Outward {
    pace: Pace,
    /// When the last chunk was in the store.
    shifted: f64,
    /// When the last frame had left.
    left: f64,
    /// Of chunks in the store: when each was there.
    waiting: VecDeque<f64>,
    /// Of the chunks before, as many as the store holds: when each has left.
    gone: VecDeque<f64>,
    words: usize,
}

/// Clocks between a decision and the first word of its frame, and after it.
const TURN: f64 = 2.0;

impl Outward {
    pub(super) fn new(pace: Pace) -> Self {
        let (waiting, gone) = (VecDeque::new(), VecDeque::new());
        Self { pace, shifted: 0.0, left: 0.0, waiting, gone, words: 0 }
    }

    /// A chunk that is ready; returns when it is taken. A word of it goes into the store in a clock, if there is room.
    pub(super) fn chunk(&mut self, ready: f64) -> f64 {
        let taken = ready.max(self.shifted);
        let store = CHUNK_STORE / CHUNK_WORDS;
        let room = if self.waiting.len() + self.gone.len() >= store { self.gone.pop_front() } else { None };
        self.shifted = (taken + CHUNK_WORDS as f64).max(room.unwrap_or(0.0));
        self.waiting.push_back(self.shifted);
        if self.waiting.len() == CHUNKS_MAX {
            self.frame();
        }
        taken
    }

    /// Sends what waits as one frame.
    fn frame(&mut self) {
        let Some(&last) = self.waiting.back() else { return };
        let start = (last + TURN).max(self.left + TURN);
        let head = start + (FRAME_WORDS - 1) as f64 * self.pace.word;
        let count = self.waiting.len();
        self.waiting.clear();
        self.gone.extend((1..=count).map(|k| head + (k * CHUNK_WORDS) as f64 * self.pace.word));
        let words = FRAME_WORDS + count * CHUNK_WORDS;
        self.left = start + words as f64 * self.pace.word;
        self.words += words;
    }

    /// A frame of its own, ready at `start`; returns when it has left.
    pub(super) fn plain(&mut self, start: f64, words: usize) -> f64 {
        self.left = start.max(self.left) + words as f64 * self.pace.word;
        self.words += words;
        self.left
    }

    /// Sends what is left; returns when all has left the shell.
    pub(super) fn finish(&mut self) -> f64 {
        self.frame();
        (self.left - self.pace.held * self.pace.word).max(self.shifted)
    }

    /// Words sent.
    pub(super) fn words(&self) -> usize {
        self.words
    }
}
