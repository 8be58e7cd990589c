//! The input store: what the credit of a link promises.

use super::fifo;
use crate::connect::attach;
use crate::netlist::Module;

/// `stream_store`: a FIFO of `window` words that says how many it holds.
pub fn store(window: usize) -> Module {
    let module = Module::new("stream_store", "the input store: a FIFO that says how much it holds")
        .timing("3 clocks", "one word a clock")
        .generic("DEPTH", window, 4096, "words that the link may send ahead, a power of two from 64 to 65536")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output_reg("level", 17, "words stored");
    attach(module, "words", fifo(32, window), [("", ""); 0]).with_parameter("DEPTH", "DEPTH").body(
        "
        always @(posedge clk) begin
            if ((s_valid && s_ready) != (m_valid && m_ready)) level <= s_valid && s_ready ? level + 1'b1 : level - 1'b1;
            if (rst) level <= 17'd0;
        end
        ",
    )
}
