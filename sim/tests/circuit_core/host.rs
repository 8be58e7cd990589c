//! A plain host: makes the words of a job, runs them through a core, cuts the answer into frames.

use galena_hdl::core::core_module;
use galena_hdl::{CORE_TOP, VerilogFile, emit};
use galena_sim::verilated::{Build, End, Limits, Model, StallPattern, Stream};
use galena_target::frame::{CHUNK_WORDS, COMMAND_WORDS, FrameType, HEADER_WORDS, MAGIC, PAYLOAD_MAX, crc32, kind_word};
use galena_target::{Config, FIELD_PRIME, Kernel, Shape};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// log2 of the clocks after which the cores of these tests give a job up; the ABI's 24 would take the tests long.
pub(crate) const STARVE_LOG: usize = 16;

/// More clocks than any core of these tests computes without sending or taking a word, and fewer than it takes to starve.
pub(crate) const QUIET: u64 = 40_000;

/// A frame, its CRCs checked and taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kernel: u8,
    pub(crate) kind: u8,
    pub(crate) sequence: u16,
    pub(crate) payload: Vec<u32>,
}

/// The words of a frame.
pub(crate) fn frame(kernel: u8, kind: FrameType, sequence: u16, payload: &[u32]) -> Vec<u32> {
    let head = [MAGIC, kind_word(kernel, kind, sequence), payload.len() as u32];
    [&head[..], &[crc32(&head)], payload, &[crc32(payload)]].concat()
}

/// Cuts words into frames; panics where they are not frames.
pub(crate) fn frames(words: &[u32]) -> Vec<Frame> {
    let (mut rest, mut out) = (words, vec![]);
    while !rest.is_empty() {
        assert!(rest.len() > HEADER_WORDS && rest[0] == MAGIC, "a header, found {rest:x?}");
        assert_eq!(rest[3], crc32(&rest[..3]), "the header's CRC");
        let [kernel, kind, low, high] = rest[1].to_le_bytes();
        let end = HEADER_WORDS + rest[2] as usize;
        assert!(rest.len() > end, "a whole frame, found {} of {} words", rest.len(), end + 1);
        let payload = rest[HEADER_WORDS..end].to_vec();
        assert_eq!(rest[end], crc32(&payload), "the payload's CRC");
        out.push(Frame { kernel, kind, sequence: u16::from_le_bytes([low, high]), payload });
        rest = &rest[end + 1..];
    }
    out
}

/// The chunks of a job's answer in order, and its status; checks the rules of the frames themselves.
pub(crate) fn answer(kernel: Kernel, words: &[u32]) -> (Vec<[u32; CHUNK_WORDS]>, Vec<u32>) {
    let frames = frames(words);
    let mut chunks = vec![];
    for (number, f) in frames.iter().enumerate() {
        assert_eq!((f.kernel, f.sequence), (kernel.code(), number as u16));
        if number + 1 == frames.len() {
            assert_eq!((f.kind, f.payload.len()), (FrameType::Status as u8, 16));
            continue;
        }
        assert_eq!(f.kind, FrameType::Chunks as u8);
        let own = f.payload.chunks(CHUNK_WORDS);
        assert!(!f.payload.is_empty() && f.payload.len().is_multiple_of(CHUNK_WORDS) && own.len() <= 64);
        chunks.extend(own.map(|c| <[u32; CHUNK_WORDS]>::try_from(c).unwrap()));
    }
    let status = frames.last().expect("a status").payload.clone();
    (chunks, status)
}

/// A random job within the limits of `config`: its shape and the words the host sends.
pub(crate) fn random_job(rng: &mut ChaCha8Rng, config: &Config, kernel: Kernel) -> (Shape, Vec<u32>) {
    let limits = config.limits();
    let row = kernel.row();
    let log_max = if row.transforms { limits.log_rows_max } else { limits.log_height_max() };
    let log_rows = rng.random_range(limits.log_rows_min..=log_max);
    let log_blowup = if row.transforms { rng.random_range(0..=limits.log_blowup_max) } else { 0 };
    let columns = if kernel == Kernel::Tree { 8 } else { rng.random_range(1..=20) };
    let levels = if row.compresses { rng.random_range(0..=log_rows + log_blowup) } else { 0 };
    let [return_rows, return_digests] = [rng.random(), rng.random()];
    let shape = Shape { kernel, log_rows, log_blowup, columns, levels, return_rows, return_digests };
    let words = job_words(rng, &shape);
    (shape, words)
}

