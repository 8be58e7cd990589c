// check_montgomery: the reduction in field_mul against its specification at full width: for any product T of two reduced operands
// (any T < p^2: the multiplier is cut off and its output free), y < p and y * 2^32 = T modulo p.
//
// The remainder is stated by a witness: T - m p is a multiple of 2^32 for m = T / p modulo 2^32 = T (1 - 15 * 2^27) modulo 2^32 because
// p = 1 + 15 * 2^27; and y is that multiple, or that plus p.

module check_montgomery (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [30:0] y,
    // inside
    input wire [61:0] product
);

    localparam [63:0] P = 64'h78000001;
    localparam [63:0] SQUARE = P * P;

    reg  [61:0] t1, t2, t3; // t3 is the product of y
    reg   [2:0] seen = 0;
    wire [31:0] m      = t3[31:0] - {t3[4:0], 27'd0} * 32'd15;
    wire [65:0] times  = {34'd0, m} + ({34'd0, m} << 31) - ({34'd0, m} << 27); // m p
    wire [65:0] scaled = {3'd0, y, 32'd0};

    always @(posedge clk) begin
        {t3, t2, t1} <= {t2, t1, product};
        seen <= {seen[1:0], 1'b1};
    end

    always @(*) begin
        assume (product < SQUARE);
        if (seen[2]) begin
            assert (y < P);
            assert ({4'd0, t3} == times + scaled || {4'd0, t3} + {2'd0, P[31:0], 32'd0} == times + scaled);
            cover ({4'd0, t3} == times + scaled && y != 0);
            cover ({4'd0, t3} != times + scaled && y == P - 1);
        end
    end
endmodule
