// check_gather: stream_gather makes beats of every COUNT words as they come, the first lowest, offers a beat as soon as it is whole, and makes the last
// word of a beat wait only for the beat before it.

module check_gather #(
    parameter WIDTH = 8,
    parameter COUNT = 4
) (
    input wire                         clk,
    input wire                         rst,
    input wire                         s_valid,
    input wire                         s_ready,
    input wire [WIDTH-1:0]             s_data,
    input wire                         m_valid,
    input wire                         m_ready,
    input wire [WIDTH*COUNT-1:0]       m_data,
    // inside
    input wire [$clog2(COUNT)-1:0]     index,
    input wire [WIDTH*(COUNT-1)-1:0]   parts
);

    localparam BITS = $clog2(COUNT) + 3;

    wire             live;
    wire             tracked;
    wire  [BITS-1:0] held;
    wire  [BITS-1:0] place;
    wire [WIDTH-1:0] word;
    wire  [BITS-1:0] behind = m_valid ? COUNT : 0;
    wire  [BITS-1:0] deeper = place - behind; // words of the unfinished beat before the magic one

    rules #(.WIDTH(WIDTH), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    rules #(.WIDTH(WIDTH * COUNT)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    scoreboard #(.WIDTH(WIDTH), .GIVE(COUNT), .CAPACITY(2 * COUNT - 1), .BITS(BITS)) board (
        .clk(clk), .rst(rst), .s_count({{BITS-1{1'b0}}, s_valid && s_ready}), .s_data(s_data), .m_valid(m_valid),
        .m_taken(m_valid && m_ready), .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));
    progress #(.LIMIT(0)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held >= COUNT), .m_valid(m_valid));

    always @(*) if (live) begin
        assert (index < COUNT);
        assert (held == index + behind);
        assert (s_ready == (index != COUNT - 1 || !m_valid || m_ready));
        cover (held == 2 * COUNT - 1);
        cover (tracked && place == COUNT - 1 && m_valid && m_ready && s_valid && index == COUNT - 1);
    end

    // The magic word, place by place: the parts come in at the top and move down.
    genvar j;
    generate
        for (j = 0; j < COUNT - 1; j = j + 1) begin : slot
            always @(*) if (live && tracked && place >= behind && deeper + COUNT - 1 - index == j) assert (parts[WIDTH*j +: WIDTH] == word);
        end
    endgenerate
endmodule
