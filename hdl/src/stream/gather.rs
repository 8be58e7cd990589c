//! Words to beats.

use super::index_bits;
use crate::netlist::Module;

/// `stream_gather_w{width}_n{count}`: `count` beats of `width` bits become one of `count * width`, the first lowest.
/// Latency 1 from the last part; one part a clock.
pub fn gather(width: usize, count: usize) -> Module {
    let bits = index_bits(count);
    Module::new(format!("stream_gather_w{width}_n{count}"), "gathers words into one wide beat, the first word lowest")
        .doc("Latency 1 from the last word, one word a clock.")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", width, "")
        .output_reg("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output_reg("m_data", width * count, "")
        .reg("count", bits)
        .body(format!(
            "
            assign s_ready = m_ready || !m_valid;

            always @(posedge clk) begin
                if (s_ready) m_valid <= 1'b0;
                if (s_valid && s_ready) begin
                    m_data  <= {{s_data, m_data[{top}:{width}]}};
                    count   <= count == {bits}'d{last} ? {bits}'d0 : count + 1'b1;
                    m_valid <= count == {bits}'d{last};
                end
                if (rst) begin
                    count   <= 0;
                    m_valid <= 1'b0;
                end
            end
            ",
            top = width * count - 1,
            last = count - 1,
        ))
}
