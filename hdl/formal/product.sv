// check_product: product_31x31 adds its partial products to the whole product, and forms them of the right halves.
//
// A solver cannot multiply. The behavioural form is one `*`; it is compared with the `*` of the same registers, which leaves only wiring.
// In the form for ECP5 the four multipliers are cut off: their outputs are free within the ranges of exact products of 18 and 13 bits, and
// y = p00 + 2^18 (p01 + p10) + 2^36 p11 is proved for all of them. That this is a * b is the distributive law.

module check_product (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [61:0] y,
    // inside
    input wire [30:0] a1,
    input wire [30:0] b1
);

    reg [61:0] p2, p3, p4;
    reg [30:0] a_late, b_late;
    reg  [3:0] seen = 0;

    always @(posedge clk) begin
        p2 <= {31'd0, a1} * {31'd0, b1};
        {p4, p3} <= {p3, p2};
        {a_late, b_late} <= {a, b};
        seen <= {seen[2:0], 1'b1};
    end

    always @(*) begin
        if (seen[0]) assert (a1 == a_late && b1 == b_late);
        if (seen[3]) assert (y == p4);
        cover (seen[3] && y == 12);
    end
endmodule

module check_product_parts (
    input wire         clk,
    input wire [30:0]  a,
    input wire [30:0]  b,
    input wire [61:0]  y,
    // inside: operands and products of the four multipliers, quarter 2i + j of half i of a and half j of b
    input wire [71:0]  x,
    input wire [71:0]  z,
    input wire [143:0] part
);

    localparam [35:0] LOW  = 36'h3ffff; // largest low half
    localparam [35:0] HIGH = 36'h1fff;

    reg [143:0] part1, part2; // of y
    reg   [1:0] seen = 0;

    always @(posedge clk) begin
        {part2, part1} <= {part1, part};
        seen <= {seen[0], 1'b1};
    end

    genvar k;
    generate
        for (k = 0; k < 4; k = k + 1) begin : quarter
            always @(*) begin
                assume (part[36*k +: 36] <= (k < 2 ? LOW : HIGH) * (k % 2 == 0 ? LOW : HIGH));
                assert (x[18*k +: 18] == (k < 2 ? a[17:0] : {5'd0, a[30:18]}));
                assert (z[18*k +: 18] == (k % 2 == 0 ? b[17:0] : {5'd0, b[30:18]}));
            end
        end
    endgenerate

    always @(*) if (seen[1]) begin
        assert (y == {26'd0, part2[35:0]} + ({26'd0, part2[71:36]} << 18) + ({26'd0, part2[107:72]} << 18) + ({26'd0, part2[143:108]} << 36));
        cover (part2[71:36] == LOW * HIGH && part2[107:72] == LOW * HIGH && part2[143:108] == HIGH * HIGH && part2[35:0] == LOW * LOW);
    end
endmodule
