// delay_w8_c2: a fixed delay
// Latency 2. Undefined during the first clocks after power-up.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module delay_w8_c2 (
    input wire       clk,
    input wire [7:0] s_data,
    output reg [7:0] m_data
);

    reg [7:0] stage1;

    always @(posedge clk) begin
        stage1 <= s_data;
        m_data <= stage1;
    end
endmodule

`default_nettype wire
