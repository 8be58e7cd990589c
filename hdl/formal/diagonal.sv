// check_diagonal: the sweep of poseidon2_internal multiplies every word by its entry of the internal matrix's diagonal, halvings by 2^k among them,
// and adds sigma: the lazy sum that goes to the reduction is d x + T + s + 4 p modulo p, never negative, and below 2^37.
//
// A product by 2^-k is stated without a division: 2^k (lazy - sigma) + (x mod 2^k) p = x. The entries are written down once more, as Plonky3 has them.

module check_diagonal #(
    parameter WORDS = 8, // of a beat
    parameter BEATS = 2  // of a state
) (
    input wire                                clk,
    input wire                                rst,
    input wire                                n_valid,
    input wire                                n_last,
    input wire [5:0]                          n_context,
    input wire [123:0]                        n_data,
    input wire                                r_valid,
    input wire [2:0]                          r_count,
    input wire [163:0]                        r_lanes,
    input wire                                p_ends,
    input wire                                q_valid,
    input wire [40:0]                         q_lane,
    input wire                                y_valid,
    input wire [5:0]                          y_context,
    input wire                                y_beat,
    input wire [247:0]                        y_data,
    // inside
    input wire [31*WORDS-1:0]                 x,
    input wire [$clog2(BEATS)-1:0]            beat,    // of x
    input wire [30:0]                         total,   // T and s, and their lazy sum a clock later
    input wire [30:0]                         word,
    input wire [33:0]                         sigma_2,
    input wire [33:0]                         sigma_5, // three clocks after sigma_2, two after x
    input wire [37*WORDS-1:0]                 lazy     // three clocks after x
);

    localparam [69:0] P = 70'h78000001;

    // Entry i of the diagonal: {negative, halving, n or k}.
    function [6:0] entry(input integer i);
        case (i)
            1:  entry = {1'b0, 1'b0, 5'd1};
            2:  entry = {1'b0, 1'b0, 5'd2};
            3:  entry = {1'b0, 1'b1, 5'd1};
            4:  entry = {1'b0, 1'b0, 5'd3};
            5:  entry = {1'b0, 1'b0, 5'd4};
            6:  entry = {1'b1, 1'b1, 5'd1};
            7:  entry = {1'b1, 1'b0, 5'd3};
            8:  entry = {1'b1, 1'b0, 5'd4};
            9:  entry = {1'b0, 1'b1, 5'd8};
            10: entry = {1'b0, 1'b1, 5'd2};
            11: entry = {1'b0, 1'b1, 5'd3};
            12: entry = {1'b0, 1'b1, 5'd27};
            13: entry = {1'b1, 1'b1, 5'd8};
            14: entry = {1'b1, 1'b1, 5'd4};
            15: entry = {1'b1, 1'b1, 5'd27};
            default: entry = {1'b1, 1'b0, 5'd2};
        endcase
    endfunction

    reg      [31*WORDS-1:0] x1, x2, x3;
    reg [$clog2(BEATS)-1:0] beat1, beat2, beat3;
    reg              [33:0] sum1, sum3, sum4, sum5, sum6; // sigma as it should be, beside sigma_2 to sigma_5 and lazy
    reg               [4:0] seen = 0;

    always @(posedge clk) begin
        {x3, x2, x1} <= {x2, x1, x};
        {beat3, beat2, beat1} <= {beat2, beat1, beat};
        sum1 <= total + word + 4 * P[33:0];
        {sum6, sum5, sum4, sum3} <= {sum5, sum4, sum3, sum1};
        seen <= {seen, 1'b1};
    end

    always @(*) begin
        // Words are reduced wherever they come from: what the memories keep was reduced before.
        assume (total < P && word < P);
        if (seen[0]) assert (sigma_2 == sum1);
        if (seen[3]) assert (sigma_5 == sum5);
        if (seen[4]) assert (sum6 >= 4 * P && sum6 < 6 * P);
        cover (seen[4] && x3[30:0] == P - 1);
    end

    genvar l, b;
    generate
        for (l = 0; l < WORDS; l = l + 1) begin : lane
            always @(*) assume (x[31*l +: 31] < P && x1[31*l +: 31] < P && x2[31*l +: 31] < P && x3[31*l +: 31] < P);
            for (b = 0; b < BEATS; b = b + 1) begin : of
                localparam [6:0] D = entry(b * WORDS + l);
                localparam       N = D[4:0];
                wire [69:0] y   = lazy[37*l +: 37];
                wire [69:0] v   = x3[31*l +: 31];
                wire [69:0] s   = sum6;
                wire [69:0] low = D[5] ? v & ((70'd1 << N) - 1) : 70'd0;
                wire [69:0] lowp = (low << 31) - (low << 27) + low;
                always @(*) if (seen[4] && beat3 == b) begin
                    case (D[6:5])
                        2'b00: assert (y == s + v * N);
                        2'b10: assert (y + v * N == s);
                        2'b01: assert ((y << N) + lowp == v + (s << N));
                        2'b11: assert ((y << N) + v == lowp + (s << N));
                    endcase
                    cover (v == P - 2);
                end
            end
        end
    endgenerate
endmodule
