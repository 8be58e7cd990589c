//! `pins.xdc` and `timing.xdc`: where the ports go, and what is timed how.

use super::Script;
use crate::Board;
use crate::board::{OSCILLATOR, PORTS, Pull, REFCLK_P};
use std::fmt::Write;

/// Every pin of the board with its pad, and the properties of the bitstream. Vivado refuses to write a bitstream with a port that is not here, but for the
/// lanes of a slot: the IP places their transceivers.
pub(super) fn pins(board: &Board) -> String {
    let mut text = format!("# Pins of the board {}. Generated from its board.toml.\n", board.name);
    for (port, pin) in &board.pins {
        let mut pad = format!("PACKAGE_PIN {}", pin.site);
        if !pin.standard.is_empty() {
            let _ = write!(pad, " IOSTANDARD {}", pin.standard);
        }
        match pin.pull {
            Some(Pull::Up) => pad += " PULLTYPE PULLUP",
            Some(Pull::Down) => pad += " PULLTYPE PULLDOWN",
            Some(Pull::None) => pad += " PULLTYPE NONE",
            None => {}
        }
        if let Some(milliamperes) = pin.drive {
            let _ = write!(pad, " DRIVE {milliamperes}");
        }
        let _ = writeln!(text, "set_property -dict {{{pad}}} [get_ports {{{port}}}]");
    }
    text += "\n# Properties of the bitstream.\n";
    for (name, value) in &board.configuration {
        let _ = writeln!(text, "set_property {name} {value} [current_design]");
    }
    text
}

/// The clock that comes in, and what is asynchronous to it. Clocks behind it, of the clock manager or of the XDMA IP, Vivado derives.
pub(super) fn timing(script: &Script) -> String {
    let (board, config) = (script.board, script.config);
    let nanoseconds = |hz: u32| format!("{:.3}", 1e9 / f64::from(hz));
    if script.out_of_context {
        return format!(
            "# The core alone: its clock, {} Hz. Paths from and to its ports are not timed.\n\
             create_clock -name clk -period {} [get_ports clk]\n",
            config.clock_hz,
            nanoseconds(config.clock_hz)
        );
    }
    let (port, what) = match &board.pcie {
        Some(_) => (REFCLK_P, "The slot's reference clock; the core's clock is made of it by the XDMA IP."),
        None => (OSCILLATOR, "The board's clock; the core's clock is made of it by the MMCM."),
    };
    let mut text = format!(
        "# {what}\ncreate_clock -name {port} -period {} [get_ports {port}]\n\n\
         # What comes from outside is asynchronous, and goes through a synchroniser or, as the slot's reset, into the IP; what goes out is waited for by nobody.\n",
        nanoseconds(board.oscillator_hz)
    );
    for (name, pin) in &board.pins {
        let row = PORTS.iter().find(|row| row.name == name);
        match row {
            Some(row) if row.transceiver || row.name == OSCILLATOR => {}
            Some(row) if row.input => {
                let _ = writeln!(text, "set_false_path -from [get_ports {name}]");
            }
            _ if pin.held.is_some() => {}
            _ => {
                let _ = writeln!(text, "set_false_path -to [get_ports {name}]");
            }
        }
    }
    if board.pcie.is_none() {
        text += "\n# The two registers of each synchroniser: side by side, and none of them copied or merged.\n";
        for registers in SYNCHRONISERS {
            let _ = writeln!(text, "set_property ASYNC_REG TRUE [get_cells {{{registers}}}]");
        }
    }
    text
}

/// The synchronisers of a board with a serial line, as paths of its top module: of the line, and of the clock manager's `locked`.
pub const SYNCHRONISERS: [&str; 2] = ["core/line/line_in/sync_reg[*]", "power/good_reg[*]"];
