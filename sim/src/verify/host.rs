//! A plain host: makes the words of a job, runs them through a core, cuts the answer into frames.
//!
//! It is a test's host: an answer that breaks the rules of `bitstreams/ABI.md` is a panic that says which.

use super::oracle::{self, Chunk};
use crate::verilated::{Build, End, Limits, Model, StallPattern, Stream};
use galena_hdl::field::P;
use galena_hdl::lde::model::Shape as Transform;
use galena_hdl::{CORE_TOP, VerilogFile, core};
use galena_target::frame::{
    ANY_JOB, CHUNK_WORDS, COMMAND_WORDS, FrameType, HEADER_WORDS, MAGIC, PAYLOAD_MAX, crc32, kind_word, length_word,
};
use galena_target::{Config, Kernel, Search, Shape};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// log2 of the clocks after which the cores of these tests give a job up.
pub const WATCHDOG: usize = 16;

/// More clocks than any core of these tests computes without sending or taking a word, and fewer than a heartbeat takes.
pub const QUIET: u64 = 40_000;

/// A frame, its CRCs checked and taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Code of the kernel.
    pub kernel: u8,
    /// Code of the type.
    pub kind: u8,
    /// Its place in the job's answer.
    pub sequence: u16,
    /// Number of the job.
    pub job: u16,
    /// Payload.
    pub payload: Vec<u32>,
}

/// The words of a frame.
pub fn frame(job: u16, kernel: u8, kind: FrameType, sequence: u16, payload: &[u32]) -> Vec<u32> {
    let head = [MAGIC, kind_word(kernel, kind, sequence), length_word(payload.len(), job)];
    [&head[..], &[crc32(&head)], payload, &[crc32(payload)]].concat()
}

/// A command that asks for the register map.
pub fn identify(job: u16) -> Vec<u32> {
    frame(job, Kernel::Identify.code(), FrameType::Command, 0, &[0; COMMAND_WORDS])
}

/// The words that end the job of this number.
pub fn cancel(job: u16) -> Vec<u32> {
    frame(job, 0, FrameType::Cancel, 0, &[])
}

/// Cuts words into frames; panics where they are not frames.
pub fn frames(words: &[u32]) -> Vec<Frame> {
    let (mut rest, mut out) = (words, vec![]);
    while !rest.is_empty() {
        assert!(rest.len() > HEADER_WORDS && rest[0] == MAGIC, "a header, found {rest:x?}");
        assert_eq!(rest[3], crc32(&rest[..3]), "the header's CRC");
        let [kernel, kind, low, high] = rest[1].to_le_bytes();
        let (length, job) = ((rest[2] & 0xffff) as usize, (rest[2] >> 16) as u16);
        let end = HEADER_WORDS + length;
        assert!(rest.len() > end, "a whole frame, found {} of {} words", rest.len(), end + 1);
        let payload = rest[HEADER_WORDS..end].to_vec();
        assert_eq!(rest[end], crc32(&payload), "the payload's CRC");
        out.push(Frame { kernel, kind, sequence: u16::from_le_bytes([low, high]), job, payload });
        rest = &rest[end + 1..];
    }
    out
}

/// The words up to the end of the last whole frame.
pub fn complete(words: &[u32]) -> &[u32] {
    let mut end = 0;
    while let Some(length) = words.get(end + 2) {
        match end + HEADER_WORDS + (length & 0xffff) as usize + 1 {
            next if next <= words.len() => end = next,
            _ => break,
        }
    }
    &words[..end]
}

/// What came back for a job.
#[derive(Debug)]
pub struct Answer {
    /// Rows and digests, in the order in which they came.
    pub chunks: Vec<Chunk>,
    /// Words taken, by each credit.
    pub credits: Vec<u32>,
    /// The register map.
    pub registers: Option<Vec<u32>>,
    /// Payload of the status.
    pub status: Vec<u32>,
}

