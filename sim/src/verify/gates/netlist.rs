//! The netlist of a point, by yosys.

use crate::tools;
use crate::verify::place::Figures;
use galena_hdl::block::Point;
use std::ops::Range;

/// The macro that makes the generators instantiate the multipliers of the ECP5.
const MACRO: &str = "GALENA_ECP5";

/// The netlist of a point's circuit as Verilog, from the cache if it has been made before.
pub(super) fn of(point: &Point) -> Result<String, String> {
    let files = galena_hdl::emit(&point.module).map_err(|e| e.to_string())?;
    tools::netlist(&files, &[MACRO], &point.module.name).map_err(|e| e.to_string())
}

/// How many there are of the cells that matter.
pub(super) fn cells(netlist: &str) -> Figures {
    let count = |cell: &str| netlist.lines().filter(|l| l.trim_start().starts_with(&format!("{cell} "))).count();
    ["LUT4", "CCU2C", "TRELLIS_FF", "TRELLIS_DPR16X4", "DP16KD", "MULT18X18D"]
        .map(|cell| (cell, count(cell)))
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(cell, n)| (cell, n.to_string()))
        .collect()
}

/// Where the contents of the LUT4s are: the digits of `.INIT(16'h8000)`.
pub(super) fn tables(netlist: &str) -> Vec<Range<usize>> {
    const HEAD: &str = ".INIT(16'h";
    netlist.match_indices(HEAD).map(|(at, _)| at + HEAD.len()..at + HEAD.len() + 4).collect()
}

/// What the table at this place drives.
pub(super) fn driven(netlist: &str, table: usize) -> String {
    let rest = netlist.get(table..).unwrap_or("");
    rest.split_once(".Z(").and_then(|(_, z)| z.split_once(')')).map_or("", |(net, _)| net.trim()).to_string()
}

/// The netlist with every bit of one table changed.
pub(super) fn change(netlist: &str, table: Range<usize>) -> String {
    let other: String = netlist[table.clone()]
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| char::from_digit(15 - d, 16)).unwrap_or(c))
        .collect();
    let mut changed = netlist.to_string();
    changed.replace_range(table, &other);
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_and_changed() {
        let text = "  LUT4 #(\n    .INIT(16'h80f0)\n  ) a (\n  CCU2C #(\n    .INIT0(16'h1234)\n";
        let found = tables(text);
        assert_eq!(found.len(), 1);
        assert!(change(text, found[0].clone()).contains(".INIT(16'h7f0f)"));
        assert_eq!(driven("LUT4 #(.INIT(16'h80f0)) a (\n.A(b),\n .Z(some_net [3])\n);", 14), "some_net [3]");
        assert_eq!(cells(text), [("LUT4", "1".to_string()), ("CCU2C", "1".to_string())]);
    }
}
