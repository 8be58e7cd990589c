//! Beats to words.

use super::index_bits;
use crate::netlist::Module;

/// `stream_scatter_w{width}_n{count}`: one beat of `count * width` bits becomes `count` of `width`, the lowest first.
/// Latency 1; one part a clock, without a gap between beats.
pub fn scatter(width: usize, count: usize) -> Module {
    let bits = index_bits(count + 1);
    Module::new(format!("stream_scatter_w{width}_n{count}"), "takes a wide beat apart, the lowest word first")
        .doc("Latency 1, one word a clock, no gap between beats. `m_last` marks the last word of a beat.")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", width * count, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", width, "")
        .output("m_last", 1, "")
        .reg("left", bits)
        .reg("words", width * count)
        .body(format!(
            "
            assign m_valid = left != 0;
            assign m_last  = left == {bits}'d1;
            assign m_data  = words[{part}:0];
            assign s_ready = !m_valid || (m_last && m_ready);

            always @(posedge clk) begin
                if (s_valid && s_ready) begin
                    words <= s_data;
                    left  <= {bits}'d{count};
                end else if (m_valid && m_ready) begin
                    words <= {{{width}'d0, words[{top}:{width}]}};
                    left  <= left - 1'b1;
                end
                if (rst) left <= 0;
            end
            ",
            part = width - 1,
            top = width * count - 1,
        ))
}
