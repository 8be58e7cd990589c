//! `README.md` beside the script: how to run it, and what has not been run.

use super::Script;
use crate::ABI_VERSION;
use crate::board::Clocking;
use crate::mmcm::eighths;
use std::fmt::Write;

pub(super) fn page(script: &Script) -> String {
    let (board, config) = (script.board, script.config);
    let stem = script.stem();
    let mut text = format!(
        "# {config} for {name}{alone}\n\n\
         {doc}; part {part}, JTAG identity {idcode:#010x}. {url}\n\n\
         ```\nvivado -mode batch -source build.tcl\n```\n\n",
        config = config.name,
        name = board.name,
        alone = if script.out_of_context { ", the core alone" } else { "" },
        doc = board.doc,
        part = board.part,
        idcode = board.idcode,
        url = board.url,
    );
    let _ = match script.out_of_context {
        true => writeln!(
            text,
            "It leaves the core's area and timing on the part in `out`, and ends with 1 if the core misses its clock of {} Hz. There are no pins, no IP and no bitstream.\n",
            config.clock_hz
        ),
        false => writeln!(
            text,
            "It leaves `out/{stem}.bit` and the reports beside it, and ends with 1 if a step fails or the clock of {} Hz is missed; then there is no bitstream.\n",
            config.clock_hz
        ),
    };
    text += "**Not run.** These files were written where there is no Vivado. Their Verilog is linted with the vendor's primitives as stubs, and the script runs \
             to its end in `tclsh` with stubs of Vivado's commands. Nothing of it has been synthesised, placed or routed by Vivado, or loaded on a board: area, \
             clock and the properties of the IP are untried.\n\n";
    text += &clock(script);
    text += "\n## What to look at\n\n\
             * `out/timing.rpt`: the clock of the core at the top, no unconstrained internal end points.\n\
             * `out/utilization.rpt`: multipliers in DSP slices (four to a field multiplier), memories in block RAM or UltraRAM and not in registers.\n\
             * `out/crossings.rpt`: no crossing within the core, it has one clock.\n";
    if board.pcie.is_some() && !script.out_of_context {
        text += "* The link as `lspci -vv` shows it after the bitstream is loaded and the bus scanned again: generation and lanes.\n";
    }
    let _ = write!(
        text,
        "\nThe device says ABI {ABI_VERSION}, config hash `{}`, commit `{}`{}.\n",
        hex::encode(config.config_hash()),
        hex::encode(script.git_hash),
        if script.dirty { " with changes" } else { "" }
    );
    text
}

/// Where the core's clock comes from, and what the link carries.
fn clock(script: &Script) -> String {
    match script.board.clocking(script.config) {
        _ if script.out_of_context => String::new(),
        Ok(Clocking::Mmcm(mmcm)) => format!(
            "Clock: {} Hz * {} / {} / {} = {} Hz by an MMCM.\n",
            mmcm.input_hz,
            eighths(mmcm.multiplier_eighths),
            mmcm.input_divider,
            eighths(mmcm.output_eighths),
            mmcm.output_hz
        ),
        Ok(Clocking::Slot(slot)) => {
            let [link, cores] = slot.bytes_per_second().map(|bytes| bytes / 1e9);
            format!(
                "Link: {} lanes of generation 3 carry {link:.2} GB/s each way before packet headers; {} cores take a word of 32 bits a clock each, {cores:.2} GB/s \
                 together. Core k is on the channels `h2c_k` and `c2h_k`, its registers at 0x1000 * k of the user BAR. Link model, not measured.\n",
                slot.lanes, slot.cores
            )
        }
        _ => String::new(),
    }
}
