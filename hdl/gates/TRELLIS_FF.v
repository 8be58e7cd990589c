// TRELLIS_FF: the register of a slice.
// ECP5 cell for simulation; from the ECP5 family data sheet, 2.2, and Project Trellis. Power-up is the set or reset value (GSR).

`default_nettype none

module TRELLIS_FF #(
    parameter GSR     = "ENABLED",
    parameter CEMUX   = "1",
    parameter CLKMUX  = "CLK",
    parameter LSRMUX  = "LSR",
    parameter SRMODE  = "LSR_OVER_CE",
    parameter REGSET  = "RESET",
    parameter LSRMODE = "LSR"
) (
    input wire CLK,
    input wire LSR,
    input wire CE,
    input wire DI,
    input wire M,
    output reg Q
);

    wire clock  = CLKMUX == "INV" ? !CLK : CLK;
    wire reset  = LSRMUX == "INV" ? !LSR : LSR;
    wire enable = CEMUX == "1" ? 1'b1 : CEMUX == "0" ? 1'b0 : CEMUX == "INV" ? !CE : CE;
    wire value  = REGSET == "SET";

    initial begin
        Q = REGSET == "SET";
        if (LSRMODE != "LSR") begin
            $display("unsupported: TRELLIS_FF with LSRMODE %s", LSRMODE);
            $finish;
        end
    end

    // An unconnected reset is high impedance: it resets only when it is 1.
    generate if (SRMODE == "ASYNC") begin : asynchronous
        always @(posedge clock or posedge reset) begin
            if (reset === 1'b1) Q <= value;
            else if (enable) Q <= DI;
        end
    end else begin : synchronous
        always @(posedge clock) begin
            if (reset === 1'b1) Q <= value;
            else if (enable) Q <= DI;
        end
    end endgenerate
endmodule

`default_nettype wire
