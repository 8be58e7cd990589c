// shell_rows_memory: leads words to the transform or past it, and rows to those who take them
// Latency:    1 clock between a row and its takers
// Throughput: one row a clock
// Rows pass a register, so that what takers are ready for does not reach what makes rows in the same clock.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_rows_memory (
    input wire          clk,
    input wire          rst,           // synchronous, active high
    input wire          transforms,
    input wire          to_hasher,
    input wire          to_link,
    input wire   [19:0] row_mask,      // 2^log_rows - 1
    input wire   [10:0] group_last,
    input wire    [3:0] last_columns,
    input wire          s_valid,       // data words
    output wire         s_ready,
    input wire   [30:0] s_data,
    output wire         words_valid,   // to the transform
    input wire          words_ready,
    input wire          lde_valid,     // rows of the transform
    output wire         lde_ready,
    input wire  [247:0] lde_data,
    input wire   [19:0] lde_row,
    input wire   [10:0] lde_group,
    input wire          lde_first,
    input wire          lde_last,
    output wire [247:0] row_data,      // the row, for all takers
    output wire  [19:0] row_index,
    output wire  [10:0] row_group,
    output wire         row_first,     // of the first group
    output wire         row_last,      // of the last group
    output wire   [3:0] row_columns,   // columns to absorb
    output wire         hash_valid,
    input wire          hash_ready,
    output wire         link_valid,
    input wire          link_ready,
    output wire         row_gone,
    input wire          reading,       // data words are addresses
    input wire          keep_rows,
    output wire         keep_valid,    // rows to the memory
    input wire          keep_ready,
    output wire         address_valid, // addresses to the memory
    input wire          address_ready,
    input wire          beat_valid,    // and their beats
    output wire         beat_ready,
    input wire  [247:0] beat_data
);

    wire         plain_word_valid;
    wire         plain_word_ready;
    wire         plain_valid;
    wire         plain_ready;
    wire [247:0] plain_data;
    wire         made_valid;
    wire         made_ready;
    wire [247:0] made_data;
    wire         valid;
    wire  [32:0] label;
    wire         hash_done;
    wire         link_done;
    wire         keep_done;
    reg   [19:0] row;
    reg   [10:0] group;
    reg          hash_has;
    reg          link_has;
    reg          keep_has;

    stream_gather #(.WIDTH(31), .COUNT(8)) beats (
        .clk(clk),
        .rst(rst),
        .s_valid(plain_word_valid),
        .s_ready(plain_word_ready),
        .s_data(s_data),
        .m_valid(plain_valid),
        .m_ready(plain_ready),
        .m_data(plain_data)
    );
    stream_register #(.WIDTH(281)) rows (
        .clk(clk),
        .rst(rst),
        .s_valid(made_valid),
        .s_ready(made_ready),
        .s_data({lde_row, lde_group, lde_first, lde_last, made_data}),
        .m_valid(valid),
        .m_ready(row_gone),
        .m_data({label, row_data})
    );

    assign address_valid = s_valid && reading;
    assign beat_ready    = made_ready && reading;
    assign keep_valid    = valid && keep_rows && !keep_has;
    assign keep_done     = !keep_rows || keep_has || keep_ready;

    always @(posedge clk) keep_has <= valid && keep_rows && keep_done && !row_gone && !rst;

    assign words_valid      = s_valid && transforms;
    assign plain_word_valid = s_valid && !transforms && !reading;
    assign s_ready          = reading ? address_ready : transforms ? words_ready : plain_word_ready;

    assign made_valid  = reading ? beat_valid : transforms ? lde_valid : plain_valid;
    assign made_data   = reading ? beat_data : from_transform ? lde_data : plain_data;
    assign lde_ready   = made_ready && transforms;
    assign plain_ready = made_ready && !transforms && !reading;

    assign row_index   = transforms ? label[32:13] : row;
    assign row_group   = transforms ? label[12:2] : group;
    assign row_first   = transforms ? label[1] : group == 0;
    assign row_last    = transforms ? label[0] : group == group_last;
    assign row_columns = row_last ? last_columns : 4'd8;

    assign hash_valid = valid && to_hasher && !hash_has;
    assign link_valid = valid && to_link && !link_has;
    assign hash_done  = !to_hasher || hash_has || hash_ready;
    assign link_done  = !to_link || link_has || link_ready;
    assign row_gone   = valid && hash_done && link_done && keep_done;

    // For the words alone, which are many: a clock later, long before the first.
    (* keep *) reg from_transform;

    always @(posedge clk) begin
        from_transform <= transforms;
        hash_has <= valid && to_hasher && hash_done && !row_gone;
        link_has <= valid && to_link && link_done && !row_gone;
        if (row_gone) begin
            row <= row == row_mask ? 20'd0 : row + 1'b1;
            if (row == row_mask) group <= group + 1'b1;
        end
        if (rst) begin
            row      <= 0;
            group    <= 0;
            hash_has <= 1'b0;
            link_has <= 1'b0;
        end
    end
endmodule

`default_nettype wire
