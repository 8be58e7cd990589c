// check_reduce: field_reduce against its specification, for every 37-bit operand: y < p and v = y + n p for a whole number n.
// The witness for n is the circuit's own quotient by 15 or one less, so that a solver need not look for it; any witness will do.

module check_reduce #(
    parameter WIDTH = 37
) (
    input wire             clk,
    input wire [WIDTH-1:0] v,
    input wire      [30:0] y,
    // inside
    input wire       [6:0] q  // of the operand of two clocks ago
);

    localparam [63:0] P = 64'h78000001;

    reg [WIDTH-1:0] v1, v2, v3, v4; // v4 is the operand of y
    reg       [6:0] q3, q4;
    reg       [3:0] seen = 0;
    wire     [63:0] n = q4;

    always @(posedge clk) begin
        {v4, v3, v2, v1} <= {v3, v2, v1, v};
        {q4, q3} <= {q3, q};
        seen <= {seen[2:0], 1'b1};
    end

    always @(*) begin
        // The quotient is that of the high part by 15.
        if (seen[1]) assert (15 * {4'd0, q} <= v2[WIDTH-1:27] && v2[WIDTH-1:27] < 15 * {4'd0, q} + 15);
        if (seen[3]) begin
            assert (y < P);
            assert (v4 == y + (n << 27) * 15 + n || (n != 0 && v4 == y + ((n - 1) << 27) * 15 + n - 1));
            cover (y == 0 && n > 1);
            cover (y == P - 1 && v4 != y);
            cover (v4 == {WIDTH{1'b1}});
        end
    end
endmodule
