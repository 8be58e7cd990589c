// field_mul: Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1
// Latency:    7 clocks
// Throughput: one product a clock
// Operands and result are reduced. 4 multipliers of 18 x 18.
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
    wire [31:0] r;
    wire [30:0] raised;
    reg  [30:0] low15;
    reg  [34:0] high;
    reg  [30:0] whole;
    reg   [8:0] part15;

    product_31x31 multiply (
        .clk(clk),
        .a(a),
        .b(b),
        .y(product)
    );

    assign t      = {1'b0, high} - {5'd0, low15};
    assign r      = {whole[30], whole} - {1'b0, part15, 22'd0};
    assign raised = r[30:0] + 31'd2013265921;

    always @(posedge clk) begin
        low15  <= {product[26:0], 4'd0} - {4'd0, product[26:0]}; // 15 (product mod 2^27)
        high   <= product[61:27];
        whole  <= t[35:5];
        part15 <= {t[4:0], 4'd0} - {4'd0, t[4:0]};               // 15 x
        y      <= r[31] ? raised : r[30:0];
    end
endmodule

`default_nettype wire
