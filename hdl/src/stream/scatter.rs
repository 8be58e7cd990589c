//! Beats to words.

use super::index_bits;
use crate::netlist::Module;

/// `stream_scatter`: one beat of `count * width` bits becomes `count` (at least 2) of `width`, the lowest first.
/// Latency 1; one part a clock, without a gap between beats.
pub fn scatter(width: usize, count: usize) -> Module {
    assert!(count >= 2, "scattering takes at least two words, found {count}");
    Module::new("stream_scatter", "takes a wide beat apart, the lowest word first")
        .timing("1 clock", "one word a clock, no gap between beats")
        .doc("`m_last` marks the last word of a beat. Reset drops the words that are left.")
        .generic("WIDTH", width, 32, "bits of a word")
        .generic("COUNT", count, 9, "words of a beat, at least 2")
        .constant("LEFT", "$clog2(COUNT + 1)", "bits of the number of words left")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", (width * count, "WIDTH*COUNT"), "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", (width, "WIDTH"), "")
        .output("m_last", 1, "")
        .reg("left", (index_bits(count + 1), "LEFT"))
        .reg("words", (width * count, "WIDTH*COUNT"))
        .body(
            "
            assign m_valid = left != 0;
            assign m_last  = left == 1;
            assign m_data  = words[WIDTH-1:0];
            assign s_ready = !m_valid || (m_last && m_ready);

            always @(posedge clk) begin
                if (s_valid && s_ready) begin
                    words <= s_data;
                    left  <= COUNT[LEFT-1:0];
                end else if (m_valid && m_ready) begin
                    words <= {{WIDTH{1'b0}}, words[WIDTH*COUNT-1:WIDTH]};
                    left  <= left - 1'b1;
                end
                if (rst) left <= 0;
            end
            ",
        )
}
