// check_words: xdma_words gives the words of every good beat once, in order, and drops exactly the damaged beats, saying so a clock later.
// A good beat has whole words in its leading lanes and nothing else; none at all is allowed.

module check_words #(
    parameter COUNT = 2
) (
    input wire                clk,
    input wire                rst,
    input wire                s_valid,
    input wire                s_ready,
    input wire [32*COUNT-1:0] s_data,
    input wire [4*COUNT-1:0]  s_keep,
    input wire                m_valid,
    input wire                m_ready,
    input wire [31:0]         m_data,
    input wire                bad,
    // inside
    input wire [COUNT-1:0]    there,
    input wire [32*COUNT-1:0] words
);

    localparam BITS = $clog2(COUNT + 1) + 2;

    wire            live;
    wire            tracked;
    wire [BITS-1:0] held;
    wire [BITS-1:0] place;
    wire     [31:0] word;
    reg  [BITS-1:0] brings; // words of a good beat
    reg             good;
    reg             damaged = 0;
    integer         n;

    always @(*) begin
        good   = 0;
        brings = 0;
        for (n = 0; n <= COUNT; n = n + 1)
            if (s_keep == ~({4*COUNT{1'b1}} << (4 * n))) begin
                good   = 1;
                brings = n;
            end
    end

    rules #(.WIDTH(36 * COUNT), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data({s_keep, s_data}));
    rules #(.WIDTH(32)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    scoreboard #(.WIDTH(32), .TAKE(COUNT), .CAPACITY(COUNT), .BITS(BITS)) board (
        .clk(clk), .rst(rst), .s_count(s_valid && s_ready ? brings : {BITS{1'b0}}), .s_data(s_data), .m_valid(m_valid),
        .m_taken(m_valid && m_ready), .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));
    progress #(.LIMIT(0)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid));

    always @(posedge clk) damaged <= s_valid && s_ready && !good && !rst;

    always @(*) if (live) begin
        assert (there == ~({COUNT{1'b1}} << held));
        if (damaged) assert (bad);
        if (bad) assert (damaged);
        assert (s_ready == (held == 0 || (held == 1 && m_ready)));
        cover (bad);
        cover (held == COUNT && tracked && place == COUNT - 1);
    end

    // The magic word, place by place: fixed slices are easier for a solver than one that moves.
    genvar j;
    generate
        for (j = 0; j < COUNT; j = j + 1) begin : slot
            always @(*) if (live && tracked && place == j) assert (words[32*j +: 32] == word);
        end
    endgenerate
endmodule
