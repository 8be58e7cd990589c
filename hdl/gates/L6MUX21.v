// L6MUX21: joins two slices to a table of six inputs.
// ECP5 cell for simulation; from the FPGA libraries reference guide, L6MUX21.

`default_nettype none

module L6MUX21 (
    input wire  D0,
    input wire  D1,
    input wire  SD,
    output wire Z
);

    assign Z = SD ? D1 : D0;
endmodule

`default_nettype wire
