// delay: a fixed delay, as a ring in distributed memory
// Latency:    CLOCKS
// Throughput: one word a clock
// No reset: undefined during the first clocks after power-up.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module delay #(
    parameter WIDTH  = 31, // bits of a word
    parameter CLOCKS = 8   // at least 4
) (
    input wire             clk,
    input wire [WIDTH-1:0] s_data,
    output reg [WIDTH-1:0] m_data
);

    localparam LAST  = CLOCKS - 2;         // place of the ring's last word; the output register is one more
    localparam PLACE = $clog2(CLOCKS - 1); // bits of a place

    reg [PLACE-1:0] place;

    (* ram_style = "distributed", no_rw_check *)
    reg [WIDTH-1:0] ring [0:LAST];

    // Each place is read in the clock in which it is written again: the old word leaves.
    // Wherever `place` starts, it is in the round a clock later.
    always @(posedge clk) begin
        m_data      <= ring[place];
        ring[place] <= s_data;
        place       <= place >= LAST[PLACE-1:0] ? {PLACE{1'b0}} : place + 1'b1;
    end
endmodule

`default_nettype wire
