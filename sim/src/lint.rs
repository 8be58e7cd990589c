//! `verilator --lint-only -Wall`, with the one list of what is accepted.
//!
//! The emitted Verilog switches no warning off itself. Whatever remains is a row of [`WAIVERS`] with its reason, and `sim/tests/lint.rs` fails
//! for a row that nothing needs any more.

use crate::SimError;
use crate::tools::{Scratch, command, log, output};
use galena_hdl::VerilogFile;

/// A warning that is accepted.
#[derive(Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Verilator's name for it.
    pub rule: &'static str,
    /// Module, without the numbers that generators put behind its name; empty for any.
    pub module: &'static str,
    /// Signals it is about; none for any.
    pub signals: &'static [&'static str],
    /// Why it is no mistake.
    pub reason: &'static str,
}

const fn unused(module: &'static str, signals: &'static [&'static str], reason: &'static str) -> Waiver {
    Waiver { rule: "UNUSEDSIGNAL", module, signals, reason }
}

/// All waivers.
pub const WAIVERS: &[Waiver] = &[
    Waiver {
        rule: "PINCONNECTEMPTY",
        module: "",
        signals: &[],
        reason: "an output that is not needed is named and left open, so that a reader sees that it is meant",
    },
    unused("field_reduce", &["scaled"], "the quotient is the integer part of a product; its fraction is dropped"),
    unused(
        "product_31x31",
        &["part"],
        "multipliers of 18 bits take halves of 13: the top bits of their products are zero",
    ),
    unused(
        "galena_core",
        &["searching", "header_seen", "rate_set", "divisor", "level", "out_last"],
        "what the shell offers to a link that this config does not have",
    ),
    unused(
        "shell",
        &["reading", "keep_rows", "keep_digests", "rows_base", "digests_base"],
        "what a command says of device memory, in a config without any",
    ),
    unused("memory_keep", &["row_base", "digest_base", "digest_index", "level_left"], "addresses are modulo the size"),
    unused("memory_fetch", &["s_data"], "addresses are modulo the size"),
    unused(
        "xdma_registers",
        &["s_axil_awaddr", "s_axil_awprot", "s_axil_araddr", "s_axil_arprot"],
        "AXI-Lite sends protection bits, and byte addresses of words",
    ),
    unused("xdma_link", &["s_axis_h2c_tlast"], "the frames say their own length"),
    unused(
        "pcie_endpoint",
        &["whole_awaddr", "whole_araddr"],
        "the IP's addresses have 32 bits, those of the user BAR fewer",
    ),
];

/// A warning as Verilator prints it.
struct Warning<'a> {
    rule: &'a str,
    module: &'a str,
    text: &'a str,
}

impl<'a> Warning<'a> {
    /// Reads `%Warning-RULE: module.v:1:2: text`.
    fn read(line: &'a str) -> Option<Self> {
        let (rule, rest) = line.strip_prefix("%Warning-")?.split_once(": ")?;
        let (place, text) = rest.split_once(": ")?;
        Some(Self { rule, module: place.split(".v:").next()?, text })
    }

    /// The row that accepts it, and the signal of that row.
    fn waiver(&self) -> Option<(&'static Waiver, &'static str)> {
        let numbers = |rest: &str| rest.is_empty() || rest.starts_with('_');
        let named = |w: &&Waiver| w.module.is_empty() || self.module.strip_prefix(w.module).is_some_and(numbers);
        WAIVERS.iter().filter(|w| w.rule == self.rule).filter(named).find_map(|w| {
            let about = |signal: &&&'static str| self.text.contains(&format!("'{signal}'"));
            if w.signals.is_empty() { Some((w, "")) } else { w.signals.iter().find(about).map(|s| (w, *s)) }
        })
    }
}

/// Checks the files. Returns the waivers it took, each with the signal it was about (empty if the row names none).
pub fn lint(files: &[VerilogFile], top: &str) -> Result<Vec<(&'static Waiver, &'static str)>, SimError> {
    let dir = Scratch::new("lint")?;
    let names = dir.write(files)?;
    let mut run = command("verilator")?;
    run.current_dir(dir.path())
        .args(["--lint-only", "-Wall", "-Wno-fatal", "--quiet", "--top-module", top])
        .args(names);
    let output = output(run, "perl")?;
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut taken = vec![];
    let mut refused = !output.status.success();
    for line in printed.lines().filter(|line| line.starts_with('%')) {
        match Warning::read(line).and_then(|warning| warning.waiver()) {
            Some(waiver) => taken.push(waiver),
            None => refused = true,
        }
    }
    let refusal = || {
        let open = |line: &&str| line.starts_with('%') && Warning::read(line).is_none_or(|w| w.waiver().is_none());
        let lines: Vec<&str> = printed.lines().filter(open).collect();
        if lines.is_empty() { log(&output) } else { lines.join("\n") }
    };
    match refused {
        false => Ok(taken),
        true => Err(SimError::Refused { tool: "verilator --lint-only", top: top.into(), log: refusal() }),
    }
}