/// The words of a job with random data and a random coset.
pub(crate) fn job_words(rng: &mut ChaCha8Rng, shape: &Shape) -> Vec<u32> {
    let rows = 1usize << shape.log_rows;
    let data: Vec<u32> = (0..shape.data_words())
        .map(|k| {
            // The missing columns of the last group are zeros.
            let column = k / (8 * rows) * 8 + k % 8;
            if column < shape.columns { rng.random_range(0..FIELD_PRIME) } else { 0 }
        })
        .collect();
    let (step, powers) = match shape.kernel.row().transforms {
        true => galena_device::field::shift_powers(rng.random_range(1..FIELD_PRIME), shape.log_rows),
        false => (0, [0; 16]),
    };
    words(shape, &shape.command(step, &powers), &data)
}

/// Command and data frames.
pub(crate) fn words(shape: &Shape, command: &[u32; COMMAND_WORDS], data: &[u32]) -> Vec<u32> {
    let kernel = shape.kernel.code();
    let mut words = frame(kernel, FrameType::Command, 0, command);
    for (k, payload) in data.chunks(PAYLOAD_MAX).enumerate() {
        words.extend(frame(kernel, FrameType::Data, k as u16 + 1, payload));
    }
    words
}

/// The Verilog of a config, with the tests' patience.
pub(crate) fn verilog(config: &Config) -> Vec<VerilogFile> {
    emit(&core_module(config, STARVE_LOG).unwrap()).unwrap()
}

/// A core on its word stream.
pub(crate) struct Core {
    pub(crate) model: Model,
    s: [Stream; 1],
    m: [Stream; 1],
    /// Clocks without a word after which nothing more is expected.
    pub(crate) quiet: u64,
}

impl Core {
    /// A core fresh out of reset, with these pauses on its two sides.
    pub(crate) fn open(config: &Config, stalls: [StallPattern; 2]) -> Self {
        Self::open_with(config, stalls, &[])
    }

    /// The same with parameters of the top module.
    pub(crate) fn open_with(config: &Config, stalls: [StallPattern; 2], parameters: &[(&str, &str)]) -> Self {
        let build = Build::new(CORE_TOP, &verilog(config));
        let mut model = parameters.iter().fold(build, |b, (name, value)| b.parameter(name, value)).open().unwrap();
        let s = [model.stream("s_").unwrap().stalls(stalls[0])];
        let m = [model.stream("m_").unwrap().stalls(stalls[1])];
        model.reset(3).unwrap();
        Self { model, s, m, quiet: QUIET }
    }

    /// Sends `words` and returns what comes: up to and with a status frame once all words are taken, or until nothing moves.
    pub(crate) fn talk(&mut self, words: &[u32]) -> Vec<u32> {
        let limits = Limits { cycles: 1_000_000_000, silence: self.quiet };
        self.s[0].send(words);
        let (mut frame_at, mut need) = (0, HEADER_WORDS);
        loop {
            let received = self.m[0].done();
            let all_taken = self.s[0].done() >= words.len();
            if received >= need {
                let header = &self.m[0].received()[frame_at..];
                let end = frame_at + HEADER_WORDS + header[2] as usize + 1;
                if received >= end {
                    let last = header[1] >> 8 & 0xff == FrameType::Status as u32;
                    if last && all_taken {
                        break;
                    }
                    (frame_at, need) = (end, end + HEADER_WORDS);
                } else {
                    need = end;
                }
                continue;
            }
            self.m[0].want(need - received);
            let end = match all_taken {
                true => self.model.run(&mut [], &mut self.m, limits).unwrap(),
                false => self.model.run_until_any(&mut self.s, &mut self.m, limits).unwrap(),
            };
            if end != End::Done {
                break;
            }
        }
        let received = self.m[0].received().to_vec();
        self.m[0].clear();
        assert_eq!(self.s[0].withdraw(), 0, "the core takes every word");
        received
    }

    /// Sends `words`, takes up to `take` words, and stops in the middle after `cycles` clocks.
    pub(crate) fn begin(&mut self, words: &[u32], take: usize, cycles: u64) {
        self.m[0].accept(take);
        self.s[0].send(words);
        self.model.run(&mut self.s, &mut self.m, Limits { cycles, silence: QUIET }).unwrap();
        self.m[0].clear();
        self.s[0].withdraw();
    }
}
