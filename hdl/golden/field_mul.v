// field_mul: Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1.
// Operands and result are reduced. Latency 7, one product a clock; 4 multipliers of 18 x 18.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module field_mul (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    output reg [30:0] y
);

    wire [61:0] product;
    wire [35:0] t;
    wire  [9:0] plain;
    wire  [8:0] raised;
    reg  [30:0] low15;
    reg  [34:0] high;
    reg   [8:0] above;
    reg         sign;
    reg  [21:0] rest;
    reg   [8:0] part15;
    reg   [8:0] lift;

    product_31x31 multiply (
        .clk(clk),
        .a(a),
        .b(b),
        .y(product)
    );

    assign t      = {1'b0, high} - {5'd0, low15};
    assign plain  = {sign, above} - {1'b0, part15};
    assign raised = above + lift + {8'd0, &rest};

    always @(posedge clk) begin
        low15  <= {product[26:0], 4'd0} - {4'd0, product[26:0]}; // 15 (product mod 2^27)
        high   <= product[61:27];
        {sign, above, rest} <= {t[35], t[35:5]};
        part15 <= {t[4:0], 4'd0} - {4'd0, t[4:0]};               // 15 x
        lift   <= {~t[4:0] - {4'd0, ~t[4]}, t[3:0]};             // 480 - 15 x
        y      <= plain[9] ? {raised, rest + 22'd1} : {plain[8:0], rest};
    end
endmodule

`default_nettype wire
