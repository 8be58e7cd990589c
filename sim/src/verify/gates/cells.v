// Our models of the ECP5 cells beside those of yosys (stock_...), and the two that yosys has none of beside what the data sheet says.

`timescale 1ns / 1ns

module bench;
    integer seed = 7, k, compared = 0, wrong = 0;
    reg clk = 0;
    reg [31:0] r = 0, s = 0;

    task check(input [127:0] ours, input [127:0] theirs, input [8*16-1:0] name, input integer number);
        begin
            compared = compared + 1;
            if (ours !== theirs) begin
                wrong = wrong + 1;
                if (wrong < 10) $display("%0s %0d: ours %h, expected %h", name, number, ours, theirs);
            end
        end
    endtask

    // --- Tables, multiplexers and carries: 64 contents of the tables, every mode of the carry.
    genvar g;
    generate for (g = 0; g < 64; g = g + 1) begin : tables
        localparam [15:0] T0 = (g * 16'h9e37) ^ (g >> 2) ^ 16'h6a09;
        localparam [15:0] T1 = (g * 16'h7f4b) ^ 16'hbb67;
        wire [1:0] lut, pfu, mux;
        wire [5:0] carry;
        LUT4 #(.INIT(T0)) ours_lut (.A(r[0]), .B(r[1]), .C(r[2]), .D(r[3]), .Z(lut[0]));
        stock_LUT4 #(.INIT(T0)) their_lut (.A(r[0]), .B(r[1]), .C(r[2]), .D(r[3]), .Z(lut[1]));
        PFUMX ours_pfu (.ALUT(r[g % 32]), .BLUT(r[4]), .C0(r[5]), .Z(pfu[0]));
        stock_PFUMX their_pfu (.ALUT(r[g % 32]), .BLUT(r[4]), .C0(r[5]), .Z(pfu[1]));
        L6MUX21 ours_mux (.D0(r[g % 32]), .D1(r[4]), .SD(r[5]), .Z(mux[0]));
        stock_L6MUX21 their_mux (.D0(r[g % 32]), .D1(r[4]), .SD(r[5]), .Z(mux[1]));
        CCU2C #(.INIT0(T0), .INIT1(T1), .INJECT1_0(g % 2 ? "YES" : "NO"), .INJECT1_1(g / 2 % 2 ? "YES" : "NO")) ours_carry (
            .CIN(r[8]), .A0(r[9]), .B0(r[10]), .C0(r[11]), .D0(r[12]), .A1(r[13]), .B1(r[14]), .C1(r[15]), .D1(r[16]),
            .S0(carry[0]), .S1(carry[1]), .COUT(carry[2]));
        stock_CCU2C #(.INIT0(T0), .INIT1(T1), .INJECT1_0(g % 2 ? "YES" : "NO"), .INJECT1_1(g / 2 % 2 ? "YES" : "NO")) their_carry (
            .CIN(r[8]), .A0(r[9]), .B0(r[10]), .C0(r[11]), .D0(r[12]), .A1(r[13]), .B1(r[14]), .C1(r[15]), .D1(r[16]),
            .S0(carry[3]), .S1(carry[4]), .COUT(carry[5]));
        always @(s) begin
            check(lut[0], lut[1], "LUT4", g);
            check(pfu[0], pfu[1], "PFUMX", g);
            check(mux[0], mux[1], "L6MUX21", g);
            check(carry[2:0], carry[5:3], "CCU2C", g);
        end
    end endgenerate

    // --- Registers: every mode.
    generate for (g = 0; g < 64; g = g + 1) begin : registers
        localparam CE = g % 4 == 0 ? "1" : g % 4 == 1 ? "CE" : g % 4 == 2 ? "INV" : "0";
        localparam CK = g / 4 % 2 ? "INV" : "CLK";
        localparam LS = g / 8 % 2 ? "INV" : "LSR";
        localparam SR = g / 16 % 2 ? "ASYNC" : "LSR_OVER_CE";
        localparam RS = g / 32 % 2 ? "SET" : "RESET";
        wire [1:0] q;
        TRELLIS_FF #(.GSR("AUTO"), .CEMUX(CE), .CLKMUX(CK), .LSRMUX(LS), .SRMODE(SR), .REGSET(RS)) ours (
            .CLK(clk), .LSR(r[17] & r[18]), .CE(r[19]), .DI(r[g % 32]), .M(1'b0), .Q(q[0]));
        stock_TRELLIS_FF #(.GSR("AUTO"), .CEMUX(CE), .CLKMUX(CK), .LSRMUX(LS), .SRMODE(SR), .REGSET(RS)) theirs (
            .CLK(clk), .LSR(r[17] & r[18]), .CE(r[19]), .DI(r[g % 32]), .M(1'b0), .Q(q[1]));
        always @(s) check(q[0], q[1], "TRELLIS_FF", g);
    end endgenerate

    // --- Distributed memory.
    generate for (g = 0; g < 4; g = g + 1) begin : distributed
        localparam WC = g % 2 ? "INV" : "WCK";
        localparam WR = g / 2 % 2 ? "INV" : "WRE";
        wire [7:0] q;
        TRELLIS_DPR16X4 #(.WCKMUX(WC), .WREMUX(WR), .INITVAL(64'h0123456789abcdef)) ours (
            .DI(r[3:0]), .WAD(r[7:4]), .WRE(r[8]), .WCK(clk), .RAD(r[12:9]), .DO(q[3:0]));
        stock_TRELLIS_DPR16X4 #(.WCKMUX(WC), .WREMUX(WR), .INITVAL(64'h0123456789abcdef)) theirs (
            .DI(r[3:0]), .WAD(r[7:4]), .WRE(r[8]), .WCK(clk), .RAD(r[12:9]), .DO(q[7:4]));
        always @(s) check(q[3:0], q[7:4], "TRELLIS_DPR16X4", g);
    end endgenerate

    // --- Multiplier: with 0 to 3 of its registers, signed and unsigned, against `*`.
    reg  [17:0] a = 0, b = 0;
    reg         sa = 0, sb = 0;
    wire signed [36:0] product = $signed({sa & a[17], a}) * $signed({sb & b[17], b});
    reg  [35:0] product_1 = 0, product_2 = 0, product_3 = 0;
    always @(posedge clk) begin
        product_1 <= product[35:0];
        product_2 <= product_1;
        product_3 <= product_2;
    end
    generate for (g = 0; g < 4; g = g + 1) begin : multiplier
        wire [35:0] p;
        MULT18X18D #(
            .REG_INPUTA_CLK(g >= 1 ? "CLK0" : "NONE"), .REG_INPUTB_CLK(g >= 1 ? "CLK0" : "NONE"),
            .REG_OUTPUT_CLK(g >= 2 ? "CLK0" : "NONE"), .REG_PIPELINE_CLK(g >= 3 ? "CLK0" : "NONE")
        ) ours (
            .A17(a[17]), .A16(a[16]), .A15(a[15]), .A14(a[14]), .A13(a[13]), .A12(a[12]), .A11(a[11]), .A10(a[10]), .A9(a[9]),
            .A8(a[8]), .A7(a[7]), .A6(a[6]), .A5(a[5]), .A4(a[4]), .A3(a[3]), .A2(a[2]), .A1(a[1]), .A0(a[0]),
            .B17(b[17]), .B16(b[16]), .B15(b[15]), .B14(b[14]), .B13(b[13]), .B12(b[12]), .B11(b[11]), .B10(b[10]), .B9(b[9]),
            .B8(b[8]), .B7(b[7]), .B6(b[6]), .B5(b[5]), .B4(b[4]), .B3(b[3]), .B2(b[2]), .B1(b[1]), .B0(b[0]),
            .SIGNEDA(sa), .SIGNEDB(sb), .SOURCEA(1'b0), .SOURCEB(1'b0),
            .CLK0(clk), .CE0(1'b1), .RST0(1'b0),
            .P35(p[35]), .P34(p[34]), .P33(p[33]), .P32(p[32]), .P31(p[31]), .P30(p[30]), .P29(p[29]), .P28(p[28]), .P27(p[27]),
            .P26(p[26]), .P25(p[25]), .P24(p[24]), .P23(p[23]), .P22(p[22]), .P21(p[21]), .P20(p[20]), .P19(p[19]), .P18(p[18]),
            .P17(p[17]), .P16(p[16]), .P15(p[15]), .P14(p[14]), .P13(p[13]), .P12(p[12]), .P11(p[11]), .P10(p[10]), .P9(p[9]),
            .P8(p[8]), .P7(p[7]), .P6(p[6]), .P5(p[5]), .P4(p[4]), .P3(p[3]), .P2(p[2]), .P1(p[1]), .P0(p[0]));
        // The signs are not registered: they are kept for as long as products are under way.
        always @(s) if (k % 16 > 4)
            check(p, g == 0 ? product[35:0] : g == 1 ? product_1 : g == 2 ? product_2 : product_3, "MULT18X18D", g);
    end endgenerate

    // --- Block memory: 18 bits true dual port with byte enables, 36 bits pseudo dual port, 9 and 1 bits; against plain arrays.
    reg  [17:0] wide [0:1023];
    reg  [35:0] pair [0:511];
    reg   [8:0] narrow [0:2047];
    reg         single [0:16383];
    reg  [17:0] wide_q = 0;
    reg  [35:0] pair_q = 0;
    reg   [8:0] narrow_q = 0;
    reg         single_q = 0;
    reg  [13:0] wa = 0, ra = 0;
    reg  [35:0] d = 0;
    reg         we = 0, re = 0;
    wire [17:0] wide_o, narrow_o, single_o, low, high;
    integer i;
    initial begin
        for (i = 0; i < 1024; i = i + 1) wide[i] = i == 17 ? 18'h2beef : 0;
        for (i = 0; i < 512; i = i + 1) pair[i] = 0;
        for (i = 0; i < 2048; i = i + 1) narrow[i] = 0;
        for (i = 0; i < 16384; i = i + 1) single[i] = 0;
    end
    // Few words, so that reads find what was written; never the word that is being written.
    wire [13:0] w = {7'd0, wa[6:0]}, q = {7'd0, ra[6:5], ra[4:0]};
    always @(posedge clk) begin
        if (we) begin
            if (w[0]) wide[w[13:4]][8:0] <= d[8:0];
            if (w[1]) wide[w[13:4]][17:9] <= d[17:9];
            for (i = 0; i < 4; i = i + 1) if (w[i]) pair[w[13:5]][9*i +: 9] <= d[9*i +: 9];
            narrow[w[13:3]] <= d[8:0];
            single[w] <= d[0];
        end
        if (re) begin
            wide_q <= wide[q[13:4]];
            pair_q <= pair[q[13:5]];
            narrow_q <= narrow[q[13:3]];
            single_q <= single[q];
        end
    end
`define ADDRESS(P, X) .AD``P``13(X[13]), .AD``P``12(X[12]), .AD``P``11(X[11]), .AD``P``10(X[10]), .AD``P``9(X[9]), .AD``P``8(X[8]), \
    .AD``P``7(X[7]), .AD``P``6(X[6]), .AD``P``5(X[5]), .AD``P``4(X[4]), .AD``P``3(X[3]), .AD``P``2(X[2]), .AD``P``1(X[1]), .AD``P``0(X[0])
