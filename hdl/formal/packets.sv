// check_packets: xdma_packets puts words into the lanes of beats as they come, the first lowest; ends a packet with `s_last` or after LONGEST words;
// keeps the beats in order; and gives them as they are, with the lanes that they fill. (When a packet is offered: check_release.)
//
// The magic beat is followed by check_fifo through the store, whose memory is `one_word.v`.

module check_packets #(
    parameter COUNT   = 2,    // words of a beat
    parameter DEPTH   = 1024, // beats of the store
    parameter LONGEST = 1024  // words of a packet
) (
    input wire                           clk,
    input wire                           rst,
    input wire                           clear,
    input wire                           s_valid,
    input wire                           s_ready,
    input wire [31:0]                    s_data,
    input wire                           s_last,
    input wire                           m_valid,
    input wire                           m_ready,
    input wire [32*COUNT-1:0]            m_data,
    input wire [4*COUNT-1:0]             m_keep,
    input wire                           m_last,
    input wire [$clog2(DEPTH+4)-1:0]     packets,
    // inside: the beat that fills, and the store
    input wire                           beat_valid,
    input wire                           beat_last,
    input wire [COUNT-1:0]               filled,
    input wire [32*COUNT-1:0]            beat,
    input wire [$clog2(COUNT)-1:0]       place,
    input wire [$clog2(LONGEST)-1:0]     words,
    input wire                           cut,
    input wire                           offered,
    input wire                           store_ready,
    input wire                           store_valid,
    input wire [33*COUNT:0]              stored,
    input wire [$clog2(DEPTH):0]         head,
    input wire [$clog2(DEPTH):0]         tail,
    input wire                           pop,
    input wire                           read_valid,
    input wire [33*COUNT:0]              read,
    input wire [$clog2(DEPTH)-1:0]       address,
    input wire [33*COUNT:0]              kept
);

    localparam WORDS = $clog2(LONGEST) + 1;

    reg      [WORDS-1:0] number;  // words of this packet so far
    reg [33*COUNT-1:0]   made;    // the beat that is being filled: filled lanes, words; empty lanes are zero
    reg                  closes;  // it ends the packet
    reg                  whole;   // it can go
    wire                 live;
    wire                 taken = s_valid && s_ready;
    wire                 ends  = s_last || number == LONGEST - 1;
    wire [WORDS-1:0]     lane  = number % COUNT;
    integer              n;

    always @(posedge clk) begin
        if (whole && store_ready) whole <= 0;
        if (taken) begin
            number <= ends ? 0 : number + 1;
            whole  <= ends || lane == COUNT - 1;
            if (lane == 0) made <= 0;
            for (n = 0; n < COUNT; n = n + 1)
                if (lane == n) begin
                    made[32*n +: 32]   <= s_data;
                    made[32*COUNT + n] <= 1;
                end
            closes <= ends;
        end
        if (rst || clear) {number, whole} <= 0;
    end

    rules #(.WIDTH(33), .ASSUME(1)) source (
        .clk(clk), .rst(rst || clear), .valid(s_valid), .ready(s_ready), .data({s_last, s_data}));
    check_fifo #(.WIDTH(33 * COUNT + 1), .DEPTH(DEPTH), .STAGES(2)) store (
        .clk(clk), .rst(rst || clear), .s_valid(whole), .s_ready(store_ready), .s_data({closes, made}), .m_valid(store_valid),
        .m_ready(offered && !cut && m_ready), .m_data(stored), .head(head), .tail(tail), .pop(pop), .read_valid(read_valid), .read(read),
        .address(address), .kept(kept), .live(live));

    genvar j;
    generate
        for (j = 0; j < COUNT; j = j + 1) begin : lanes
            always @(*) if (live && m_valid && !cut) assert (m_keep[4*j +: 4] == {4{stored[32*COUNT + j]}});
        end
    endgenerate

    always @(*) if (live) begin
        assert (number == words && number < LONGEST);
        assert (place == lane);
        assert (beat_valid == whole);
        if (whole) assert (lane == 0);
        if (whole || lane != 0) begin
            assert ({filled, beat} == made);
            assert (beat_last == closes);
        end
        if (!whole && lane != 0) assert (!beat_last && made[32*COUNT +: COUNT] == ~({COUNT{1'b1}} << lane));
        // What is offered is the beat at the head of the store, or the filler that ends a packet that was cut off.
        if (offered) assert (store_valid);
        if (m_valid && !cut) assert (offered && {m_last, m_data} == {stored[33*COUNT], stored[32*COUNT-1:0]});
        if (cut) assert (m_valid && m_last && m_data == 0 && m_keep == 15);
        assert (s_ready == (!whole || store_ready));
        cover (m_valid && m_ready && m_last && !cut && lane == 1);
        cover (cut && m_ready);
    end
endmodule
