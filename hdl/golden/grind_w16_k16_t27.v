// grind_w16_k16_t27: the smallest proof-of-work witness, with the Poseidon2 engine of 16 multipliers
// Latency:    the engine's; a search ends some 10 clocks after the result that passes
// Throughput: the engine's, in a search too: a candidate a permutation
// Between searches states pass to the engine and back. In a search candidates go in, and the first result that passes
// ends it.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module grind_w16_k16_t27 (
    input wire          clk,
    input wire          rst,                // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire  [123:0] s_data,             // G words of a state, word 0 low
    input wire   [26:0] s_tag,
    output wire         m_valid,
    input wire          m_ready,
    output wire [123:0] m_data,             // G words of the permuted state
    output wire  [26:0] m_tag,
    output wire   [2:0] work,               // S-boxes started
    input wire          seed,               // a word of the state
    input wire    [3:0] seed_index,         // its place
    input wire   [30:0] seed_data,
    input wire          seed_marked,        // the witness's place
    input wire          grind_start,        // one clock; latches the next three, clears the counters
    input wire    [4:0] grind_bits,         // low bits that must be zero
    input wire   [30:0] grind_first,        // the first candidate
    input wire   [30:0] grind_candidates,   // how many there are
    output reg          grind_busy,         // until the answer is taken
    output wire         grind_judged,       // a candidate was judged
    output reg   [31:0] grind_permutations, // candidates judged in this search
    output reg   [47:0] grind_multiplies,   // their multiplies
    output reg          answer_valid,
    input wire          answer_ready,
    output reg          answer_found,       // a candidate passed
    output reg   [30:0] answer_witness,     // the first that did; zero if none
    output reg   [30:0] answer_value        // the sampled integer; zero if none
);

    wire         fed;
    wire         fed_last;
    wire         sampled;
    wire         ends;
    wire [123:0] feed;
    wire         e_valid;
    wire         e_ready;
    wire  [30:0] y;
    reg    [1:0] feed_place;
    reg          feeding;
    reg   [30:0] to_feed;
    reg   [30:0] candidate;
    reg          searching;
    reg          clear;
    reg   [30:0] mask;
    reg    [1:0] beat;
    reg    [2:0] late;
    reg          judging;
    reg          passes;
    reg   [30:0] value;
    reg   [30:0] left;
    reg   [30:0] witness;

    poseidon2_engine_w16_k16_t27 engine (
        .clk(clk),
        .rst(rst || clear),
        .s_valid(feeding || (s_valid && !grind_busy)),
        .s_ready(e_ready),
        .s_data(feeding ? feed : s_data),
        .s_tag(s_tag),
        .m_valid(e_valid),
        .m_ready(grind_busy || m_ready),
        .m_data(m_data),
        .m_tag(m_tag),
        .work(work)
    );
    grind_canonical to_integer (
        .clk(clk),
        .x(m_data[123:93]),
        .y(y)
    );

    // The field word of the next integer.
    function [30:0] next(input [30:0] word);
        reg [31:0] less;
        begin
            less = {1'b0, word} - 32'd1744830467; // negative when the sum needs no reduction
            next = less[31] ? word + 31'd268435454 : less[30:0];
        end
    endfunction

    // Words of 32 bits: the mark of the witness's place, and the word.
    (* ram_style = "distributed", no_rw_check *)
    reg [31:0] state_0 [0:3];
    wire [31:0] word_0 = state_0[feed_place];
    (* ram_style = "distributed", no_rw_check *)
    reg [31:0] state_1 [0:3];
    wire [31:0] word_1 = state_1[feed_place];
    (* ram_style = "distributed", no_rw_check *)
    reg [31:0] state_2 [0:3];
    wire [31:0] word_2 = state_2[feed_place];
    (* ram_style = "distributed", no_rw_check *)
    reg [31:0] state_3 [0:3];
    wire [31:0] word_3 = state_3[feed_place];
    assign feed     = {word_3[31] ? candidate : word_3[30:0],
                        word_2[31] ? candidate : word_2[30:0],
                        word_1[31] ? candidate : word_1[30:0],
                        word_0[31] ? candidate : word_0[30:0]};
    assign fed      = feeding && e_ready;
    assign fed_last = fed && feed_place == 2'd3;
    assign s_ready  = e_ready && !grind_busy;

    always @(posedge clk) begin
        if (seed && seed_index[1:0] == 2'd0) state_0[seed_index[3:2]] <= {seed_marked, seed_data};
        if (seed && seed_index[1:0] == 2'd1) state_1[seed_index[3:2]] <= {seed_marked, seed_data};
        if (seed && seed_index[1:0] == 2'd2) state_2[seed_index[3:2]] <= {seed_marked, seed_data};
        if (seed && seed_index[1:0] == 2'd3) state_3[seed_index[3:2]] <= {seed_marked, seed_data};
        if (fed) feed_place <= fed_last ? 2'd0 : feed_place + 1'b1;
        if (fed_last) begin
            candidate <= next(candidate);
            to_feed   <= to_feed - 1'b1;
            if (to_feed == 31'd1) feeding <= 1'b0;
        end
        if (grind_start) begin
            feed_place <= 2'd0;
            candidate  <= grind_first;
            to_feed    <= grind_candidates;
            feeding    <= 1'b1;
        end
        if (rst || ends) feeding <= 1'b0;
    end

    assign m_valid      = e_valid && !grind_busy;
    assign sampled      = searching && e_valid && beat == 2'd1;
    assign grind_judged = judging && searching;
    assign ends         = grind_judged && (passes || left == 31'd1);

    always @(posedge clk) begin
        if (searching && e_valid) beat <= beat == 2'd3 ? 2'd0 : beat + 1'b1;
        late    <= {late[1:0], sampled};
        judging <= late[2];
        value   <= y;
        passes  <= (y & mask) == 31'd0;
        clear   <= ends; // what is behind the witness is thrown away
        if (grind_judged) begin
            left               <= left - 1'b1;
            witness            <= next(witness);
            grind_permutations <= grind_permutations + 1'b1;
            grind_multiplies   <= grind_multiplies + 48'd564;
        end
        if (ends) begin
            searching      <= 1'b0;
            answer_valid   <= 1'b1;
            answer_found   <= passes;
            answer_witness <= passes ? witness : 31'd0;
            answer_value   <= passes ? value : 31'd0;
        end
        if (answer_valid && answer_ready) begin
            answer_valid <= 1'b0;
            grind_busy   <= 1'b0;
        end
        if (grind_start) begin
            grind_busy         <= 1'b1;
            searching          <= 1'b1;
            beat               <= 2'd0;
            left               <= grind_candidates;
            witness            <= grind_first;
            mask               <= ~(31'h7fffffff << grind_bits);
            grind_permutations <= 32'd0;
            grind_multiplies   <= 48'd0;
        end
        if (rst || clear) begin
            late    <= 3'd0;
            judging <= 1'b0;
        end
        if (rst) begin
            grind_busy   <= 1'b0;
            searching    <= 1'b0;
            clear        <= 1'b0;
            answer_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
