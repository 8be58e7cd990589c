//! The board table: a board is a folder of data under `boards/`.

mod pins;

pub use pins::{LED, OSCILLATOR, PORTS, Pin, PortRow, Pull, RECEIVE, SEND};

use crate::config::{Config, ConfigError};
use crate::pll::{Pll, PllError};
use std::collections::BTreeMap;

/// A board: the part on it, how it is wired, what the part has, and which configs are meant for it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name: that of its folder.
    pub name: String,
    /// One sentence.
    pub doc: String,
    /// Where its maker documents it.
    pub url: String,
    /// Family: decides the flow.
    pub family: Family,
    /// The vendor's full part number.
    pub part: String,
    /// JTAG identity of the part, checked before anything is loaded.
    pub idcode: u32,
    /// How it loads a bitstream: the name that openFPGALoader has for it.
    pub loader: String,
    /// Names of the configs meant for it, the usual one first.
    pub configs: Vec<String>,
    /// Clock on the board, in Hz: what comes in at the pin [`OSCILLATOR`].
    pub oscillator_hz: u32,
    /// Where the ports of the top module go, by port.
    pub pins: BTreeMap<String, Pin>,
    /// What the part has.
    pub resources: Resources,
    /// How place and route names it.
    pub place: Place,
}

/// A family of parts with one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Lattice ECP5: yosys, nextpnr-ecp5, ecppack.
    Ecp5,
}

/// What a part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Four-input lookup tables.
    pub luts: u32,
    /// Flip-flops.
    pub registers: u32,
    /// 18x18 multipliers.
    pub multipliers_18x18: u32,
    /// Block RAMs of 18 kbit.
    pub block_rams_18k: u32,
}

/// Options of place and route.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Die (`85k`).
    pub device: String,
    /// Package.
    pub package: String,
    /// Speed grade.
    pub speed: u32,
}

/// All boards: folder name and the text of its `board.toml`.
pub const BOARDS: [(&str, &str); 4] = [
    ("ulx3s-85f", include_str!("../../boards/ulx3s-85f/board.toml")),
    ("ulx3s-25f", include_str!("../../boards/ulx3s-25f/board.toml")),
    ("colorlight-i9", include_str!("../../boards/colorlight-i9/board.toml")),
    ("ecp5-evn", include_str!("../../boards/ecp5-evn/board.toml")),
];

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
    /// No PLL makes a config's clock from the board's.
    #[error("board `{name}`, config `{config}`: {source}")]
    Clock {
        /// The board.
        name: String,
        /// The config.
        config: String,
        /// What the PLL can do.
        source: PllError,
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

impl Board {
    /// Reads the text of a `board.toml` from the folder `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, BoardError> {
        let board: Board = toml::from_str(text).map_err(|source| BoardError::Toml { name: name.into(), source })?;
        if board.name != name {
            return Err(BoardError::Name { folder: name.into(), name: board.name });
        }
        if board.configs.is_empty() {
            return Err(BoardError::NoConfig { name: name.into() });
        }
        pins::check(&board.pins).map_err(|what| BoardError::Pins { name: name.into(), what })?;
        for config in &board.configs {
            let config = Config::named(config).map_err(|source| BoardError::Config { name: name.into(), source })?;
            board.pll(config)?;
        }
        Ok(board)
    }

    /// The dividers that make a config's clock from the board's.
    pub fn pll(&self, config: &Config) -> Result<Pll, BoardError> {
        Pll::new(self.oscillator_hz, config.clock_hz).map_err(|source| BoardError::Clock {
            name: self.name.clone(),
            config: config.name.to_string(),
            source,
        })
    }

    /// The config of that name, or the board's usual one; one that is not meant for the board is refused.
    pub fn config(&self, name: Option<&str>) -> Result<&'static Config, BoardError> {
        let refused = |source| BoardError::Config { name: self.name.clone(), source };
        let usual = self.configs.first().ok_or_else(|| BoardError::NoConfig { name: self.name.clone() })?;
        let name = name.unwrap_or(usual);
        if !self.configs.iter().any(|c| c == name) {
            let known = self.configs.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ");
            return Err(refused(ConfigError::Unknown { name: name.into(), known }));
        }
        Config::named(name).map_err(refused)
    }

    /// All boards of the table.
    pub fn all() -> Result<Vec<Self>, BoardError> {
        BOARDS.iter().map(|(folder, text)| Self::parse(folder, text)).collect()
    }

    /// The built-in board of that name.
    pub fn named(name: &str) -> Result<Self, BoardError> {
        match BOARDS.iter().find(|(folder, _)| *folder == name) {
            Some((folder, text)) => Self::parse(folder, text),
            None => Err(BoardError::Unknown {
                name: name.into(),
                known: BOARDS.iter().map(|(folder, _)| format!("`{folder}`")).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_parses_and_its_configs_can_be_clocked() {
        for board in Board::all().unwrap() {
            assert!(board.part.starts_with("LFE5") && board.url.starts_with("https://"));
            for name in &board.configs {
                let config = board.config(Some(name)).unwrap();
                assert_eq!(board.pll(config).unwrap().output_hz, config.clock_hz);
            }
            assert_eq!(board.config(None).unwrap().name, board.configs[0]);
            assert!(matches!(board.config(Some("wide")), Err(BoardError::Config { .. })));
        }
    }

    #[test]
    fn a_wrong_board_is_refused() {
        let text = BOARDS[0].1;
        let parse = |text: &str| Board::parse("ulx3s-85f", text);
        let config = &Board::named("ulx3s-85f").unwrap().configs[0];
        assert!(parse(text).is_ok());
        assert!(matches!(parse(&text.replace(config, "huge")), Err(BoardError::Config { .. })));
        assert!(matches!(parse(&text.replace("luts", "lots")), Err(BoardError::Toml { .. })));
        let listed = format!("configs = [\"{config}\"]");
        assert!(matches!(parse(&text.replace(&listed, "configs = []")), Err(BoardError::NoConfig { .. })));
        assert!(matches!(parse(&text.replace("rx =", "ry =")), Err(BoardError::Pins { .. })));
        assert!(matches!(parse(&text.replace("25_000_000", "25_000_001")), Err(BoardError::Clock { .. })));
        assert!(matches!(Board::parse("other", text), Err(BoardError::Name { .. })));
        assert!(matches!(Board::named("other"), Err(BoardError::Unknown { .. })));
    }
}
