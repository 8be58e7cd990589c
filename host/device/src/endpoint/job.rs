//! A job as the device sees it: the checks of its frames, its data, its answer.

use crate::link::{Header, crc};
use crate::{Device, Job, SoftwareDevice, field};
use galena_target::config::RATE_DIVISORS;
use galena_target::frame::{
    CHUNK_WORDS, CHUNKS_MAX, COMMAND_WORDS, FrameType, GROUP_COLUMNS, HEADER_WORDS, PAYLOAD_MAX, StatusCode, Tag,
};
use galena_target::register::REGISTER_WORDS;
use galena_target::{FIELD_PRIME, Kernel, Search, Shape};

/// An error status in the making: code, frame, offset, word.
pub(super) type Refusal = (StatusCode, u16, usize, u32);

/// The job under way.
pub(super) struct Under {
    pub(super) header: Header,
    pub(super) number: u16,
    pub(super) state: State,
    /// Number of the frame under way or awaited; its payload's length once its header is in.
    pub(super) frame: u16,
    pub(super) length: Option<usize>,
    /// Words taken since the command's first, and as many as the last credit said.
    pub(super) taken: u32,
    pub(super) told: u32,
    /// Frames sent.
    pub(super) sent: u16,
}

pub(super) enum State {
    Receiving(Data),
    Answering(Answer),
}

impl Under {
    /// A job whose command's header is in.
    pub(super) fn new(header: Header) -> Self {
        let (state, length) = (State::Receiving(Data::default()), Some(COMMAND_WORDS));
        let taken = HEADER_WORDS as u32;
        Self { header, number: header.job, state, frame: 0, length, taken, told: 0, sent: 0 }
    }
}

/// Whether a command with this header is one that a device with these kernels (bits) takes.
pub(super) fn admit(header: &Header, kernels: u32) -> Result<(), Refusal> {
    match Kernel::from_code(header.kernel).filter(|kernel| kernels & kernel.bit() != 0) {
        None => Err((StatusCode::UnknownKernel, 0, 0, header.kernel.into())),
        Some(_) if usize::from(header.length) != COMMAND_WORDS => Err((StatusCode::Length, 0, 0, header.length.into())),
        Some(_) => Ok(()),
    }
}

/// What a command asks for, if the limits allow it; otherwise its first word that is wrong.
pub(super) fn command(code: u8, words: &[u32; COMMAND_WORDS], device: &SoftwareDevice) -> Result<Data, Refusal> {
    let kernel = Kernel::from_code(code).ok_or((StatusCode::UnknownKernel, 0, 0, code.into()))?;
    if kernel == Kernel::Rate && !RATE_DIVISORS.contains(&words[7]) {
        return Err((StatusCode::Limits, 0, 7, words[7]));
    }
    let shape = Shape::from_command(kernel, words);
    let limits = device.info().limits;
    // Addresses wrap around where there is memory; that it is large enough is the host's business.
    let asked = match limits.memory_beats {
        0 => shape,
        _ => Shape {
            keep_rows: shape.keep_rows.filter(|_| kernel != Kernel::Commit),
            keep_digests: shape.keep_digests.filter(|_| !kernel.row().compresses),
            ..shape
        },
    };
    // The first candidate is a field word: looked at as such.
    let asked = Shape { search: Search { first: 0, ..shape.search }, ..asked };
    let expected = if kernel.works() { shape.data_words() } else { 0 };
    let beyond = limits.check(&asked).err().map(|e| {
        // The word of the command that says the quantity.
        let at = match e.what {
            "columns" => 1,
            "levels" | "first_level" | "bits" => 2,
            "candidates" => 5,
            _ => 0,
        };
        (StatusCode::Limits, at)
    });
    let total = (kernel.works() && words[3] as usize != expected).then_some((StatusCode::Length, 3));
    let mut powers = std::iter::once(4).chain(8..COMMAND_WORDS);
    let power = powers.find(|&at| kernel.works() && words[at] >= FIELD_PRIME).map(|at| (StatusCode::NonCanonical, at));
    if let Some((code, at)) = [beyond, total, power].into_iter().flatten().min_by_key(|&(_, at)| at) {
        return Err((code, 0, at, words[at]));
    }
    let state = if kernel == Kernel::Grind { words[8..].to_vec() } else { vec![] };
    // s from s^0/2^n and s^1/2^n.
    let shift = field::mul(words[9], field::inverse(words[8]));
    Ok(Data { shape: Some(shape), shift, divisor: words[7], state, words: vec![], expected })
}

/// The data of a job as far as they have come. Without a shape, the command is still to come.
#[derive(Default)]
pub(super) struct Data {
    shape: Option<Shape>,
    shift: u32,
    divisor: u32,
    /// Of a search.
    state: Vec<u32>,
    words: Vec<u32>,
    expected: usize,
}

impl Data {
    /// Whether all are in.
    pub(super) fn complete(&self) -> bool {
        self.words.len() == self.expected
    }

    /// What a `rate` asks for.
    pub(super) fn divisor(&self) -> u32 {
        self.divisor
    }

