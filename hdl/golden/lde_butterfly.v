// lde_butterfly: both butterflies of the transform and the scaling, around one multiplier
// Latency:    11 clocks
// Throughput: one butterfly a clock
// forward: x = a + t b, y = a - t b; inverse: x = a + b, y = (b - a) t; scale: x = a t.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_butterfly (
    input wire        clk,
    input wire        inverse,
    input wire        scale,
    input wire [30:0] a,
    input wire [30:0] b,
    input wire [30:0] t,
    output reg [30:0] x,
    output reg [30:0] y
);

    wire [31:0] sum_less_p;
    wire [30:0] product;
    wire [30:0] kept;
    wire        inverse3;
    wire        scale3;
    wire [31:0] plus_less_p;
    reg  [31:0] difference;
    reg  [31:0] sum;
    reg  [30:0] a1;
    reg  [30:0] b1;
    reg  [30:0] t1;
    reg         inverse1;
    reg         scale1;
    reg  [30:0] factor;
    reg  [30:0] t2;
    reg  [30:0] aside;
    reg         inverse2;
    reg         scale2;
    reg  [31:0] plus;
    reg  [31:0] minus;
    reg  [30:0] product4;
    reg  [30:0] kept4;
    reg         inverse4;
    reg         scale4;

    field_mul multiplier (
        .clk(clk),
        .a(factor),
        .b(t2),
        .y(product)
    );
    delay #(.WIDTH(33), .CLOCKS(7)) beside (
        .clk(clk),
        .s_data({inverse2, scale2, aside}),
        .m_data({inverse3, scale3, kept})
    );

    assign sum_less_p  = sum - 32'd2013265921;
    assign plus_less_p = plus - 32'd2013265921;

    always @(posedge clk) begin
        difference <= {1'b0, b} - {1'b0, a};
        sum        <= {1'b0, a} + {1'b0, b};
        a1         <= a;
        b1         <= b;
        t1         <= t;
        inverse1   <= inverse;
        scale1     <= scale;

        // What meets the twiddle, and what passes beside the multiplier.
        factor   <= inverse1 ? difference[30:0] + (difference[31] ? 31'd2013265921 : 31'd0) : scale1 ? a1 : b1;
        t2       <= t1;
        aside    <= !inverse1 ? a1 : sum_less_p[31] ? sum[30:0] : sum_less_p[30:0];
        inverse2 <= inverse1;
        scale2   <= scale1;

        plus     <= {1'b0, kept} + {1'b0, product};
        minus    <= {1'b0, kept} - {1'b0, product};
        product4 <= product;
        kept4    <= kept;
        inverse4 <= inverse3;
        scale4   <= scale3;

        x <= scale4 ? product4 : inverse4 ? kept4 : plus_less_p[31] ? plus[30:0] : plus_less_p[30:0];
        y <= inverse4 ? product4 : minus[30:0] + (minus[31] ? 31'd2013265921 : 31'd0);
    end
endmodule

`default_nettype wire
