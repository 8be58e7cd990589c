// stream_store_d4096: the input store
// At least 4096 words. Latency 3, one word a clock.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_store_d4096 (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire         s_valid,
    output wire        s_ready,
    input wire  [31:0] s_data,
    output wire        m_valid,
    input wire         m_ready,
    output wire [31:0] m_data,
    output reg  [16:0] level    // words stored
);

    stream_fifo_w32_d4096 words (
        .clk(clk),
        .rst(rst),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data(s_data),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data)
    );

    always @(posedge clk) begin
        if ((s_valid && s_ready) != (m_valid && m_ready)) level <= s_valid && s_ready ? level + 1'b1 : level - 1'b1;
        if (rst) level <= 17'd0;
    end
endmodule

`default_nettype wire
