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

// The form with three multipliers. For halves of 16 and 15 bits the middle product m = (a0 + a1) (b0 + b1) lies between h + l and h + l + 2 a' b' with
// h = a1 b1, l = a0 b0 and the largest halves a' and b'; y = h 2^32 + (m - h - l) 2^16 + l is proved for all such h, l, m. The algebra says the rest:
// m - h - l = a0 b1 + a1 b0.
module check_product_thirds #(
    parameter INFERRED = 0 // the products are `*` between registers, compared with the `*` of the same registers
) (
    input wire         clk,
    input wire [30:0]  a,
    input wire [30:0]  b,
    input wire [61:0]  y,
    // inside: operands and products of low * low, high * high, sum * sum
    input wire [53:0]  x,
    input wire [53:0]  z,
    input wire [53:0]  x1,
    input wire [53:0]  z1,
    input wire [107:0] part
);

    localparam [35:0] LOW  = 36'hffff; // largest low half
    localparam [35:0] HIGH = 36'h7fff;

    wire [35:0] l = part[35:0], h = part[71:36], m = part[107:72];
    reg  [35:0] l1, l2, h1, h2, m1, m2; // of y
    reg [107:0] products;
    reg  [53:0] x_late, z_late;
    reg   [1:0] seen = 0;
    integer     n;

    always @(posedge clk) begin
        {l2, l1, h2, h1, m2, m1} <= {l1, l, h1, h, m1, m};
        {x_late, z_late} <= {x, z};
        for (n = 0; n < 3; n = n + 1) products[36*n +: 36] <= {18'd0, x1[18*n +: 18]} * {18'd0, z1[18*n +: 18]};
        seen <= {seen[0], 1'b1};
    end

    always @(*) begin
        assume (l <= LOW * LOW && h <= HIGH * HIGH && m >= h + l && m - h - l <= 2 * LOW * HIGH);
        assert (x == {{2'd0, a[15:0]} + {3'd0, a[30:16]}, 3'd0, a[30:16], 2'd0, a[15:0]});
        assert (z == {{2'd0, b[15:0]} + {3'd0, b[30:16]}, 3'd0, b[30:16], 2'd0, b[15:0]});
        if (INFERRED && seen[0]) assert (x1 == x_late && z1 == z_late && part == products);
        if (seen[1]) begin
            assert (y == {26'd0, l2} + ({26'd0, m2 - h2 - l2} << 16) + ({26'd0, h2} << 32));
            cover (m2 - h2 - l2 == 5 && h2 == 7 && l2 == 3);
        end
    end
endmodule

// The form with two multipliers: a = u 2^26 + v and b = b0 + b1 2^17, y = v b0 + v b1 2^17 + u b 2^26 with u b by shifts and adds. In steps, because a
// solver gets lost in sums of many terms: the two products, v b, u b, and y.
module check_product_tiles (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [61:0] y,
    // inside
    input wire [30:0] a1,
    input wire [30:0] b1,
    input wire [42:0] low2,
    input wire [39:0] high2,
    input wire [16:0] low3,
    input wire [39:0] high3,
    input wire [35:0] u3
);

    localparam [62:0] V = 63'h3ffffff, B = 63'h7fffffff; // largest v and b

    reg  [30:0] a2, a3, b2, b3, a_late, b_late;
    reg  [42:0] low, low_late;
    reg  [39:0] high, high_late;
    reg  [62:0] vb4, ub4;
    reg   [3:0] seen = 0;
    wire [62:0] vb = {high3, low3}, ub = u3;
    wire [35:0] of0 = a3[26] ? b3 : 31'd0, of1 = a3[27] ? b3 : 31'd0, of2 = a3[28] ? b3 : 31'd0, of3 = a3[29] ? b3 : 31'd0, of4 = a3[30] ? b3 : 31'd0;

    always @(posedge clk) begin
        {a_late, b_late} <= {a, b};
        {a3, a2, b3, b2} <= {a2, a1, b2, b1};
        low  <= {17'd0, a1[25:0]} * {26'd0, b1[16:0]};
        high <= {14'd0, a1[25:0]} * {26'd0, b1[30:17]};
        {low_late, high_late} <= {low2, high2};
        {vb4, ub4} <= {vb, ub};
        seen <= {seen[2:0], 1'b1};
    end

    always @(*) begin
        // No product of numbers of these bits is greater.
        assume (low2 <= V * 63'h1ffff && low_late <= V * 63'h1ffff && high2 <= V * 63'h3fff && high_late <= V * 63'h3fff);
        assume (vb <= V * B && vb4 <= V * B);
        if (seen[0]) assert (a1 == a_late && b1 == b_late);
        if (seen[1]) assert (low2 == low && high2 == high);
        if (seen[2]) begin
            assert (vb == low_late + ({23'd0, high_late} << 17));
            assert (u3 == (of0 + (of1 << 1)) + ((of2 + (of3 << 1)) << 2) + (of4 << 4));
            assert (ub <= 31 * B);
        end
        if (seen[3]) begin
            assert (y == vb4 + (ub4 << 26));
            cover (y == 12);
        end
    end
endmodule
