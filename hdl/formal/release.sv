// check_release: xdma_packets offers a packet when the last of its beats is stored and then without an end until that beat is taken; the store never
// fills without a packet that can leave; and what is cut off in the middle is ended by a word of filler.
//
// The memory is of registers here, because the claim counts the marks in it: a small one. What is counted are packets, never addresses.

module check_release #(
    parameter COUNT   = 2,
    parameter DEPTH   = 8,
    parameter LONGEST = 8
) (
    input wire                       clk,
    input wire                       rst,
    input wire                       clear,
    input wire                       s_valid,
    input wire                       s_ready,
    input wire [31:0]                s_data,
    input wire                       s_last,
    input wire                       m_valid,
    input wire                       m_ready,
    input wire [32*COUNT-1:0]        m_data,
    input wire [4*COUNT-1:0]         m_keep,
    input wire                       m_last,
    input wire [$clog2(DEPTH+4)-1:0] packets,
    // inside
    input wire                       beat_valid,
    input wire                       beat_last,
    input wire [$clog2(COUNT)-1:0]   place,
    input wire [$clog2(LONGEST)-1:0] words,
    input wire                       push,
    input wire                       offered,
    input wire                       cut,
    input wire                       open,
    input wire [$clog2(DEPTH+4)-1:0] whole,
    input wire                       store_valid,
    input wire                       store_ready,
    input wire [33*COUNT:0]          stored,
    input wire [$clog2(DEPTH):0]     head,
    input wire [$clog2(DEPTH):0]     tail,
    input wire [(33*COUNT+1)*DEPTH-1:0] memory
);

    localparam ADDRESS = $clog2(DEPTH);
    localparam BEAT    = 33 * COUNT + 1;

    reg                started = 0;
    wire               live = started && !rst && !clear;
    reg          [7:0] tail_beats;  // stored since the last beat that ended a packet
    reg                inside = 0;  // a packet has begun to leave
    reg                gone = 0;    // and the rest of it was dropped by `clear`
    reg          [7:0] marks;
    wire         [7:0] held = {4'd0, tail - head} + store_valid;
    wire   [DEPTH-1:0] ends;        // the marks in the memory
    wire   [DEPTH-1:0] marked;      // in the order of the queue behind the output
    integer            n;
    genvar             j;

    always @(*) if (!started) assume (rst);

    always @(posedge clk) begin
        started <= 1;
        if (push) tail_beats <= beat_last ? 0 : tail_beats + 1;
        if (m_valid && m_ready) {inside, gone} <= {!m_last, 1'b0};
        if (clear && inside && !(gone && m_ready)) gone <= 1;
        if (rst || clear) tail_beats <= 0;
        if (rst) {inside, gone} <= 0;
    end

    generate
        for (j = 0; j < DEPTH; j = j + 1) begin : slot
            wire [ADDRESS-1:0] at = head[ADDRESS-1:0] + j;
            assign ends[j]   = memory[BEAT * j + BEAT - 1];
            assign marked[j] = ends[at];
        end
    endgenerate

    always @(*) begin
        marks = store_valid && stored[BEAT-1];
        for (n = 0; n < DEPTH; n = n + 1) marks = marks + (n < held - store_valid && marked[n]);
    end

    rules #(.WIDTH(33), .ASSUME(1)) source (
        .clk(clk), .rst(rst || clear), .valid(s_valid), .ready(s_ready), .data({s_last, s_data}));
    // A beat that is offered stays until it is taken, or `clear` comes; filler stays in any case.
    rules #(.WIDTH(36 * COUNT + 1)) sink (
        .clk(clk), .rst(rst || clear), .valid(m_valid), .ready(m_ready), .data({m_last, m_keep, m_data}));
    rules #(.WIDTH(36 * COUNT + 1)) filler (
        .clk(clk), .rst(rst), .valid(m_valid && cut), .ready(m_ready), .data({m_last, m_keep, m_data}));
    progress #(.LIMIT(1)) offers (
        .clk(clk), .rst(rst || clear), .live(live), .waiting(whole != 0), .m_valid(m_valid));

    always @(*) if (started && !rst) begin
        assert (cut == gone && open == inside);
        if (cut) assert (m_valid && m_last);
        cover (cut && clear);
    end

    always @(*) if (live) begin
        assert (held - store_valid <= DEPTH);
        assert (whole == marks);
        assert (packets == whole + cut);
        assert (m_valid == (cut || offered));
        if (!cut) assert (m_valid == (store_valid && whole != 0));
        // Beats behind the last mark, and what they hold: less than the longest packet.
        assert (tail_beats <= held);
        if (!beat_valid) assert (tail_beats * COUNT + place == words);
        if (beat_valid && !beat_last) assert (tail_beats * COUNT + COUNT + place == words);
        if (beat_valid && beat_last) assert (words == 0 && place == 0 && tail_beats * COUNT < LONGEST);
        for (n = 0; n < DEPTH; n = n + 1)
            if (n < held - store_valid) begin
                if (held - store_valid - n <= tail_beats) assert (!marked[n]);
                if (held - store_valid - n == tail_beats + 1) assert (marked[n]);
            end
        if (store_valid && held <= tail_beats) assert (!stored[BEAT-1]);
        if (store_valid && held == tail_beats + 1) assert (stored[BEAT-1]);
        // No deadlock: a full store has a packet that can leave.
        if (!store_ready) assert (whole != 0);
        // Once begun, a packet goes on.
        if (inside && !gone) assert (whole != 0 && m_valid);
        cover (whole == 3);
        cover (inside && m_last && m_ready && held == DEPTH);
    end
endmodule
