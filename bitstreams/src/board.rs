//! The board table: a board is a folder of data under `boards/`.

use crate::config::{Config, ConfigError};

/// A board: the part on it, what the part has, and which configs are known to fit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name: that of its folder.
    pub name: String,
    /// One sentence.
    pub doc: String,
    /// Family: decides the flow.
    pub family: Family,
    /// The vendor's full part number.
    pub part: String,
    /// JTAG identity of the part, checked before anything is loaded.
    pub idcode: u32,
    /// Clock on the board, in Hz.
    pub oscillator_hz: u32,
    /// Names of the configs meant for it.
    pub configs: Vec<String>,
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
pub const BOARDS: [(&str, &str); 1] = [("ulx3s-85f", include_str!("../boards/ulx3s-85f/board.toml"))];

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
        for config in &board.configs {
            Config::named(config).map_err(|source| BoardError::Config { name: name.into(), source })?;
        }
        Ok(board)
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
    fn every_board_parses_and_its_configs_exist() {
        for (name, _) in BOARDS {
            let board = Board::named(name).unwrap();
            assert!(!board.configs.is_empty() && board.part.starts_with("LFE5"));
        }
    }

    #[test]
    fn a_wrong_board_is_refused() {
        let text = BOARDS[0].1;
        let parse = |text: &str| Board::parse("ulx3s-85f", text);
        assert!(parse(text).is_ok());
        assert!(matches!(parse(&text.replace("small-uart", "huge")), Err(BoardError::Config { .. })));
        assert!(matches!(parse(&text.replace("luts", "lots")), Err(BoardError::Toml { .. })));
        assert!(matches!(Board::parse("other", text), Err(BoardError::Name { .. })));
        assert!(matches!(Board::named("other"), Err(BoardError::Unknown { .. })));
    }
}
