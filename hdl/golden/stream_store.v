// stream_store: the input store: a FIFO that says how much it holds
// Latency:    3 clocks
// Throughput: one word a clock
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_store #(
    parameter DEPTH = 4096 // words that the link may send ahead, a power of two from 64 to 65536
) (
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

    stream_fifo_block #(.WIDTH(32), .DEPTH(DEPTH)) words (
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
