//! The top module of a board's bitstream: where the clock comes from, the reset, the core, and the pins.
//!
//! ```text
//!   oscillator -> clock_pll -> clk ------------> everything
//!                     |locked
//!                 power_up -> rst, lamp
//!   rx ------------------------> galena_core --> tx
//! ```
//!
//! One clock domain: `clk`. What comes from outside is asynchronous to it: `rx` has its synchroniser in `uart_receive`, `locked` clears the counter of
//! `power_up` at once and lets it start, at worst a clock late. A 7-series part has `clock_mmcm` in the place of the PLL; a card is in [`card`].

mod bar;
mod card;
mod clock;
mod endpoint;
mod power_up;

use crate::connect::attach;
use crate::core::{CoreError, core_module};
use crate::netlist::Module;
use crate::{VerilogFile, emit};
use galena_target::board::{Clocking, LED, OSCILLATOR, ports};
use galena_target::{Board, BoardError, Config, Link};

pub use bar::pages;

/// Name of the top module of every board.
pub const BOARD_TOP: &str = "galena_top";

/// Why there is no top module for a board and a config.
#[derive(Debug, thiserror::Error)]
pub enum TopError {
    /// The board cannot have it.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The config's link is not one of the board's.
    #[error("expected a config with {expected} for the board `{board}`, found `{config}` with the link {link}")]
    Link {
        /// The link that the board has.
        expected: &'static str,
        /// The board.
        board: String,
        /// The config.
        config: String,
        /// Its link.
        link: &'static str,
    },
    /// There is no core.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// The Verilog of a board's bitstream: top module [`BOARD_TOP`], one file a module, the core's among them.
///
/// Ports: the pins of the board, by name. Parameters `GIT_HASH` (160 bits) and `DIRTY` are for the build to set; they are zero in the text.
pub fn board_top(board: &Board, config: &Config) -> Result<Vec<VerilogFile>, TopError> {
    Ok(emit(&board_top_module(board, config)?).map_err(CoreError::from)?)
}

/// The top module.
pub fn board_top_module(board: &Board, config: &Config) -> Result<Module, TopError> {
    if config.link != board.link() {
        let (board_name, config, link) = (board.name.clone(), config.name.to_string(), config.link.name());
        let expected = if board.link() == Link::Xdma { "xdma" } else { "a uart" };
        return Err(TopError::Link { expected, board: board_name, config, link });
    }
    let core = core_module(config)?;
    let clock = match board.clocking(config)? {
        Clocking::Slot(slot) => return Ok(card::card(board, config, &slot, core)),
        Clocking::Pll(pll) => clock::pll(&pll),
        Clocking::Mmcm(mmcm) => clock::mmcm(&mmcm),
    };
    let mut module = with_pins(
        Module::new(BOARD_TOP, "a board's bitstream: PLL, reset, core and pins")
            .timing("2^15 clocks from the PLL's lock to the first that the core works in", "that of the core"),
        board,
        config,
    );
    module = ["clk", "locked", "rst", "lamp"].iter().fold(module, |m, name| m.wire(*name, 1));
    module = attach(module, "clock", clock, [("input_clk", OSCILLATOR)]);
    module = attach(module, "power", power_up::power_up(config.clock_hz), [("", ""); 0]);
    module = attach(module, "core", core, [("", ""); 0])
        .with_parameter("GIT_HASH", "GIT_HASH")
        .with_parameter("DIRTY", "DIRTY");
    Ok(with_lamp(module, board))
}

/// A top module with its build-time parameters and the pins of the board as ports; what is held has its level.
fn with_pins(module: Module, board: &Board, config: &Config) -> Module {
    let module = module
        .doc(&format!("Board `{}`: {}.", board.name, board.doc))
        .doc(&format!("Config `{}` at {} Hz.", config.name, config.clock_hz))
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit");
    board.pins.iter().fold(module, |module, (name, pin)| match ports(board.link()).find(|row| row.name == name) {
        Some(row) if row.input => module.input(name, 1, row.doc),
        Some(row) => module.output(name, 1, row.doc),
        None => {
            let level = u8::from(pin.held == Some(true));
            module.output(name, 1, "held").body(format!("assign {name} = 1'b{level};"))
        }
    })
}

/// The lamp of the board shows `lamp`.
fn with_lamp(module: Module, board: &Board) -> Module {
    match board.pins.get(LED) {
        Some(pin) => module.body(format!("assign {LED} = {}lamp;", if pin.active_low { "!" } else { "" })),
        None => module,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_a_top_module_for_each_of_its_configs() {
        for board in Board::all().unwrap() {
            for config in &board.configs {
                let module = board_top_module(&board, board.config(Some(config)).unwrap()).unwrap();
                let ports: Vec<_> = module.ports.iter().map(|p| p.name.as_str()).collect();
                let pins = board.pins.keys().map(String::as_str);
                let lanes: &[&str] =
                    if board.pcie.is_some() { &["pcie_rx_p", "pcie_rx_n", "pcie_tx_p", "pcie_tx_n"] } else { &[] };
                assert_eq!(ports, pins.chain(lanes.iter().copied()).collect::<Vec<_>>(), "{}", board.name);
                emit(&module).unwrap();
            }
        }
    }

    /// Constraints name registers by their place in the top module: they are there.
    #[test]
    fn the_synchronisers_are_where_the_constraints_look_for_them() {
        let board = Board::named("arty-a7-100t").unwrap();
        let top = board_top_module(&board, board.config(None).unwrap()).unwrap();
        for path in galena_target::flow::SYNCHRONISERS {
            let mut names: Vec<&str> = path.split('/').collect();
            let register = names.pop().unwrap().strip_suffix("_reg[*]").unwrap();
            let module = names.iter().fold(&top, |module, name| {
                let instance = module.instances.iter().find(|instance| instance.name == *name);
                &instance.unwrap_or_else(|| panic!("{path}: {name}")).module
            });
            assert!(
                module.locals.iter().any(|local| local.name == register && local.reg && local.width == 2),
                "{path}"
            );
        }
    }

    #[test]
    fn a_card_has_its_cores_and_a_page_of_the_bar_for_each() {
        let instances = |board: &str| {
            let board = Board::named(board).unwrap();
            let top = board_top_module(&board, board.config(None).unwrap()).unwrap();
            top.instances.into_iter().map(|instance| instance.name).collect::<Vec<_>>()
        };
        assert_eq!(instances("kcu105"), ["endpoint", "reset", "bar", "core_0", "core_1"]);
        assert_eq!(instances("varium-c1100").len(), 3 + 4);
        // One core has the bar to itself.
        let board = Board::named("varium-c1100").unwrap();
        let top = board_top_module(&board, board.config(Some("card")).unwrap()).unwrap();
        assert_eq!(top.instances.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["endpoint", "reset", "core_0"]);
    }

    #[test]
    fn a_config_with_another_link_is_refused() {
        let board = Board::named("ulx3s-85f").unwrap();
        let error = board_top(&board, Config::named("wide").unwrap()).unwrap_err();
        assert!(matches!(error, TopError::Link { .. }) && error.to_string().contains("the link stream"), "{error}");
        let card = Board::named("kcu105").unwrap();
        let error = board_top(&card, Config::named("small-uart").unwrap()).unwrap_err().to_string();
        assert!(error.starts_with("expected a config with xdma for the board `kcu105`"), "{error}");
    }
}
