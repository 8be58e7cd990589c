//! The table of boards as the README shows it.

use super::{Board, Flow};
use crate::config::Link;
use std::fmt::Write;

/// Boards as a table in Markdown: `galena board list --markdown`. A test holds the README against it.
pub fn inventory(boards: &[Board]) -> String {
    let mut text = String::from(
        "| board | part | lookup tables | multipliers | memories 18 kbit | link | flow | configs |\n|---|---|---|---|---|---|---|---|\n",
    );
    for board in boards {
        let resources = &board.resources;
        let link = match (board.link(), &board.pcie) {
            (Link::Xdma, Some(pcie)) => format!("PCIe {}.0 x{}", pcie.generation, pcie.lanes),
            _ => "USB serial".into(),
        };
        let flow = match board.family.flow() {
            Flow::Open => "yosys, nextpnr",
            Flow::Vivado => "Vivado script",
        };
        let one = |config: &String| match board.cores.get(config) {
            Some(cores) => format!("{cores} x `{config}`"),
            None => format!("`{config}`"),
        };
        let configs = board.configs.iter().map(one).collect::<Vec<_>>().join(", ");
        let memories = match resources.ultra_rams {
            0 => grouped(resources.block_rams_18k.into()),
            ultra => format!("{} and {ultra} UltraRAM", grouped(resources.block_rams_18k.into())),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| [`{}`]({}) | {} | {} | {} | {memories} | {link} | {flow} | {configs} |",
            board.name,
            board.url,
            board.part,
            grouped(resources.luts.into()),
            grouped(resources.multipliers().into()),
        );
    }
    text
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_table() {
        let table = inventory(&Board::all().unwrap());
        assert!(
            table.contains("| [`varium-c1100`](https://")
                && table.contains("| 871,680 | 5,952 | 2,688 and 640 UltraRAM | PCIe 3.0 x16 |")
        );
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&table),
            "bitstreams/README.md has another table of boards than `galena board list --markdown`:\n{table}"
        );
    }
}
