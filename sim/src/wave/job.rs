//! A small natural job of every kernel, in the words of the link, and its way through a core.

use super::WaveError;
use crate::SimTransport;
use crate::verify::host::{frame, searching, shape, words};
use crate::verify::oracle::{self, Chunk};
use galena_device::link::Transport;
use galena_hdl::field::P;
use galena_hdl::lde::model::Shape as Transform;
use galena_target::frame::{CHUNK_WORDS, COMMAND_WORDS, FrameType, HEADER_WORDS, MAGIC, STATUS_WORDS, StatusCode, Tag};
use galena_target::{Config, Kernel, Link, Search, Shape};

/// Number of the job on the link; that of the job before it, where there is one, is one less.
const JOB: u16 = 2;

/// log2 of the rows, and the columns: two groups, the second not whole. Behind a serial line a word takes thousands of clocks.
const SIZE: (usize, usize) = (4, 12);
const SERIAL_SIZE: (usize, usize) = (2, 8);

/// Bits and candidates of a search: one witness in 16 candidates.
const SEARCH: Search = Search { bits: 4, first: 0, candidates: 200 };

/// Words that `grind` absorbs.
const ABSORBED: usize = 5;

/// The coset's shift, as a field word.
const SHIFT: u32 = 0x1234_5678;

/// A job as words on the link.
pub(super) struct LinkJob {
    kernel: Kernel,
    /// What it is, for people.
    pub(super) what: String,
    /// What is sent before it, an answer each.
    before: Vec<Vec<u32>>,
    words: Vec<u32>,
    /// The chunks that must come back, in order of their tags.
    expected: Vec<Chunk>,
}

/// What came back.
pub(super) struct Answered {
    /// Place of the first word of a result among the words that the core sends: of the first frame that is no credit, behind its header.
    pub(super) first_result: usize,
}

impl LinkJob {
    /// The job of this kernel on a core of this config, which has it.
    pub(super) fn new(config: &Config, kernel: Kernel) -> Self {
        let plain = |what: &str, command: [u32; COMMAND_WORDS]| Self {
            kernel,
            what: what.into(),
            before: vec![],
            words: frame(JOB, kernel.code(), FrameType::Command, 0, &command),
            expected: vec![],
        };
        match kernel {
            Kernel::Identify => plain("the register map", [0; COMMAND_WORDS]),
            Kernel::Rate => {
                let divisor = (config.baud_divisor() / 2).max(*galena_target::config::RATE_DIVISORS.start());
                let mut command = [0; COMMAND_WORDS];
                command[7] = divisor;
                plain(&format!("{divisor} clocks a bit"), command)
            }
            Kernel::Grind => Self::of(searching(ABSORBED, SEARCH), vec![], JOB),
            Kernel::Read => Self::read(config),
            _ => Self::of(natural(config, kernel), data(&natural(config, kernel)), JOB),
        }
    }

    /// What a commitment has kept, read back in reverse order.
    fn read(config: &Config) -> Self {
        let commit = natural(config, Kernel::Commit);
        let rows = commit.row_beats() as u32;
        let kept =
            Shape { return_rows: false, return_digests: false, keep_rows: Some(0), keep_digests: Some(rows), ..commit };
        let count = 16;
        let addresses: Vec<u32> = (0..count).rev().collect();
        let read = Shape { return_rows: false, return_digests: false, ..shape(Kernel::Read, 0, 0, count as usize, 0) };
        let before = Self::of(kept, data(&commit), JOB - 1);
        // Beat k of the rows is row k of group 0: what the same commitment returns.
        let returned = Self::of(Shape { return_rows: true, ..commit }, data(&commit), JOB);
        let beat = |(k, address): (u32, &u32)| {
            let tag = Tag { digest: false, group: 0, index: k }.word();
            let row = returned.expected.get(*address as usize).copied().unwrap_or_default();
            std::array::from_fn(|word| if word == 0 { tag } else { row[word] })
        };
        Self {
            kernel: Kernel::Read,
            what: format!("{count} beats"),
            before: vec![before.words],
            expected: (0..).zip(&addresses).map(beat).collect(),
            words: words(JOB, &read, &read.command(0, &[0; 16]), &addresses),
        }
    }

    fn of(shape: Shape, data: Vec<u32>, number: u16) -> Self {
        let kernel = shape.kernel;
        let (step, seeds) = match kernel {
            kernel if kernel.row().transforms => {
                let transform = Transform::new(shape.log_rows, shape.log_blowup, SHIFT);
                (transform.step, transform.seeds)
            }
            Kernel::Grind => (0, std::array::from_fn(|k| word(k as u32))),
            _ => (0, [0; 16]),
        };
        let command = shape.command(step, &seeds);
        let levels = if shape.levels > 0 { format!(", {} levels", shape.levels) } else { String::new() };
        let what = match kernel {
            Kernel::Grind => format!("{} bits, up to {} candidates", shape.search.bits, shape.search.candidates),
            kernel if kernel.row().transforms => {
                format!("2^{} rows x {}, blow-up {}{levels}", shape.log_rows, shape.columns, 1 << shape.log_blowup)
            }
            Kernel::Tree => format!("2^{} digests{levels}", shape.log_rows),
            _ => format!("2^{} rows x {}{levels}", shape.log_rows, shape.columns),
        };
        let expected = oracle::chunks(&shape, &command, &data);
        Self { kernel, what, before: vec![], words: words(number, &shape, &command, &data), expected }
    }