`define DATA(P, X) .``P``17(X[17]), .``P``16(X[16]), .``P``15(X[15]), .``P``14(X[14]), .``P``13(X[13]), .``P``12(X[12]), .``P``11(X[11]), \
    .``P``10(X[10]), .``P``9(X[9]), .``P``8(X[8]), .``P``7(X[7]), .``P``6(X[6]), .``P``5(X[5]), .``P``4(X[4]), .``P``3(X[3]), \
    .``P``2(X[2]), .``P``1(X[1]), .``P``0(X[0])
    wire [17:0] d_low = d[17:0], d_high = d[35:18];
`define ENABLES .CEA(1'b1), .OCEA(1'b1), .RSTA(1'b0), .CSA2(1'b0), .CSA1(1'b0), .CSA0(1'b0), .OCEB(1'b1), .RSTB(1'b0), .WEB(1'b0), \
    .CSB2(1'b0), .CSB1(1'b0), .CSB0(1'b0), .CLKA(clk), .CLKB(clk), .CEB(re), .WEA(we)
    DP16KD #(.INITVAL_01(320'h2beef << 20), .DATA_WIDTH_A(18), .DATA_WIDTH_B(18)) ours_18 (
        `ENABLES, `ADDRESS(A, w), `ADDRESS(B, q), `DATA(DIA, d_low), `DATA(DOB, wide_o));
    DP16KD #(.DATA_WIDTH_A(36), .DATA_WIDTH_B(36)) ours_36 (
        `ENABLES, `ADDRESS(A, w), `ADDRESS(B, q), `DATA(DIA, d_low), `DATA(DIB, d_high), `DATA(DOA, low), `DATA(DOB, high));
    DP16KD #(.DATA_WIDTH_A(9), .DATA_WIDTH_B(9)) ours_9 (
        `ENABLES, `ADDRESS(A, w), `ADDRESS(B, q), `DATA(DIA, d_low), `DATA(DOB, narrow_o));
    DP16KD #(.DATA_WIDTH_A(1), .DATA_WIDTH_B(1)) ours_1 (
        `ENABLES, `ADDRESS(A, w), `ADDRESS(B, q), `DATA(DIA, d_low), `DATA(DOB, single_o));
    always @(s) begin
        check(wide_o, wide_q, "DP16KD x18", 0);
        check({high, low}, pair_q, "DP16KD x36", 0);
        check(narrow_o[8:0], narrow_q, "DP16KD x9", 0);
        check(single_o[0], single_q, "DP16KD x1", 0);
    end

    initial begin
        for (k = 0; k < 2000; k = k + 1) begin
            r = $random(seed);
            a = $random(seed);
            b = $random(seed);
            if (k % 16 == 0) {sa, sb} = $random(seed);
            wa = $random(seed);
            ra = $random(seed);
            d = {$random(seed), $random(seed)};
            we = $random(seed);
            // A word of 36 bits that is being written is not read.
            re = ($random(seed) & 1) != 0 && !(we && wa[6:5] == ra[6:5]);
            #4 s = s + 1;
            #1 clk = 1;
            #4 s = s + 1;
            #1 clk = 0;
        end
        #1 if (wrong == 0) $display("all agree after %0d", compared);
        $finish;
    end
endmodule
