// lde_readout_l2_n10_b1: reads finished rows out of the buffers, in leaf order, and labels them
// Latency:    6 clocks from a row's last address to its beat
// Throughput: a row in 4 clocks
// At most 16 beats are under way or waiting.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_readout_l2_n10_b1 (
    input wire          clk,
    input wire          rst,            // synchronous, active high
    input wire          start,          // a job begins
    input wire    [9:0] row_mask,       // 2^log_rows - 1
    input wire   [10:0] leaf_mask,      // 2^(log_rows + log_blowup) - 1
    input wire   [10:0] group_last,     // groups - 1
    input wire    [1:0] ready,          // buffers 1 and 2 hold finished rows
    output wire   [1:0] release_buffer, // the last row has been addressed
    output reg    [1:0] drain,
    output reg   [10:0] drain_address,
    output wire         drained_buffer, // drain[1], two clocks later
    output reg          drained_bank,   // with drained_buffer
    input wire   [61:0] drain_data,     // the lanes' words, a clock later
    output wire         m_valid,
    input wire          m_ready,
    output wire [247:0] m_data,
    output wire  [19:0] m_row,
    output wire  [10:0] m_group,
    output wire         m_first,        // of the first group
    output wire         m_last          // of the last group
);

    wire         reading;
    wire         step;
    wire         row_end;
    wire         take_end;
    wire         beat_end;
    reg          buffer;
    reg    [9:0] row;
    reg    [4:0] owed;
    reg          bank;
    reg    [1:0] drain1;
    reg    [1:0] drain2;
    reg          bank1;
    reg          take;
    reg          beat_valid;
    reg  [247:0] beat;
    reg   [10:0] leaf;
    reg   [10:0] group;
    reg    [1:0] column;

    delay #(.WIDTH(1), .CLOCKS(4)) ends (
        .clk(clk),
        .s_data(step && row_end),
        .m_data(take_end)
    );
    stream_fifo #(.WIDTH(248), .DEPTH(16)) beats (
        .clk(clk),
        .rst(rst || start),
        .s_valid(beat_valid),
        .s_ready(),
        .s_data(beat),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data)
    );

    // A row is begun when a place for it is certain, so nothing behind the memories ever waits.
    assign reading        = ready[buffer];
    assign step           = reading && owed != 5'd16;
    assign row_end        = column == 2'd3;
    assign release_buffer = step && row_end && row == row_mask ? (buffer ? 2'b10 : 2'b01) : 2'b00;
    assign beat_end       = take && take_end;
    assign drained_buffer = drain2[1];

    always @(posedge clk) begin
        drain         <= step ? (buffer ? 2'b10 : 2'b01) : 2'b00;
        drain_address <= {column, row[9:1]};
        bank          <= ^row;
        if (step) begin
            column <= column + 1'b1;
            if (row_end) row <= row == row_mask ? 10'd0 : row + 1'b1;
            if (row_end && row == row_mask) buffer <= !buffer;
        end
        owed <= owed + {4'd0, step && row_end} - {4'd0, m_valid && m_ready};

        drain1       <= drain;
        bank1        <= bank;
        drain2       <= drain1;
        drained_bank <= bank1;
        take         <= drain2 != 0;
        beat_valid   <= beat_end;
        if (take) beat <= {drain_data, beat[247:62]};

        if (m_valid && m_ready) begin
            leaf <= (leaf == leaf_mask) ? 11'd0 : leaf + 1'b1;
            if (leaf == leaf_mask) group <= group + 1'b1;
        end
        if (rst || start) begin
            buffer     <= 1'b0;
            row        <= 0;
            column     <= 0;
            owed       <= 0;
            drain      <= 2'b00;
            drain1     <= 2'b00;
            drain2     <= 2'b00;
            take       <= 1'b0;
            beat_valid <= 1'b0;
            leaf       <= 0;
            group      <= 0;
        end
    end

    assign m_row   = {9'd0, leaf};
    assign m_group = group;
    assign m_first = group == 0;
    assign m_last  = group == group_last;
endmodule

`default_nettype wire
