//! The table of blocks: every circuit that can be exercised alone, with the jobs that exercise it and what must come out.
//!
//! Verification, benchmarks, waves, datasheets and the index page iterate [`BLOCKS`] and know no circuit by name. A circuit joins all of them with
//! a file `block.rs` in its folder and its row here; `CONTRIBUTING.md` has the steps.
//!
//! What comes out is computed twice: by the circuit's own bit-exact model, which shares the circuit's order of work, and by a reference that shares
//! nothing with it (Plonky3 where Plonky3 has the function, plain Rust collections for streams).

mod counted;
mod pack;

use crate::netlist::Module;
use rand_chacha::ChaCha8Rng;

pub use counted::{COUNTED, counted};
pub use pack::{beat, bus, elements};

/// A circuit that can be exercised alone.
pub struct Block {
    /// Its name on the command line and in reports: lower case, digits and `-`.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// What sort of circuit it is.
    pub sort: Sort,
    /// The parameter sets it is exercised with. The first is the smallest: quick tiers, mutation and coverage take that one.
    pub points: fn() -> Vec<Point>,
}

/// Sorts of blocks; reports are in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Arithmetic with a fixed latency.
    Arithmetic,
    /// Streams, queues and memories.
    Stream,
    /// A pipeline that a kernel runs on.
    Pipeline,
}

/// A block with its parameters chosen.
pub struct Point {
    /// The parameters: `k16-w16`. Unique in its block.
    pub name: String,
    /// The circuit.
    pub module: Module,
    /// What the jobs drive, where that is not the circuit itself but something around it that they need.
    pub harness: Option<Module>,
    /// How it is driven.
    pub face: Face,
    /// Field multipliers in it.
    pub multipliers: usize,
    /// Makes a job. The same generator state gives the same job.
    pub job: MakeJob,
    /// The functional bins that jobs of all sizes must hit between them; [`Job::bins`] names those of one job.
    pub bins: Vec<&'static str>,
}

/// Makes jobs of a point.
pub type MakeJob = Box<dyn Fn(&mut ChaCha8Rng, Size) -> Job + Send + Sync>;

/// How a block is driven. `clk` is its clock, `rst`, where there is one, resets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Face {
    /// No handshake: outputs follow inputs after so many clocks, a beat a clock. A beat is all inputs but `clk` and `rst` in the order of the
    /// ports; on the way out all outputs.
    Fixed {
        /// Clocks from inputs to outputs.
        latency: usize,
    },
    /// Valid/ready streams, named by the prefix of their ports (`s_`, `m_`). A beat is the payload ports in the order of the ports.
    Streams {
        /// Prefixes of the streams it takes.
        inputs: &'static [&'static str],
        /// Prefixes of the streams it drives.
        outputs: &'static [&'static str],
        /// Prefix of its AXI4 manager port (`axi_`), behind which the runner puts a memory that charges row opens.
        memory: Option<&'static str>,
    },
}

/// Whether the order of a job's results is part of what is promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As listed.
    #[default]
    Listed,
    /// Any: the beats carry their own place (a level and an index), and the two sides are compared sorted.
    Any,
}

/// How large a job is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Every word at the edges of its range (0, 1, p - 1, ...), the smallest shapes.
    Edge,
    /// Small enough to be repeated at every clock of itself: reset sweeps, mutants, gate level.
    Small,
    /// A random shape and random words; thousands of these are run.
    Random,
    /// The natural whole job that utilisation is quoted for: back-to-back work, no stalls.
    Whole,
}

