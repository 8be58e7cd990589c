//! Frames as words: headers made and read, payloads appended, both CRCs.

use galena_target::frame::{FrameType, HEADER_WORDS, MAGIC, kind_word, length_word};

/// What a frame's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Code of the kernel.
    pub kernel: u8,
    /// Code of the frame type.
    pub frame: u8,
    /// Number of the frame within its job and direction, modulo 2^16.
    pub sequence: u16,
    /// Number of the job.
    pub job: u16,
    /// Words of payload.
    pub length: u16,
}

impl Header {
    /// The header in these words, if the first is the magic and the CRC is right. Its values may be of no use all the same.
    pub fn read(words: &[u32; HEADER_WORDS]) -> Option<Self> {
        let [magic, kind, length, check] = *words;
        let right = magic == MAGIC && check == crc(&[magic, kind, length]);
        right.then(|| Self::of(kind, length))
    }

    /// What words 1 and 2 of a header say.
    pub(crate) fn of(kind: u32, length: u32) -> Self {
        let [kernel, frame, low, high] = kind.to_le_bytes();
        let (length, job) = ((length & 0xffff) as u16, (length >> 16) as u16);
        Self { kernel, frame, sequence: u16::from_le_bytes([low, high]), job, length }
    }

    /// The header's words.
    pub fn words(&self) -> [u32; HEADER_WORDS] {
        let kind = u32::from_le_bytes([
            self.kernel,
            self.frame,
            self.sequence.to_le_bytes()[0],
            self.sequence.to_le_bytes()[1],
        ]);
        let length = length_word(self.length.into(), self.job);
        [MAGIC, kind, length, crc(&[MAGIC, kind, length])]
    }

    /// The frame type, if its code is one.
    pub fn frame_type(&self) -> Option<FrameType> {
        FrameType::from_code(self.frame)
    }

    /// Words of the whole frame: header, payload, CRC.
    pub fn frame_words(&self) -> usize {
        HEADER_WORDS + usize::from(self.length) + 1
    }
}

/// Appends a frame with this payload of at most [`galena_target::frame::PAYLOAD_MAX`] words.
pub fn append(
    out: &mut Vec<u32>,
    kernel: u8,
    frame: FrameType,
    (job, sequence): (u16, u16),
    payload: impl IntoIterator<Item = u32>,
) {
    let start = out.len();
    out.extend([MAGIC, kind_word(kernel, frame, sequence), 0, 0]);
    out.extend(payload);
    let header = start + HEADER_WORDS;
    out[start + 2] = length_word(out.len() - header, job);
    out[start + 3] = crc(&out[start..start + 3]);
    let sum = crc(&out[header..]);
    out.push(sum);
}

/// CRC-32 of words, low byte first; the same function as `galena_target::frame::crc32`, at the speed of the machine.
pub fn crc(words: &[u32]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = [0; 256];
    for some in words.chunks(64) {
        for (to, word) in bytes.chunks_exact_mut(4).zip(some) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        hasher.update(&bytes[..4 * some.len()]);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use galena_target::frame::crc32;

    #[test]
    fn the_fast_crc_is_the_table_s() {
        for n in [0, 1, 3, 63, 64, 65, 200] {
            let words: Vec<u32> = (0..n).map(|i: u32| i.wrapping_mul(0x9e37_79b9)).collect();
            assert_eq!(crc(&words), crc32(&words));
        }
    }

    #[test]
    fn headers_survive_the_round_trip_and_damaged_ones_are_none() {
        let mut words = vec![];
        append(&mut words, 2, FrameType::Data, (0xbeef, 0x1234), [7, 8, 9]);
        let head: [u32; HEADER_WORDS] = std::array::from_fn(|i| words[i]);
        let header = Header { kernel: 2, frame: 1, sequence: 0x1234, job: 0xbeef, length: 3 };
        assert_eq!((Header::read(&head), header.words(), header.frame_words()), (Some(header), head, words.len()));
        assert_eq!(header.frame_type(), Some(FrameType::Data));
        for bit in 0..128 {
            let mut damaged = head;
            damaged[bit / 32] ^= 1 << (bit % 32);
            assert_eq!(Header::read(&damaged), None, "bit {bit}");
        }
    }
}
