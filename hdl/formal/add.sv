// check_add, check_sub: field_add and field_sub against their specification at full width. The remainder of a sum or difference modulo p is the only
// number below p that differs from it by a multiple of p, and here that multiple is 0 or 1: no `%` is needed.

module check_add (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [30:0] y
);

    localparam [63:0] P = 64'h78000001;

    reg [30:0] a1, a2, b1, b2; // the operands of y
    reg  [1:0] seen = 0;

    always @(posedge clk) begin
        {a2, a1, b2, b1} <= {a1, a, b1, b};
        seen <= {seen[0], 1'b1};
    end

    always @(*) begin
        assume (a < P && b < P);
        if (seen[1]) begin
            assert (y < P);
            assert (y == {33'd0, a2} + b2 || y + P == {33'd0, a2} + b2);
            cover (y == {33'd0, a2} + b2 && b2 != 0 && y == P - 1);
            cover (y + P == {33'd0, a2} + b2 && y == 0 && b2 != 0);
        end
    end
endmodule

module check_sub (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [30:0] y
);

    localparam [63:0] P = 64'h78000001;

    reg [30:0] a1, a2, b1, b2;
    reg  [1:0] seen = 0;

    always @(posedge clk) begin
        {a2, a1, b2, b1} <= {a1, a, b1, b};
        seen <= {seen[0], 1'b1};
    end

    always @(*) begin
        assume (a < P && b < P);
        if (seen[1]) begin
            assert (y < P);
            assert ({33'd0, y} + b2 == a2 || {33'd0, y} + b2 == a2 + P);
            cover (y == 0 && b2 == P - 1);
            cover (y == P - 1 && a2 == 0);
        end
    end
endmodule
