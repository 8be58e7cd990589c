//! Received words to frames: everything a header, a length and a CRC can say is checked here.

use super::frame::{Header, crc};
use crate::{Corruption, DeviceError};
use galena_target::Kernel;
use galena_target::frame::{CHUNK_WORDS, CHUNKS_MAX, CREDIT_WORDS, FrameType, HEADER_WORDS, MAGIC, STATUS_WORDS};
use galena_target::register::REGISTER_WORDS;

/// Words of zeros between two frames before a link counts as broken; no link pads its transfers with so many.
const FILLER_MAX: usize = 1 << 16;

/// The payload of a received frame, its CRC right and its length possible.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    /// Chunks of nine words.
    Chunks(&'a [u32]),
    /// Words of the job that the device has taken.
    Credit(u32),
    /// The end of the job.
    Status(&'a [u32; STATUS_WORDS]),
    /// The register map.
    Registers(&'a [u32; REGISTER_WORDS]),
}

/// Cuts a job's answer into frames.
pub(crate) struct Reader {
    kernel: Kernel,
    number: u16,
    frames: usize,
    filler: usize,
    payload: Vec<u32>,
    /// Words of the next frame as far as known: a header, then the whole.
    wanted: usize,
}

impl Reader {
    /// For the job of that number.
    pub(crate) fn new(kernel: Kernel, number: u16) -> Self {
        Self { kernel, number, frames: 0, filler: 0, payload: vec![], wanted: HEADER_WORDS }
    }

    /// Words that must have been received before [`Reader::next`] can say more.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Frames read.
    pub(crate) fn frames(&self) -> usize {
        self.frames
    }

    /// Takes the next frame off the front of `rx`, or nothing if it is not all there.
    pub(crate) fn next(&mut self, rx: &mut Vec<u32>) -> Result<Option<Payload<'_>>, DeviceError> {
        self.skip_filler(rx)?;
        let Some(head) = rx.first_chunk::<HEADER_WORDS>() else { return Ok(None) };
        let (header, frame) = self.header(head)?;
        self.wanted = header.frame_words();
        let end = self.wanted - 1;
        let (Some(payload), Some(&found)) = (rx.get(HEADER_WORDS..end), rx.get(end)) else { return Ok(None) };
        let expected = crc(payload);
        if found != expected {
            return Err(self.corrupt(Corruption::PayloadCrc, header.length.into(), expected, found));
        }
        self.payload.clear();
        self.payload.extend_from_slice(payload);
        rx.drain(..=end);
        self.wanted = HEADER_WORDS;
        self.frames += 1;
        Ok(match frame {
            FrameType::Credit => self.payload.first().map(|&word| Payload::Credit(word)),
            FrameType::Status => self.payload.first_chunk().map(Payload::Status),
            FrameType::Registers => self.payload.first_chunk().map(Payload::Registers),
            _ => Some(Payload::Chunks(&self.payload)),
        })
    }

    fn skip_filler(&mut self, rx: &mut Vec<u32>) -> Result<(), DeviceError> {
        let zeros = rx.iter().take_while(|&&word| word == 0).count();
        rx.drain(..zeros);
        self.filler = if rx.is_empty() { self.filler + zeros } else { 0 };
        match self.filler > FILLER_MAX {
            true => Err(self.corrupt(Corruption::Filler, 0, MAGIC, 0)),
            false => Ok(()),
        }
    }

    /// A header that fits here, and its frame type.
    fn header(&self, words: &[u32; HEADER_WORDS]) -> Result<(Header, FrameType), DeviceError> {
        let [magic, kind, length, check] = *words;
        if magic != MAGIC {
            return Err(self.corrupt(Corruption::Magic, 0, MAGIC, magic));
        }
        let expected = crc(&[magic, kind, length]);
        if check != expected {
            return Err(self.corrupt(Corruption::HeaderCrc, 3, expected, check));
        }
        let header = Header::of(kind, length);
        if header.job != self.number {
            return Err(self.corrupt(Corruption::Job, 2, self.number.into(), header.job.into()));
        }
        if header.kernel != self.kernel.code() {
            return Err(self.corrupt(Corruption::Kernel, 1, self.kernel.code().into(), header.kernel.into()));
        }
        let answer = match self.kernel {
            Kernel::Identify => FrameType::Registers,
            Kernel::Rate => FrameType::Status,
            _ => FrameType::Chunks,
        };
        let frame = match header.frame_type() {
            Some(frame) if [answer, FrameType::Status, FrameType::Credit].contains(&frame) => frame,
            _ => return Err(self.corrupt(Corruption::Type, 1, answer as u32, header.frame.into())),
        };
        let sequence = self.frames as u16; // modulo 2^16, as the protocol counts
        if header.sequence != sequence {
            return Err(self.corrupt(Corruption::Sequence, 1, sequence.into(), header.sequence.into()));
        }
        let length = usize::from(header.length);
        let (possible, expected) = match frame {
            FrameType::Status => (length == STATUS_WORDS, STATUS_WORDS),
            FrameType::Registers => (length == REGISTER_WORDS, REGISTER_WORDS),
            FrameType::Credit => (length == CREDIT_WORDS, CREDIT_WORDS),
            _ => {
                let most = CHUNKS_MAX * CHUNK_WORDS;
                (length > 0 && length <= most && length.is_multiple_of(CHUNK_WORDS), most)
            }
        };
        match possible {
            true => Ok((header, frame)),
            false => Err(self.corrupt(Corruption::Length, 2, expected as u32, length as u32)),
        }
    }

    fn corrupt(&self, what: Corruption, offset: usize, expected: u32, found: u32) -> DeviceError {
        let (expected, found) = (format!("{expected:#x}"), format!("{found:#x}"));
        DeviceError::Corrupt { kernel: self.kernel, what, frame: self.frames, offset, expected, found }
    }
}
