//! The top module of a board's bitstream: the board's clock through a PLL, the reset at power-up, the core, and the pins.
//!
//! ```text
//!   oscillator -> clock_pll -> clk ------------> everything
//!                     |locked
//!                 power_up -> rst, lamp
//!   rx ------------------------> galena_core --> tx
//! ```
//!
//! One clock domain: `clk`. What comes from outside is asynchronous to it: `rx` has its synchroniser in `uart_receive`, `locked` clears the counter of
//! `power_up` at once and lets it start, at worst a clock late.

mod clock;
mod power_up;

use crate::connect::attach;
use crate::core::{CoreError, core_module};
use crate::netlist::Module;
use crate::{VerilogFile, emit};
use galena_target::board::{LED, OSCILLATOR, PORTS};
use galena_target::{Board, BoardError, Config, Link};

/// Name of the top module of every board.
pub const BOARD_TOP: &str = "galena_top";

/// Why there is no top module for a board and a config.
#[derive(Debug, thiserror::Error)]
pub enum TopError {
    /// The board cannot have it.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The config's link is not one of the board's.
    #[error("expected a config with a uart for the board `{board}`, found `{config}` with the link {link}")]
    Link {
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
    if config.link != Link::Uart {
        let (board, config, link) = (board.name.clone(), config.name.to_string(), config.link.name());
        return Err(TopError::Link { board, config, link });
    }
    let core = core_module(config)?;
    let pll = board.pll(config)?;
    let mut module = Module::new(BOARD_TOP, "a board's bitstream: PLL, reset, core and pins")
        .timing("2^15 clocks from the PLL's lock to the first that the core works in", "that of the core")
        .doc(&format!("Board `{}`: {}.", board.name, board.doc))
        .doc(&format!("Config `{}` at {} Hz.", config.name, config.clock_hz))
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit");
    for (name, pin) in &board.pins {
        module = match PORTS.iter().find(|row| row.name == name) {
            Some(row) if row.input => module.input(name, 1, row.doc),
            Some(row) => module.output(name, 1, row.doc),
            None => {
                let level = u8::from(pin.held == Some(true));
                module.output(name, 1, "held").body(format!("assign {name} = 1'b{level};"))
            }
        };
    }
    module = ["clk", "locked", "rst", "lamp"].iter().fold(module, |m, name| m.wire(*name, 1));
    module = attach(module, "clock", clock::pll(&pll), [("input_clk", OSCILLATOR)]);
    module = attach(module, "power", power_up::power_up(config.clock_hz), [("", ""); 0]);
    module = attach(module, "core", core, [("", ""); 0])
        .with_parameter("GIT_HASH", "GIT_HASH")
        .with_parameter("DIRTY", "DIRTY");
    Ok(match board.pins.get(LED) {
        Some(pin) => module.body(format!("assign {LED} = {}lamp;", if pin.active_low { "!" } else { "" })),
        None => module,
    })
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
                assert_eq!(ports, board.pins.keys().map(String::as_str).collect::<Vec<_>>());
                emit(&module).unwrap();
            }
        }
    }

    #[test]
    fn a_config_with_another_link_is_refused() {
        let board = Board::named("ulx3s-85f").unwrap();
        let error = board_top(&board, Config::named("wide").unwrap()).unwrap_err();
        assert!(matches!(error, TopError::Link { .. }) && error.to_string().contains("the link stream"), "{error}");
    }
}
