// scoreboard: the magic packet. The k-th word taken is the k-th word given, for every k; nothing is lost, invented, doubled or reordered.
//
// Words are counted modulo 2^BITS, which is more than twice CAPACITY, and k is any number: so every word of an endless stream is meant.
// A beat on the taking side brings `s_count` words (the lowest first), a beat on the giving side `GIVE` words.
// The outputs say what is inside, so that a checker can say where in the circuit the magic word must lie.

module scoreboard #(
    parameter WIDTH    = 8, // bits of a word
    parameter TAKE     = 1, // most words of a beat taken
    parameter GIVE     = 1, // words of a beat given
    parameter CAPACITY = 2, // words that the circuit can hold
    parameter BITS     = 4
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire [BITS-1:0]       s_count,  // words taken in this clock
    input  wire [TAKE*WIDTH-1:0] s_data,
    input  wire                  m_valid,  // a beat is offered
    input  wire                  m_taken,  // and taken
    input  wire [GIVE*WIDTH-1:0] m_data,
    output wire                  live,     // after a reset, and not in one: the claims hold
    output wire [BITS-1:0]       held,     // words inside
    output wire [BITS-1:0]       place,    // words before the magic one
    output wire                  tracked,  // the magic word is inside
    output wire [BITS-1:0]       number,   // k: the magic word is the k-th
    output reg  [WIDTH-1:0]      word      // its value
);

    (* anyconst *) reg [BITS-1:0] k;
    reg  [BITS-1:0] taken;
    reg  [BITS-1:0] given;
    wire [BITS-1:0] ahead = k - taken;
    reg             started = 0;
    integer         n, g;

    assign live    = started && !rst;
    assign held    = taken - given;
    assign place   = k - given;
    assign tracked = place < held;
    assign number  = k;

    always @(*) if (!started) assume (rst);

    always @(posedge clk) begin
        started <= 1;
        taken   <= taken + s_count;
        for (n = 0; n < TAKE; n = n + 1) if (ahead == n && ahead < s_count) word <= s_data[WIDTH*n +: WIDTH];
        if (m_taken) given <= given + GIVE;
        if (rst) begin
            taken <= 0;
            given <= 0;
        end
    end

    always @(*) if (live) begin
        assert (held <= CAPACITY);
        if (m_valid) begin
            assert (held >= GIVE);
            for (g = 0; g < GIVE; g = g + 1) if (place == g) assert (m_data[WIDTH*g +: WIDTH] == word);
        end
    end
endmodule
