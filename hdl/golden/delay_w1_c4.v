// delay_w1_c4: a fixed delay
// Latency 4. Undefined during the first clocks after power-up.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module delay_w1_c4 (
    input wire clk,
    input wire s_data,
    output reg m_data
);

    reg [1:0] place;

    (* ram_style = "distributed", no_rw_check *)
    reg [0:0] ring [0:2];

    // Each place is read in the clock in which it is written again: the old word leaves. No reset: wherever `place` starts, it
    // reaches the round in at most a power of two of clocks.
    always @(posedge clk) begin
        m_data      <= ring[place];
        ring[place] <= s_data;
        place       <= place == 2'd2 ? 2'd0 : place + 1'b1;
    end
endmodule

`default_nettype wire
