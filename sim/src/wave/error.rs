//! Why there are no waves.

use crate::SimError;
use crate::verify::Mismatch;
use galena_device::link::TransportError;
use std::path::PathBuf;

/// Why waves could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum WaveError {
    /// A name that is in no table.
    #[error("expected one of the {what} {known}, found `{name}`")]
    Unknown {
        /// What was looked for, in the plural.
        what: String,
        /// The names there are.
        known: String,
        /// The name asked for.
        name: String,
    },
    /// The config lacks the kernel.
    #[error("config `{config}` does not have the kernel `{kernel}`; these configs do: {having}")]
    Lacks {
        /// The config.
        config: String,
        /// The kernel.
        kernel: &'static str,
        /// Configs that have it.
        having: String,
    },
    /// The simulation.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// The generator.
    #[error("cannot generate `{what}`: {reason}")]
    Generate {
        /// Config, or block and point.
        what: String,
        /// What the generator said.
        reason: String,
    },
    /// A block did not compute what it should.
    #[error("the job of `{block}` went wrong: {source}")]
    Block {
        /// Block and point.
        block: String,
        /// What differs.
        source: Box<Mismatch>,
    },
    /// The link to a core.
    #[error("the job `{kernel}` on `{config}` did not end: {source}")]
    Link {
        /// Kernel.
        kernel: &'static str,
        /// Config.
        config: String,
        /// What the link said.
        source: TransportError,
    },
    /// A core did not answer as it should.
    #[error("the job `{kernel}` on `{config}` went wrong: expected {expected}, found {found}")]
    Answer {
        /// Kernel.
        kernel: &'static str,
        /// Config.
        config: String,
        /// What should have come.
        expected: String,
        /// What came.
        found: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    File {
        /// What was attempted.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The waves cannot be read back.
    #[error("expected FST waves in {}, found something else: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A file of measurements cannot be understood.
    #[error("expected figures as json in {}, found something else: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A signal is not in the waves.
    #[error("expected the signal `{signal}` in {}, found none of that name", path.display())]
    Signal {
        /// The file.
        path: PathBuf,
        /// The signal.
        signal: String,
    },
}
