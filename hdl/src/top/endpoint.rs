//! The PCIe endpoint of a card: the buffer of the slot's reference clock and the XDMA IP, under the names of user logic.

use crate::netlist::Module;
use galena_target::board::{Family, PERST, REFCLK_N, REFCLK_P, Slot};
use galena_target::flow::ENDPOINT;

/// A channel's stream: name, bits of data for each of its bits (none: one bit), whether it goes against the stream.
pub(super) const STREAM: [(&str, usize, bool); 5] =
    [("tdata", 1, false), ("tkeep", 8, false), ("tlast", 0, false), ("tvalid", 0, false), ("tready", 0, true)];

/// AXI-Lite: name, bits (none: an address), whether it goes from the slave to the master.
pub(super) const AXIL: [(&str, usize, bool); 19] = [
    ("awaddr", 0, false),
    ("awprot", 3, false),
    ("awvalid", 1, false),
    ("awready", 1, true),
    ("wdata", 32, false),
    ("wstrb", 4, false),
    ("wvalid", 1, false),
    ("wready", 1, true),
    ("bresp", 2, true),
    ("bvalid", 1, true),
    ("bready", 1, false),
    ("araddr", 0, false),
    ("arprot", 3, false),
    ("arvalid", 1, false),
    ("arready", 1, true),
    ("rdata", 32, true),
    ("rresp", 2, true),
    ("rvalid", 1, true),
    ("rready", 1, false),
];

/// `pcie_endpoint`: `clk` and `rst_n` for user logic, a stream each way for every core, and the user BAR with addresses of `address` bits. Buffer and IP are
/// Vivado's; lint has stubs of them.
pub(super) fn endpoint(family: Family, slot: &Slot, bits: usize, address: usize) -> Module {
    let buffer = if family == Family::UltraScale { "IBUFDS_GTE3" } else { "IBUFDS_GTE4" };
    let mut module = Module::new("pcie_endpoint", "the XDMA IP and the buffer of the slot's reference clock")
        .timing("that of the IP", "a beat a clock and channel each way")
        .doc(&format!("{} lanes of generation 3, {} channels of {bits} bits at 250 MHz.", slot.lanes, slot.cores))
        .input(REFCLK_P, 1, "100 MHz, of the slot")
        .input(REFCLK_N, 1, "")
        .input(PERST, 1, "the slot's reset, asynchronous")
        .input("pcie_rx_p", slot.lanes, "")
        .input("pcie_rx_n", slot.lanes, "")
        .output("pcie_tx_p", slot.lanes, "")
        .output("pcie_tx_n", slot.lanes, "")
        .output("clk", 1, "250 MHz")
        .output("rst_n", 1, "synchronous, active low");
    let mut ports = vec![
        ("sys_clk".to_string(), "refclk".to_string()),
        ("sys_clk_gt".into(), "refclk_transceivers".into()),
        ("sys_rst_n".into(), PERST.into()),
        ("user_lnk_up".into(), String::new()),
        ("pci_exp_rxp".into(), "pcie_rx_p".into()),
        ("pci_exp_rxn".into(), "pcie_rx_n".into()),
        ("pci_exp_txp".into(), "pcie_tx_p".into()),
        ("pci_exp_txn".into(), "pcie_tx_n".into()),
        ("axi_aclk".into(), "clk".into()),
        ("axi_aresetn".into(), "rst_n".into()),
        // The host polls: no interrupt of the user logic's own.
        ("usr_irq_req".into(), "1'b0".into()),
        ("usr_irq_ack".into(), String::new()),
        ("msi_enable".into(), String::new()),
        ("msi_vector_width".into(), String::new()),
    ];
    for (name, width, back) in AXIL {
        let own = format!("bar_{name}");
        let inner = if width == 0 { format!("whole_{name}") } else { own.clone() };
        let width = if width == 0 { address } else { width };
        module = if back { module.input(&own, width, "") } else { module.output(&own, width, "") };
        if inner != own {
            module = module.wire(&inner, 32).body(format!("assign {own} = {inner}[{}:0];", address - 1));
        }
        ports.push((format!("m_axil_{name}"), inner));
    }
    for k in 0..slot.cores {
        for (name, per, back) in STREAM {
            let width = bits.checked_div(per).unwrap_or(1);
            let [h2c, c2h] = ["h2c", "c2h"].map(|way| format!("{way}_{name}_{k}"));
            // To the core, from the core: what goes against a stream is driven by its other end.
            module = match back {
                false => module.output(&h2c, width, "").input(&c2h, width, ""),
                true => module.input(&h2c, width, "").output(&c2h, width, ""),
            };
            ports.push((format!("m_axis_h2c_{name}_{k}"), h2c));
            ports.push((format!("s_axis_c2h_{name}_{k}"), c2h));
        }
    }
    let list = ports.iter().map(|(port, net)| format!("    .{port}({net})")).collect::<Vec<_>>().join(",\n");
    module.wire("refclk", 1).wire("refclk_transceivers", 1).body(format!(
        "// The fabric's copy of the reference clock is not divided.\n\
         {buffer} #(.REFCLK_HROW_CK_SEL(2'b00)) buffer (\n    .I({REFCLK_P}), .IB({REFCLK_N}), .CEB(1'b0), .O(refclk_transceivers), .ODIV2(refclk)\n);\n\n\
         {ENDPOINT} dma (\n{list}\n);\n"
    ))
}
