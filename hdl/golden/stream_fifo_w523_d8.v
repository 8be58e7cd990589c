// stream_fifo_w523_d8: first in, first out
// Latency 2, one beat a clock. Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_fifo_w523_d8 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire  [522:0] s_data,
    output reg          m_valid,
    input wire          m_ready,
    output reg  [522:0] m_data
);

    wire       push;
    wire       pop;
    reg  [3:0] head;
    reg  [3:0] tail;

    // head and tail carry one bit more than the address: full and empty differ in it.
    (* ram_style = "distributed", no_rw_check *)
    reg [522:0] memory [0:7];

    assign s_ready = (head ^ tail) != {1'b1, 3'd0};
    assign push    = s_valid && s_ready;

    always @(posedge clk) begin
        if (push) begin
            memory[tail[2:0]] <= s_data;
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
        if (pop) m_data <= memory[head[2:0]];
        if (m_ready || !m_valid) m_valid <= pop;
        if (rst) m_valid <= 1'b0;
    end
endmodule

`default_nettype wire
