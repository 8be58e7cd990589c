//! Received words to frames, and frames to the output of a job; everything checked.

use super::send::crc;
use crate::{Corruption, Counters, DeviceError, Job, Output};
use galena_target::frame::{
    CHUNK_WORDS, CHUNKS_MAX, FrameType, GROUP_COLUMNS, HEADER_WORDS, MAGIC, PAYLOAD_MAX, STATUS_WORDS, StatusCode, Tag,
    kind_word,
};
use galena_target::register::REGISTER_WORDS;
use galena_target::{FIELD_PRIME, Kernel, Shape};

/// The payload of a received frame, its CRC right and its length possible.
pub(crate) enum Payload<'a> {
    /// Chunks of nine words.
    Chunks(&'a [u32]),
    /// The end of the job.
    Status([u32; STATUS_WORDS]),
    /// The register map.
    Registers([u32; REGISTER_WORDS]),
}

/// Cuts a job's answer into frames.
pub(crate) struct Reader {
    kernel: Kernel,
    frames: usize,
    payload: Vec<u32>,
    /// Words of the next frame as far as known: a header, then the whole.
    wanted: usize,
}

impl Reader {
    pub(crate) fn new(kernel: Kernel) -> Self {
        Self { kernel, frames: 0, payload: vec![], wanted: HEADER_WORDS }
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
        let Some(&[magic, kind, length, check]) = rx.first_chunk::<HEADER_WORDS>() else { return Ok(None) };
        if magic != MAGIC {
            return Err(self.corrupt(Corruption::Magic, 0, MAGIC, magic));
        }
        let expected = crc(&[magic, kind, length]);
        if check != expected {
            return Err(self.corrupt(Corruption::HeaderCrc, 3, expected, check));
        }
        let [kernel, code, low, high] = kind.to_le_bytes();
        if kernel != self.kernel.code() {
            return Err(self.corrupt(Corruption::Kernel, 1, self.kernel.code().into(), kernel.into()));
        }
        let sequence = u16::from_le_bytes([low, high]);
        if sequence != self.frames as u16 {
            return Err(self.corrupt(Corruption::Sequence, 1, (self.frames as u16).into(), sequence.into()));
        }
        let expected = if self.kernel == Kernel::Identify { FrameType::Registers } else { FrameType::Chunks };
        let frame = match FrameType::from_code(code) {
            Some(frame) if frame == expected || frame == FrameType::Status => frame,
            _ => return Err(self.corrupt(Corruption::Type, 1, expected as u32, code.into())),
        };
        let possible = match frame {
            FrameType::Status => length as usize == STATUS_WORDS,
            FrameType::Registers => length as usize == REGISTER_WORDS,
            _ => (1..=CHUNKS_MAX).any(|chunks| length as usize == chunks * CHUNK_WORDS),
        };
        if !possible {
            let expected = match frame {
                FrameType::Status => STATUS_WORDS,
                FrameType::Registers => REGISTER_WORDS,
                _ => CHUNKS_MAX * CHUNK_WORDS,
            };
            return Err(self.corrupt(Corruption::Length, 2, expected as u32, length));
        }
        debug_assert!(length as usize <= PAYLOAD_MAX);
        let end = HEADER_WORDS + length as usize;
        self.wanted = end + 1;
        let (Some(payload), Some(&found)) = (rx.get(HEADER_WORDS..end), rx.get(end)) else { return Ok(None) };
        let expected = crc(payload);
        if found != expected {
            return Err(self.corrupt(Corruption::PayloadCrc, length as usize, expected, found));
        }
        self.payload.clear();
        self.payload.extend_from_slice(payload);
        rx.drain(..=end);
        self.wanted = HEADER_WORDS;
        self.frames += 1;
        Ok(match frame {
            FrameType::Status => self.payload.first_chunk().map(|words| Payload::Status(*words)),
            FrameType::Registers => self.payload.first_chunk().map(|words| Payload::Registers(*words)),
            _ => Some(Payload::Chunks(&self.payload)),
        })
    }

    fn corrupt(&self, what: Corruption, offset: usize, expected: u32, found: u32) -> DeviceError {
        let (expected, found) = (format!("{expected:#x}"), format!("{found:#x}"));
        DeviceError::Corrupt { kernel: self.kernel, what, frame: self.frames, offset, expected, found }
    }
}

/// Puts chunks in their places, each exactly once, in the order the protocol says.
pub(crate) struct Collector {
    shape: Shape,
    output: Output,
    /// Row chunks received, and per level digests received.
    rows: usize,
    digests: Vec<usize>,
    frames: usize,
}

impl Collector {
    pub(crate) fn new(job: &Job<'_>, shape: Shape) -> Self {
        let rows = if shape.rows_return() { vec![0; shape.height() * job.columns] } else { vec![] };
        let levels = shape.digest_levels();
        let layers = levels.clone().map(|level| Vec::with_capacity(shape.height() >> level)).collect();
        let output = Output { rows, layers, counters: Counters::default() };
        Self { shape, output, rows: 0, digests: vec![0; levels.len()], frames: 0 }
    }

    /// Takes the chunks of one frame.
    pub(crate) fn take(&mut self, payload: &[u32]) -> Result<(), DeviceError> {
        for (position, chunk) in payload.chunks_exact(CHUNK_WORDS).enumerate() {
            let offset = position * CHUNK_WORDS;
            let [tag, words @ ..] = chunk else { continue };
            if let Some(at) = words.iter().position(|&word| word >= FIELD_PRIME) {
                let found = format!("{:#x}", words[at]);
                return Err(self.corrupt(Corruption::NonCanonical, offset + 1 + at, "a word below p".into(), found));
            }
            match Tag::from_word(*tag) {
                Tag { digest: false, group, index } => self.row(offset, group, index, words)?,
                Tag { digest: true, group, index } => self.digest(offset, group, index, words)?,
            }
        }
        self.frames += 1;
        Ok(())
    }

