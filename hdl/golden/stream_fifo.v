// stream_fifo: first in, first out, in distributed memory
// Latency:    2 clocks
// Throughput: one beat a clock
// Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_fifo #(
    parameter WIDTH = 32, // bits of a beat
    parameter DEPTH = 16  // beats, a power of two from 2 to 32
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

    localparam ADDRESS = $clog2(DEPTH);

    wire             push;
    wire             pop;
    reg  [ADDRESS:0] head;
    reg  [ADDRESS:0] tail;

    (* ram_style = "distributed", no_rw_check *)
    reg [WIDTH-1:0] memory [0:DEPTH-1];

    // head and tail carry one bit more than the address: full and empty differ in it.
    assign s_ready = (head ^ tail) != {1'b1, {ADDRESS{1'b0}}};
    assign push    = s_valid && s_ready;

    always @(posedge clk) begin
        if (push) begin
            memory[tail[ADDRESS-1:0]] <= s_data;
            tail <= tail + 1'b1;
        end
        if (pop) head <= head + 1'b1;
        if (rst) begin
            head <= 0;
            tail <= 0;
        end
    end

    assign pop = head != tail && (m_ready || !m_valid);

    always @(posedge clk) begin
        if (pop) m_data <= memory[head[ADDRESS-1:0]];
        if (m_ready || !m_valid) m_valid <= pop;
        if (rst) m_valid <= 1'b0;
    end
endmodule

`default_nettype wire