/// One job: what goes in and what must come out.
///
/// Beats are packed as the simulator's streams move them: port after port, each port's low 32-bit word first.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// What the job is, for a message: `2^5 rows x 16, blow-up 2`.
    pub what: String,
    /// Pins before the streams move: one entry a clock, each the ports set in it, with their words. A pin keeps its value until it is set again,
    /// and is zero after a reset: a job sets every pin that it depends on.
    pub pins: Vec<Vec<(&'static str, Vec<u32>)>>,
    /// Beats of each input stream.
    pub inputs: Vec<Vec<u32>>,
    /// Whether the beats of an output come in one order.
    pub order: Order,
    /// Beats of each output stream, by the model. Behind a fixed latency there may be fewer than went in: they are those of the last beats, and
    /// what the first ones bring (the fill of a memory, what a delay held before) is not looked at.
    pub model: Vec<Vec<u32>>,
    /// The same by the reference.
    pub reference: Vec<Vec<u32>>,
    /// Outputs that stand so a little after the last beat, when nothing is offered any more: counters, what says that there is a job.
    pub after: Vec<(&'static str, Vec<u32>)>,
    /// What [`counted`] counts in the job, where that is known.
    pub counted: Option<u64>,
    /// Results in it: words, digests or elements that the reference computed independently.
    pub results: u64,
    /// Useful multiplies: what utilisation counts.
    pub multiplies: u64,
    /// Clocks below which no circuit of these streams could do it, where neither the beats of its busiest stream nor its multiplies say so (a
    /// serial line, two phases); else 0.
    pub ideal: u64,
    /// The functional bins it hits.
    pub bins: Vec<&'static str>,
}

/// All blocks.
#[rustfmt::skip] // a row a line
pub const BLOCKS: &[Block] = &[
    crate::lde::BUTTERFLY,
    crate::lde::LDE,
    crate::field::block::ADD,
    crate::field::block::SUB,
    crate::field::block::MUL,
    crate::field::block::REDUCE,
    crate::poseidon2::block::SBOX,
    crate::poseidon2::block::ENGINE,
    crate::hasher::block::HASHER,
    crate::extension::block::MAC,
    crate::stream::block::REGISTER,
    crate::stream::block::FIFO,
    crate::stream::block::FIFO_DEEP,
    crate::stream::block::QUEUE,
    crate::stream::block::GATHER,
    crate::stream::block::SCATTER,
    crate::stream::block::STORE,
    crate::stream::block::DELAY,
    crate::stream::block::DELAY_CHAIN,
    crate::stream::block::DELAY_BLOCK,
    crate::stream::block::RAM,
    crate::stream::block::CRC,
    crate::stream::block::UART,
    crate::memory::block::MEMORY,
    crate::external::EXTERNAL_LDE,
    crate::grind::CANONICAL,
    crate::grind::GRIND,
];

/// The block of that name.
pub fn block(name: &str) -> Option<&'static Block> {
    BLOCKS.iter().find(|b| b.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    const SEED: u64 = 17;

    #[test]
    fn names_are_unique_and_both_answers_of_every_job_agree() {
        let names: BTreeSet<_> = BLOCKS.iter().map(|b| b.name).collect();
        assert_eq!(names.len(), BLOCKS.len());
        for block in BLOCKS {
            let points = (block.points)();
            let names: BTreeSet<_> = points.iter().map(|p| p.name.clone()).collect();
            assert_eq!(names.len(), points.len(), "{}", block.name);
            for point in points {
                let mut rng = ChaCha8Rng::seed_from_u64(SEED);
                let mut hit = BTreeSet::new();
                for k in 0..120 {
                    let size = [Size::Edge, Size::Small, Size::Random, Size::Random][k % 4];
                    let job = (point.job)(&mut rng, size);
                    assert!(job.model == job.reference, "{} {}: {}, seed {SEED}", block.name, point.name, job.what);
                    hit.extend(job.bins);
                }
                let listed: BTreeSet<_> = point.bins.iter().copied().collect();
                if hit != listed {
                    // Whole jobs take long: only where they are needed.
                    let job = (point.job)(&mut rng, Size::Whole);
                    assert!(job.model == job.reference, "{} {}: {}, seed {SEED}", block.name, point.name, job.what);
                    hit.extend(job.bins);
                }
                assert_eq!(hit, listed, "bins of {} {}, seed {SEED}", block.name, point.name);
            }
        }
    }
}
