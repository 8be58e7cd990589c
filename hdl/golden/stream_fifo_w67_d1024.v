// stream_fifo_w67_d1024: first in, first out
// Latency 3, one beat a clock. Reset empties it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_fifo_w67_d1024 (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire         s_valid,
    output wire        s_ready,
    input wire  [66:0] s_data,
    output reg         m_valid,
    input wire         m_ready,
    output reg  [66:0] m_data
);

    wire        push;
    wire        pop;
    wire        advance;
    reg  [10:0] head;
    reg  [10:0] tail;
    reg         read_valid;
    reg  [66:0] read;

    // head and tail carry one bit more than the address: full and empty differ in it.
    (* ram_style = "block", no_rw_check *)
    reg [66:0] memory [0:1023];

    assign s_ready = (head ^ tail) != {1'b1, 10'd0};
    assign push    = s_valid && s_ready;

    always @(posedge clk) begin
        if (push) begin
            memory[tail[9:0]] <= s_data;
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
        if (pop) read <= memory[head[9:0]];
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
