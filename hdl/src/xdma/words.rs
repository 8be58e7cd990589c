//! Host to card: beats of the AXI stream to words.

use crate::netlist::Module;

/// `xdma_words_b{bits}`: the words of each beat, the lowest first, as many as `s_keep` says.
///
/// A beat carries its words in the leading lanes, each whole; none at all is allowed. Another `s_keep` (a part of a word, a hole) is a
/// damaged beat: it is dropped and `bad` says so.
pub fn words(bits: usize) -> Module {
    let count = lanes(bits);
    let per_lane = |what: &str| {
        (0..count).rev().map(|k| format!("{what}s_keep[{}:{}]", 4 * k + 3, 4 * k)).collect::<Vec<_>>().join(", ")
    };
    Module::new(format!("xdma_words_b{bits}"), "takes beats of the host's stream apart into words")
        .timing("1 clock", "one word a clock, no gap between beats that hold a word")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", bits, "")
        .input("s_keep", bits / 8, "whole words in the leading lanes")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output_reg("bad", 1, "a beat was dropped")
        .wire("whole", count)
        .wire("touched", count)
        .wire("good", 1)
        .reg("there", count)
        .reg("words", bits)
        .body(format!(
            "
            assign whole   = {{{whole}}};
            assign touched = {{{touched}}};
            assign good    = whole == touched && (whole & (whole + 1'b1)) == 0;
            assign m_valid = there[0];
            assign m_data  = words[31:0];
            assign s_ready = !rst && (!there[0] || (!there[1] && m_ready));

            always @(posedge clk) begin
                bad <= s_valid && s_ready && !good;
                if (s_valid && s_ready) begin
                    words <= s_data;
                    there <= good ? whole : {count}'d0;
                end else if (m_valid && m_ready) begin
                    words <= {{32'd0, words[{top}:32]}};
                    there <= {{1'b0, there[{last}:1]}};
                end
                if (rst) there <= 0;
            end
            ",
            whole = per_lane("&"),
            touched = per_lane("|"),
            top = bits - 1,
            last = count - 1,
        ))
}

/// Words of a beat.
pub(super) fn lanes(bits: usize) -> usize {
    assert!(bits.is_power_of_two() && (64..=512).contains(&bits), "a stream of 64 to 512 bits, found {bits}");
    bits / 32
}
