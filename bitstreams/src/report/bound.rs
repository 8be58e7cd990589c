//! What a core could do at its clock if nothing held it up, and what the line carries.

use crate::board::grouped;
use crate::frame::GROUP_COLUMNS;
use crate::kernel::PERMUTATION_MULTIPLIES;
use crate::{Board, Config, Link, rate};

/// Rates, a second.
pub(super) struct Rates {
    /// Permutations of all cores.
    pub(super) permutations: f64,
    /// Butterflies of all cores.
    pub(super) butterflies: f64,
    /// Words that the line brings.
    pub(super) words: f64,
    /// Words that the hashers absorb.
    pub(super) absorbed: f64,
}

impl Rates {
    pub(super) fn of(board: &Board, config: &Config) -> Self {
        let (cores, hz) = (board.cores(config) as f64, f64::from(config.clock_hz));
        let permutations = cores * config.multipliers as f64 * hz / PERMUTATION_MULTIPLIES as f64;
        // A word a clock, or what host and config agree on over a USB bridge.
        let serial = f64::from(rate::negotiated(config, rate::USUAL)) / f64::from(rate::WORD_BITS);
        let words = if config.link == Link::Uart { serial } else { cores * hz };
        // Of an extension twice as tall as what comes in, each row is absorbed eight words at a time.
        let absorbed = permutations * GROUP_COLUMNS as f64 / 2.0;
        Self { permutations, butterflies: cores * config.lanes as f64 * hz, words, absorbed }
    }

    /// What sets the pace of a commitment at blow-up 2.
    pub(super) fn bound(&self) -> String {
        let ratio = self.absorbed / self.words.max(1.0);
        let what = format!(
            "of a commitment at blow-up 2 it brings {} words a second, where the hasher could absorb {}",
            grouped(self.words as u64),
            grouped(self.absorbed as u64)
        );
        match ratio {
            r if r > 1.1 => format!("The line sets the pace: {what}."),
            r if r < 0.9 => format!("The hasher sets the pace, not the line: {what}."),
            _ => format!("The line and the hasher keep pace with one another: {what}."),
        }
    }
}
