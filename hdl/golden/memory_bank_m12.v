// memory_bank_m12: beats of eight field words, one write port and one read port
// Read latency 2. A read of the beat that is being written may give the old or the new one.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module memory_bank_m12 (
    input wire         clk,
    input wire         write,
    input wire  [11:0] write_address,
    input wire [247:0] write_data,
    input wire         read,
    input wire  [11:0] read_address,
    output reg [247:0] read_data      // 2 clocks after its address
);

    reg [247:0] fetched;

    (* ram_style = "ultra", no_rw_check *)
    reg [247:0] memory [0:4095];

    always @(posedge clk) begin
        if (write) memory[write_address] <= write_data;
        if (read) fetched <= memory[read_address];
        read_data <= fetched;
    end
endmodule

`default_nettype wire
