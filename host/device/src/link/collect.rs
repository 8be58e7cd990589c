//! Chunks and the status to the output of a job: each chunk in its place, exactly once, in the order the protocol says.

use super::send::Sender;
use crate::{Corruption, Counters, DeviceError, Job, Output, Place};
use galena_target::frame::{CHUNK_WORDS, GROUP_COLUMNS, PAYLOAD_MAX, STATUS_WORDS, StatusCode, Tag};
use galena_target::{ABI_VERSION, FIELD_PRIME, Kernel, Shape};

/// Puts chunks in their places.
pub(crate) struct Collector {
    shape: Shape,
    /// Rows of a group and columns of a row, as they come back: a `read` is one group of 8 columns, an answer one row of it.
    height: usize,
    columns: usize,
    /// Row chunks awaited, and received; digests received, by level.
    wanted: usize,
    rows: usize,
    digests: Vec<usize>,
    output: Output,
}

impl Collector {
    pub(crate) fn new(job: &Job<'_>, shape: Shape) -> Self {
        let (height, columns, wanted) = match job.kernel {
            Kernel::Read => (shape.columns, GROUP_COLUMNS, shape.columns),
            Kernel::Grind => (1, GROUP_COLUMNS, 1),
            _ if shape.rows_return() => (shape.height(), shape.columns, shape.groups() * shape.height()),
            _ => (shape.height(), shape.columns, 0),
        };
        let levels = shape.digest_levels();
        let layers = levels.clone().map(|level| Vec::with_capacity(shape.height() >> level)).collect();
        let rows = if wanted > 0 { vec![0; height * columns] } else { vec![] };
        let output = Output { rows, layers, counters: Counters::default() };
        Self { shape, height, columns, wanted, rows: 0, digests: vec![0; levels.len()], output }
    }

    /// Takes the chunks of the frame of that number.
    pub(crate) fn take(&mut self, frame: usize, payload: &[u32]) -> Result<(), DeviceError> {
        for (position, chunk) in payload.chunks_exact(CHUNK_WORDS).enumerate() {
            let at = (frame, position * CHUNK_WORDS);
            let [tag, words @ ..] = chunk else { continue };
            let tag = Tag::from_word(*tag);
            if let Some(lane) = words.iter().position(|&word| word >= FIELD_PRIME) {
                let expected = format!("a word below p in {}", name(tag));
                let found = format!("{:#x}", words[lane]);
                return Err(self.corrupt(Corruption::NonCanonical, (frame, at.1 + 1 + lane), expected, found));
            }
            match tag.digest {
                false => self.row(at, tag, words)?,
                true => self.digest(at, tag, words)?,
            }
        }
        Ok(())
    }

    fn row(&mut self, at: (usize, usize), tag: Tag, words: &[u32]) -> Result<(), DeviceError> {
        let (g, j) = (self.rows / self.height, self.rows % self.height);
        let next = Tag { digest: false, group: g as u16, index: j as u32 };
        if self.rows >= self.wanted || tag != next {
            let expected = if self.rows < self.wanted { name(next) } else { "no more rows".into() };
            return Err(self.corrupt(Corruption::Chunk, at, expected, name(tag)));
        }
        let (own, padding) = words.split_at(GROUP_COLUMNS.min(self.columns - g * GROUP_COLUMNS));
        if let Some(lane) = padding.iter().position(|&word| word != 0) {
            let found = format!("{:#x} in {}", padding[lane], name(tag));
            return Err(self.corrupt(Corruption::Padding, (at.0, at.1 + 1 + own.len() + lane), "0".into(), found));
        }
        let place = j * self.columns + g * GROUP_COLUMNS;
        self.output.rows[place..place + own.len()].copy_from_slice(own);
        self.rows += 1;
        Ok(())
    }

    fn digest(&mut self, at: (usize, usize), tag: Tag, words: &[u32]) -> Result<(), DeviceError> {
        let (levels, level) = (self.shape.digest_levels(), usize::from(tag.group));
        let size = self.shape.height().checked_shr(u32::from(tag.group)).unwrap_or(0);
        let place = level.checked_sub(levels.start).filter(|&p| p < levels.len());
        let next = place.map(|p| (p, self.digests[p])).filter(|&(_, n)| n < size && n == tag.index as usize);
        let (Some((place, next)), Some(digest)) = (next, words.first_chunk()) else {
            let expected = match place {
                Some(p) if self.digests[p] < size => format!("digest {} of level {level}", self.digests[p]),
                Some(_) => format!("no more digests of level {level}"),
                None if levels.is_empty() => "no digests".into(),
                None => format!("digests of levels {} to {}", levels.start, levels.end - 1),
            };
            return Err(self.corrupt(Corruption::Chunk, at, expected, name(tag)));
        };
        self.output.layers[place].push(*digest);
        self.digests[place] = next + 1;
        Ok(())
    }

