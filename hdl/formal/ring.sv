// check_ring: a delay of any length. What leaves it is what came in CLOCKS clocks ago, for every word that came in after the first clock, wherever the
// counter started. The memory is `one_word.v`: each word is at some address, and the address is any.

module check_ring #(
    parameter WIDTH  = 8,
    parameter CLOCKS = 64
) (
    input wire                        clk,
    input wire [WIDTH-1:0]            s_data,
    input wire [WIDTH-1:0]            m_data,
    // inside
    input wire [$clog2(CLOCKS-1)-1:0] place,
    input wire [$clog2(CLOCKS-1)-1:0] address,
    input wire [WIDTH-1:0]            kept
);

    localparam RING = CLOCKS - 1;

    reg                   started = 0;
    reg                   met = 0;      // a word has come in at the address
    reg                   leaves = 0;   // and leaves
    reg       [WIDTH-1:0] word, left;   // the last that came, and the one that leaves
    reg [$clog2(CLOCKS):0] since;       // clocks since the last came

    always @(posedge clk) begin
        started <= 1;
        leaves  <= met && place == address;
        since   <= since + 1;
        if (started && place == address) begin
            met   <= 1;
            word  <= s_data;
            left  <= word;
            since <= 1;
        end
    end

    always @(*) begin
        assume (address < RING);
        if (started) assert (place < RING);
        if (!started) assert (!met && !leaves);
        if (met) begin
            assert (kept == word);
            assert (since == (place > address ? place - address : place + RING - address));
        end
        // One clock in the output register on top of those in the ring.
        if (met && place == address) assert (since + 1 == CLOCKS);
        if (leaves) assert (m_data == left);
        cover (leaves && m_data != s_data);
    end
endmodule
