// check_fifo: stream_fifo keeps every beat in order, takes beats while there is room, offers them in bounded time, and never reads the word
// that it is writing (so that the memory may answer either way).
// STAGES registers stand behind the memory: the output alone, or two for block memory.

module check_fifo #(
    parameter WIDTH  = 8,
    parameter DEPTH  = 4,
    parameter STAGES = 1
) (
    input wire                   clk,
    input wire                   rst,
    input wire                   s_valid,
    input wire                   s_ready,
    input wire [WIDTH-1:0]       s_data,
    input wire                   m_valid,
    input wire                   m_ready,
    input wire [WIDTH-1:0]       m_data,
    // inside
    input wire [$clog2(DEPTH):0] head,
    input wire [$clog2(DEPTH):0] tail,
    input wire                   pop,
    input wire                   read_valid, // the stage before the output, where there is one
    input wire [WIDTH-1:0]       read,
    input wire [WIDTH*DEPTH-1:0] memory
);

    localparam ADDRESS = $clog2(DEPTH);
    localparam BITS    = ADDRESS + 3;

    wire              live;
    wire              tracked;
    wire   [BITS-1:0] held;
    wire   [BITS-1:0] place;
    wire  [WIDTH-1:0] word;
    wire  [ADDRESS:0] stored = tail - head;
    wire   [BITS-1:0] behind = {{BITS-1{1'b0}}, m_valid} + {{BITS-1{1'b0}}, read_valid};
    wire   [BITS-1:0] deeper = place - behind;             // words before the magic one in the memory
    wire [ADDRESS-1:0] at    = head[ADDRESS-1:0] + deeper[ADDRESS-1:0];

    rules #(.WIDTH(WIDTH), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    rules #(.WIDTH(WIDTH)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    scoreboard #(.WIDTH(WIDTH), .CAPACITY(DEPTH + STAGES), .BITS(BITS)) board (
        .clk(clk), .rst(rst), .s_count({{BITS-1{1'b0}}, s_valid && s_ready}), .s_data(s_data), .m_valid(m_valid),
        .m_taken(m_valid && m_ready), .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));
    progress #(.LIMIT(STAGES)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid));

    always @(*) if (live) begin
        assert (stored <= DEPTH);
        assert (held == stored + behind);
        if (tracked && place == {{BITS-1{1'b0}}, m_valid} && read_valid) assert (read == word);
        assert (s_ready == (stored != DEPTH));
        if (s_valid && s_ready && pop) assert (head[ADDRESS-1:0] != tail[ADDRESS-1:0]);
        cover (held == DEPTH + STAGES);
        cover (tracked && place == 0 && m_valid && m_ready && head == 1);
    end

    // The magic word, place by place: fixed slices are easier for a solver than one that moves.
    genvar j;
    generate
        for (j = 0; j < DEPTH; j = j + 1) begin : slot
            always @(*) if (live && tracked && place >= behind && at == j) assert (memory[WIDTH*j +: WIDTH] == word);
        end
    endgenerate
endmodule
