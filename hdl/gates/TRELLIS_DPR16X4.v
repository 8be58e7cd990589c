// TRELLIS_DPR16X4: 16 words of 4 bits in slices; written by a clock, read at once.
// ECP5 cell for simulation; from the ECP5 memory usage guide (FPGA-TN-02204), distributed memory.

`default_nettype none

module TRELLIS_DPR16X4 #(
    parameter        WCKMUX  = "WCK",
    parameter        WREMUX  = "WRE",
    parameter [63:0] INITVAL = 64'h0
) (
    input wire  [3:0] DI,
    input wire  [3:0] WAD,
    input wire        WRE,
    input wire        WCK,
    input wire  [3:0] RAD,
    output wire [3:0] DO
);

    wire clock = WCKMUX == "INV" ? !WCK : WCK;
    wire write = WREMUX == "1" ? 1'b1 : WREMUX == "0" ? 1'b0 : WREMUX == "INV" ? !WRE : WRE;

    reg [3:0] memory [0:15];

    integer k;
    initial for (k = 0; k < 16; k = k + 1) memory[k] = INITVAL[4*k +: 4];

    always @(posedge clock) if (write) memory[WAD] <= DI;

    assign DO = memory[RAD];
endmodule

`default_nettype wire
