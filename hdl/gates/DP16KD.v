// DP16KD: block memory of 1024 words of 18 bits with two ports, each 1, 2, 4, 9, 18 or 36 bits wide.
// ECP5 cell for simulation; from the ECP5 memory usage guide (FPGA-TN-02204). A port of 36 bits takes both ports' data pins: A writes, B reads.
// A port of 1, 2 or 4 bits does not reach the ninth bit of a byte. Word 16k + i at power-up is bits [20i +: 18] of INITVAL_k.
// A word that one port reads while the other writes it reads as unknown: the silicon promises nothing.

`default_nettype none

module DP16KD #(
    parameter [319:0] INITVAL_00 = 320'h0,
    parameter [319:0] INITVAL_01 = 320'h0,
    parameter [319:0] INITVAL_02 = 320'h0,
    parameter [319:0] INITVAL_03 = 320'h0,
    parameter [319:0] INITVAL_04 = 320'h0,
    parameter [319:0] INITVAL_05 = 320'h0,
    parameter [319:0] INITVAL_06 = 320'h0,
    parameter [319:0] INITVAL_07 = 320'h0,
    parameter [319:0] INITVAL_08 = 320'h0,
    parameter [319:0] INITVAL_09 = 320'h0,
    parameter [319:0] INITVAL_0A = 320'h0,
    parameter [319:0] INITVAL_0B = 320'h0,
    parameter [319:0] INITVAL_0C = 320'h0,
    parameter [319:0] INITVAL_0D = 320'h0,
    parameter [319:0] INITVAL_0E = 320'h0,
    parameter [319:0] INITVAL_0F = 320'h0,
    parameter [319:0] INITVAL_10 = 320'h0,
    parameter [319:0] INITVAL_11 = 320'h0,
    parameter [319:0] INITVAL_12 = 320'h0,
    parameter [319:0] INITVAL_13 = 320'h0,
    parameter [319:0] INITVAL_14 = 320'h0,
    parameter [319:0] INITVAL_15 = 320'h0,
    parameter [319:0] INITVAL_16 = 320'h0,
    parameter [319:0] INITVAL_17 = 320'h0,
    parameter [319:0] INITVAL_18 = 320'h0,
    parameter [319:0] INITVAL_19 = 320'h0,
    parameter [319:0] INITVAL_1A = 320'h0,
    parameter [319:0] INITVAL_1B = 320'h0,
    parameter [319:0] INITVAL_1C = 320'h0,
    parameter [319:0] INITVAL_1D = 320'h0,
    parameter [319:0] INITVAL_1E = 320'h0,
    parameter [319:0] INITVAL_1F = 320'h0,
    parameter [319:0] INITVAL_20 = 320'h0,
    parameter [319:0] INITVAL_21 = 320'h0,
    parameter [319:0] INITVAL_22 = 320'h0,
    parameter [319:0] INITVAL_23 = 320'h0,
    parameter [319:0] INITVAL_24 = 320'h0,
    parameter [319:0] INITVAL_25 = 320'h0,
    parameter [319:0] INITVAL_26 = 320'h0,
    parameter [319:0] INITVAL_27 = 320'h0,
    parameter [319:0] INITVAL_28 = 320'h0,
    parameter [319:0] INITVAL_29 = 320'h0,
    parameter [319:0] INITVAL_2A = 320'h0,
    parameter [319:0] INITVAL_2B = 320'h0,
    parameter [319:0] INITVAL_2C = 320'h0,
    parameter [319:0] INITVAL_2D = 320'h0,
    parameter [319:0] INITVAL_2E = 320'h0,
    parameter [319:0] INITVAL_2F = 320'h0,
    parameter [319:0] INITVAL_30 = 320'h0,
    parameter [319:0] INITVAL_31 = 320'h0,
    parameter [319:0] INITVAL_32 = 320'h0,
    parameter [319:0] INITVAL_33 = 320'h0,
    parameter [319:0] INITVAL_34 = 320'h0,
    parameter [319:0] INITVAL_35 = 320'h0,
    parameter [319:0] INITVAL_36 = 320'h0,
    parameter [319:0] INITVAL_37 = 320'h0,
    parameter [319:0] INITVAL_38 = 320'h0,
    parameter [319:0] INITVAL_39 = 320'h0,
    parameter [319:0] INITVAL_3A = 320'h0,
    parameter [319:0] INITVAL_3B = 320'h0,
    parameter [319:0] INITVAL_3C = 320'h0,
    parameter [319:0] INITVAL_3D = 320'h0,
    parameter [319:0] INITVAL_3E = 320'h0,
    parameter [319:0] INITVAL_3F = 320'h0,
    parameter DATA_WIDTH_A        = 18,
    parameter DATA_WIDTH_B        = 18,
    parameter REGMODE_A           = "NOREG",
    parameter REGMODE_B           = "NOREG",
    parameter RESETMODE           = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC",
    parameter CSDECODE_A          = "0b000",
    parameter CSDECODE_B          = "0b000",
    parameter WRITEMODE_A         = "NORMAL",
    parameter WRITEMODE_B         = "NORMAL",
    parameter CLKAMUX             = "CLKA",
    parameter CLKBMUX             = "CLKB",
    parameter GSR                 = "ENABLED"
) (
    input wire DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
    input wire ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input wire CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
    output wire DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
    input wire DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
    input wire ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input wire CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
    output wire DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);

    reg [17:0] memory [0:1023];

    wire        clock_a   = CLKAMUX == "INV" ? !CLKA : CLKA;
    wire        clock_b   = CLKBMUX == "INV" ? !CLKB : CLKB;
    wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire [17:0] in_a      = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
    wire [17:0] in_b      = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
    wire        on_a      = CEA && {CSA2, CSA1, CSA0} === 3'd0;
    wire        on_b      = CEB && {CSB2, CSB1, CSB0} === 3'd0;

    reg [35:0] latch_a = 0, latch_b = 0; // what a port has read; of a narrow port the low bits
    reg [35:0] late_a = 0, late_b = 0;   // a clock later, behind the optional output register

    wire [35:0] out_a = REGMODE_A == "OUTREG" ? late_a : latch_a;
    wire [35:0] out_b = REGMODE_B == "OUTREG" ? late_b : latch_b;

    // Behind a read port of 18 bits or less the data are on its own pins; a read port of 36 bits has the low half on A's.
    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} = DATA_WIDTH_B == 36 ? out_b[17:0] : out_a[17:0];
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} = DATA_WIDTH_B == 36 ? out_b[35:18] : out_b[17:0];

    // The 36 bits that an address of a port of this width reaches, as a mask over its pair of words.
    function [35:0] reached(input integer width, input [13:0] address);
        case (width)
        36: reached = {36{1'b1}};
        18: reached = {18'd0, {18{1'b1}}} << 18 * address[4];
        9: reached = {27'd0, {9{1'b1}}} << 9 * address[4:3];
        4: reached = {32'd0, {4{1'b1}}} << 9 * address[4:3] + 4 * address[2];
        2: reached = {34'd0, {2{1'b1}}} << 9 * address[4:3] + 2 * address[2:1];
        default: reached = 36'd1 << 9 * address[4:3] + address[2:0];
        endcase
    endfunction

    // Of these the bytes that a port of 18 or 36 bits writes: its lowest address bits enable them.
    function [35:0] enabled(input integer width, input [13:0] address);
        reg [35:0] bytes;
        begin
            bytes   = {{9{address[3]}}, {9{address[2]}}, {9{address[1]}}, {9{address[0]}}};
            enabled = width == 36 ? bytes : width == 18 ? {bytes[17:0], bytes[17:0]} : {36{1'b1}};
        end
    endfunction

    // Where the lowest of the reached bits is.
    function integer place(input integer width, input [13:0] address);
        case (width)
        36: place = 0;
        18: place = 18 * address[4];
        9: place = 9 * address[4:3];
        4: place = 9 * address[4:3] + 4 * address[2];
        2: place = 9 * address[4:3] + 2 * address[2:1];
        default: place = 9 * address[4:3] + address[2:0];
        endcase
    endfunction

    wire [35:0] pair_a  = {memory[{address_a[13:5], 1'b1}], memory[{address_a[13:5], 1'b0}]};
    wire [35:0] pair_b  = {memory[{address_b[13:5], 1'b1}], memory[{address_b[13:5], 1'b0}]};
    wire [35:0] mask_a  = reached(DATA_WIDTH_A, address_a);
    wire [35:0] mask_b  = reached(DATA_WIDTH_B, address_b);
    wire        write_a = on_a && WEA === 1'b1 && RSTA !== 1'b1;
    wire        write_b = on_b && WEB === 1'b1 && RSTB !== 1'b1;
    wire [35:0] bits_a  = write_a ? mask_a & enabled(DATA_WIDTH_A, address_a) : 36'd0;
    wire [35:0] bits_b  = write_b ? mask_b & enabled(DATA_WIDTH_B, address_b) : 36'd0;
    wire [35:0] data_a  = {DATA_WIDTH_A == 36 ? in_b : 18'd0, in_a} << place(DATA_WIDTH_A, address_a);
    wire [35:0] data_b  = {18'd0, in_b} << place(DATA_WIDTH_B, address_b);
    wire        clear_a = RESETMODE == "ASYNC" && RSTA === 1'b1;
    wire        clear_b = RESETMODE == "ASYNC" && RSTB === 1'b1;
    wire        same    = address_a[13:5] == address_b[13:5];

    task write(input [8:0] at, input [35:0] bits, input [35:0] data, input [35:0] pair);
        {memory[{at, 1'b1}], memory[{at, 1'b0}]} <= (pair & ~bits) | (data & bits);
    endtask

    // The clocks of the two ports are one in this project: each edge sees the memory before it.
    always @(posedge clock_a) if (|bits_a) write(address_a[13:5], bits_a, data_a, pair_a);

    always @(posedge clock_a or posedge clear_a) begin
        if (RSTA === 1'b1) latch_a <= 36'd0;
        else if (on_a && (!write_a || WRITEMODE_A == "READBEFOREWRITE"))
            latch_a <= ((pair_a ^ (same ? bits_b & {36{1'bx}} : 36'd0)) & mask_a) >> place(DATA_WIDTH_A, address_a);
        else if (on_a && WRITEMODE_A == "WRITETHROUGH") latch_a <= (data_a & mask_a) >> place(DATA_WIDTH_A, address_a);
        if (RSTA === 1'b1) late_a <= 36'd0;
        else if (OCEA) late_a <= latch_a;
    end

    always @(posedge clock_b) if (|bits_b) write(address_b[13:5], bits_b, data_b, pair_b);

    always @(posedge clock_b or posedge clear_b) begin
        if (RSTB === 1'b1) latch_b <= 36'd0;
        else if (on_b && (!write_b || WRITEMODE_B == "READBEFOREWRITE"))
            latch_b <= ((pair_b ^ (same ? bits_a & {36{1'bx}} : 36'd0)) & mask_b) >> place(DATA_WIDTH_B, address_b);
        else if (on_b && WRITEMODE_B == "WRITETHROUGH") latch_b <= (data_b & mask_b) >> place(DATA_WIDTH_B, address_b);
        if (RSTB === 1'b1) late_b <= 36'd0;
        else if (OCEB) late_b <= latch_b;
    end

    integer i;
    task load(input [5:0] k, input [319:0] value);
        for (i = 0; i < 16; i = i + 1) memory[{k, i[3:0]}] = value[20*i +: 18];
    endtask

    initial begin
        if (RESETMODE != "SYNC" && RESETMODE != "ASYNC" || CSDECODE_A != "0b000" || CSDECODE_B != "0b000" || DATA_WIDTH_A == 36 && WRITEMODE_A != "NORMAL") begin
            $display("unsupported: a parameter of DP16KD");
            $finish;
        end
        load(6'd0, INITVAL_00);
        load(6'd1, INITVAL_01);
        load(6'd2, INITVAL_02);
        load(6'd3, INITVAL_03);
        load(6'd4, INITVAL_04);
        load(6'd5, INITVAL_05);
        load(6'd6, INITVAL_06);
        load(6'd7, INITVAL_07);
        load(6'd8, INITVAL_08);
        load(6'd9, INITVAL_09);
        load(6'd10, INITVAL_0A);
        load(6'd11, INITVAL_0B);
        load(6'd12, INITVAL_0C);
        load(6'd13, INITVAL_0D);
        load(6'd14, INITVAL_0E);
        load(6'd15, INITVAL_0F);
        load(6'd16, INITVAL_10);
        load(6'd17, INITVAL_11);
        load(6'd18, INITVAL_12);
        load(6'd19, INITVAL_13);
        load(6'd20, INITVAL_14);
        load(6'd21, INITVAL_15);
        load(6'd22, INITVAL_16);
        load(6'd23, INITVAL_17);
        load(6'd24, INITVAL_18);
        load(6'd25, INITVAL_19);
        load(6'd26, INITVAL_1A);
        load(6'd27, INITVAL_1B);
        load(6'd28, INITVAL_1C);
        load(6'd29, INITVAL_1D);
        load(6'd30, INITVAL_1E);
        load(6'd31, INITVAL_1F);
        load(6'd32, INITVAL_20);
        load(6'd33, INITVAL_21);
        load(6'd34, INITVAL_22);
        load(6'd35, INITVAL_23);
        load(6'd36, INITVAL_24);
        load(6'd37, INITVAL_25);
        load(6'd38, INITVAL_26);
        load(6'd39, INITVAL_27);
        load(6'd40, INITVAL_28);
        load(6'd41, INITVAL_29);
        load(6'd42, INITVAL_2A);
        load(6'd43, INITVAL_2B);
        load(6'd44, INITVAL_2C);
        load(6'd45, INITVAL_2D);
        load(6'd46, INITVAL_2E);
        load(6'd47, INITVAL_2F);
        load(6'd48, INITVAL_30);
        load(6'd49, INITVAL_31);
        load(6'd50, INITVAL_32);
        load(6'd51, INITVAL_33);
        load(6'd52, INITVAL_34);
        load(6'd53, INITVAL_35);
        load(6'd54, INITVAL_36);
        load(6'd55, INITVAL_37);
        load(6'd56, INITVAL_38);
        load(6'd57, INITVAL_39);
        load(6'd58, INITVAL_3A);
        load(6'd59, INITVAL_3B);
        load(6'd60, INITVAL_3C);
        load(6'd61, INITVAL_3D);
        load(6'd62, INITVAL_3E);
        load(6'd63, INITVAL_3F);
    end
endmodule

`default_nettype wire
