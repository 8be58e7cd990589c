// product_31x31: the 62-bit product a * b
// Latency:    4 clocks
// Throughput: one product a clock
// Define GALENA_ECP5 to instantiate MULT18X18D; every other target infers its multipliers.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module product_31x31 (
    input wire        clk,
    input wire [30:0] a,
    input wire [30:0] b,
    output reg [61:0] y
);

    `ifdef GALENA_ECP5
    // Part 2i + j is (half i of a) * (half j of b); halves are the low 18 and the high 13 bits.
    wire [143:0] part;
    reg   [31:0] middle;
    reg   [61:0] outer;

    genvar k;
    generate for (k = 0; k < 4; k = k + 1) begin : quarter
        wire [17:0] x = k < 2 ? a[17:0] : {5'd0, a[30:18]};
        wire [17:0] z = k % 2 == 0 ? b[17:0] : {5'd0, b[30:18]};
        MULT18X18D #(
            .REG_INPUTA_CLK("CLK0"), .REG_INPUTA_CE("CE0"), .REG_INPUTA_RST("RST0"), .REG_INPUTB_CLK("CLK0"),
                .REG_INPUTB_CE("CE0"), .REG_INPUTB_RST("RST0"),
            .REG_INPUTC_CLK("NONE"), .REG_PIPELINE_CLK("NONE"), .REG_PIPELINE_CE("CE0"), .REG_PIPELINE_RST("RST0"),
            .REG_OUTPUT_CLK("CLK0"), .REG_OUTPUT_CE("CE0"), .REG_OUTPUT_RST("RST0"), .CLK0_DIV("ENABLED"),
            .GSR("DISABLED"), .SOURCEB_MODE("B_SHIFT"), .RESETMODE("SYNC"), .MULT_BYPASS("DISABLED")
        ) multiplier (
            .A0(x[0]), .A1(x[1]), .A2(x[2]), .A3(x[3]), .A4(x[4]), .A5(x[5]), .A6(x[6]), .A7(x[7]), .A8(x[8]),
                .A9(x[9]), .A10(x[10]), .A11(x[11]), .A12(x[12]), .A13(x[13]), .A14(x[14]), .A15(x[15]), .A16(x[16]),
                .A17(x[17]),
            .B0(z[0]), .B1(z[1]), .B2(z[2]), .B3(z[3]), .B4(z[4]), .B5(z[5]), .B6(z[6]), .B7(z[7]), .B8(z[8]),
                .B9(z[9]), .B10(z[10]), .B11(z[11]), .B12(z[12]), .B13(z[13]), .B14(z[14]), .B15(z[15]), .B16(z[16]),
                .B17(z[17]),
            .SIGNEDA(1'b0), .SIGNEDB(1'b0), .SOURCEA(1'b0), .SOURCEB(1'b0),
            .CE0(1'b1), .CE1(1'b1), .CE2(1'b1), .CE3(1'b1), .CLK0(clk), .CLK1(1'b0), .CLK2(1'b0), .CLK3(1'b0),
            .RST0(1'b0), .RST1(1'b0), .RST2(1'b0), .RST3(1'b0),
            .P0(part[36 * k + 0]), .P1(part[36 * k + 1]), .P2(part[36 * k + 2]), .P3(part[36 * k + 3]),
                .P4(part[36 * k + 4]), .P5(part[36 * k + 5]), .P6(part[36 * k + 6]), .P7(part[36 * k + 7]),
                .P8(part[36 * k + 8]), .P9(part[36 * k + 9]), .P10(part[36 * k + 10]), .P11(part[36 * k + 11]),
                .P12(part[36 * k + 12]), .P13(part[36 * k + 13]), .P14(part[36 * k + 14]), .P15(part[36 * k + 15]),
                .P16(part[36 * k + 16]), .P17(part[36 * k + 17]), .P18(part[36 * k + 18]), .P19(part[36 * k + 19]),
                .P20(part[36 * k + 20]), .P21(part[36 * k + 21]), .P22(part[36 * k + 22]), .P23(part[36 * k + 23]),
                .P24(part[36 * k + 24]), .P25(part[36 * k + 25]), .P26(part[36 * k + 26]), .P27(part[36 * k + 27]),
                .P28(part[36 * k + 28]), .P29(part[36 * k + 29]), .P30(part[36 * k + 30]), .P31(part[36 * k + 31]),
                .P32(part[36 * k + 32]), .P33(part[36 * k + 33]), .P34(part[36 * k + 34]), .P35(part[36 * k + 35])
        );
    end endgenerate

    always @(posedge clk) begin
        middle <= {1'b0, part[66:36]} + {1'b0, part[102:72]};
        outer  <= {part[133:108], part[35:0]};
        y      <= {outer[61:18] + {12'd0, middle}, outer[17:0]};
    end
    `else
    reg [30:0] a1, b1;
    reg [61:0] p2, p3;

    always @(posedge clk) begin
        a1 <= a;
        b1 <= b;
        p2 <= {31'd0, a1} * {31'd0, b1};
        p3 <= p2;
        y  <= p3;
    end
    `endif
endmodule

`default_nettype wire
