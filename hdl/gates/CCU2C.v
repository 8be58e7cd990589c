// CCU2C: two bits of a carry chain, each a table of four inputs and a carry multiplexer.
// ECP5 cell for simulation; from the FPGA libraries reference guide, CCU2C, and Project Trellis.
// A bit: where its table says 1 the carry passes, where it says 0 the carry is the table's quarter of C = D = 0.

`default_nettype none

module CCU2C #(
    parameter [15:0] INIT0     = 16'h0000,
    parameter [15:0] INIT1     = 16'h0000,
    parameter        INJECT1_0 = "YES",   // the carry into the sum and the quarter are cut off
    parameter        INJECT1_1 = "YES"
) (
    input wire  CIN,
    input wire  A0,
    input wire  B0,
    input wire  C0,
    input wire  D0,
    input wire  A1,
    input wire  B1,
    input wire  C1,
    input wire  D1,
    output wire S0,
    output wire S1,
    output wire COUT
);

    wire pass0, pass1, quarter0, quarter1, carry;

    LUT4 #(.INIT(INIT0)) table0 (.A(A0), .B(B0), .C(C0), .D(D0), .Z(pass0));
    LUT4 #(.INIT(INIT1)) table1 (.A(A1), .B(B1), .C(C1), .D(D1), .Z(pass1));
    LUT4 #(.INIT(INIT0)) part0 (.A(A0), .B(B0), .C(1'b0), .D(1'b0), .Z(quarter0));
    LUT4 #(.INIT(INIT1)) part1 (.A(A1), .B(B1), .C(1'b0), .D(1'b0), .Z(quarter1));

    assign S0    = INJECT1_0 == "YES" ? pass0 : pass0 ^ CIN;
    assign carry = pass0 ? CIN : INJECT1_0 == "YES" ? 1'b0 : quarter0;
    assign S1    = INJECT1_1 == "YES" ? pass1 : pass1 ^ carry;
    assign COUT  = pass1 ? carry : INJECT1_1 == "YES" ? 1'b0 : quarter1;
endmodule

`default_nettype wire
