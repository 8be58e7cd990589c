//! How many clocks a job takes on a core, without simulating it: the times at which words, passes, permutations and chunks happen, and nothing of
//! what is in them.
//!
//! | file | has the times of |
//! |---|---|
//! | `link` | words that come in, as far as they are ahead; chunks that go out, in frames |
//! | `transform` | loads and passes, in the order that the transform's scheduler takes them; rows that are read out |
//! | `hasher` | permutations: rows first, then the lowest level with a pair |
//!
//! What is left out: the length of most pipelines (some 25 clocks at the beginning of a job), the filling of the twiddle table after reset, credits
//! on the way out; and that a folded engine opens its places in bursts: with 32 multipliers digests come in about as fast as it takes their nodes, upper nodes
//! slip into the gaps, and in the end a whole chain of levels is left with nothing beside it. Trees on it take 3 % more than is computed here.
//! A planner asks this; `make plan-error` compares it with Verilator, kernel by kernel and config by config, and writes `docs/plan-error.md`; `sim/tests/circuit_clocks.rs`
//! measures some of its rows again.

mod hasher;
mod link;
mod transform;

use crate::core::geometry;
use crate::hasher::{HasherError, LEVEL};
use crate::lde::Geometry;
use crate::poseidon2::Shape as EngineShape;
use galena_target::frame::{COMMAND_WORDS, CREDIT_WORDS, HEADER_WORDS, HEARTBEAT_CLOCKS, STATUS_WORDS};
use galena_target::register::REGISTER_WORDS;
use galena_target::{Config, Kernel, Link, Shape};
use hasher::{Beat, Hasher};
use link::{Inward, Outward, Pace, frames};
use transform::Transform;

/// Words around a payload: header and CRC.
const FRAME_WORDS: usize = HEADER_WORDS + 1;

/// Clocks from the last thing that a job does to the status: quiet, the last frame, the status.
const ENDING: f64 = 14.0;

/// Clocks from the command's last word until the pipelines have begun: the command is judged, its seeds are written.
const BEGINNING: f64 = 7.0;

/// Clocks from a candidate's result to the answer.
const JUDGING: f64 = 10.0;

/// What a job takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clocks {
    /// Clocks from the command's last word to the status: what the device counts.
    pub job: f64,
    /// Clocks of the command before it and of the status behind it on the link.
    pub around: f64,
    /// Words to the device, frames included.
    pub sent_words: u64,
    /// Words from the device.
    pub received_words: u64,
    /// Multiplies of the transform.
    pub transform_multiplies: u64,
    /// Multiplies of the hasher.
    pub hasher_multiplies: u64,
    /// Permutations.
    pub permutations: u64,
}

/// A core, ready to be asked.
#[derive(Clone, Debug)]
pub struct Core {
    geometry: Geometry,
    engine: EngineShape,
    pace: Pace,
    window: usize,
}

impl Core {
    /// The core of a config, whose link takes `word_clocks` clocks a word each way, at least 1.
    ///
    /// # Errors
    /// If no hasher has so many multipliers.
    pub fn new(config: &Config, word_clocks: f64) -> Result<Self, HasherError> {
        let geometry = geometry(config);
        let engine = EngineShape::new(16, config.multipliers)?;
        // The sender's register, two behind it, and the line's own.
        let held = if config.link == Link::Uart { 4.0 } else { 0.0 };
        Ok(Self { geometry, engine, pace: Pace { word: word_clocks.max(1.0), held }, window: config.window })
    }

    /// What a job of this shape takes. The shape is one that the core takes. A search is taken to judge `candidates` of its candidates.
    pub fn job(&self, shape: &Shape, candidates: u64) -> Clocks {
        let data = shape.data_words();
        let sent = FRAME_WORDS + COMMAND_WORDS + frames(data);
        let groups = shape.groups() as u64;
        let rows = 1u64 << shape.log_rows;
        let transforms = shape.kernel.row().transforms;
        // n/2 of the inverse and of each coset, and the scaling.
        let n = shape.log_rows as u64;
        let stages = 4 * n * (1 + (1 << shape.log_blowup)) + 8;
        let transform_multiplies = if transforms { groups * rows * stages } else { 0 };
        let permutations = permutations(shape, candidates);
        let mut out = Outward::new(self.pace);
        let end = match shape.kernel {
            Kernel::Identify => out.plain(BEGINNING, FRAME_WORDS + REGISTER_WORDS),
            Kernel::Rate => BEGINNING,
            Kernel::Read => self.read(shape, &mut out),
            Kernel::Grind => self.search(candidates, &mut out),
            _ => self.rows(shape, &mut out),
        };
        // Credits, a quarter of the window apart.
        let credits = data / (self.window / 4).max(1);
        let received = out.words() + FRAME_WORDS + STATUS_WORDS + credits * (FRAME_WORDS + CREDIT_WORDS);
        Clocks {
            job: end + ENDING,
            around: self.pace.word * (2 * FRAME_WORDS + COMMAND_WORDS + STATUS_WORDS) as f64,
            sent_words: sent as u64,
            received_words: received as u64,
            transform_multiplies,
            hasher_multiplies: permutations * self.engine.parameters().sboxes() as u64 * 4,
            permutations,
        }
    }