impl Answer {
    /// A counter of two words in the status.
    pub fn wide(&self, word: usize) -> u64 {
        u64::from(self.status[word]) | u64::from(self.status[word + 1]) << 32
    }
}

/// The answer to the job whose command `sent` begins with; checks the rules of the frames themselves.
pub fn answer(sent: &[u32], words: &[u32]) -> Answer {
    let (kernel, job) = (sent[1] as u8, (sent[2] >> 16) as u16);
    let mut answer = Answer { chunks: vec![], credits: vec![], registers: None, status: vec![] };
    for (number, f) in frames(words).iter().enumerate() {
        assert_eq!((f.kernel, f.sequence, f.job), (kernel, number as u16, job), "{f:?}");
        assert!(answer.status.is_empty(), "nothing comes after the status: {f:?}");
        match FrameType::from_code(f.kind) {
            Some(FrameType::Status) => {
                assert_eq!(f.payload.len(), 16);
                answer.status = f.payload.clone();
            }
            Some(FrameType::Chunks) => {
                let own = f.payload.chunks(CHUNK_WORDS);
                assert!(!f.payload.is_empty() && f.payload.len().is_multiple_of(CHUNK_WORDS) && own.len() <= 64);
                answer.chunks.extend(own.map(|c| Chunk::try_from(c).unwrap()));
            }
            Some(FrameType::Credit) => {
                assert_eq!(f.payload.len(), 1);
                answer.credits.push(f.payload[0]);
            }
            Some(FrameType::Registers) if answer.registers.is_none() => answer.registers = Some(f.payload.clone()),
            _ => panic!("{f:?}"),
        }
    }
    assert!(!answer.status.is_empty(), "a status");
    assert!(answer.credits.is_sorted(), "{:?}", answer.credits);
    answer
}

/// A job: its shape, the words the host sends, and the chunks that must come back, sorted.
pub struct Task {
    /// Its shape.
    pub shape: Shape,
    /// Its number.
    pub job: u16,
    /// What the host sends.
    pub words: Vec<u32>,
    /// Its chunks, sorted.
    pub expected: Vec<Chunk>,
}

impl Task {
    /// A random shape within the limits of `config`, random data, a random coset.
    pub fn random(rng: &mut ChaCha8Rng, config: &Config, kernel: Kernel) -> Self {
        if kernel == Kernel::Grind {
            let first = rng.random_range(0..P);
            let search = Search { bits: rng.random_range(0..6), first, candidates: rng.random_range(1..60) };
            let absorbed = rng.random_range(1..=8);
            return Self::new(rng, searching(absorbed, search));
        }
        let limits = config.limits();
        let row = kernel.row();
        let log_max = if row.transforms { limits.log_rows_max } else { limits.log_height_max() };
        let log_rows = rng.random_range(limits.log_rows_min..=log_max);
        let log_blowup = if row.transforms { rng.random_range(0..=limits.log_blowup_max) } else { 0 };
        let columns = if kernel == Kernel::Tree { 8 } else { rng.random_range(1..=20) };
        let levels = if row.compresses { rng.random_range(0..=log_rows + log_blowup) } else { 0 };
        let first_level = if rng.random() { rng.random_range(0..=levels) } else { 0 };
        let [return_rows, return_digests] = [rng.random(), rng.random()];
        let plain = shape(kernel, log_rows, log_blowup, columns, levels);
        Self::new(rng, Shape { return_rows, return_digests, first_level, ..plain })
    }

