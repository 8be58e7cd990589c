// field_mul: Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1.
// Operands and result are reduced. Latency 8, one product a clock; 4 multipliers of 18 x 18.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module field_mul (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    output reg [30:0] y
);

    wire [61:0] product;
    wire  [8:0] part15;
    wire  [9:0] top;
    reg  [30:0] low15;
    reg  [34:0] high;
    reg  [35:0] t;
    reg  [31:0] r;

    product_31x31 multiply (
        .clk(clk),
        .a(a),
        .b(b),
        .y(product)
    );

    assign part15 = {t[4:0], 4'd0} - {4'd0, t[4:0]};     // 15 (t mod 2^5)
    assign top    = {t[35], t[35:27]} - {1'b0, part15};

    always @(posedge clk) begin
        low15 <= {product[26:0], 4'd0} - {4'd0, product[26:0]}; // 15 (product mod 2^27)
        high  <= product[61:27];
        t     <= {1'b0, high} - {5'd0, low15};
        r     <= {top, t[26:5]};
        y     <= r[30:0] + (r[31] ? 31'd2013265921 : 31'd0);
    end
endmodule

`default_nettype wire
