// grind_canonical: x / 2^32 modulo p: a field word to its integer
// Latency:    3 clocks
// Throughput: one result a clock
// x is reduced.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module grind_canonical (
    input wire        clk,
    input wire [30:0] x,
    output reg [30:0] y
);

    wire [31:0] t;
    wire [31:0] r;
    reg  [30:0] low15;
    reg   [3:0] high;
    reg  [26:0] whole;
    reg   [8:0] part15;

    assign t = {28'd0, high} - {1'b0, low15};
    assign r = {{5{whole[26]}}, whole} - {1'b0, part15, 22'd0};

    always @(posedge clk) begin
        low15  <= {x[26:0], 4'd0} - {4'd0, x[26:0]}; // 15 l
        high   <= x[30:27];
        whole  <= t[31:5];
        part15 <= {t[4:0], 4'd0} - {4'd0, t[4:0]};   // 15 (t mod 2^5)
        y      <= r[30:0] + (r[31] ? 31'd2013265921 : 31'd0);
    end
endmodule

`default_nettype wire
