//! The PCIe link: the AXI streams and the AXI-Lite registers that the Xilinx XDMA IP offers to user logic.
//!
//! | part | does |
//! |---|---|
//! | [`words()`] | beats from the host to words; a beat with impossible byte enables is dropped and counted |
//! | [`packets()`] | words to packets, each offered to the host when it is complete |
//! | [`registers()`] | the user BAR: register map, `control`, `c2h_packets`, `h2c_space`, `scratch` |
//! | [`model`] | the same rules in plain Rust |
//!
//! # Datasheet
//!
//! | | |
//! |---|---|
//! | host to card | one 32-bit word a clock sustained, whatever the stream's width: the core takes a word a clock (1 GB/s at 250 MHz) |
//! | card to host | one word a clock sustained into packets; a packet leaves at a beat a clock |
//! | latency | host to card 2 clocks from a beat to its first word; card to host 5 clocks from a packet's last word to its first beat |
//! | user BAR | a read 4 clocks, a write 2; one of each at a time |
//! | memory | `window` words for packets (the input store is the shell's) |
//! | reset | `control` empties both directions for 15 clocks, in which the BAR answers and the host's stream waits; an offered beat is withdrawn, and a packet under way is ended by a word of filler |
//!
//! | area | `card` (128 bits, window 2^15): 708 LUT, 911 registers, 30 RAMB36E2 (yosys 0.70 `synth_xilinx -family xcup`, not placed) |
//!
//! Clocks are Verilator's (`sim/tests/circuit_xdma.rs` measures and compares). `clk` is the IP's `axi_aclk`, `rst` its `axi_aresetn` inverted.

pub mod model;
mod packets;
mod registers;
mod words;

pub use packets::packets;
pub use registers::{CLEAR_CLOCKS, registers};
pub use words::words;

use crate::connect::attach;
use crate::netlist::Module;
use crate::stream::{index_bits, register};
use galena_target::Config;
use words::lanes;

/// `xdma_link`: everything between the ports of the XDMA IP (named as it names them) and the words of the shell.
///
/// `in_*` goes to the input store, `out_*` comes from the shell with `out_last` on the last word of a `credit` or `status` frame. `clear` is high while the core
/// shall be in reset; `in_valid` is low then. `map_word` answers `map_index` a clock after `map_take`.
pub fn xdma(config: &Config) -> Module {
    let bits = config.stream_bits;
    let count = lanes(bits);
    let stored = index_bits(config.window / count + 4);
    let mut module = Module::new("xdma_link", "the streams and registers behind the XDMA IP")
        .timing(
            "host to card 2 clocks from a beat to its first word, card to host 5 from a packet's last word to its first beat",
            "one word a clock each way",
        )
        .doc(&format!("Streams of {bits} bits, packets of up to {} words, a user BAR of 4 KiB.", config.packet_words()))
        .clk_rst();
    for (input, name, width, comment) in ports(bits) {
        module = if input { module.input(name, width, comment) } else { module.output(name, width, comment) };
    }
    module = module
        .output("in_valid", 1, "words from the host")
        .input("in_ready", 1, "")
        .output("in_data", 32, "")
        .input("in_space", 32, "words that the store behind has room for")
        .input("out_valid", 1, "words to the host")
        .output("out_ready", 1, "")
        .input("out_data", 32, "")
        .input("out_last", 1, "last word of a credit or a status frame")
        .input("restart", 1, "the registers count from zero")
        .output_reg("line_errors", 32, "beats dropped")
        .output("clear", 1, "the core is in reset")
        .output("map_take", 1, "the word of the map is read now")
        .output("map_index", 6, "")
        .input("map_word", 32, "a clock after map_take")
        .wire("bad_beat", 1)
        .wire("beat_valid", 1)
        .wire("beat_ready", 1)
        .wire("beat", bits + bits / 8)
        .wire("enter_ready", 1)
        .wire("packets", stored);
    let enter = [
        ("rst", "rst || clear"),
        ("s_valid", "s_axis_h2c_tvalid && !clear"),
        ("s_ready", "enter_ready"),
        ("s_data", "{s_axis_h2c_tkeep, s_axis_h2c_tdata}"),
        ("m_valid", "beat_valid"),
        ("m_ready", "beat_ready"),
        ("m_data", "beat"),
    ];
    module = attach(module, "enter", register(bits + bits / 8), enter);
    let apart = [
        ("rst", "rst || clear".to_string()),
        ("s_valid", "beat_valid".into()),
        ("s_ready", "beat_ready".into()),
        ("s_data", format!("beat[{}:0]", bits - 1)),
        ("s_keep", format!("beat[{}:{bits}]", bits + bits / 8 - 1)),
        ("m_valid", "in_valid".into()),
        ("m_ready", "in_ready".into()),
        ("m_data", "in_data".into()),
        ("bad", "bad_beat".into()),
    ];
    module = attach(module, "take_apart", words(bits), apart);
    let pack = [
        ("s_valid", "out_valid"),
        ("s_ready", "out_ready"),
        ("s_data", "out_data"),
        ("s_last", "out_last"),
        ("m_valid", "m_axis_c2h_tvalid"),
        ("m_ready", "m_axis_c2h_tready"),
        ("m_data", "m_axis_c2h_tdata"),
        ("m_keep", "m_axis_c2h_tkeep"),
        ("m_last", "m_axis_c2h_tlast"),
    ];
    module = attach(module, "pack", packets(bits, config.window), pack);
    let bar = [("packets", format!("{{{}'d0, packets}}", 32 - stored)), ("space", "in_space".into())];
    attach(module, "bar", registers(), bar).body(
        "
        assign s_axis_h2c_tready = enter_ready && !rst && !clear;

        always @(posedge clk) begin
            if (bad_beat) line_errors <= line_errors + 1'b1;
            if (rst || clear || restart) line_errors <= 32'd0;
        end
        ",
    )
}

