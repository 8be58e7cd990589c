// delay_chain: a short fixed delay, in registers
// Latency:    CLOCKS
// Throughput: one word a clock
// No reset: undefined during the first clocks after power-up.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module delay_chain #(
    parameter WIDTH  = 31, // bits of a word
    parameter CLOCKS = 2   // from 1 to 3
) (
    input wire              clk,
    input wire  [WIDTH-1:0] s_data,
    output wire [WIDTH-1:0] m_data
);

    wire [WIDTH*(CLOCKS+1)-1:0] line;

    // Part k of the line is the word of k clocks ago.
    assign line[WIDTH-1:0] = s_data;
    assign m_data          = line[WIDTH*CLOCKS +: WIDTH];

    genvar k;
    generate for (k = 0; k < CLOCKS; k = k + 1) begin : stage
        reg [WIDTH-1:0] word;

        always @(posedge clk) word <= line[WIDTH*k +: WIDTH];

        assign line[WIDTH*(k+1) +: WIDTH] = word;
    end endgenerate
endmodule

`default_nettype wire
