// xdma_words_b64: takes beats of the host's stream apart into words
// Latency:    1 clock
// Throughput: one word a clock, no gap between beats that hold a word
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module xdma_words_b64 (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire         s_valid,
    output wire        s_ready,
    input wire  [63:0] s_data,
    input wire   [7:0] s_keep,  // whole words in the leading lanes
    output wire        m_valid,
    input wire         m_ready,
    output wire [31:0] m_data,
    output reg         bad      // a beat was dropped
);

    wire  [1:0] whole;
    wire  [1:0] touched;
    wire        good;
    reg   [1:0] there;
    reg  [63:0] words;

    assign whole   = {&s_keep[7:4], &s_keep[3:0]};
    assign touched = {|s_keep[7:4], |s_keep[3:0]};
    assign good    = whole == touched && (whole & (whole + 1'b1)) == 0;
    assign m_valid = there[0];
    assign m_data  = words[31:0];
    assign s_ready = !rst && (!there[0] || (!there[1] && m_ready));

    always @(posedge clk) begin
        bad <= s_valid && s_ready && !good;
        if (s_valid && s_ready) begin
            words <= s_data;
            there <= good ? whole : 2'd0;
        end else if (m_valid && m_ready) begin
            words <= {32'd0, words[63:32]};
            there <= {1'b0, there[1:1]};
        end
        if (rst) there <= 0;
    end
endmodule

`default_nettype wire
