// uart_rate: the clocks per bit of a serial line
// Latency:    1 clock from an idle line to the new rate
// Throughput: one change at a time
// DIVISOR after reset and on `restart`; another on `set`, and DIVISOR again if no header comes in time.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module uart_rate #(
    parameter DIVISOR   = 48, // clocks a bit after reset, from 4 to 65535
    parameter LOG_TRIAL = 22  // log2 of the clocks that a header has to come in after a change
) (
    input wire        clk,
    input wire        rst,         // synchronous, active high
    input wire        restart,     // back to the base rate once the line is idle
    input wire        set,         // another rate once the line is idle
    input wire [15:0] set_divisor,
    input wire        idle,        // nothing is being sent
    input wire        header_seen, // a frame header was received
    output reg [15:0] divisor
);

    reg          [15:0] next;
    reg                 pending;
    reg                 trial;
    reg [LOG_TRIAL-1:0] clocks;

    always @(posedge clk) begin
        if (set || restart) begin
            next    <= set ? set_divisor : DIVISOR[15:0];
            pending <= 1'b1;
        end else if (pending && idle) begin
            pending <= 1'b0;
            divisor <= next;
            trial   <= 1'b1;
        end
        clocks <= trial ? clocks + 1'b1 : 0;
        if (trial && (header_seen || &clocks)) begin
            trial <= 1'b0;
            if (!header_seen) divisor <= DIVISOR[15:0];
        end
        if (rst) begin
            divisor <= DIVISOR[15:0];
            pending <= 1'b0;
            trial   <= 1'b0;
        end
    end
endmodule

`default_nettype wire
