//! A stream of words, cut into frames and what lies between them.

use crate::link::Header;
use galena_target::frame::{HEADER_WORDS, MAGIC};

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

    /// What there is of noise, but not a frame under way, nor what may be the beginning of one.
    pub(super) fn rest(&mut self) -> Piece {
        let begun = self.words.iter().rev().take(HEADER_WORDS - 1).position(|&word| word == MAGIC);
        let keep = if self.frame.is_some() { self.words.len() } else { begun.map_or(0, |at| at + 1) };
        let rest = self.words.split_off(self.words.len() - keep);
        Piece::Noise(std::mem::replace(&mut self.words, rest))
    }
}
