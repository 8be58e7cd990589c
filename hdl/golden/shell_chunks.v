// shell_chunks: puts rows, digests and answers into chunks of 9 words, digests first
// Latency:    2 clocks
// Throughput: one word a clock, 9 words a chunk
// An answer comes alone; it looks like row 0 of group 0.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_chunks (
    input wire          clk,
    input wire          rst,            // synchronous, active high
    input wire          row_valid,
    output wire         row_ready,
    input wire  [247:0] row_data,
    input wire   [10:0] row_group,
    input wire   [19:0] row_index,
    input wire          digest_valid,
    output wire         digest_ready,
    input wire  [247:0] digest_data,
    input wire    [4:0] digest_level,
    input wire   [19:0] digest_index,
    input wire          digest_sent,    // of a level that is sent; others are taken and dropped
    input wire          answer_valid,   // of a search
    output wire         answer_ready,
    input wire          answer_found,
    input wire   [30:0] answer_witness,
    input wire   [30:0] answer_value,
    output wire         m_valid,
    input wire          m_ready,
    output wire  [31:0] m_data,
    output wire         m_last,         // last word of a chunk
    output wire         holds           // there are words of a chunk in here
);

    wire         pick_digest;
    wire         chunk_valid;
    wire         chunk_ready;
    wire [287:0] chunk;
    wire         word_valid;
    wire         word_ready;
    wire  [31:0] word_data;
    wire         word_last;

    stream_scatter #(.WIDTH(32), .COUNT(9)) take_apart (
        .clk(clk),
        .rst(rst),
        .s_valid(chunk_valid),
        .s_ready(chunk_ready),
        .s_data(chunk),
        .m_valid(word_valid),
        .m_ready(word_ready),
        .m_data(word_data),
        .m_last(word_last)
    );
    stream_register #(.WIDTH(33)) words (
        .clk(clk),
        .rst(rst),
        .s_valid(word_valid),
        .s_ready(word_ready),
        .s_data({word_last, word_data}),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data({m_last, m_data})
    );

    assign holds        = word_valid || m_valid;
    assign pick_digest  = digest_valid && digest_sent;
    assign chunk_valid  = pick_digest || row_valid || answer_valid;
    assign digest_ready = !digest_sent || chunk_ready;
    assign row_ready    = chunk_ready && !pick_digest;
    assign answer_ready = chunk_ready;
    assign chunk        = pick_digest
        ? {1'b0, digest_data[247:217], 1'b0, digest_data[216:186], 1'b0, digest_data[185:155], 1'b0,
        digest_data[154:124], 1'b0, digest_data[123:93], 1'b0, digest_data[92:62], 1'b0, digest_data[61:31], 1'b0,
        digest_data[30:0], 1'b1, 6'd0, digest_level, digest_index}
                        : answer_valid ? {160'd0, 1'b0, answer_value, 1'b0, answer_witness, 31'd0, answer_found, 32'd0}
                                      : {1'b0, row_data[247:217], 1'b0, row_data[216:186], 1'b0, row_data[185:155],
                                          1'b0, row_data[154:124], 1'b0, row_data[123:93], 1'b0, row_data[92:62], 1'b0,
                                          row_data[61:31], 1'b0, row_data[30:0], 1'b0, row_group, row_index};
endmodule

`default_nettype wire
