// PFUMX: joins two tables of a slice to one of five inputs.
// ECP5 cell for simulation; from the FPGA libraries reference guide, PFUMX.

`default_nettype none

module PFUMX (
    input wire  ALUT,
    input wire  BLUT,
    input wire  C0,
    output wire Z
);

    assign Z = C0 ? ALUT : BLUT;
endmodule

`default_nettype wire