/// The ports as Vivado's XDMA IP names them, seen from the card: input, name, bits, comment.
pub(crate) fn ports(bits: usize) -> [(bool, &'static str, usize, &'static str); 29] {
    [
        (true, "s_axis_h2c_tdata", bits, "host to card: words in the leading lanes"),
        (true, "s_axis_h2c_tkeep", bits / 8, ""),
        (true, "s_axis_h2c_tlast", 1, "not looked at"),
        (true, "s_axis_h2c_tvalid", 1, ""),
        (false, "s_axis_h2c_tready", 1, ""),
        (false, "m_axis_c2h_tdata", bits, "card to host: complete packets"),
        (false, "m_axis_c2h_tkeep", bits / 8, ""),
        (false, "m_axis_c2h_tlast", 1, ""),
        (false, "m_axis_c2h_tvalid", 1, ""),
        (true, "m_axis_c2h_tready", 1, ""),
        (true, "s_axil_awaddr", 12, "user BAR"),
        (true, "s_axil_awprot", 3, ""),
        (true, "s_axil_awvalid", 1, ""),
        (false, "s_axil_awready", 1, ""),
        (true, "s_axil_wdata", 32, ""),
        (true, "s_axil_wstrb", 4, ""),
        (true, "s_axil_wvalid", 1, ""),
        (false, "s_axil_wready", 1, ""),
        (false, "s_axil_bresp", 2, ""),
        (false, "s_axil_bvalid", 1, ""),
        (true, "s_axil_bready", 1, ""),
        (true, "s_axil_araddr", 12, ""),
        (true, "s_axil_arprot", 3, ""),
        (true, "s_axil_arvalid", 1, ""),
        (false, "s_axil_arready", 1, ""),
        (false, "s_axil_rdata", 32, ""),
        (false, "s_axil_rresp", 2, ""),
        (false, "s_axil_rvalid", 1, ""),
        (true, "s_axil_rready", 1, ""),
    ]
}