    fn row(&mut self, offset: usize, group: u16, index: u32, words: &[u32]) -> Result<(), DeviceError> {
        let (height, columns) = (self.shape.height(), self.shape.columns);
        let wanted = if self.shape.rows_return() { self.shape.groups() * height } else { 0 };
        let (g, j) = (self.rows / height, self.rows % height);
        if self.rows >= wanted || (g, j) != (group.into(), index as usize) {
            let expected = if self.rows < wanted { format!("row {j} of group {g}") } else { "no more rows".into() };
            return Err(self.corrupt(Corruption::Chunk, offset, expected, format!("row {index} of group {group}")));
        }
        let (own, padding) = words.split_at(GROUP_COLUMNS.min(columns - g * GROUP_COLUMNS));
        if let Some(at) = padding.iter().position(|&word| word != 0) {
            let found = format!("{:#x}", padding[at]);
            return Err(self.corrupt(Corruption::Padding, offset + 1 + own.len() + at, "0".into(), found));
        }
        let place = j * columns + g * GROUP_COLUMNS;
        self.output.rows[place..place + own.len()].copy_from_slice(own);
        self.rows += 1;
        Ok(())
    }

    fn digest(&mut self, offset: usize, level: u16, index: u32, words: &[u32]) -> Result<(), DeviceError> {
        let (levels, height) = (self.shape.digest_levels(), self.shape.height());
        let place = usize::from(level).checked_sub(levels.start).filter(|&p| p < levels.len());
        let next = place.map(|p| (p, self.digests[p])).filter(|&(_, n)| n < height >> level && n == index as usize);
        let (Some((place, next)), Some(digest)) = (next, words.first_chunk()) else {
            let expected = match place {
                Some(p) if self.digests[p] < height >> level => format!("digest {} of level {level}", self.digests[p]),
                Some(_) => format!("no more digests of level {level}"),
                None => format!("levels {levels:?}"),
            };
            return Err(self.corrupt(Corruption::Chunk, offset, expected, format!("digest {index} of level {level}")));
        };
        self.output.layers[place].push(*digest);
        self.digests[place] = next + 1;
        Ok(())
    }

    /// Row chunks received.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Digests received of the lowest level that is sent back.
    pub(crate) fn digests(&self) -> usize {
        self.digests.first().copied().unwrap_or(0)
    }

    /// The output, if nothing is missing.
    pub(crate) fn finish(self, counters: Counters) -> Result<Output, DeviceError> {
        let (received, wanted) = (self.rows + self.digests.iter().sum::<usize>(), self.shape.chunks());
        if received != wanted {
            return Err(missing(self.shape.kernel, &format!("{wanted} chunks"), &received.to_string()));
        }
        Ok(Output { counters, ..self.output })
    }

    fn corrupt(&self, what: Corruption, offset: usize, expected: String, found: String) -> DeviceError {
        DeviceError::Corrupt { kernel: self.shape.kernel, what, frame: self.frames, offset, expected, found }
    }
}

/// The error of a job that ended without an error and without all of its answer.
pub(crate) fn missing(kernel: Kernel, expected: &str, found: &str) -> DeviceError {
    let (expected, found) = (expected.into(), found.into());
    DeviceError::Corrupt { kernel, what: Corruption::Missing, frame: 0, offset: 0, expected, found }
}

/// The counters of an `ok`, or the error the device reports.
pub(crate) fn status(kernel: Kernel, words: &[u32; STATUS_WORDS], frames: usize) -> Result<Counters, DeviceError> {
    let wide = |low: usize| u64::from(words[low]) | u64::from(words[low + 1]) << 32;
    match StatusCode::from_code(words[0]) {
        Some(StatusCode::Ok) => Ok(Counters {
            cycles: wide(4),
            transform_multiplies: wide(6),
            hasher_multiplies: wide(8),
            stalled_in: wide(10),
            stalled_out: wide(12),
            permutations: words[14].into(),
            ..Counters::default()
        }),
        Some(code) => Err(DeviceError::Status { kernel, code, frame: words[1], offset: words[2], found: words[3], place: None }),
        None => Err(DeviceError::Corrupt {
            kernel,
            what: Corruption::StatusCode,
            frame: frames.saturating_sub(1),
            offset: 0,
            expected: "a status code of ABI version 1".into(),
            found: words[0].to_string(),
        }),
    }
}

/// Words of the answer to `identify`: the registers frame and the status frame.
pub(crate) const REGISTERS_FRAME_WORDS: usize = 2 * (HEADER_WORDS + 1) + REGISTER_WORDS + STATUS_WORDS;

/// Finds the answer to `identify` in `rx`, drops what stands before it, and counts that in `skipped`.
pub(crate) fn find_registers(rx: &mut Vec<u32>, skipped: &mut u64) -> Option<[u32; REGISTER_WORDS]> {
    let kind = kind_word(Kernel::Identify.code(), FrameType::Registers, 0);
    let mut found = None;
    let mut at = 0;
    while let Some(window) = rx.get(at..at + REGISTERS_FRAME_WORDS) {
        let mut frame = window.to_vec();
        let mut reader = Reader::new(Kernel::Identify);
        if window[0] == MAGIC
            && window[1] == kind
            && let Ok(Some(Payload::Registers(map))) = reader.next(&mut frame)
            && let Ok(Some(Payload::Status(words))) = reader.next(&mut frame)
            && words[0] == StatusCode::Ok as u32
        {
            (found, at) = (Some(map), at + REGISTERS_FRAME_WORDS);
            break;
        }
        at += 1;
        *skipped += 1;
    }
    rx.drain(..at);
    found
}
