// memory_bank: beats of eight field words, one write port and one read port
// Latency:    LATENCY from a read address to its beat
// Throughput: one write and one read a clock
// A read of the beat that is being written may give the old or the new one.
// The registers behind the memory are for the tools to move into the cascade of its blocks.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module memory_bank #(
    parameter LOG     = 12, // log2 of the beats, from 12 to 20
    parameter LATENCY = 2   // clocks, at least 2
) (
    input wire            clk,
    input wire            write,
    input wire  [LOG-1:0] write_address,
    input wire    [247:0] write_data,
    input wire            read,
    input wire  [LOG-1:0] read_address,
    output wire   [247:0] read_data      // LATENCY clocks after its address
);

    wire [248*LATENCY-1:0] line;
    reg            [247:0] fetched;

    (* ram_style = "ultra", no_rw_check *)
    reg [247:0] memory [0:(1<<LOG)-1];

    always @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        if (read) fetched <= memory[read_address];
    end

    // Part k of the line is the beat read k + 1 clocks ago.
    assign line[247:0] = fetched;
    assign read_data   = line[248*(LATENCY-1) +: 248];

    genvar k;
    generate for (k = 1; k < LATENCY; k = k + 1) begin : stage
        reg [247:0] beat;

        always @(posedge clk) beat <= line[248*(k-1) +: 248];

        assign line[248*k +: 248] = beat;
    end endgenerate
endmodule

`default_nettype wire
