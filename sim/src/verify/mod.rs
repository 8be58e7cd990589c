//! The verification package: techniques that exercise every block of [`galena_hdl::block::BLOCKS`], and the report of what they found.
//!
//! `make verify-hdl` runs the quick tier, `make verify-hdl TIER=long` the long one. A technique is a file here and its row in [`TECHNIQUES`]; it
//! knows no circuit by name. Everything is drawn from the plan's seed, so a run repeats; each failure has the line that runs it again.

mod coverage;
mod equality;
mod formal;
mod frames;
mod gates;
pub mod host;
mod initial;
mod junit;
mod mismatch;
mod mutation;
pub mod oracle;
mod place;
mod report;
mod reset;
mod run;
mod streams;

use galena_hdl::block::{BLOCKS, Block};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

pub use junit::junit;
pub use mismatch::Mismatch;
pub use place::Place;
pub use report::{Heading, report};
pub use run::{Drop, Ran, Runner, driven, drops, files, stalls_of};

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Minutes: the first point of each block. For every change.
    Quick,
    /// All points, up to an hour. For a release.
    Long,
}

impl Tier {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Quick => "quick",
            Tier::Long => "long",
        }
    }

    /// One of two values.
    pub fn of<T>(self, quick: T, long: T) -> T {
        match self {
            Tier::Quick => quick,
            Tier::Long => long,
        }
    }
}

/// A way to look for mistakes.
pub struct Technique {
    /// Its name on the command line and in reports.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Runs it.
    pub run: fn(&Plan) -> Vec<Outcome>,
}

/// All techniques, in the order of the report.
pub const TECHNIQUES: &[Technique] = &[
    equality::TECHNIQUE,
    streams::TECHNIQUE,
    reset::TECHNIQUE,
    frames::TECHNIQUE,
    initial::TECHNIQUE,
    formal::TECHNIQUE,
    coverage::TECHNIQUE,
    mutation::TECHNIQUE,
    gates::TECHNIQUE,
];

/// The technique of that name.
pub fn technique(name: &str) -> Option<&'static Technique> {
    TECHNIQUES.iter().find(|t| t.name == name)
}

/// What a technique is asked to do.
#[derive(Clone)]
pub struct Plan {
    /// How much.
    pub tier: Tier,
    /// What everything random is drawn from.
    pub seed: u64,
    /// The blocks to exercise.
    pub blocks: Vec<&'static Block>,
}

impl Plan {
    /// Every block.
    pub fn all(tier: Tier, seed: u64) -> Self {
        Self { tier, seed, blocks: BLOCKS.iter().collect() }
    }

    /// Whether every block is asked for: then what concerns no one block is run too.
    pub fn whole(&self) -> bool {
        self.blocks.len() == BLOCKS.len()
    }

    /// A generator that depends on the plan's seed and these labels, and on nothing else that is run.
    pub fn rng(&self, labels: &[&str]) -> ChaCha8Rng {
        let mut hash = Sha256::new_with_prefix(self.seed.to_le_bytes());
        for label in labels {
            hash.update((label.len() as u64).to_le_bytes());
            hash.update(label);
        }
        ChaCha8Rng::from_seed(hash.finalize().into())
    }

    /// The line that runs a technique again, on one block if it is named.
    pub fn rerun(&self, technique: &str, block: Option<&str>) -> String {
        let block = block.map_or(String::new(), |name| format!(" --block {name}"));
        let tier = self.tier.name();
        format!("{COMMAND} --tier {tier} --only {technique}{block} --seed {}", self.seed)
    }
}

/// The command that runs techniques.
pub const COMMAND: &str = "cargo run --release -p galena-sim --example verify_hdl --";

/// What one case of a technique found on one point.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Name of the block.
    pub block: String,
    /// Name of the point.
    pub point: String,
    /// What was looked at.
    pub case: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Figures for the report: name and value.
    pub figures: Vec<(&'static str, String)>,
    /// Wall time.
    pub seconds: f64,
    /// The line that runs it again.
    pub rerun: String,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Not as it should be: what was expected and found.
    Failed(String),
    /// Not looked at: why not.
    Skipped(String),
}
