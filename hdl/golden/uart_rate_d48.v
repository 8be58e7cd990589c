// uart_rate_d48: the clocks per bit of a serial line
// 48 after reset and on `restart`; another on `set`, and 48 again if no header comes within 2^22 clocks.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module uart_rate_d48 (
    input wire        clk,
    input wire        rst,         // synchronous, active high
    input wire        restart,     // back to the base rate once the line is idle
    input wire        set,         // another rate once the line is idle
    input wire [15:0] set_divisor,
    input wire        idle,        // nothing is being sent
    input wire        header_seen, // a frame header was received
    output reg [15:0] divisor
);

    reg [15:0] next;
    reg        pending;
    reg        trial;
    reg [21:0] clocks;

    always @(posedge clk) begin
        if (set || restart) begin
            next    <= set ? set_divisor : 16'd48;
            pending <= 1'b1;
        end else if (pending && idle) begin
            pending <= 1'b0;
            divisor <= next;
            trial   <= 1'b1;
        end
        clocks <= trial ? clocks + 1'b1 : 0;
        if (trial && (header_seen || &clocks)) begin
            trial <= 1'b0;
            if (!header_seen) divisor <= 16'd48;
        end
        if (rst) begin
            divisor <= 16'd48;
            pending <= 1'b0;
            trial   <= 1'b0;
        end
    end
endmodule

`default_nettype wire