    /// Addresses in, beats out.
    fn read(&self, shape: &Shape, out: &mut Outward) -> f64 {
        let mut link = Inward::new(self.pace, self.window, BEGINNING);
        for _ in 0..shape.columns {
            let address = link.take(link.taken(), 1);
            out.chunk(address + 8.0);
        }
        out.finish()
    }

    /// One candidate after the other, no faster than the multipliers allow; then one chunk.
    fn search(&self, candidates: u64, out: &mut Outward) -> f64 {
        let done = Hasher::new(&self.engine, 0, 0, 0..0).search(BEGINNING, candidates, out);
        let done = done + JUDGING;
        // A heartbeat may be on the line when the answer comes. The silence before the first is counted from the command's header on, before each other one from the
        // last word of the one before.
        let (silence, words) = (f64::from(HEARTBEAT_CLOCKS), FRAME_WORDS + CREDIT_WORDS);
        let last_taken = (words as f64 + 1.0 - self.pace.held.max(1.0)) * self.pace.word;
        let mut beat = silence - (COMMAND_WORDS + 1) as f64 * self.pace.word;
        while beat < done {
            if beat > 0.0 {
                out.plain(beat, words);
            }
            beat += last_taken + silence;
        }
        out.chunk(done);
        out.finish()
    }

    /// Kernels whose matrix becomes rows, by a transform or as they are.
    fn rows(&self, shape: &Shape, out: &mut Outward) -> f64 {
        let (groups, height) = (shape.groups(), shape.height());
        let levels = shape.levels.min((1 << LEVEL) - 1);
        let mut link = Inward::new(self.pace, self.window, BEGINNING);
        let log_leaves = shape.log_rows + shape.log_blowup;
        let mut hasher = Hasher::new(&self.engine, log_leaves, levels, shape.digest_levels());
        let hashes = shape.kernel.hashes();
        let (to_link, leaves) = (shape.rows_return(), shape.kernel == Kernel::Tree);
        // A row is gone when each of its takers has it.
        let mut take = |out: &mut Outward, ready: f64, group: usize, row: usize| {
            let hashed = match (hashes, leaves) {
                (false, _) => ready,
                (true, true) => hasher.beat(ready, Beat::Digest { odd: row % 2 == 1 }, out),
                (true, false) => hasher.beat(ready, Beat::Row { last: group + 1 == groups }, out),
            };
            if to_link { out.chunk(ready).max(hashed) } else { hashed }
        };
        let end = if shape.kernel.row().transforms {
            Transform::new(&self.geometry, shape).run(&mut link, |ready, group, row| take(out, ready, group, row))
        } else {
            let mut gone = BEGINNING;
            for group in 0..groups {
                for row in 0..height {
                    // The words of the next row are gathered while a row waits.
                    let ready = link.take(link.taken(), 8).max(gone) + 1.0;
                    gone = take(out, ready, group, row);
                    link.hold(gone);
                }
            }
            gone
        };
        let end = if hashes { hasher.finish(out).max(end) } else { end };
        out.finish().max(end)
    }
}

/// Permutations of a job; of a search those that count, the candidates judged.
fn permutations(shape: &Shape, candidates: u64) -> u64 {
    let nodes = |levels: usize| (1..=levels).map(|level| (shape.height() >> level) as u64).sum::<u64>();
    match shape.kernel {
        Kernel::Grind => candidates,
        Kernel::Tree => nodes(shape.levels),
        Kernel::Hash | Kernel::Commit => (shape.groups() * shape.height()) as u64 + nodes(shape.levels),
        _ => 0,
    }
}