    /// A job of this shape with random data and a random coset.
    pub fn new(rng: &mut ChaCha8Rng, shape: Shape) -> Self {
        let rows = 1usize << shape.log_rows;
        let data: Vec<u32> = (0..shape.data_words())
            .map(|k| {
                // The missing columns of the last group are zeros.
                let column = k / (8 * rows) * 8 + k % 8;
                if column < shape.columns { rng.random_range(0..P) } else { 0 }
            })
            .collect();
        let (step, seeds) = match shape.kernel {
            kernel if kernel.row().transforms => {
                let t = Transform::new(shape.log_rows, shape.log_blowup, rng.random_range(1..P));
                (t.step, t.seeds)
            }
            Kernel::Grind => (0, std::array::from_fn(|_| rng.random_range(0..P))),
            _ => (0, [0; 16]),
        };
        let (job, command) = (rng.random_range(0..ANY_JOB), shape.command(step, &seeds));
        let expected = oracle::chunks(&shape, &command, &data);
        Self { shape, job, words: words(job, &shape, &command, &data), expected }
    }

    /// Runs the job on a core and compares everything but the counters.
    pub fn check(&self, core: &mut Core, what: &str) -> Answer {
        self.compare(&core.talk(&self.words), what)
    }

    /// The same when all words of the job have been sent.
    pub fn check_late(&self, core: &mut Core) -> Answer {
        self.compare(&core.talk(&[]), "late")
    }

    /// Compares what came back.
    pub fn compare(&self, received: &[u32], what: &str) -> Answer {
        let answer = answer(&self.words, received);
        assert_eq!(answer.status[..4], [0; 4], "{what} {:?}", self.shape);
        assert_eq!(answer.status[15] as usize, self.words.len(), "{what} {:?}: words taken", self.shape);
        // Rows in order of group and row; digests of a level in order; the whole the same set.
        let (rows, digests): (Vec<&Chunk>, Vec<&Chunk>) = answer.chunks.iter().partition(|c| c[0] >> 31 == 0);
        assert!(rows.is_sorted(), "{what}: rows in order");
        for level in 0..=20 {
            let own = digests.iter().filter(|c| c[0] >> 20 & 0x7ff == level);
            assert!(own.is_sorted(), "{what}: level {level}");
        }
        let mut found = answer.chunks.clone();
        found.sort();
        assert!(found == self.expected, "{what} {:?}: {} of {} chunks", self.shape, found.len(), self.expected.len());
        answer
    }
}

/// A shape that returns what it computes and keeps nothing.
pub const fn shape(kernel: Kernel, log_rows: usize, log_blowup: usize, columns: usize, levels: usize) -> Shape {
    Shape {
        kernel,
        log_rows,
        log_blowup,
        columns,
        levels,
        return_rows: true,
        return_digests: true,
        first_level: 0,
        keep_rows: None,
        keep_digests: None,
        search: Search { bits: 0, first: 0, candidates: 0 },
    }
}

/// The shape of a search whose witness is the last of so many words absorbed.
pub const fn searching(absorbed: usize, search: Search) -> Shape {
    let plain = shape(Kernel::Grind, 0, 0, absorbed, 0);
    Shape { return_rows: false, return_digests: false, search, ..plain }
}

/// Command and data frames.
pub fn words(job: u16, shape: &Shape, command: &[u32; COMMAND_WORDS], data: &[u32]) -> Vec<u32> {
    let kernel = shape.kernel.code();
    let mut words = frame(job, kernel, FrameType::Command, 0, command);
    for (k, payload) in data.chunks(PAYLOAD_MAX).enumerate() {
        words.extend(frame(job, kernel, FrameType::Data, k as u16 + 1, payload));
    }
    words
}

/// The Verilog of a config.
pub fn verilog(config: &Config) -> Vec<VerilogFile> {
    core(config).unwrap()
}

/// A core on its word stream.
pub struct Core {
    /// The simulation.
    pub model: Model,
    s: [Stream; 1],
    m: [Stream; 1],
    /// Clocks without a word after which nothing more is expected.
    pub quiet: u64,
    stalls: [StallPattern; 2],
}

/// The two ends of the link.
fn ends(model: &Model, stalls: [StallPattern; 2]) -> ([Stream; 1], [Stream; 1]) {
    let [s, m] = ["s_", "m_"].map(|name| model.stream(name).unwrap());
    ([s.stalls(stalls[0])], [m.stalls(stalls[1])])
}

