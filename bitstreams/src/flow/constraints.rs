//! The constraints of a board, as nextpnr-ecp5 reads them (LPF).

use crate::Board;
use crate::board::{OSCILLATOR, Pull};
use std::fmt::Write;

/// The file: every pin of the board with its pad, and the clock that comes in. Nothing is left unconstrained: place and route stops at a port that
/// is not here.
pub fn lpf(board: &Board) -> String {
    let mut text = format!(
        "# Pins of the board {}. Generated from its board.toml.\nBLOCK RESETPATHS;\nBLOCK ASYNCPATHS;\n",
        board.name
    );
    for (port, pin) in &board.pins {
        let pull = match pin.pull {
            Some(Pull::Up) => " PULLMODE=UP",
            Some(Pull::Down) => " PULLMODE=DOWN",
            Some(Pull::None) => " PULLMODE=NONE",
            None => "",
        };
        let drive = pin.drive.map(|ma| format!(" DRIVE={ma}")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "LOCATE COMP \"{port}\" SITE \"{}\";", pin.site);
        let _ = writeln!(text, "IOBUF PORT \"{port}\" IO_TYPE={}{pull}{drive};", pin.standard);
    }
    let hz = board.oscillator_hz;
    let _ = writeln!(text, "FREQUENCY PORT \"{OSCILLATOR}\" {}.{:06} MHZ;", hz / 1_000_000, hz % 1_000_000);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_is_placed_and_the_clock_is_known() {
        for board in Board::all().unwrap().into_iter().filter(|board| board.place.is_some()) {
            let text = lpf(&board);
            for (port, pin) in &board.pins {
                assert!(text.contains(&format!("LOCATE COMP \"{port}\" SITE \"{}\";", pin.site)));
                assert!(text.contains(&format!("IOBUF PORT \"{port}\" IO_TYPE={}", pin.standard)));
            }
            assert_eq!(text.matches("FREQUENCY PORT").count(), 1);
        }
        assert!(lpf(&Board::named("ulx3s-85f").unwrap()).contains("FREQUENCY PORT \"oscillator\" 25.000000 MHZ;"));
    }
}
