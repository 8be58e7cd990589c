// ram_w248_d2048: block memory, one write port and one read port
// Read latency 2. A read of the word that is being written may give the old or the new one.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module ram_w248_d2048 (
    input wire         clk,
    input wire         write,
    input wire  [10:0] write_address,
    input wire [247:0] write_data,
    input wire         read,
    input wire  [10:0] read_address,
    output reg [247:0] read_data      // two clocks after its address
);

    reg [247:0] fetched;

    (* ram_style = "block", no_rw_check *)
    reg [247:0] memory [0:2047];

    always @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        if (read) fetched <= memory[read_address];
        read_data <= fetched;
    end
endmodule

`default_nettype wire
