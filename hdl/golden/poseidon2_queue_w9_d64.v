// poseidon2_queue_w9_d64: a queue for at most as many elements as it has places.
// Latency 1. Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_queue_w9_d64 (
    input wire       clk,
    input wire       rst,     // synchronous, active high
    input wire       push,
    input wire [8:0] s_data,
    output reg       m_valid,
    input wire       pop,     // only when m_valid
    output reg [8:0] m_data
);

    wire       vacant;
    wire       waiting;
    reg  [5:0] first;
    reg  [5:0] last;

    (* ram_style = "distributed", no_rw_check *)
    reg [8:0] memory [0:63];

    assign vacant  = pop || !m_valid;  // the head can take an element
    assign waiting = first != last;

    always @(posedge clk) begin
        if (push && (waiting || !vacant)) begin
            memory[last] <= s_data;
            last <= last + 1'b1;
        end
        if (vacant) begin
            m_valid <= waiting || push;
            m_data  <= waiting ? memory[first] : s_data;
            if (waiting) first <= first + 1'b1;
        end
        if (rst) begin
            m_valid <= 1'b0;
            first   <= 6'd0;
            last    <= 6'd0;
        end
    end
endmodule

`default_nettype wire
