// check_scatter: stream_scatter gives the COUNT words of every beat, the lowest first, `m_last` with the last of them, and takes the next beat with
// that one. It holds one beat, so that a copy of it says all: no scoreboard is needed.

module check_scatter #(
    parameter WIDTH = 8,
    parameter COUNT = 4
) (
    input wire                       clk,
    input wire                       rst,
    input wire                       s_valid,
    input wire                       s_ready,
    input wire [WIDTH*COUNT-1:0]     s_data,
    input wire                       m_valid,
    input wire                       m_ready,
    input wire [WIDTH-1:0]           m_data,
    input wire                       m_last,
    // inside
    input wire [$clog2(COUNT+1)-1:0] left,
    input wire [WIDTH*COUNT-1:0]     words
);

    reg [WIDTH*COUNT-1:0]     copy;        // the beat taken last
    reg [$clog2(COUNT+1)-1:0] held;        // words of it not yet given
    reg                       started = 0;
    wire                      live = started && !rst;

    rules #(.WIDTH(WIDTH * COUNT), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    rules #(.WIDTH(WIDTH + 1)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({m_last, m_data}));
    progress #(.LIMIT(0)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid));

    always @(posedge clk) begin
        started <= 1;
        if (m_valid && m_ready) held <= held - 1;
        if (s_valid && s_ready) begin
            copy <= s_data;
            held <= COUNT;
        end
        if (rst) held <= 0;
    end

    always @(*) if (!started) assume (rst);

    always @(*) if (live) begin
        assert (held <= COUNT);
        assert (held == left);
        assert (m_valid == (held != 0));
        if (m_valid) assert (m_last == (held == 1));
        // A beat is taken when nothing of the one before is left: nothing is lost.
        assert (s_ready == (held == 0 || (held == 1 && m_ready)));
        cover (held == COUNT && s_valid);
        cover (m_last && m_ready && s_valid);
    end

    genvar j;
    generate
        for (j = 1; j <= COUNT; j = j + 1) begin : slot
            always @(*) if (live && held == j) begin
                assert (m_data == copy[WIDTH*(COUNT-j) +: WIDTH]);
                assert (words[0 +: WIDTH*j] == copy[WIDTH*(COUNT-j) +: WIDTH*j]);
            end
        end
    endgenerate
endmodule