    /// The output, if nothing is missing; `frames` were received.
    pub(crate) fn finish(self, frames: usize, counters: Counters) -> Result<Output, DeviceError> {
        let digests: usize = self.digests.iter().sum();
        let wanted = self.shape.chunks() - self.wanted;
        if (self.rows, digests) != (self.wanted, wanted) {
            let expected = format!("{} rows and {wanted} digests", self.wanted);
            let found = format!("{} and {digests}", self.rows);
            return Err(self.corrupt(Corruption::Missing, (frames.saturating_sub(1), 0), expected, found));
        }
        Ok(Output { counters, ..self.output })
    }

    fn corrupt(&self, what: Corruption, at: (usize, usize), expected: String, found: String) -> DeviceError {
        DeviceError::Corrupt { kernel: self.shape.kernel, what, frame: at.0, offset: at.1, expected, found }
    }
}

fn name(tag: Tag) -> String {
    let (kind, of) = if tag.digest { ("digest", "level") } else { ("row", "group") };
    format!("{kind} {} of {of} {}", tag.index, tag.group)
}

/// The counters of an `ok` in the frame of that number, or the error that the device reports.
pub(crate) fn status(
    sender: &Sender<'_>,
    frame: usize,
    words: &[u32; STATUS_WORDS],
    shape: Option<&Shape>,
) -> Result<Counters, DeviceError> {
    let kernel = sender.kernel();
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
        Some(code) => {
            let place = shape.filter(|_| code == StatusCode::NonCanonical);
            let place = place.and_then(|shape| place_of(shape, sender.frames(), words[1], words[2]));
            Err(DeviceError::Status { kernel, code, frame: words[1], offset: words[2], found: words[3], place })
        }
        None => Err(DeviceError::Corrupt {
            kernel,
            what: Corruption::StatusCode,
            frame,
            offset: 0,
            expected: format!("a status code of ABI version {ABI_VERSION}"),
            found: words[0].to_string(),
        }),
    }
}

/// Where in the matrix a word of a data frame stands. The frame's number counts modulo 2^16: of the `sent` frames it is the
/// latest that fits.
fn place_of(shape: &Shape, sent: usize, frame: u32, offset: u32) -> Option<Place> {
    let frame = frame as usize;
    let wraps = sent.checked_sub(frame + 1)? >> 16;
    let at = (frame + (wraps << 16)).checked_sub(1)?.checked_mul(PAYLOAD_MAX)?.checked_add(offset as usize)?;
    if at >= shape.data_words() {
        return None;
    }
    if shape.kernel == Kernel::Read {
        return Some(Place::Address(at));
    }
    let (beat, lane) = (at / GROUP_COLUMNS, at % GROUP_COLUMNS);
    let (group, row) = (beat >> shape.log_rows, beat & ((1 << shape.log_rows) - 1));
    let column = group * GROUP_COLUMNS + lane;
    Some(if column < shape.columns { Place::Word { row, column } } else { Place::Padding { row, group } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_and_an_offset_are_a_row_and_a_column() {
        let shape = Job::of(Kernel::Lde, 7, 11, &[]).shape();
        let place = |sent, frame, offset| place_of(&shape, sent, frame, offset);
        assert_eq!(place(3, 1, 0), Some(Place::Word { row: 0, column: 0 }));
        assert_eq!(place(3, 1, 1023), Some(Place::Word { row: 127, column: 7 }));
        assert_eq!(place(3, 2, 8 * 5 + 2), Some(Place::Word { row: 5, column: 10 }));
        assert_eq!(place(3, 2, 8 * 5 + 3), Some(Place::Padding { row: 5, group: 1 }));
        // The command is not of the matrix, and a frame that was not sent is of nothing.
        assert_eq!(
            (place(3, 0, 8), place(3, 3, 0), place(3, 2, 1 << 20), place(3, u32::MAX, u32::MAX)),
            Default::default()
        );
        let tall = Job::of(Kernel::Hash, 17, 1024, &[]).shape();
        assert_eq!(place_of(&tall, 70_000, 0, 3), place_of(&tall, 70_000, 65_536, 3), "numbers wrap");
        assert_eq!(
            place_of(&tall, 70_000, 5_000, 0),
            Some(Place::Word { row: (4_999 * 128) & 0x1_ffff, column: 4_999 >> 10 << 3 })
        );
        assert_eq!(place_of(&Job::of(Kernel::Read, 0, 9, &[]).shape(), 2, 1, 8), Some(Place::Address(8)));
    }
}
