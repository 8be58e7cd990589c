// check_fifo: stream_fifo and stream_fifo_block keep every beat in order, take beats while there is room, offer them in bounded time, and never read
// the word that they are writing (so that the memory may answer either way).
//
// STAGES registers stand behind the memory: the output alone, or two for block memory. The memory is `one_word.v`, and the word that it remembers
// is the one at the address of the magic beat: so no depth is too great for the solver.

module check_fifo #(
    parameter WIDTH  = 8,
    parameter DEPTH  = 4,
    parameter STAGES = 1,
    parameter COVER  = 1  // 0 where what is around it takes too long to fill it
) (
    input  wire                       clk,
    input  wire                       rst,
    input  wire                       s_valid,
    input  wire                       s_ready,
    input  wire [WIDTH-1:0]           s_data,
    input  wire                       m_valid,
    input  wire                       m_ready,
    input  wire [WIDTH-1:0]           m_data,
    // inside
    input  wire [$clog2(DEPTH):0]     head,
    input  wire [$clog2(DEPTH):0]     tail,
    input  wire                       pop,
    input  wire                       read_valid, // the stage before the output, where there is one
    input  wire [WIDTH-1:0]           read,
    input  wire [$clog2(DEPTH)-1:0]   address,
    input  wire [WIDTH-1:0]           kept,       // by the memory, at that address
    // for checkers of what is built around a FIFO
    output wire                       live,
    output wire [$clog2(DEPTH)+2:0]   held,
    output wire [$clog2(DEPTH)+2:0]   place,      // of the magic beat
    output wire [$clog2(DEPTH)+2:0]   number
);

    localparam ADDRESS = $clog2(DEPTH);
    localparam BITS    = ADDRESS + 3;

    wire              tracked;
    wire  [WIDTH-1:0] word;
    wire   [BITS-1:0] given  = number - place;
    wire  [ADDRESS:0] stored = tail - head;
    wire        [5:0] late;
    wire   [BITS-1:0] behind = {{BITS-1{1'b0}}, m_valid} + {{BITS-1{1'b0}}, read_valid};

    rules #(.WIDTH(WIDTH), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    rules #(.WIDTH(WIDTH)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    scoreboard #(.WIDTH(WIDTH), .CAPACITY(DEPTH + STAGES), .BITS(BITS)) board (
        .clk(clk), .rst(rst), .s_count({{BITS-1{1'b0}}, s_valid && s_ready}), .s_data(s_data), .m_valid(m_valid),
        .m_taken(m_valid && m_ready), .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked),
        .number(number), .word(word));
    progress #(.LIMIT(STAGES)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid), .late(late));

    // Beat k is written at address k modulo the depth.
    always @(*) assume (address == number[ADDRESS-1:0]);

    always @(*) if (live) begin
        assert (stored <= DEPTH);
        assert (held == stored + behind);
        assert (head[ADDRESS-1:0] == given[ADDRESS-1:0] + behind[ADDRESS-1:0]);
        if (tracked && place >= behind) assert (kept == word);
        if (tracked && place == {{BITS-1{1'b0}}, m_valid} && read_valid) assert (read == word);
        if (STAGES == 2 && late == 1) assert (m_valid || read_valid);
        assert (s_ready == (stored != DEPTH));
        if (s_valid && s_ready && pop) assert (head[ADDRESS-1:0] != tail[ADDRESS-1:0]);
        cover (!COVER || (held == 3 && !m_ready));
        cover (!COVER || (tracked && place == 0 && m_valid && m_ready && head == STAGES + 1));
    end
endmodule
