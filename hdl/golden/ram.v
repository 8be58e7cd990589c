// ram: block memory, one write port and one read port
// Latency:    2 clocks from a read address to its word
// Throughput: one write and one read a clock
// A read of the word that is being written may give the old or the new one.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module ram #(
    parameter WIDTH = 31,  // bits of a word
    parameter DEPTH = 1024 // words, at least 2
) (
    input wire                     clk,
    input wire                     write,
    input wire [$clog2(DEPTH)-1:0] write_address,
    input wire         [WIDTH-1:0] write_data,
    input wire                     read,
    input wire [$clog2(DEPTH)-1:0] read_address,
    output reg         [WIDTH-1:0] read_data      // two clocks after its address
);

    reg [WIDTH-1:0] fetched;

    (* ram_style = "block", no_rw_check *)
    reg [WIDTH-1:0] memory [0:DEPTH-1];

    always @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        if (read) fetched <= memory[read_address];
        read_data <= fetched;
    end
endmodule

`default_nettype wire
