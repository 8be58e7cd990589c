// check_delay: what leaves a delay is what came in CLOCKS clocks ago, from 2^BITS + CLOCKS clocks after power-up on, whatever it started with.
// BITS are those of the counter of a ring; 0 for a chain of registers.

module check_delay #(
    parameter WIDTH  = 8,
    parameter CLOCKS = 4,
    parameter BITS   = 2
) (
    input wire                          clk,
    input wire [WIDTH-1:0]              s_data,
    input wire [WIDTH-1:0]              m_data,
    // inside
    input wire [(BITS ? BITS : 1)-1:0]  place,
    input wire [WIDTH*(CLOCKS-1)-1:0]   ring
);

    localparam RING  = CLOCKS - 1;
    localparam LIMIT = (BITS ? 1 << BITS : 0) + CLOCKS;

    reg [WIDTH*CLOCKS-1:0] past;      // past[WIDTH * j +: WIDTH] is the input of j + 1 clocks ago
    reg              [9:0] age  = 0;  // clocks since power-up, up to LIMIT
    reg              [9:0] seen = 0;  // of those, how many with `place` within the ring, up to CLOCKS

    always @(posedge clk) begin
        past <= {past[WIDTH*(CLOCKS-1)-1:0], s_data};
        age  <= age == LIMIT ? age : age + 1;
        seen <= BITS != 0 && place >= RING ? 0 : seen == CLOCKS ? seen : seen + 1;
    end

    always @(*) begin
        assert (age <= LIMIT && seen <= CLOCKS);
        if (seen == CLOCKS) assert (m_data == past[WIDTH*(CLOCKS-1) +: WIDTH]);
        if (age == LIMIT) assert (seen == CLOCKS);
        cover (age == LIMIT && m_data != s_data);
    end

    genvar j;
    generate
        if (BITS) begin : inside
            // The counter may start beyond the ring; it comes round once.
            always @(*) begin
                if (place >= RING) assert (seen == 0 && age <= place);
                if (seen < CLOCKS && place < RING) assert (age <= seen + (1 << BITS));
            end
            for (j = 1; j <= RING; j = j + 1) begin : word
                wire [BITS:0] at = place >= j ? place - j : place + RING - j;
                always @(*) if (seen >= j) assert (ring[WIDTH * at +: WIDTH] == past[WIDTH * (j - 1) +: WIDTH]);
            end
        end
    endgenerate
endmodule
