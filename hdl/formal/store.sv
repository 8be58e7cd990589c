// check_store: stream_store is a FIFO, `level` is what it holds, and a sender that never has more than DEPTH words in it never waits: that is what the
// credit of a link promises.

module check_store #(
    parameter DEPTH = 64
) (
    input wire                     clk,
    input wire                     rst,
    input wire                     s_valid,
    input wire                     s_ready,
    input wire [31:0]              s_data,
    input wire                     m_valid,
    input wire                     m_ready,
    input wire [31:0]              m_data,
    input wire [16:0]              level,
    // inside
    input wire [$clog2(DEPTH):0]   head,
    input wire [$clog2(DEPTH):0]   tail,
    input wire                     pop,
    input wire                     read_valid,
    input wire [31:0]              read,
    input wire [$clog2(DEPTH)-1:0] address,
    input wire [31:0]              kept
);

    wire                     live;
    wire [$clog2(DEPTH)+2:0] held;

    check_fifo #(.WIDTH(32), .DEPTH(DEPTH), .STAGES(2)) words (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
        .head(head), .tail(tail), .pop(pop), .read_valid(read_valid), .read(read), .address(address), .kept(kept),
        .live(live), .held(held));

    always @(*) if (live) begin
        assert (level == held);
        if (level < DEPTH) assert (s_ready);
        cover (level == 4 && !m_ready);
    end
endmodule