    /// Everything that is sent.
    pub(super) fn text(&self) -> String {
        format!("{} {:x?} {:x?}", self.what, self.before, self.words)
    }

    /// Sends what comes before the job, and the job itself once where a first job is slower than the next: tables fill after a reset.
    pub(super) fn prepare(&self, transport: &mut SimTransport, config: &Config) -> Result<(), WaveError> {
        let again = (self.kernel != Kernel::Rate).then_some(&self.words);
        self.before.iter().chain(again).try_for_each(|words| self.converse(transport, config, words).map(drop))
    }

    /// Runs the job and compares its answer.
    pub(super) fn run(&self, transport: &mut SimTransport, config: &Config) -> Result<Answered, WaveError> {
        let answer = self.converse(transport, config, &self.words)?;
        let wrong = |expected: String, found: String| {
            Err(WaveError::Answer { kernel: self.kernel.name(), config: config.name.to_string(), expected, found })
        };
        let mut chunks: Vec<Chunk> = vec![];
        let mut first_result = None;
        for (at, kind, payload) in &answer {
            match FrameType::from_code(*kind) {
                Some(FrameType::Credit) => continue,
                Some(FrameType::Chunks) => chunks.extend(payload.as_chunks::<CHUNK_WORDS>().0),
                Some(FrameType::Status) => match payload.first() {
                    Some(0) if payload.len() == STATUS_WORDS => {}
                    code => {
                        let name = code.and_then(|code| StatusCode::from_code(*code)).map_or("no status", |s| s.name());
                        return wrong("status `ok`".into(), format!("`{name}`"));
                    }
                },
                _ => {}
            }
            first_result.get_or_insert(at + HEADER_WORDS);
        }
        chunks.sort();
        if chunks != self.expected {
            let right = chunks.iter().zip(&self.expected).take_while(|(a, b)| a == b).count();
            let expected = format!("{} chunks as the model computes them", self.expected.len());
            return wrong(expected, format!("{}, the first {right} of them right", chunks.len()));
        }
        Ok(Answered { first_result: first_result.unwrap_or(0) })
    }

    /// Sends words and takes what comes up to the status: the frames (words of frames before it, type, payload).
    fn converse(
        &self,
        transport: &mut SimTransport,
        config: &Config,
        words: &[u32],
    ) -> Result<Vec<(usize, u8, Vec<u32>)>, WaveError> {
        let link = |source| WaveError::Link { kernel: self.kernel.name(), config: config.name.to_string(), source };
        let mut send = words.to_vec();
        send.resize(words.len().next_multiple_of(transport.unit()), 0);
        // `at` counts every word that came, `own` those that are of frames.
        let (mut sent, mut received, mut frames, mut at, mut own) = (0, vec![], vec![], 0, 0);
        loop {
            // Zeros between frames are filler.
            while received.get(at) == Some(&0) {
                at += 1;
            }
            let mut need = HEADER_WORDS;
            if let Some(header) = received.get(at..at + HEADER_WORDS) {
                if header[0] != MAGIC {
                    return Err(WaveError::Answer {
                        kernel: self.kernel.name(),
                        config: config.name.to_string(),
                        expected: "a frame".into(),
                        found: format!("the word {:08x} before it", header[0]),
                    });
                }
                let length = (header[2] & 0xffff) as usize;
                need = HEADER_WORDS + length + 1;
                if let Some(payload) = received.get(at + HEADER_WORDS..at + HEADER_WORDS + length)
                    && received.len() >= at + need
                {
                    let kind = (header[1] >> 8) as u8;
                    frames.push((own, kind, payload.to_vec()));
                    if FrameType::from_code(kind) == Some(FrameType::Status) && sent == send.len() {
                        return Ok(frames);
                    }
                    at += need;
                    own += need;
                    continue;
                }
            }
            let want = at + need - received.len();
            sent += transport.exchange(&send[sent..], &mut received, want).map_err(link)?;
        }
    }
}

/// The natural shape of a kernel that takes a matrix, within the limits of a config: the whole tree, rows only where they are all that there is.
fn natural(config: &Config, kernel: Kernel) -> Shape {
    let (row, limits) = (kernel.row(), config.limits());
    let (log_rows, columns) = if config.link == Link::Uart { SERIAL_SIZE } else { SIZE };
    let log_rows = log_rows.clamp(limits.log_rows_min, limits.log_rows_max);
    let log_blowup = if row.transforms { limits.log_blowup_max.min(1) } else { 0 };
    let columns = if kernel == Kernel::Tree { 8 } else { columns };
    let levels = if row.compresses { log_rows + log_blowup } else { 0 };
    Shape { return_rows: !row.compresses, ..shape(kernel, log_rows, log_blowup, columns, levels) }
}

/// Words without a pattern, those of missing columns zero.
fn data(shape: &Shape) -> Vec<u32> {
    let group = 8 << shape.log_rows;
    let one = |k: usize| if k / group * 8 + k % 8 < shape.columns { word(k as u32) } else { 0 };
    (0..shape.data_words()).map(one).collect()
}

fn word(k: u32) -> u32 {
    ((u64::from(k) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % P
}