impl Core {
    /// A core fresh out of reset, with these pauses on its two sides.
    pub fn open(config: &Config, stalls: [StallPattern; 2]) -> Self {
        Self::open_with(config, stalls, &[])
    }

    /// The same with parameters of the top module.
    pub fn open_with(config: &Config, stalls: [StallPattern; 2], parameters: &[(&str, &str)]) -> Self {
        let build = Build::new(CORE_TOP, &verilog(config));
        Self::new(parameters.iter().fold(build, |b, (name, value)| b.parameter(name, value)), stalls)
    }

    /// A core of this Verilog.
    pub fn open_files(files: &[VerilogFile], stalls: [StallPattern; 2]) -> Self {
        Self::new(Build::new(CORE_TOP, files), stalls)
    }

    fn new(build: Build, stalls: [StallPattern; 2]) -> Self {
        let mut model = build.open().unwrap();
        let (s, m) = ends(&model, stalls);
        model.reset(3).unwrap();
        Self { model, s, m, quiet: QUIET, stalls }
    }

    /// One clock of reset, whatever stands on the link then; after it nothing does.
    pub fn reset(&mut self) {
        self.model.reset(1).unwrap();
        for port in ["s_valid", "m_ready"] {
            let port = self.model.port(port).unwrap();
            self.model.set_u32(port, 0);
        }
        (self.s, self.m) = ends(&self.model, self.stalls);
    }

    /// Sends `words` and returns what comes: up to and with a status frame once all words are taken, or until nothing moves.
    pub fn talk(&mut self, words: &[u32]) -> Vec<u32> {
        self.talk_until(words, 1)
    }

    /// The same up to and with so many status frames.
    pub fn talk_until(&mut self, words: &[u32], statuses: usize) -> Vec<u32> {
        let mut seen = 0;
        let limits = Limits { cycles: 1_000_000_000, silence: self.quiet };
        self.s[0].send(words);
        let (mut frame_at, mut need) = (0, HEADER_WORDS);
        loop {
            let received = self.m[0].done();
            let all_taken = self.s[0].done() >= words.len();
            if received >= need {
                let header = &self.m[0].received()[frame_at..];
                let end = frame_at + HEADER_WORDS + (header[2] & 0xffff) as usize + 1;
                if received >= end {
                    seen += usize::from(header[1] >> 8 & 0xff == FrameType::Status as u32);
                    if seen >= statuses && all_taken {
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

    /// Offers `words` for so many clocks, and takes whatever comes (at most `take` words). Returns how many were taken and what came.
    pub fn exchange(&mut self, words: &[u32], take: usize, cycles: u64) -> (usize, Vec<u32>) {
        self.s[0].send(words);
        // One more than can come is wanted: the clocks end it.
        match take {
            0 => self.m[0].accept(0),
            _ => self.m[0].want(take),
        }
        let mut clocks = cycles;
        while clocks > 0 {
            let before = self.model.cycles();
            let limits = Limits { cycles: clocks, silence: u64::MAX };
            self.model.run(&mut self.s, &mut self.m, limits).unwrap();
            clocks -= self.model.cycles() - before;
            if self.model.cycles() == before {
                self.model.step().unwrap();
                clocks -= 1;
            }
        }
        let received = self.m[0].received().to_vec();
        self.m[0].clear();
        let taken = words.len() - self.s[0].withdraw();
        (taken, received)
    }

    /// Sends `words`, takes up to `take` words, and stops in the middle after `cycles` clocks.
    pub fn begin(&mut self, words: &[u32], take: usize, cycles: u64) {
        self.m[0].accept(take);
        self.s[0].send(words);
        self.model.run(&mut self.s, &mut self.m, Limits { cycles, silence: QUIET }).unwrap();
        self.m[0].clear();
        self.s[0].withdraw();
    }
}