    /// Checks the header of the next data frame; its payload's length.
    pub(super) fn header(
        &self,
        job: &Under,
        header: Option<Header>,
        words: &[u32; HEADER_WORDS],
    ) -> Result<usize, Refusal> {
        let header = header.ok_or((StatusCode::Header, job.frame, 0, words[HEADER_WORDS - 1]))?;
        if usize::from(header.length) > PAYLOAD_MAX {
            return Err((StatusCode::Header, job.frame, 0, header.length.into()));
        }
        let next = Header { frame: FrameType::Data as u8, sequence: job.frame, length: header.length, ..job.header };
        if header != next {
            // The word that differs: the job's number stands in the third.
            let found = if header.job == next.job || header != (Header { job: header.job, ..next }) {
                words[1]
            } else {
                words[2]
            };
            return Err((StatusCode::Sequence, job.frame, 0, found));
        }
        let left = self.expected - self.words.len();
        match usize::from(header.length) == left.min(PAYLOAD_MAX) {
            true => Ok(header.length.into()),
            false => Err((StatusCode::Length, job.frame, 0, header.length.into())),
        }
    }

    /// The word at `offset` of a payload is canonical where it must be: all data but addresses.
    pub(super) fn check(&self, frame: u16, offset: usize, word: u32) -> Result<(), Refusal> {
        let field_word = self.shape.as_ref().is_some_and(|shape| shape.kernel != Kernel::Read);
        match field_word && word >= FIELD_PRIME {
            true => Err((StatusCode::NonCanonical, frame, offset, word)),
            false => Ok(()),
        }
    }

    /// A whole payload is in, and its CRC.
    pub(super) fn payload(&mut self, frame: u16, payload: &[u32], found: u32) -> Result<(), Refusal> {
        if crc(payload) != found {
            return Err((StatusCode::PayloadCrc, frame, payload.len(), found));
        }
        if self.shape.is_some() {
            self.words.extend_from_slice(payload);
        }
        Ok(())
    }

    /// Does the work; `wrong` is an error of the arithmetic.
    pub(super) fn compute(self, device: &mut SoftwareDevice, wrong: bool) -> Result<Answer, Refusal> {
        let Some(shape) = self.shape else { return Err((StatusCode::Length, 0, 0, 0)) };
        let limits = device.info().limits;
        let beats = limits.memory_beats.max(1) as u32;
        let matrix = match shape.kernel {
            Kernel::Read => self.words.iter().map(|address| address % beats).collect(),
            Kernel::Grind => self.state,
            _ => ungroup(&self.words, &shape),
        };
        let job = Job {
            log_blowup: shape.log_blowup,
            shift: self.shift,
            levels: shape.levels,
            return_rows: shape.return_rows,
            return_digests: shape.return_digests,
            first_level: shape.first_level,
            keep_rows: shape.keep_rows,
            keep_digests: shape.keep_digests,
            search: shape.search,
            ..Job::of(shape.kernel, shape.log_rows, shape.columns, &matrix)
        };
        let output = device.compute(&job, &shape);
        let mut chunks = chunks(&shape, &output);
        if let Some(word) = chunks.get_mut(3).filter(|_| wrong) {
            *word ^= 1;
        }
        Ok(Answer { chunks, ..Answer::default() })
    }
}

/// What the device sends before the status.
#[derive(Default)]
pub(super) struct Answer {
    chunks: Vec<u32>,
    sent: usize,
    registers: Option<[u32; REGISTER_WORDS]>,
    /// The rate it changes to afterwards.
    pub(super) divisor: Option<u32>,
}

impl Answer {
    pub(super) fn registers(map: [u32; REGISTER_WORDS]) -> Self {
        Self { registers: Some(map), ..Self::default() }
    }

    pub(super) fn rate(divisor: u32) -> Self {
        Self { divisor: Some(divisor), ..Self::default() }
    }

    /// The next frame but the status.
    pub(super) fn next(&mut self) -> Option<(FrameType, Vec<u32>)> {
        if let Some(map) = self.registers.take() {
            return Some((FrameType::Registers, map.to_vec()));
        }
        let rest = self.chunks.get(self.sent..).filter(|rest| !rest.is_empty())?;
        let payload = rest[..rest.len().min(CHUNKS_MAX * CHUNK_WORDS)].to_vec();
        self.sent += payload.len();
        Some((FrameType::Chunks, payload))
    }
}

/// All chunks of an output: rows by group, then digests by level.
fn chunks(shape: &Shape, output: &crate::Output) -> Vec<u32> {
    let mut chunks = vec![];
    let mut chunk = |digest, group: usize, index: usize, words: &[u32]| {
        chunks.push(Tag { digest, group: group as u16, index: index as u32 }.word());
        chunks.extend(words.iter().copied().chain(std::iter::repeat(0)).take(GROUP_COLUMNS));
    };
    let columns = if matches!(shape.kernel, Kernel::Read | Kernel::Grind) { GROUP_COLUMNS } else { shape.columns };
    for group in 0..columns.div_ceil(GROUP_COLUMNS) {
        for (row, words) in output.rows.chunks(columns).enumerate() {
            let words = &words[group * GROUP_COLUMNS..];
            chunk(false, group, row, &words[..words.len().min(GROUP_COLUMNS)]);
        }
    }
    for (level, layer) in shape.digest_levels().zip(&output.layers) {
        layer.iter().enumerate().for_each(|(index, digest)| chunk(true, level, index, digest));
    }
    chunks
}

/// Groups of 8 columns back to a row-major matrix.
fn ungroup(data: &[u32], shape: &Shape) -> Vec<u32> {
    let rows = 1 << shape.log_rows;
    let mut matrix = vec![0; shape.columns * rows];
    for (row, out) in matrix.chunks_mut(shape.columns).enumerate() {
        for (column, word) in out.iter_mut().enumerate() {
            let (group, lane) = (column / GROUP_COLUMNS, column % GROUP_COLUMNS);
            *word = data[(group * rows + row) * GROUP_COLUMNS + lane];
        }
    }
    matrix
}
