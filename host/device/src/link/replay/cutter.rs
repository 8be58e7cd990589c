//! A stream of words, cut into frames and what lies between them.

use crate::link::Header;
use galena_target::Kernel;
use galena_target::frame::{FrameType, HEADER_WORDS, MAGIC};

/// A frame, or words that are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Frame(Header, Vec<u32>),
    Noise(Vec<u32>),
}

/// Cuts a stream into frames and noise.
#[derive(Default)]
pub(super) struct Cutter {
    words: Vec<u32>,
    /// The words so far are the beginning of a frame.
    frame: Option<Header>,
}

impl Cutter {
    /// Takes a word; returns the piece that it ends.
    pub(super) fn push(&mut self, word: u32) -> Option<Piece> {
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
}

/// Follows what a host sent, word by word: what to send on, and where jobs begin. A command is found wherever it stands, as a
/// device finds it after an error. Frames of `rate` are left out.
#[derive(Default)]
pub(super) struct Follower {
    /// Words that may be the beginning of a header.
    head: Vec<u32>,
    /// Words of a frame that is left out.
    skip: usize,
}

impl Follower {
    /// Takes a word and appends to `out` what can be sent on. When a command begins, its header and what is to be sent before
    /// it.
    pub(super) fn push(&mut self, word: u32, out: &mut Vec<u32>) -> Option<(Header, Vec<u32>)> {
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.head.push(word);
        let head = self.head.first_chunk::<HEADER_WORDS>()?;
        match Header::read(head) {
            Some(header) if header.kernel == Kernel::Rate.code() => {
                self.head.clear();
                self.skip = header.frame_words() - HEADER_WORDS;
                None
            }
            Some(header) if header.frame_type() == Some(FrameType::Command) => {
                let before = std::mem::take(out);
                out.append(&mut self.head);
                Some((header, before))
            }
            _ => {
                out.push(self.head.remove(0));
                None
            }
        }
    }

    /// The record is over: appends what can be sent on, which is all but what may be the beginning of a header.
    pub(super) fn pause(&mut self, out: &mut Vec<u32>) {
        let begun = self.head.iter().position(|&word| word == MAGIC).unwrap_or(self.head.len());
        out.extend(self.head.drain(..begun));
    }
}
