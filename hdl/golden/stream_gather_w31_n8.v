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

    wire [247:0] beat;
    wire         last;
    reg    [2:0] count;
    reg  [216:0] parts;

    // The parts gather beside the beat that leaves: a sink that is not always ready stops the last part only.
    assign beat    = {s_data, parts};
    assign last    = count == 3'd7;
    assign s_ready = !last || m_ready || !m_valid;

    always @(posedge clk) begin
        if (m_ready) m_valid <= 1'b0;
        if (s_valid && s_ready) begin
            parts <= beat[247:31];
            count <= last ? 3'd0 : count + 1'b1;
            if (last) begin
                m_valid <= 1'b1;
                m_data  <= beat;
            end
        end
        if (rst) begin
            count   <= 0;
            m_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
