//! Why a board cannot be read, or cannot have a config.

use super::slot::SlotError;
use crate::config::ConfigError;
use crate::mmcm::MmcmError;
use crate::pll::PllError;

/// Why a board cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// No board of that name.
    #[error("expected one of the boards {known}, found `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The text is not a board.
    #[error("board `{name}`: {source}")]
    Toml {
        /// The board.
        name: String,
        /// What the parser said.
        source: toml::de::Error,
    },
    /// The name in the text is not that of the folder.
    #[error("board `{folder}`: expected the name of its folder, found `{name}`")]
    Name {
        /// The folder.
        folder: String,
        /// The name in the text.
        name: String,
    },
    /// A pin that the top module has no port for, or a port without a pin.
    #[error("board `{name}`: {what}")]
    Pins {
        /// The board.
        name: String,
        /// What was expected and what was found.
        what: String,
    },
    /// Data of another family than the board's, or none of its own.
    #[error("board `{name}`: expected {expected} for the family {family}, found {found}")]
    Family {
        /// The board.
        name: String,
        /// The family.
        family: &'static str,
        /// What it needs.
        expected: &'static str,
        /// What there is.
        found: String,
    },
    /// A number of cores for a config that is not meant for the board.
    #[error("board `{name}`: expected cores of the configs meant for it, found some of `{config}`")]
    Cores {
        /// The board.
        name: String,
        /// The config.
        config: String,
    },
    /// A config with another link than the board's.
    #[error("board `{name}`: expected configs with the link {expected}, found `{config}` with {found}")]
    Link {
        /// The board.
        name: String,
        /// The config.
        config: String,
        /// The board's link.
        expected: &'static str,
        /// The config's.
        found: &'static str,
    },
    /// The board does not make a config's clock.
    #[error("board `{name}`, config `{config}`: {source}")]
    Clock {
        /// The board.
        name: String,
        /// The config.
        config: String,
        /// What the board can do.
        source: ClockError,
    },
    /// No config is meant for it.
    #[error("board `{name}`: expected a config that is meant for it, found none")]
    NoConfig {
        /// The board.
        name: String,
    },
    /// A config that does not exist.
    #[error("board `{name}`: {source}")]
    Config {
        /// The board.
        name: String,
        /// The config's error.
        source: ConfigError,
    },
}

/// Why a board does not make a clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// No dividers of the ECP5's PLL.
    #[error(transparent)]
    Pll(#[from] PllError),
    /// No dividers of the 7 series' clock manager.
    #[error(transparent)]
    Mmcm(#[from] MmcmError),
    /// Not the clock of the slot.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// A family that is only on cards here.
    #[error(
        "expected a PCIe slot on a board with a part of the family {family}, found none: no clock manager is written for it"
    )]
    NoSlot {
        /// The family.
        family: &'static str,
    },
}
