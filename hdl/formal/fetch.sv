// check_fetch: memory_fetch asks for every address once, in order, a clock after it is taken; what comes LATENCY clocks after the k-th request is the
// k-th beat given; an address is taken while fewer than eight beats are owed, and then its beat always has a place: nothing behind the memory waits.

module check_fetch #(
    parameter LOG     = 12,
    parameter LATENCY = 2
) (
    input wire               clk,
    input wire               rst,
    input wire               s_valid,
    input wire               s_ready,
    input wire [19:0]        s_data,
    input wire               read,
    input wire [LOG-1:0]     read_address,
    input wire [247:0]       read_data,
    input wire               m_valid,
    input wire               m_ready,
    input wire [247:0]       m_data,
    // inside: what is due, how many are owed, and the queue of eight
    input wire [LATENCY-1:0] due,
    input wire [3:0]         owed,
    input wire               room,
    input wire [3:0]         head,
    input wire [3:0]         tail,
    input wire               pop,
    input wire [2:0]         address,
    input wire [247:0]       kept
);

    reg  [LATENCY-1:0] asked; // bit j: a request j + 1 clocks ago
    wire               live;
    wire         [3:0] requests;
    wire         [5:0] held;
    wire         [5:0] late;
    wire         [3:0] stored = tail - head;
    wire [LATENCY+2:0] stages = {m_valid, stored != 0, asked, read}; // where something is, in the order of the way
    reg          [3:0] under_way;
    integer            n;

    always @(posedge clk) begin
        asked <= {asked, read};
        if (rst) asked <= 0;
    end

    always @(*) begin
        under_way = read;
        for (n = 0; n < LATENCY; n = n + 1) under_way = under_way + asked[n];
    end

    rules #(.WIDTH(20), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));
    scoreboard #(.WIDTH(LOG), .CAPACITY(1), .BITS(4)) addresses (
        .clk(clk), .rst(rst), .s_count({3'd0, s_valid && s_ready}), .s_data(s_data[LOG-1:0]), .m_valid(read),
        .m_taken(read), .m_data(read_address), .live(live), .held(requests));
    check_fifo #(.WIDTH(248), .DEPTH(8)) beats (
        .clk(clk), .rst(rst), .s_valid(asked[LATENCY-1]), .s_ready(room), .s_data(read_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
        .head(head), .tail(tail), .pop(pop), .read_valid(1'b0), .read(248'd0), .address(address), .kept(kept), .held(held));
    progress #(.LIMIT(LATENCY + 2)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(owed != 0), .m_valid(m_valid), .late(late));

    always @(*) if (live) begin
        assert (read == (requests != 0));
        assert (due == asked);
        assert (owed <= 8 && owed == under_way + held);
        assert (s_ready == (owed != 8));
        assert (room);
        if (late != 0) assert ((stages >> late) != 0);
        cover (owed == 8 && !m_ready);
        cover (asked[LATENCY-1] && m_valid && m_ready && s_valid && s_ready);
    end
endmodule
