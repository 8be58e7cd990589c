// stream_gather_w31_n8: gathers words into one wide beat, the first word lowest
// Latency 1 from the last word, one word a clock.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_gather_w31_n8 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire   [30:0] s_data,
    output reg          m_valid,
    input wire          m_ready,
    output reg  [247:0] m_data
);

    reg [2:0] count;

    assign s_ready = m_ready || !m_valid;

    always @(posedge clk) begin
        if (s_ready) m_valid <= 1'b0;
        if (s_valid && s_ready) begin
            m_data  <= {s_data, m_data[247:31]};
            count   <= count == 3'd7 ? 3'd0 : count + 1'b1;
            m_valid <= count == 3'd7;
        end
        if (rst) begin
            count   <= 0;
            m_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
