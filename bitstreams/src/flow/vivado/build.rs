//! `build.tcl`: from Verilog to a bitstream in Vivado's non-project mode.

use super::Script;
use crate::board::{Clocking, Pcie, Slot};
use std::fmt::Write;

/// The XDMA IP, as the build names it and the top module instantiates it.
pub const ENDPOINT: &str = "xdma_0";

/// The properties of the XDMA IP for a link: streams to user logic, a channel for each core, and a user BAR with a page for each.
///
/// The BARs are 64 bits wide and prefetchable: no register changes by being read, and hosts place such BARs where a 32-bit one finds no room. The vendor and
/// device numbers are the IP's own for its lanes: Xilinx's driver binds to those.
pub fn endpoint_properties(pcie: &Pcie, slot: &Slot, stream_bits: usize) -> Vec<(&'static str, String)> {
    let kilobytes = crate::xdma::BAR_BYTES * slot.cores / 1024;
    let text = String::from;
    vec![
        ("functional_mode", text("DMA")),
        ("mode_selection", text("Advanced")),
        ("pcie_blk_locn", pcie.block.clone()),
        ("en_gt_selection", text("true")),
        ("select_quad", pcie.quad.clone()),
        ("ref_clk_freq", text("100_MHz")),
        ("sys_reset_polarity", text("ACTIVE_LOW")),
        ("pl_link_cap_max_link_width", format!("X{}", slot.lanes)),
        ("pl_link_cap_max_link_speed", text("8.0_GT/s")),
        ("axi_data_width", format!("{stream_bits}_bit")),
        ("axisten_freq", text("250")),
        ("xdma_axi_intf_mm", text("AXI_Stream")),
        ("xdma_rnum_chnl", slot.cores.to_string()),
        ("xdma_wnum_chnl", slot.cores.to_string()),
        ("axilite_master_en", text("true")),
        ("axilite_master_scale", text("Kilobytes")),
        ("axilite_master_size", kilobytes.to_string()),
        ("axil_master_64bit_en", text("true")),
        ("axil_master_prefetchable", text("true")),
        ("xdma_pcie_64bit_en", text("true")),
        ("xdma_pcie_prefetchable", text("true")),
        ("pf0_msix_cap_table_bir", text("BAR_3:2")),
        ("pf0_msix_cap_pba_bir", text("BAR_3:2")),
        ("xdma_num_usr_irq", text("1")),
        ("cfg_mgmt_if", text("false")),
    ]
}

impl Script<'_> {
    /// The text of `build.tcl`.
    pub(super) fn build(&self) -> String {
        let (part, top, stem) = (&self.board.part, &self.sources.top, self.stem());
        let mut text = format!(
            "# Builds {what} for the {part} of the board {board}, config {config}. Generated; it has not been run where it was written.\n\
             #\n\
             #     vivado -mode batch -source build.tcl\n\
             #\n\
             # Everything it makes goes to `out` beside it. It ends with 1 if a step fails or the clock is missed, with 0 once all is done.\n\
             \n\
             set here [file dirname [file normalize [info script]]]\n\
             set out [file join $here out]\n\
             file mkdir $out\n\
             \n\
             # A project in memory: the IP catalogue needs one.\n\
             create_project -in_memory -part {part}\n\
             set_property target_language Verilog [current_project]\n\
             \n\
             foreach name {{\n",
            what = if self.out_of_context { "the core alone" } else { "a bitstream" },
            board = self.board.name,
            config = self.config.name,
        );
        for (name, _) in self.sources.files.iter().filter(|(name, _)| name.ends_with(".v")) {
            let _ = writeln!(text, "    {name}");
        }
        text += "} {\n    read_verilog [file join $here rtl $name]\n}\n";
        for (name, _) in self.sources.files.iter().filter(|(name, _)| !name.ends_with(".v")) {
            let _ = writeln!(text, "read_mem [file join $here rtl {name}]");
        }
        text += &self.endpoint();
        text += "\n";
        for name in self.constraints() {
            let _ = writeln!(text, "read_xdc [file join $here {name}]");
        }
        let mode = if self.out_of_context { " -mode out_of_context" } else { "" };
        let _ = write!(
            text,
            "\n# The commit goes into the registers; nothing else depends on it.\n\
             synth_design -top {top} -part {part}{mode} -flatten_hierarchy rebuilt -generic [list GIT_HASH=160'h{hash} DIRTY=1'b{dirty}]\n\
             write_checkpoint -force [file join $out synthesised.dcp]\n\
             report_utilization -hierarchical -file [file join $out utilization-synthesised.rpt]\n\
             \n\
             opt_design\n\
             place_design\n\
             phys_opt_design\n\
             route_design\n\
             phys_opt_design\n\
             write_checkpoint -force [file join $out routed.dcp]\n\
             report_utilization -file [file join $out utilization.rpt]\n\
             report_utilization -hierarchical -file [file join $out utilization-hierarchical.rpt]\n\
             report_timing_summary -max_paths 10 -file [file join $out timing.rpt]\n\
             report_clock_utilization -file [file join $out clocks.rpt]\n\
             report_cdc -details -file [file join $out crossings.rpt]\n\
             report_drc -file [file join $out drc.rpt]\n\
             \n\
             # The worst slack of setup and of hold, in ns. A bitstream that misses its clock computes wrongly now and then: there is none.\n\
             foreach check {{setup hold}} {{\n\
             \x20   set paths [get_timing_paths -max_paths 1 -nworst 1 -$check]\n\
             \x20   if {{[llength $paths] == 0}} {{\n\
             \x20       puts stderr \"expected timed paths for $check, found none: no clock reaches the design; look at timing.xdc\"\n\
             \x20       exit 1\n\
             \x20   }}\n\
             \x20   set slack [get_property SLACK [lindex $paths 0]]\n\
             \x20   puts \"worst slack for $check: $slack ns\"\n\
             \x20   if {{$slack < 0}} {{\n\
             \x20       puts stderr \"expected a slack of at least 0 ns for $check, found $slack ns: {stem} misses its clock; see out/timing.rpt\"\n\
             \x20       exit 1\n\
             \x20   }}\n\
             }}\n",
            hash = hex::encode(self.git_hash),
            dirty = u8::from(self.dirty),
        );
        if self.out_of_context {
            let _ = write!(text, "\nputs \"done: reports in $out\"\n");
        } else {
            let _ = write!(
                text,
                "\nwrite_bitstream -force [file join $out {stem}.bit]\nputs \"done: [file join $out {stem}.bit]\"\n"
            );
        }
        text
    }

    /// The XDMA IP, for a card.
    fn endpoint(&self) -> String {
        let (Some(pcie), Ok(Clocking::Slot(slot)), false) =
            (&self.board.pcie, self.board.clocking(self.config), self.out_of_context)
        else {
            return String::new();
        };
        let mut text = format!(
            "\n# The PCIe endpoint: {} lanes, streams of {} bits at 250 MHz, a channel for each of {} cores.\n\
             file mkdir [file join $out ip]\n\
             create_ip -name xdma -vendor xilinx.com -library ip -module_name {ENDPOINT} -dir [file join $out ip]\n\
             set_property -dict {{\n",
            slot.lanes, self.config.stream_bits, slot.cores
        );
        for (name, value) in endpoint_properties(pcie, &slot, self.config.stream_bits) {
            let _ = writeln!(text, "    CONFIG.{name} {value}");
        }
        let _ = write!(
            text,
            "}} [get_ips {ENDPOINT}]\ngenerate_target all [get_ips {ENDPOINT}]\nsynth_ip [get_ips {ENDPOINT}]\n"
        );
        text
    }
}
