//! The top module of a card: the XDMA IP in the slot, and a core on each of its channels.
//!
//! ```text
//!   slot <-> pcie_endpoint -- clk, 250 MHz --------------> everything
//!                | | h2c_k, c2h_k (AXI-Stream) <-> core_k
//!                | user BAR (AXI-Lite) -> bar_pages -> core_k, 0x1000 * k
//! ```
//!
//! A core takes a word a clock, 1 GB/s, and knows nothing of its neighbours: to a host each is a device of its own. One clock domain, the IP's `axi_aclk`;
//! its reset comes from the slot.

use super::endpoint::{AXIL, STREAM, endpoint};
use super::{BOARD_TOP, bar, with_lamp, with_pins};
use crate::connect::attach;
use crate::netlist::Module;
use galena_target::board::Slot;
use galena_target::{Board, Config};
use std::sync::Arc;

/// Bits of a byte address in a core's page.
const PAGE: usize = galena_target::xdma::BAR_BYTES.ilog2() as usize;

/// The top module of a card.
pub(super) fn card(board: &Board, config: &Config, slot: &Slot, core: Module) -> Module {
    let (cores, lanes, bits) = (slot.cores, slot.lanes, config.stream_bits);
    let address = PAGE + cores.ilog2() as usize;
    let mut module = with_pins(
        Module::new(BOARD_TOP, "a card's bitstream: PCIe endpoint, cores and pins")
            .timing("2 clocks from the end of the slot's reset to that of the cores", "that of the cores")
            .doc(&format!("{lanes} lanes, {cores} cores.")),
        board,
        config,
    )
    .input("pcie_rx_p", lanes, "")
    .input("pcie_rx_n", lanes, "")
    .output("pcie_tx_p", lanes, "")
    .output("pcie_tx_n", lanes, "");
    module = ["clk", "rst_n", "rst"].iter().fold(module, |m, name| m.wire(*name, 1));
    let wide = |width: usize| if width == 0 { address } else { width };
    for (name, width, _) in AXIL {
        module = module.wire(format!("bar_{name}"), wide(width));
    }
    for k in 0..cores {
        for (name, per, _) in STREAM {
            let width = bits.checked_div(per).unwrap_or(1);
            module = module.wire(format!("h2c_{name}_{k}"), width).wire(format!("c2h_{name}_{k}"), width);
        }
        for (name, width, _) in AXIL.iter().filter(|_| cores > 1) {
            module = module.wire(format!("page_{name}_{k}"), if *width == 0 { PAGE } else { *width });
        }
    }
    module = attach(module, "endpoint", endpoint(board.family, slot, bits, address), [("", ""); 0]);
    let has_lamp = board.pins.contains_key(galena_target::board::LED);
    let lamp = if has_lamp { "lamp" } else { "" };
    module = if has_lamp { module.wire("lamp", 1) } else { module };
    module = attach(module, "reset", reset(config.clock_hz), [("lamp", lamp)]);
    if cores > 1 {
        module = attach(module, "bar", bar::pages(cores), [("", ""); 0]);
    }
    let core = Arc::new(core);
    for k in 0..cores {
        let stream = STREAM.iter().flat_map(|(name, ..)| {
            [
                (format!("s_axis_h2c_{name}"), format!("h2c_{name}_{k}")),
                (format!("m_axis_c2h_{name}"), format!("c2h_{name}_{k}")),
            ]
        });
        let registers = AXIL.iter().map(|(name, ..)| {
            let net = if cores > 1 { format!("page_{name}_{k}") } else { format!("bar_{name}") };
            (format!("s_axil_{name}"), net)
        });
        let all: Vec<(String, String)> = stream.chain(registers).collect();
        let all = all.iter().map(|(port, net)| (port.as_str(), net));
        module = attach(module, format!("core_{k}"), core.clone(), all)
            .with_parameter("GIT_HASH", "GIT_HASH")
            .with_parameter("DIRTY", "DIRTY");
    }
    with_lamp(module, board)
}

/// `card_reset`: the cores' reset out of the IP's, and a lamp that shows that the clock runs.
fn reset(clock_hz: u32) -> Module {
    let lamp = (clock_hz / 2).ilog2() as usize;
    Module::new("card_reset", "the reset of a card's cores, and a lamp that shows that the clock runs")
        .timing("1 clock", "")
        .doc("`rst_n` is synchronous to the clock. The reset is a register, so that it reaches every part in the same clock.")
        .clk()
        .input("rst_n", 1, "the IP's")
        .output_reg("rst", 1, "synchronous, active high")
        .output("lamp", 1, "toggles about twice a second")
        .reg("count", lamp + 1)
        .body(format!(
            "
            assign lamp = count[{lamp}];

            always @(posedge clk) begin
                rst   <= !rst_n;
                count <= count + 1'b1;
                if (!rst_n) count <= 0;
            end
            "
        ))
}
