//! The board table: a board is a folder of data under `boards/`.

mod error;
mod inventory;
mod part;
mod pins;
mod slot;

pub use error::{BoardError, ClockError};
pub(crate) use inventory::grouped;
pub use inventory::inventory;
pub use part::{Family, Flow, Place, Resources};
pub use pins::{LED, OSCILLATOR, PERST, PORTS, Pin, PortRow, Pull, RECEIVE, REFCLK_N, REFCLK_P, SEND, ports};
pub use slot::{CHANNELS, LANE_BYTES_PER_SECOND, Pcie, Slot, SlotError, USER_CLOCK_HZ};

use crate::config::{Config, ConfigError, Link};
use crate::mmcm::Mmcm;
use crate::pll::Pll;
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
    /// How it loads a bitstream: the name that openFPGALoader has for it. None where only the vendor's tool does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loader: Option<String>,
    /// Names of the configs meant for it, the usual one first.
    pub configs: Vec<String>,
    /// Clock that comes in, in Hz: at the pin [`OSCILLATOR`], or a slot's reference clock at [`REFCLK_P`].
    pub oscillator_hz: u32,
    /// Memory outside the part. Nothing here uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Where the ports of the top module go, by port.
    pub pins: BTreeMap<String, Pin>,
    /// The slot it sits in; none for a board with a serial line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcie: Option<Pcie>,
    /// How many cores of a config it has, by config; one of those that are not here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cores: BTreeMap<String, usize>,
    /// What the part has.
    pub resources: Resources,
    /// How place and route names the part: the ECP5's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Properties of the bitstream, as Vivado names them: the voltage of the configuration bank and the like.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub configuration: BTreeMap<String, String>,
}

/// Where the core's clock comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocking {
    /// The PLL of an ECP5.
    Pll(Pll),
    /// The clock manager of a 7-series part.
    Mmcm(Mmcm),
    /// The XDMA IP in a slot.
    Slot(Slot),
}

