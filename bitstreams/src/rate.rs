//! Rates: which of them a board and a port share, and where a board may have been left.

use crate::config::RATE_DIVISORS;
use crate::{CONFIGS, Config, Link};

/// The rates that are tried, fastest first.
pub const RATES: [u32; 8] = [12_000_000, 8_000_000, 6_000_000, 4_000_000, 3_000_000, 2_000_000, 1_500_000, 1_000_000];

/// What the USB bridges of the boards in the table do.
pub const USUAL: u32 = 3_000_000;

/// Bits of a word on the line: four bytes, each with a start and a stop bit.
pub const WORD_BITS: u32 = 4 * 10;

/// Fewest clocks per bit that a host asks for: with fewer a receiver samples too far from the middle of a bit.
const DIVISOR_MIN: u32 = 8;

/// Clocks per bit for this rate, if the clock divides so that the two differ by no more than 2 %: a receiver drifts by ten bits' worth
/// of the difference before the stop bit, a fifth of a bit.
pub fn divisor(clock_hz: u32, rate: u32) -> Option<u32> {
    let divisor = (u64::from(clock_hz) + u64::from(rate) / 2) / u64::from(rate.max(1));
    let off = u64::from(clock_hz).abs_diff(divisor * u64::from(rate));
    let divisor = u32::try_from(divisor).ok().filter(|d| *d >= DIVISOR_MIN && RATE_DIVISORS.contains(d))?;
    (off * 50 <= u64::from(clock_hz)).then_some(divisor)
}

/// The rates above its base rate that a board of this config can do, up to `fastest`, with their divisors; fastest first.
pub fn above_base(config: &Config, fastest: u32) -> impl Iterator<Item = (u32, u32)> + use<'_> {
    RATES
        .into_iter()
        .filter(move |&rate| rate > config.baud && rate <= fastest)
        .filter_map(|rate| Some((rate, divisor(config.clock_hz, rate)?)))
}

/// The rate that host and config agree on over a port that goes up to `fastest`.
pub fn negotiated(config: &Config, fastest: u32) -> u32 {
    above_base(config, fastest).next().map_or(config.baud, |(rate, _)| rate)
}

/// The rates at which a board may listen: the base rates first, then those that a host which ended without a word may have left,
/// as far as the port goes.
pub fn candidates(fastest: u32) -> Vec<u32> {
    let uarts = || CONFIGS.iter().filter(|config| config.link == Link::Uart);
    let mut rates: Vec<u32> = uarts().map(|config| config.baud).collect();
    let left = RATES.into_iter().filter(|&rate| uarts().any(|c| above_base(c, fastest).any(|(r, _)| r == rate)));
    rates.extend(left);
    let all = rates.clone();
    let mut position = 0;
    rates.retain(|rate| {
        position += 1;
        !all[..position - 1].contains(rate)
    });
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_divisor_is_near_enough_or_there_is_none() {
        assert_eq!(divisor(48_000_000, 3_000_000), Some(16));
        assert_eq!(divisor(48_000_000, 6_000_000), Some(8));
        assert_eq!(
            (divisor(48_000_000, 8_000_000), divisor(48_000_000, 12_000_000)),
            (None, None),
            "too few clocks per bit"
        );
        assert_eq!(divisor(50_000_000, 3_000_000), Some(17), "2 % off");
        assert_eq!(divisor(50_000_000, 4_000_000), None, "4 % off");
        assert_eq!((divisor(48_000_000, 0), divisor(0, 1), divisor(u32::MAX, 1)), (None, None, None));
    }

    #[test]
    fn the_fastest_shared_rate_comes_first() {
        let of =
            |name: &str, fastest| above_base(Config::named(name).unwrap(), fastest).map(|r| r.0).collect::<Vec<_>>();
        assert_eq!(of("small-uart", 12_000_000), [6_000_000, 4_000_000, 3_000_000, 2_000_000, 1_500_000]);
        assert_eq!(of("small-uart", 3_000_000), [3_000_000, 2_000_000, 1_500_000]);
        assert_eq!(of("tiny-uart", 12_000_000)[..2], [12_000_000, 8_000_000]);
        assert!(of("small-uart", 1_000_000).is_empty());
        let agreed = |name: &str, fastest| negotiated(Config::named(name).unwrap(), fastest);
        assert_eq!(agreed("small-uart", USUAL), 3_000_000);
        assert_eq!(agreed("ecp5-85f", USUAL), 2_000_000, "40 MHz do not make three");
        assert_eq!(agreed("small-uart", 1_000_000), 1_000_000, "the base rate");
    }

    #[test]
    fn a_board_is_looked_for_at_base_rates_first_and_at_each_rate_once() {
        assert_eq!(candidates(3_000_000), [1_000_000, 3_000_000, 2_000_000, 1_500_000]);
        let all = candidates(u32::MAX);
        assert_eq!(all[..3], [1_000_000, 12_000_000, 8_000_000]);
        assert!(all.iter().all(|rate| all.iter().filter(|r| *r == rate).count() == 1));
    }
}
