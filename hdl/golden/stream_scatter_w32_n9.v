// stream_scatter_w32_n9: takes a wide beat apart, the lowest word first
// Latency 1, one word a clock, no gap between beats. `m_last` marks the last word of a beat.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_scatter_w32_n9 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire  [287:0] s_data,
    output wire         m_valid,
    input wire          m_ready,
    output wire  [31:0] m_data,
    output wire         m_last
);

    reg   [3:0] left;
    reg [287:0] words;

    assign m_valid = left != 0;
    assign m_last  = left == 4'd1;
    assign m_data  = words[31:0];
    assign s_ready = !m_valid || (m_last && m_ready);

    always @(posedge clk) begin
        if (s_valid && s_ready) begin
            words <= s_data;
            left  <= 4'd9;
        end else if (m_valid && m_ready) begin
            words <= {32'd0, words[287:32]};
            left  <= left - 1'b1;
        end
        if (rst) left <= 0;
    end
endmodule

`default_nettype wire