/// All boards: folder name and the text of its `board.toml`.
pub const BOARDS: [(&str, &str); 7] = [
    ("ulx3s-85f", include_str!("../../boards/ulx3s-85f/board.toml")),
    ("ulx3s-25f", include_str!("../../boards/ulx3s-25f/board.toml")),
    ("colorlight-i9", include_str!("../../boards/colorlight-i9/board.toml")),
    ("ecp5-evn", include_str!("../../boards/ecp5-evn/board.toml")),
    ("arty-a7-100t", include_str!("../../boards/arty-a7-100t/board.toml")),
    ("kcu105", include_str!("../../boards/kcu105/board.toml")),
    ("varium-c1100", include_str!("../../boards/varium-c1100/board.toml")),
];

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
        board.of_its_family()?;
        pins::check(&board.pins, board.link()).map_err(|what| BoardError::Pins { name: name.into(), what })?;
        if let Some(config) = board.cores.keys().find(|config| !board.configs.contains(config)) {
            return Err(BoardError::Cores { name: name.into(), config: config.clone() });
        }
        for config in &board.configs {
            let config = Config::named(config).map_err(|source| BoardError::Config { name: name.into(), source })?;
            if config.link != board.link() {
                let (expected, found) = (board.link().name(), config.link.name());
                return Err(BoardError::Link { name: name.into(), config: config.name.to_string(), expected, found });
            }
            board.clocking(config)?;
        }
        Ok(board)
    }

    /// What only one family has is there for it, and for no other.
    fn of_its_family(&self) -> Result<(), BoardError> {
        let ecp5 = self.family == Family::Ecp5;
        let resources = &self.resources;
        let wrong = [
            ("[place]", self.place.is_some() != ecp5),
            ("multipliers_18x18", (resources.multipliers_18x18 > 0) != ecp5),
            ("dsp_slices", (resources.dsp_slices > 0) == ecp5),
            ("ultra_rams", resources.ultra_rams > 0 && self.family != Family::UltraScalePlus),
            ("[configuration]", self.configuration.is_empty() != ecp5),
            ("[pcie]", self.pcie.is_some() != matches!(self.family, Family::UltraScale | Family::UltraScalePlus)),
            ("[cores]", !self.cores.is_empty() && self.pcie.is_none()),
            ("loader", self.loader.is_none() && ecp5),
        ];
        let expected = match self.family {
            Family::Ecp5 => "[place], multipliers_18x18 and a loader",
            Family::Series7 => "dsp_slices, [configuration] and neither [place] nor [pcie]",
            Family::UltraScale | Family::UltraScalePlus => "dsp_slices, [configuration], [pcie] and no [place]",
        };
        match wrong.into_iter().find(|row| row.1) {
            None => Ok(()),
            Some((what, _)) => Err(BoardError::Family {
                name: self.name.clone(),
                family: self.family.name(),
                expected,
                found: format!("another {what}"),
            }),
        }
    }

    /// How words reach the core on it.
    pub fn link(&self) -> Link {
        if self.pcie.is_some() { Link::Xdma } else { Link::Uart }
    }

    /// How many cores of a config it has.
    pub fn cores(&self, config: &Config) -> usize {
        self.cores.get(&*config.name).copied().unwrap_or(1)
    }

    /// Where a config's clock comes from on the board.
    pub fn clocking(&self, config: &Config) -> Result<Clocking, BoardError> {
        let [input, output] = [self.oscillator_hz, config.clock_hz];
        let made = match (self.family, &self.pcie) {
            (_, Some(pcie)) => pcie.slot(config, self.cores(config)).map(Clocking::Slot).map_err(ClockError::from),
            (Family::Ecp5, None) => Pll::new(input, output).map(Clocking::Pll).map_err(ClockError::from),
            (Family::Series7, None) => Mmcm::new(input, output).map(Clocking::Mmcm).map_err(ClockError::from),
            (family, None) => Err(ClockError::NoSlot { family: family.name() }),
        };
        let refused = |source| BoardError::Clock { name: self.name.clone(), config: config.name.to_string(), source };
        made.map_err(refused)
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
        let mut balls = 0;
        for board in Board::all().unwrap() {
            let vendor = if board.family.flow() == Flow::Open { "LFE5" } else { "xc" };
            assert!(board.part.starts_with(vendor) && board.url.starts_with("https://"), "{}", board.name);
            for name in &board.configs {
                let config = board.config(Some(name)).unwrap();
                match board.clocking(config).unwrap() {
                    Clocking::Pll(pll) => assert_eq!(pll.output_hz, config.clock_hz),
                    Clocking::Mmcm(mmcm) => assert_eq!(mmcm.output_hz, config.clock_hz),
                    Clocking::Slot(slot) => {
                        assert_eq!((config.clock_hz, 32 * slot.lanes), (USER_CLOCK_HZ, config.stream_bits))
                    }
                }
            }
            assert_eq!(board.config(None).unwrap().name, board.configs[0]);
            assert!(matches!(board.config(Some("wide")), Err(BoardError::Config { .. })));
            balls += board.pins.len();
        }
        assert!(balls > 20, "{balls}");
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
        assert!(matches!(parse(&text.replace(config, "card")), Err(BoardError::Link { .. })));
        assert!(matches!(parse(&text.replace("\"ecp5\"", "\"series7\"")), Err(BoardError::Family { .. })));
        assert!(matches!(Board::parse("other", text), Err(BoardError::Name { .. })));
        assert!(matches!(Board::named("other"), Err(BoardError::Unknown { .. })));
    }

    /// A board's text, one part of it replaced.
    fn changed(name: &str, from: &str, to: &str) -> Result<Board, BoardError> {
        let text = BOARDS.iter().find(|(folder, _)| *folder == name).unwrap().1;
        assert!(text.contains(from), "{from}");
        Board::parse(name, &text.replace(from, to))
    }

    #[test]
    fn a_wrong_card_is_refused() {
        let card = |from: &str, to: &str| changed("varium-c1100", from, to).unwrap_err().to_string();
        assert!(card("u55n = 4", "u55n = 3").contains("config `u55n`: expected 1, 2 or 4 cores"));
        assert!(card("u55n = 4", "wide = 4").contains("found some of `wide`"));
        assert!(card("lanes = 16", "lanes = 2").contains("at most 64 bits, 32 for each of the 2 lanes, found 128"));
        assert!(card("pcie_refclk_p", "oscillator").contains("expected a pin for `pcie_refclk_p`"));
        assert!(card("\"AR14\"", "\"AR15\"").contains("expected every ball once, found AR15 twice"));
        assert!(card("dsp_slices", "multipliers_18x18").contains("for the family ultrascale-plus"));
        assert!(card("ultrascale-plus", "series7").contains("expected dsp_slices, [configuration] and neither"));
        let arty = |from: &str, to: &str| changed("arty-a7-100t", from, to).unwrap_err().to_string();
        assert!(arty("= 100_000_000", "= 99_999_999").contains("that the MMCM makes exactly from 99999999 Hz"));
        assert!(arty("\"a7-100t\"]", "\"u55n\"]").contains("expected configs with the link uart"));
    }
}
