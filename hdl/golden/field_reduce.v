// field_reduce: v modulo p, for any 37-bit v
// Latency:    4 clocks
// Throughput: one result a clock
// v = hi * 2^27 + lo, hi = 15 q + r: v = r * 2^27 + lo - q modulo p = 15 * 2^27 + 1.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module field_reduce (
    input wire        clk,
    input wire [36:0] v,   // a lazy sum
    output reg [30:0] y
);

    wire  [3:0] r;
    reg   [3:0] hi1;
    reg   [3:0] hi2;
    reg  [10:0] next;
    reg  [26:0] lo1;
    reg  [26:0] lo2;
    reg   [6:0] q;
    reg  [31:0] t;

    wire [18:0] scaled = {8'd0, next} + {4'd0, next, 4'd0} + {next, 8'd0}; // 273 (hi + 1), the fraction unused

    assign r = hi2 + q[3:0];

    always @(posedge clk) begin
        next <= {1'b0, v[36:27]} + 11'd1;
        hi1  <= v[30:27];
        lo1  <= v[26:0];
        q    <= scaled[18:12];
        hi2  <= hi1;
        lo2  <= lo1;
        t    <= {1'b0, r, lo2} - {25'd0, q};
        y    <= t[30:0] + (t[31] ? 31'd2013265921 : 31'd0);
    end
endmodule

`default_nettype wire
