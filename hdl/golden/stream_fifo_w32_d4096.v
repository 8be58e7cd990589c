// stream_fifo_w32_d4096: first in, first out
// Latency 3, one beat a clock. Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_fifo_w32_d4096 (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire         s_valid,
    output wire        s_ready,
    input wire  [31:0] s_data,
    output reg         m_valid,
    input wire         m_ready,
    output reg  [31:0] m_data
);

    wire        push;
    wire        pop;
    wire        advance;
    reg  [12:0] head;
    reg  [12:0] tail;
    reg         read_valid;
    reg  [31:0] read;

    // head and tail carry one bit more than the address: full and empty differ in it.
    (* ram_style = "block", no_rw_check *)
    reg [31:0] memory [0:4095];

    assign s_ready = (head ^ tail) != {1'b1, 12'd0};
    assign push    = s_valid && s_ready;

    always @(posedge clk) begin
        if (push) begin
            memory[tail[11:0]] <= s_data;
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
        if (pop) read <= memory[head[11:0]];
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
