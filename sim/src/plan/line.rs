//! The line between host and board, as a planner sees it.

use galena_target::{Config, Link, rate};
use std::fmt;

/// What a job waits for besides its clocks, in seconds: a USB bridge's millisecond each way (with its latency timer at 1 ms), or the system calls and the
/// descriptors of two PCIe transfers (30 us each).
const TURNS: [(Link, f64); 3] = [(Link::Stream, 0.0), (Link::Uart, 2e-3), (Link::Xdma, 60e-6)];

/// A line and its pace.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    link: Link,
    /// Bits a second of a serial line; zero for others.
    pub baud: u32,
    /// Clocks of the core for a word, each way.
    pub word_clocks: f64,
    /// Seconds that every job takes besides.
    pub turn_seconds: f64,
}

/// A rate that a config cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a rate that {clock_hz} Hz can be divided into within 2 %, with 8 clocks a bit or more, found {baud} baud"
)]
pub struct LineError {
    clock_hz: u32,
    baud: u32,
}

impl Line {
    /// The line of a config: a serial one at `baud`, or at the fastest rate that host and config negotiate up to 3 Mbaud; others with a word a clock.
    ///
    /// # Errors
    /// If the config's clock does not make this rate.
    pub fn of(config: &Config, baud: Option<u32>) -> Result<Self, LineError> {
        let turn_seconds = TURNS.iter().find(|turn| turn.0 == config.link).map_or(0.0, |turn| turn.1);
        if config.link != Link::Uart {
            return Ok(Self { link: config.link, baud: 0, word_clocks: 1.0, turn_seconds });
        }
        let baud = baud.unwrap_or_else(|| rate::negotiated(config, rate::USUAL));
        let divisor =
            if baud == config.baud { Some(config.baud_divisor()) } else { rate::divisor(config.clock_hz, baud) };
        let divisor = divisor.ok_or(LineError { clock_hz: config.clock_hz, baud })?;
        Ok(Self { link: config.link, baud, word_clocks: f64::from(rate::WORD_BITS * divisor), turn_seconds })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.link {
            Link::Uart => write!(f, "a serial line of {} baud", self.baud),
            Link::Xdma => write!(f, "PCIe, a word a clock each way"),
            Link::Stream => write!(f, "a word a clock each way"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_fast_as_host_and_config_agree() {
        let line = |name: &str, baud| Line::of(Config::named(name).unwrap(), baud);
        assert_eq!(line("wide", None).unwrap().word_clocks, 1.0);
        let uart = line("small-uart", None).unwrap();
        assert_eq!((uart.baud, uart.word_clocks), (3_000_000, 640.0));
        assert_eq!(line("small-uart", Some(1_000_000)).unwrap().word_clocks, 1920.0);
        let refused = line("small-uart", Some(11_000_000)).unwrap_err().to_string();
        assert!(refused.contains("48000000 Hz") && refused.contains("11000000 baud"), "{refused}");
    }
}
