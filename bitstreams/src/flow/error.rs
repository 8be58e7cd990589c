//! Why there is no bitstream.

use crate::tools::ToolMissing;
use std::path::PathBuf;

/// An error of a flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A tool of the project's environment is not there.
    #[error(transparent)]
    Missing(#[from] ToolMissing),
    /// The board's bitstreams are made by Vivado.
    #[error(
        "expected a board of the open flow, found `{board}` with its {part}, which Vivado builds; try `galena bitstream script --board {board}`"
    )]
    Vivado {
        /// The board.
        board: String,
        /// Its part.
        part: String,
    },
    /// A tool cannot be started.
    #[error("cannot run `{tool}`: {source}")]
    Start {
        /// The tool.
        tool: String,
        /// Why.
        source: std::io::Error,
    },
    /// A tool gave up.
    #[error("{tool} gave up on `{what}`:\n{log}")]
    Tool {
        /// The tool.
        tool: &'static str,
        /// Board and config.
        what: String,
        /// First lines of its log.
        log: String,
    },
    /// The part is too small.
    #[error("config `{config}` does not fit the {part} of `{board}`: {}", excess.join(", "))]
    Fit {
        /// The board.
        board: String,
        /// The config.
        config: String,
        /// The part.
        part: String,
        /// What there is too little of, in words with the numbers.
        excess: Vec<String>,
    },
    /// The clock is too fast for what was placed.
    #[error(
        "config `{config}` misses its clock on `{board}` with seed {seed}: expected {wanted_mhz:.2} MHz, found {fmax_mhz:.2} MHz; try another seed, or a slower clock_hz"
    )]
    Timing {
        /// The board.
        board: String,
        /// The config.
        config: String,
        /// Seed of place and route.
        seed: u32,
        /// What the config wants.
        wanted_mhz: f64,
        /// What was reached.
        fmax_mhz: f64,
    },
    /// The clocks are not those that were meant.
    #[error("expected one clock domain at {wanted_mhz:.2} MHz in `{what}`, found {found}")]
    Clocks {
        /// Board and config.
        what: String,
        /// What the config wants.
        wanted_mhz: f64,
        /// What place and route saw.
        found: String,
    },
    /// A file that a tool has written is not what it was.
    #[error("cannot read what {tool} has written: {what}; this is not the pinned version")]
    Output {
        /// The tool.
        tool: &'static str,
        /// What was wrong.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {what} `{}`: {source}", path.display())]
    File {
        /// `read`, `write` or `create`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A manifest or the record of a sweep cannot be understood.
    #[error("cannot read the record `{}`: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: toml::de::Error,
    },
}
