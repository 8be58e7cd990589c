//! Frames of the link: constants, types, tags, status codes, and the CRC. `ABI.md` has the prose.

/// First word of every frame: bytes 02 'G' 'L' 'N'; the low byte is the frame format's version.
pub const MAGIC: u32 = 0x4E4C_4702;
/// Words of a header: magic, kind, length, CRC of the first three.
pub const HEADER_WORDS: usize = 4;
/// Words of a payload at most.
pub const PAYLOAD_MAX: usize = 1024;
/// Words of a command's payload.
pub const COMMAND_WORDS: usize = 24;
/// Words of a status frame's payload.
pub const STATUS_WORDS: usize = 16;
/// Words of a chunk: a tag and 8 field words.
pub const CHUNK_WORDS: usize = 9;
/// Chunks of a `chunks` frame at most.
pub const CHUNKS_MAX: usize = 64;
/// Words of a credit frame's payload.
pub const CREDIT_WORDS: usize = 1;
/// A device in a job that has sent nothing for so many clocks sends a credit.
pub const HEARTBEAT_CLOCKS: u32 = 1 << 16;
/// A serial device that has changed its rate goes back to the base rate unless a frame header arrives within so many clocks.
pub const RATE_CLOCKS: u32 = 1 << 22;
/// A serial line that is low for so many clocks is a break: it resets the device.
pub const BREAK_CLOCKS: u32 = 1 << 14;
/// The job number that a cancel may carry to end whatever job there is. No job has it.
pub const ANY_JOB: u16 = 0xFFFF;
/// Zero words (filler between frames) that end whatever frame a device believes itself in: a header, the longest payload and its CRC, and a margin.
pub const RECOVERY_WORDS: usize = 1040;
/// Columns of a group: one beat of the datapath, one absorption of the sponge.
pub const GROUP_COLUMNS: usize = 8;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FrameType {
    /// Host to device: begins a job.
    Command = 0,
    /// Host to device: the job's matrix.
    Data = 1,
    /// Device to host: rows and digests.
    Chunks = 2,
    /// Device to host: ends the job.
    Status = 3,
    /// Device to host: the register map.
    Registers = 4,
    /// Device to host: how many words of the job have been taken.
    Credit = 5,
    /// Host to device: ends the job.
    Cancel = 6,
    /// Host to device, between jobs: the device becomes as after power-up.
    Reset = 7,
}

/// All frame types, in order of their codes, with their names.
pub const FRAME_TYPES: [(FrameType, &str); 8] = [
    (FrameType::Command, "command"),
    (FrameType::Data, "data"),
    (FrameType::Chunks, "chunks"),
    (FrameType::Status, "status"),
    (FrameType::Registers, "registers"),
    (FrameType::Credit, "credit"),
    (FrameType::Cancel, "cancel"),
    (FrameType::Reset, "reset"),
];

impl FrameType {
    /// The type with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        FRAME_TYPES.get(usize::from(code)).map(|row| row.0)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        FRAME_TYPES[self as usize].1
    }
}

/// How a job ended: word 0 of the status payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StatusCode {
    /// Done.
    Ok = 0,
    /// The CRC of a payload did not match.
    PayloadCrc = 1,
    /// A frame with another job or sequence number, type or kernel than the next one of the job.
    Sequence = 2,
    /// A payload length that the job does not allow, or a total that the shape does not have.
    Length = 3,
    /// A field word >= p.
    NonCanonical = 4,
    /// A kernel code the device does not have.
    UnknownKernel = 5,
    /// A shape outside the limits in the register map.
    Limits = 6,
    /// No input for as many clocks as the config's watchdog has.
    Starved = 7,
    /// A frame header with a wrong CRC or a length above [`PAYLOAD_MAX`] inside a job.
    Header = 8,
    /// The host cancelled the job.
    Cancelled = 9,
    /// Nothing moved for as long as the watchdog allows, and neither input nor link was the reason.
    Stuck = 10,
}

/// All status codes, in order, with their names and what they mean.
pub const STATUS_CODES: [(StatusCode, &str, &str); 11] = [
    (StatusCode::Ok, "ok", "the job is done"),
    (StatusCode::PayloadCrc, "payload_crc", "a payload arrived damaged"),
    (StatusCode::Sequence, "sequence", "a frame was lost, repeated or out of place"),
    (StatusCode::Length, "length", "a frame or the whole of the data has the wrong length"),
    (StatusCode::NonCanonical, "non_canonical", "a field word is not below p"),
    (StatusCode::UnknownKernel, "unknown_kernel", "the device does not have this kernel"),
    (StatusCode::Limits, "limits", "the shape is outside the device's limits"),
    (StatusCode::Starved, "starved", "the input stopped in the middle of the job"),
    (StatusCode::Header, "header", "a frame header arrived damaged in the middle of the job"),
    (StatusCode::Cancelled, "cancelled", "the host cancelled the job"),
    (StatusCode::Stuck, "stuck", "the device's own watchdog ended a job that no longer moved"),
];

