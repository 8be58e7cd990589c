// ram_w124_d128: block memory, one write port and one read port
// Read latency 2. A read of the word that is being written may give the old or the new one.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module ram_w124_d128 (
    input wire         clk,
    input wire         write,
    input wire   [6:0] write_address,
    input wire [123:0] write_data,
    input wire         read,
    input wire   [6:0] read_address,
    output reg [123:0] read_data      // two clocks after its address
);

    reg [123:0] fetched;

    (* ram_style = "block", no_rw_check *)
    reg [123:0] memory [0:127];

    always @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        if (read) fetched <= memory[read_address];
        read_data <= fetched;
    end
endmodule

`default_nettype wire
