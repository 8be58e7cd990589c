// MULT18X18D with a free output: the abstract multiplier of the proof of product_31x31.

module MULT18X18D #(
    parameter REG_INPUTA_CLK = "", REG_INPUTA_CE = "", REG_INPUTA_RST = "", REG_INPUTB_CLK = "", REG_INPUTB_CE = "", REG_INPUTB_RST = "",
    parameter REG_INPUTC_CLK = "", REG_PIPELINE_CLK = "", REG_PIPELINE_CE = "", REG_PIPELINE_RST = "", REG_OUTPUT_CLK = "",
    parameter REG_OUTPUT_CE = "", REG_OUTPUT_RST = "", CLK0_DIV = "", GSR = "", SOURCEB_MODE = "", RESETMODE = "", MULT_BYPASS = ""
) (
    input  wire A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
    input  wire B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
    input  wire SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CE0, CE1, CE2, CE3, CLK0, CLK1, CLK2, CLK3, RST0, RST1, RST2, RST3,
    output wire P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
    output wire P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);

    (* anyseq *) wire [35:0] free;

    assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
            P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = free;
endmodule
