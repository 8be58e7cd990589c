// stream_fifo_block: first in, first out, in block memory
// Latency:    3 clocks
// Throughput: one beat a clock
// Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_fifo_block #(
    parameter WIDTH = 32,  // bits of a beat
    parameter DEPTH = 1024 // beats, a power of two; two more wait in registers
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
    wire             advance;
    reg  [ADDRESS:0] head;
    reg  [ADDRESS:0] tail;
    reg              read_valid;
    reg  [WIDTH-1:0] read;

    (* ram_style = "block", no_rw_check *)
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

    // Two registers behind the memory: its own, and a bare one to meet the clock.
    assign advance = m_ready || !m_valid;
    assign pop     = head != tail && (advance || !read_valid);

    always @(posedge clk) begin
        if (pop) read <= memory[head[ADDRESS-1:0]];
        if (advance || !read_valid) read_valid <= pop;
        if (advance) begin
            m_valid <= read_valid;
            m_data  <= read;
        end
        if (rst) begin
            read_valid <= 1'b0;
            m_valid    <= 1'b0;
        end
    end
endmodule

`default_nettype wire
