// poseidon2_queue: a queue for at most as many elements as it has places
// Latency:    1 clock
// Throughput: one element a clock
// No back-pressure: its users know that it never fills. Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_queue #(
    parameter WIDTH = 32, // bits of an element
    parameter DEPTH = 32  // elements, a power of two
) (
    input wire             clk,
    input wire             rst,     // synchronous, active high
    input wire             push,
    input wire [WIDTH-1:0] s_data,
    output reg             m_valid,
    input wire             pop,     // only when m_valid
    output reg [WIDTH-1:0] m_data
);

    localparam ADDRESS = $clog2(DEPTH);

    wire               vacant;
    wire               stores;
    wire               draws;
    reg  [ADDRESS-1:0] first;
    reg  [ADDRESS-1:0] last;
    reg                waiting;
    reg  [ADDRESS-1:0] stored;

    (* ram_style = "distributed", no_rw_check *)
    reg [WIDTH-1:0] memory [0:DEPTH-1];

    // Elements behind the head: `stored` of them, and `waiting` if there are any.
    assign vacant = pop || !m_valid; // the head can take an element
    assign draws  = vacant && waiting;
    assign stores = push && (waiting || !vacant);

    always @(posedge clk) begin
        // Written whether or not it goes straight to the head: its place is then the next one's.
        if (push) memory[last] <= s_data;
        if (stores) last <= last + 1'b1;
        if (draws) first <= first + 1'b1;
        if (stores != draws) begin
            stored  <= stores ? stored + 1'b1 : stored - 1'b1;
            waiting <= stores || stored != 1;
        end
        if (vacant) begin
            m_valid <= waiting || push;
            m_data  <= waiting ? memory[first] : s_data;
        end
        if (rst) begin
            m_valid <= 1'b0;
            first   <= 0;
            last    <= 0;
            stored  <= 0;
            waiting <= 1'b0;
        end
    end
endmodule

`default_nettype wire
