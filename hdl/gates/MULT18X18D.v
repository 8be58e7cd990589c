// MULT18X18D: an 18 x 18 multiplier with registers at inputs, in the middle and at the output, each optional.
// ECP5 cell for simulation; from the sysDSP usage guide (FPGA-TN-02205). Only what is used: one clock, one enable, one synchronous reset, no
// shift chains; anything else ends the simulation.

`default_nettype none

module MULT18X18D #(
    parameter REG_INPUTA_CLK   = "NONE",
    parameter REG_INPUTA_CE    = "CE0",
    parameter REG_INPUTA_RST   = "RST0",
    parameter REG_INPUTB_CLK   = "NONE",
    parameter REG_INPUTB_CE    = "CE0",
    parameter REG_INPUTB_RST   = "RST0",
    parameter REG_INPUTC_CLK   = "NONE",
    parameter REG_INPUTC_CE    = "CE0",
    parameter REG_INPUTC_RST   = "RST0",
    parameter REG_PIPELINE_CLK = "NONE",
    parameter REG_PIPELINE_CE  = "CE0",
    parameter REG_PIPELINE_RST = "RST0",
    parameter REG_OUTPUT_CLK   = "NONE",
    parameter REG_OUTPUT_CE    = "CE0",
    parameter REG_OUTPUT_RST   = "RST0",
    parameter CLK0_DIV         = "ENABLED",
    parameter CLK1_DIV         = "ENABLED",
    parameter CLK2_DIV         = "ENABLED",
    parameter CLK3_DIV         = "ENABLED",
    parameter HIGHSPEED_CLK    = "NONE",
    parameter GSR              = "ENABLED",
    parameter CAS_MATCH_REG    = "FALSE",
    parameter SOURCEB_MODE     = "B_SHIFT",
    parameter MULT_BYPASS      = "DISABLED",
    parameter RESETMODE        = "SYNC"
) (
    input wire A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
    input wire B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
    input wire C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input wire SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input wire CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3, RST0, RST1, RST2, RST3,
    output wire P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
    output wire P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0,
    output wire SIGNEDP
);

    reg  [17:0] a_held = 0;
    reg  [17:0] b_held = 0;
    reg  [35:0] product_held = 0;
    reg  [35:0] output_held = 0;

    wire [17:0] a_now = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
    wire [17:0] b_now = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
    wire [17:0] a = REG_INPUTA_CLK == "NONE" ? a_now : a_held;
    wire [17:0] b = REG_INPUTB_CLK == "NONE" ? b_now : b_held;

    // Both operands to 36 bits with their signs: the low 36 bits of that product are right for every mixture of signs.
    wire [35:0] a_wide       = {{18{SIGNEDA & a[17]}}, a};
    wire [35:0] b_wide       = {{18{SIGNEDB & b[17]}}, b};
    wire [35:0] product_now  = a_wide * b_wide;
    wire [35:0] product      = REG_PIPELINE_CLK == "NONE" ? product_now : product_held;
    wire [35:0] p            = REG_OUTPUT_CLK == "NONE" ? product : output_held;

    assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
            P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = p;
    assign SIGNEDP = SIGNEDA | SIGNEDB;

    always @(posedge CLK0) begin
        if (RST0) begin
            a_held       <= 18'd0;
            b_held       <= 18'd0;
            product_held <= 36'd0;
            output_held  <= 36'd0;
        end else if (CE0) begin
            a_held       <= a_now;
            b_held       <= b_now;
            product_held <= product_now;
            output_held  <= product;
        end
    end

    function used(input [8*5-1:0] clock);
        used = clock == "NONE" || clock == "CLK0";
    endfunction

    initial begin
        if (!used(REG_INPUTA_CLK) || !used(REG_INPUTB_CLK) || !used(REG_PIPELINE_CLK) || !used(REG_OUTPUT_CLK)
            || REG_INPUTA_CE != "CE0" || REG_INPUTB_CE != "CE0" || REG_PIPELINE_CE != "CE0" || REG_OUTPUT_CE != "CE0"
            || REG_INPUTA_RST != "RST0" || REG_INPUTB_RST != "RST0" || REG_PIPELINE_RST != "RST0" || REG_OUTPUT_RST != "RST0"
            || RESETMODE != "SYNC" || MULT_BYPASS != "DISABLED" || SOURCEB_MODE != "B_SHIFT" || CLK0_DIV != "ENABLED") begin
            $display("unsupported: a parameter of MULT18X18D");
            $finish;
        end
    end

    always @(posedge CLK0) if (SOURCEA !== 1'b0 || SOURCEB !== 1'b0) begin
        $display("unsupported: a shift chain of MULT18X18D");
        $finish;
    end
endmodule

`default_nettype wire
