// stream_scatter: takes a wide beat apart, the lowest word first
// Latency:    1 clock
// Throughput: one word a clock, no gap between beats
// `m_last` marks the last word of a beat. Reset drops the words that are left.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_scatter #(
    parameter WIDTH = 32, // bits of a word
    parameter COUNT = 9   // words of a beat, at least 2
) (
    input wire                    clk,
    input wire                    rst,     // synchronous, active high
    input wire                    s_valid,
    output wire                   s_ready,
    input wire  [WIDTH*COUNT-1:0] s_data,
    output wire                   m_valid,
    input wire                    m_ready,
    output wire       [WIDTH-1:0] m_data,
    output wire                   m_last
);

    localparam LEFT = $clog2(COUNT + 1); // bits of the number of words left

    reg        [LEFT-1:0] left;
    reg [WIDTH*COUNT-1:0] words;

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
endmodule

`default_nettype wire
