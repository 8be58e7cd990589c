// check_register: stream_register keeps every beat in order, stalls nothing for longer than its sink does, and holds its output still.

module check_register #(
    parameter WIDTH = 8
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire             s_ready,
    input wire [WIDTH-1:0] s_data,
    input wire             m_valid,
    input wire             m_ready,
    input wire [WIDTH-1:0] m_data,
    // inside
    input wire             spare_valid,
    input wire [WIDTH-1:0] spare
);

    wire             live;
    wire             tracked;
    wire       [3:0] held;
    wire       [3:0] place;
    wire [WIDTH-1:0] word;

    rules #(.WIDTH(WIDTH), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    rules #(.WIDTH(WIDTH)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    scoreboard #(.WIDTH(WIDTH), .CAPACITY(2), .BITS(4)) board (
        .clk(clk), .rst(rst), .s_count({3'd0, s_valid && s_ready}), .s_data(s_data), .m_valid(m_valid), .m_taken(m_valid && m_ready),
        .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));
    progress #(.LIMIT(0)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid));

    always @(*) if (live) begin
        assert (held == {3'd0, m_valid} + {3'd0, spare_valid});
        if (spare_valid) assert (m_valid);
        if (tracked && place == 1) assert (spare == word);
        assert (s_ready == (held < 2));
        cover (held == 2 && s_valid && m_ready);
        cover (held == 1 && s_valid && m_ready && tracked);
    end
endmodule
