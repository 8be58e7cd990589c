//! Stubs of what Vivado brings: its primitives, and the XDMA IP as the build configures it (PG195: AXI-Stream, AXI-Lite master, no management interface).

use galena_hdl::VerilogFile;
use galena_target::board::{Clocking, Flow};
use galena_target::{Board, Config};
use std::fmt::Write;

/// The stubs that a board's top module needs; none for the open flow.
pub(crate) fn stubs(board: &Board, config: &Config) -> Vec<VerilogFile> {
    if board.family.flow() == Flow::Open {
        return vec![];
    }
    let mut files = vec![VerilogFile { name: "primitives.v".into(), text: include_str!("primitives.v").into() }];
    if let Clocking::Slot(slot) = board.clocking(config).unwrap() {
        files.push(VerilogFile { name: "xdma_0.v".into(), text: endpoint(slot.lanes, slot.cores, config.stream_bits) });
    }
    files
}

/// The module of the IP with so many lanes, channels and bits.
fn endpoint(lanes: usize, channels: usize, bits: usize) -> String {
    let mut ports: Vec<(bool, usize, String)> = vec![];
    let mut port = |input: bool, width: usize, name: &str| ports.push((input, width, name.into()));
    for name in ["sys_clk", "sys_clk_gt", "sys_rst_n"] {
        port(true, 1, name);
    }
    port(false, 1, "user_lnk_up");
    for (input, name) in [(false, "pci_exp_txp"), (false, "pci_exp_txn"), (true, "pci_exp_rxp"), (true, "pci_exp_rxn")]
    {
        port(input, lanes, name);
    }
    for name in ["axi_aclk", "axi_aresetn", "usr_irq_ack", "msi_enable"] {
        port(false, 1, name);
    }
    port(true, 1, "usr_irq_req");
    port(false, 3, "msi_vector_width");
    for (input, width, name) in [
        (false, 32, "awaddr"),
        (false, 3, "awprot"),
        (false, 1, "awvalid"),
        (true, 1, "awready"),
        (false, 32, "wdata"),
        (false, 4, "wstrb"),
        (false, 1, "wvalid"),
        (true, 1, "wready"),
        (true, 1, "bvalid"),
        (true, 2, "bresp"),
        (false, 1, "bready"),
        (false, 32, "araddr"),
        (false, 3, "arprot"),
        (false, 1, "arvalid"),
        (true, 1, "arready"),
        (true, 32, "rdata"),
        (true, 2, "rresp"),
        (true, 1, "rvalid"),
        (false, 1, "rready"),
    ] {
        port(input, width, &format!("m_axil_{name}"));
    }
    for k in 0..channels {
        for (out, way) in [(true, "m_axis_h2c"), (false, "s_axis_c2h")] {
            for (width, name) in [(bits, "tdata"), (1, "tlast"), (1, "tvalid"), (bits / 8, "tkeep")] {
                port(!out, width, &format!("{way}_{name}_{k}"));
            }
            port(out, 1, &format!("{way}_tready_{k}"));
        }
    }
    let mut text =
        String::from("/* verilator lint_off UNUSEDSIGNAL */\n/* verilator lint_off UNDRIVEN */\nmodule xdma_0 (\n");
    for (k, (input, width, name)) in ports.iter().enumerate() {
        let way = if *input { "input" } else { "output" };
        let end = if k + 1 < ports.len() { "," } else { "" };
        let range = if *width > 1 { format!("[{}:0] ", width - 1) } else { String::new() };
        writeln!(text, "    {way} wire {range}{name}{end}").unwrap();
    }
    text + ");\nendmodule\n/* verilator lint_on UNUSEDSIGNAL */\n/* verilator lint_on UNDRIVEN */\n"
}
