//! What coverage leaves out, each with the reason: looked at one by one.

use super::data::{Counter, Sort};

/// Counters that no job can move.
pub(super) struct Excluded {
    /// The module, without parameters.
    pub(super) module: &'static str,
    pub(super) sort: Sort,
    /// Of toggles the signal, or some of its bits (`sum[36:32]`); of lines a part of the text.
    pub(super) what: &'static str,
    /// Why nothing moves them.
    pub(super) reason: &'static str,
}

impl Excluded {
    /// Whether this row is of that counter, which is on a line of this text.
    pub(super) fn is(&self, counter: &Counter, line: &str) -> bool {
        crate::verify::mutation::named(&counter.module, self.module)
            && self.sort == counter.sort
            && match self.sort {
                Sort::Line => line.contains(self.what),
                Sort::Toggle => bits(self.what, &counter.what),
            }
    }
}

/// Name and bit of a counted toggle: `sum[35]`, perhaps with a direction (`:0->1`) or a word of an array behind it.
pub(super) fn split(counted: &str) -> (&str, Option<usize>) {
    match counted.split_once('[') {
        Some((name, rest)) => (name, rest.split(']').next().and_then(|bit| bit.parse().ok())),
        None => (counted.split(':').next().unwrap_or(""), None),
    }
}

/// Whether `counted` is a bit of `of` (`sum`, `sum[36:32]`, `sum[35]`).
fn bits(of: &str, counted: &str) -> bool {
    let (name, range) = of.trim_end_matches(']').split_once('[').unwrap_or((of, ""));
    let (high, low) = range.split_once(':').unwrap_or((range, range));
    let (counted, bit) = split(counted);
    name == counted
        && match (high.parse::<usize>(), low.parse::<usize>()) {
            (Ok(high), Ok(low)) => bit.is_some_and(|b| (low..=high).contains(&b)),
            _ => true,
        }
}

const fn toggle(module: &'static str, what: &'static str, reason: &'static str) -> Excluded {
    Excluded { module, sort: Sort::Toggle, what, reason }
}

/// Why bits of a level stand still.
const DEPTH: &str = "the smallest store has 64 words, and the level of any store 17 bits";

/// Why bits of a rate stand still.
const RATES: &str = "jobs keep to few clocks a bit, so that a word takes few clocks: the upper bits of a rate are those of the same adders";

/// All of them, by module.
pub(super) const EXCLUDED: &[Excluded] = &[
    toggle("stream_store", "level[16:7]", DEPTH),
    toggle("uart_rate", "divisor[15:5]", RATES),
    toggle("uart_rate", "next[15:5]", RATES),
    toggle("uart_rate", "set_divisor[15:5]", RATES),
    toggle("uart_receive", "divisor[15:5]", RATES),
    toggle("uart_receive", "timer[15:4]", RATES),
    toggle("uart_send", "divisor[15:5]", RATES),
    toggle("uart_send", "frame[39:38]", "stop bits, and the filler behind them, are 1"),
    toggle("uart_send", "timer[15:5]", RATES),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_signals_and_bits() {
        assert!(
            bits("sum", "sum[3]") && bits("sum", "sum") && bits("sum[4:2]", "sum[3]") && bits("sum[3]", "sum[3]:0->1")
        );
        assert!(!bits("sum", "summit[3]") && !bits("sum[4:2]", "sum[1]") && !bits("sum[3]", "sum[4]"));
        assert!(bits("valid", "valid:1->0"));
    }
}
