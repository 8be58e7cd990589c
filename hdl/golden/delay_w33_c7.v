// delay_w33_c7: a fixed delay
// Latency 7. Undefined during the first clocks after power-up.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module delay_w33_c7 (
    input wire        clk,
    input wire [32:0] s_data,
    output reg [32:0] m_data
);

    reg [2:0] place;

    (* ram_style = "distributed", no_rw_check *)
    reg [32:0] ring [0:5];

    // Each place is read in the clock in which it is written again: the old word leaves. No reset: wherever `place` starts, it
    // reaches the round in at most a power of two of clocks.
    always @(posedge clk) begin
        m_data      <= ring[place];
        ring[place] <= s_data;
        place       <= place == 3'd5 ? 3'd0 : place + 1'b1;
    end
endmodule

`default_nettype wire
