// stream_register: a register in a stream, with room for the beat that was under way
// Latency:    1 clock
// Throughput: one beat a clock
// No combinational path from one side to the other.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_register #(
    parameter WIDTH = 32 // bits of a beat
) (
    input wire              clk,
    input wire              rst,     // synchronous, active high
    input wire              s_valid,
    output wire             s_ready,
    input wire  [WIDTH-1:0] s_data,
    output reg              m_valid,
    input wire              m_ready,
    output reg  [WIDTH-1:0] m_data
);

    reg             spare_valid;
    reg [WIDTH-1:0] spare;

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
endmodule

`default_nettype wire