impl StatusCode {
    /// The status with this code.
    pub fn from_code(code: u32) -> Option<Self> {
        STATUS_CODES.get(usize::try_from(code).ok()?).map(|row| row.0)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        STATUS_CODES[self as usize].1
    }

    /// What it means.
    pub const fn doc(self) -> &'static str {
        STATUS_CODES[self as usize].2
    }
}

/// Word 1 of a header.
pub const fn kind_word(kernel: u8, frame: FrameType, sequence: u16) -> u32 {
    kernel as u32 | (frame as u32) << 8 | (sequence as u32) << 16
}

/// Word 2 of a header.
pub const fn length_word(length: usize, job: u16) -> u32 {
    length as u32 & 0xFFFF | (job as u32) << 16
}

/// Word 0 of a chunk: bit 31 says row or digest, 30:20 the group or the level, 19:0 the row or the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// A digest; otherwise a row.
    pub digest: bool,
    /// Group of a row, level of a digest; below 2^11.
    pub group: u16,
    /// Row of the extension, index in the level; below 2^20.
    pub index: u32,
}

/// Bits of [`Tag::index`].
pub const TAG_INDEX_BITS: u32 = 20;

/// Bits of [`Tag::group`].
pub const TAG_GROUP_BITS: u32 = 11;

impl Tag {
    /// The tag as a word.
    pub const fn word(self) -> u32 {
        (self.digest as u32) << 31 | (self.group as u32) << TAG_INDEX_BITS | self.index
    }

    /// The tag of a word.
    pub const fn from_word(word: u32) -> Self {
        Self {
            digest: word >> 31 == 1,
            group: (word >> TAG_INDEX_BITS & ((1 << TAG_GROUP_BITS) - 1)) as u16,
            index: word & ((1 << TAG_INDEX_BITS) - 1),
        }
    }
}

/// Reflected polynomial of CRC-32 (IEEE 802.3).
pub const CRC_POLYNOMIAL: u32 = 0xEDB8_8320;

/// The CRC register before the first word; the CRC is the register after the last word, inverted.
pub const CRC_INITIAL: u32 = u32::MAX;

/// The CRC register after one more word, its bytes low first. Linear over bits, so the circuit is its XOR matrix.
pub const fn crc_word(register: u32, word: u32) -> u32 {
    let mut crc = register ^ word;
    let mut bit = 0;
    while bit < 32 {
        crc = (crc >> 1) ^ (CRC_POLYNOMIAL & (crc & 1).wrapping_neg());
        bit += 1;
    }
    crc
}

/// CRC-32 of words, each as four bytes, low byte first.
pub fn crc32(words: &[u32]) -> u32 {
    !words.iter().fold(CRC_INITIAL, |crc, &word| crc_word(crc, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_standard_one() {
        // The check value of CRC-32/ISO-HDLC is over nine bytes; over the first eight it is 0x9ae0daaf.
        assert_eq!(crc32(&[u32::from_le_bytes(*b"1234"), u32::from_le_bytes(*b"5678")]), 0x9ae0_daaf);
        assert_eq!(crc32(&[]), 0, "the CRC of nothing");
    }

    #[test]
    fn tags_and_codes_survive_the_round_trip() {
        for word in [0, 0x9230_0007, 0x7fff_ffff, u32::MAX] {
            assert_eq!(Tag::from_word(word).word(), word);
        }
        assert_eq!(Tag { digest: true, group: 3, index: 5 }.word(), 0x8030_0005);
        for (code, row) in STATUS_CODES.iter().enumerate() {
            assert_eq!((row.0 as usize, StatusCode::from_code(code as u32)), (code, Some(row.0)));
        }
        for (code, row) in FRAME_TYPES.iter().enumerate() {
            assert_eq!((row.0 as usize, FrameType::from_code(code as u8)), (code, Some(row.0)));
        }
        assert_eq!((StatusCode::from_code(11), FrameType::from_code(8)), (None, None));
        assert_eq!(kind_word(2, FrameType::Data, 0xbeef), 0xbeef_0102);
        assert_eq!(length_word(1024, 0xbeef), 0xbeef_0400);
    }
}
