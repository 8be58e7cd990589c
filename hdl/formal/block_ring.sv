// check_block_ring: a delay of any length whose words are read a clock before their places are written again. What leaves it is what came in CLOCKS clocks
// ago, for every word that came in after the first clock, wherever the counter started. The memory is `one_word.v`: each word is at some address,
// and the address is any.

module check_block_ring #(
    parameter WIDTH  = 8,
    parameter CLOCKS = 40
) (
    input wire                        clk,
    input wire [WIDTH-1:0]            s_data,
    input wire [WIDTH-1:0]            m_data,
    // inside
    input wire [$clog2(CLOCKS-1)-1:0] place,
    input wire [WIDTH-1:0]            fetched,
    input wire [$clog2(CLOCKS-1)-1:0] address,
    input wire [WIDTH-1:0]            kept
);

    localparam RING = CLOCKS - 1;

    reg                    started = 0;
    reg                    met = 0;            // a word has come in at the address
    reg                    read = 0, leaves = 0; // it has been read, and leaves
    reg        [WIDTH-1:0] word, taken, left;  // the last that came, the one that was read, and the one that leaves
    reg [$clog2(CLOCKS):0] since, age;         // clocks since the last came; of the one that was read, once it leaves

    wire here  = place == address;
    wire ahead = (place == RING - 1 ? 0 : place + 1) == address; // it is read in this clock

    always @(posedge clk) begin
        started <= 1;
        read    <= started && met && ahead;
        leaves  <= read;
        taken   <= word;
        left    <= taken;
        age     <= since + 2;
        since   <= since + 1;
        if (started && here) begin
            met   <= 1;
            word  <= s_data;
            since <= 1;
        end
    end

    always @(*) begin
        assume (address < RING);
        if (started) assert (place < RING);
        if (!started) assert (!met && !read && !leaves);
        if (met) begin
            assert (kept == word);
            assert (since == (place > address ? place - address : place + RING - address));
        end
        if (read) begin
            // Its place is the one that is written now: two clocks more and it is out.
            assert (met && here && fetched == taken && taken == word);
            assert (since + 1 == CLOCKS && age == since + 1);
        end
        if (leaves) assert (m_data == left);
        cover (leaves && m_data != s_data);
    end
endmodule
