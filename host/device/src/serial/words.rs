//! Bytes of a line to words, four to a word, low byte first; aligned again where the line has lost some.

use galena_target::frame::MAGIC;

/// Gathers bytes to words. While it searches it does as a device does: the four bytes of the magic word are a word wherever they
/// appear. The magic's bytes differ from one another, so two of them never overlap, and the last one seen is right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligner {
    /// The last four bytes, the latest on top.
    last: u32,
    /// Bytes since the last word ended.
    bytes: u8,
    /// Whether a magic word may begin anywhere.
    pub(crate) searching: bool,
}

impl Aligner {
    /// One that has seen nothing, and searches.
    pub(crate) fn searching() -> Self {
        Self { searching: true, ..Self::default() }
    }

    /// Takes bytes, appends words.
    pub(crate) fn take(&mut self, bytes: &[u8], out: &mut Vec<u32>) {
        for &byte in bytes {
            self.last = self.last >> 8 | u32::from(byte) << 24;
            self.bytes += 1;
            if self.bytes == 4 || (self.searching && self.last == MAGIC) {
                out.push(self.last);
                self.bytes = 0;
            }
        }
    }

    /// Forgets the bytes of an unfinished word.
    pub(crate) fn clear(&mut self) {
        (self.last, self.bytes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(aligner: &mut Aligner, bytes: &[u8]) -> Vec<u32> {
        let mut out = vec![];
        bytes.iter().for_each(|byte| aligner.take(&[*byte], &mut out));
        out
    }

    #[test]
    fn four_bytes_are_a_word_however_they_arrive() {
        let bytes: Vec<u8> = (0..64).collect();
        let mut out = vec![];
        for cut in 0..64 {
            let mut aligner = Aligner::default();
            out.clear();
            aligner.take(&bytes[..cut], &mut out);
            aligner.take(&bytes[cut..], &mut out);
            assert_eq!(out, bytes.chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_magic_word_is_found_wherever_it_begins_while_searching_and_only_then() {
        for lost in 1..4 {
            let mut line = vec![0xaa; 8 - lost];
            line.extend(MAGIC.to_le_bytes());
            line.extend(7u32.to_le_bytes());
            let mut aligner = Aligner::searching();
            let found = words(&mut aligner, &line);
            assert_eq!(found[found.len() - 2..], [MAGIC, 7], "{lost} bytes lost");
            // What follows is aligned, also when the search is over.
            aligner.searching = false;
            assert_eq!(words(&mut aligner, &9u32.to_le_bytes()), [9]);
            let mut blind = Aligner::default();
            assert!(!words(&mut blind, &line).contains(&MAGIC));
        }
        // An unfinished word is forgotten.
        let mut aligner = Aligner::default();
        assert_eq!(words(&mut aligner, &[1, 2, 3]), [0u32; 0]);
        aligner.clear();
        assert_eq!(words(&mut aligner, &[4, 0, 0, 0]), [4]);
    }
}
