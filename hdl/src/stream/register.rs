//! A register in a stream: both directions are cut, at full throughput.

use crate::netlist::Module;

/// `stream_register`: a skid buffer. Latency 1, one beat a clock; neither `s_ready` nor `m_valid` is combinational.
pub fn register(width: usize) -> Module {
    Module::new("stream_register", "a register in a stream, with room for the beat that was under way")
        .timing("1 clock", "one beat a clock")
        .doc("No combinational path from one side to the other.")
        .generic("WIDTH", width, 32, "bits of a beat")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", (width, "WIDTH"), "")
        .output_reg("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output_reg("m_data", (width, "WIDTH"), "")
        .reg("spare_valid", 1)
        .reg("spare", (width, "WIDTH"))
        .body(
            "
            assign s_ready = !spare_valid;

            always @(posedge clk) begin
                // What comes while the spare is free stands in it too; whether it counts is known later.
                if (s_ready) spare <= s_data;
                if (m_ready || !m_valid) begin
                    m_valid     <= spare_valid || s_valid;
                    m_data      <= spare_valid ? spare : s_data;
                    spare_valid <= 1'b0;
                end else if (s_valid) begin
                    spare_valid <= 1'b1;
                end
                if (rst) begin
                    m_valid     <= 1'b0;
                    spare_valid <= 1'b0;
                end
            end
            ",
        )
}
