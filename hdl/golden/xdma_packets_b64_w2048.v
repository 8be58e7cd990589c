// xdma_packets_b64_w2048: gathers words into packets and offers each when it is complete
// Latency:    5 clocks from a packet's last word to its first beat
// Throughput: one word a clock in, one beat of 2 words a clock out
// A packet ends with `s_last` or after 1024 words.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module xdma_packets_b64_w2048 (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire         clear,   // empties it; a packet under way is ended by a word of filler
    input wire         s_valid,
    output wire        s_ready,
    input wire  [31:0] s_data,
    input wire         s_last,  // ends a packet
    output wire        m_valid,
    input wire         m_ready,
    output wire [63:0] m_data,
    output wire  [7:0] m_keep,
    output wire        m_last,
    output wire [10:0] packets  // complete and not yet all taken
);

    wire        ends;
    wire        push;
    wire        offered;
    wire  [1:0] filled_out;
    wire [66:0] stored;
    wire        store_ready;
    wire        store_valid;
    reg  [63:0] beat;
    reg   [1:0] filled;
    reg         place;
    reg         beat_valid;
    reg         beat_last;
    reg   [9:0] words;
    reg  [10:0] whole;
    reg         open;
    reg         cut;

    stream_fifo_block #(.WIDTH(67), .DEPTH(1024)) store (
        .clk(clk),
        .rst(rst || clear),
        .s_valid(beat_valid),
        .s_ready(store_ready),
        .s_data({beat_last, filled, beat}),
        .m_valid(store_valid),
        .m_ready(offered && !cut && m_ready),
        .m_data(stored)
    );

    assign ends    = s_last || words == 10'd1023;
    assign s_ready = !clear && (!beat_valid || store_ready);
    assign push    = beat_valid && store_ready;

    // Words into the lanes of a beat; the lanes that stay empty are zero.
    always @(posedge clk) begin
        if (push) beat_valid <= 1'b0;
        if (s_valid && s_ready) begin
            if (place == 1'd0) beat[31:0] <= s_data;
                if (place == 0) beat[63:32] <= 32'd0;
                if (place == 1'd1) beat[63:32] <= s_data;
                filled     <= place == 0 ? 2'd1 : {filled[0:0], 1'b1};
            place      <= ends ? 1'd0 : place + 1'b1;
            words      <= ends ? 10'd0 : words + 1'b1;
            beat_valid <= ends || place == 1'd1;
            beat_last  <= ends;
        end
        if (rst || clear) begin
            place      <= 0;
            words      <= 0;
            beat_valid <= 1'b0;
        end
    end

    // Nothing leaves before the last beat of its packet is in.
    assign offered    = store_valid && whole != 0 && !clear;
    assign filled_out = cut ? 2'd1 : stored[65:64];
    assign m_valid    = cut || offered;
    assign m_data     = cut ? 64'd0 : stored[63:0];
    assign m_keep     = {{4{filled_out[1]}}, {4{filled_out[0]}}};
    assign m_last     = cut || stored[66];
    assign packets    = whole + {10'd0, cut};

    always @(posedge clk) begin
        whole <= whole + {10'd0, push && beat_last} - {10'd0, offered && !cut && m_ready && m_last};
        if (m_valid && m_ready) begin
            open <= !m_last;
            cut  <= 1'b0;
        end
        // Emptied in the middle of a packet: its next beat has not been taken, and now never comes.
        if (clear && open && !(cut && m_ready)) cut <= 1'b1;
        if (rst || clear) whole <= 0;
        if (rst) begin
            open <= 1'b0;
            cut  <= 1'b0;
        end
    end
endmodule

`default_nettype wire
