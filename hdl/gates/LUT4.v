// LUT4: a table of 16 bits, addressed by D, C, B, A.
// ECP5 cell for simulation; from the ECP5 family data sheet (FPGA-DS-02012), 2.1.

`default_nettype none

module LUT4 #(
    parameter [15:0] INIT = 16'h0000
) (
    input wire  A,
    input wire  B,
    input wire  C,
    input wire  D,
    output wire Z
);

    // Halving by multiplexers and not an indexed bit: an unknown input that does not matter stays without effect.
    wire [7:0] by_d = D ? INIT[15:8] : INIT[7:0];
    wire [3:0] by_c = C ? by_d[7:4] : by_d[3:0];
    wire [1:0] by_b = B ? by_c[3:2] : by_c[1:0];

    assign Z = A ? by_b[1] : by_b[0];
endmodule

`default_nettype wire
