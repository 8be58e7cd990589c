// memory_keep_m12: addresses for rows and digests that are kept, digests first
// Latency:    2 clocks from a taken beat to the write port
// Throughput: one beat a clock
// A digest never waits.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module memory_keep_m12 (
    input wire          clk,
    input wire          rst,           // synchronous, active high
    input wire          start,
    input wire    [4:0] log_leaves,
    input wire   [19:0] row_base,
    input wire   [19:0] digest_base,
    input wire          row_valid,
    output wire         row_ready,
    input wire  [247:0] row_data,
    input wire          digest_valid,  // taken at once
    input wire  [247:0] digest_data,
    input wire    [4:0] digest_level,
    input wire   [19:0] digest_index,
    output wire         busy,
    output reg          write,
    output reg   [11:0] write_address,
    output reg  [247:0] write_data
);

    wire  [21:0] level_left;
    reg   [11:0] row_address;
    reg          row_here;
    reg  [247:0] row;
    reg   [21:0] twice_leaves;
    reg   [11:0] digest_base_low;
    reg          digest_here;
    reg  [247:0] digest;
    reg   [11:0] level_address;
    reg   [11:0] index;

    assign row_ready  = !row_here || !digest_here;
    assign busy       = row_here || digest_here || write;
    assign level_left = twice_leaves >> digest_level;

    always @(posedge clk) begin
        if (start) begin
            row_address  <= row_base[11:0];
            twice_leaves <= 22'd2 << log_leaves;
            digest_base_low <= digest_base[11:0];
        end

        digest_here   <= digest_valid;
        digest        <= digest_data;
        level_address <= digest_base_low + twice_leaves[11:0] - level_left[11:0];
        index         <= digest_index[11:0];
        if (row_ready) begin
            row_here <= row_valid;
            row      <= row_data;
        end

        write         <= digest_here || row_here;
        write_address <= digest_here ? level_address + index : row_address;
        write_data    <= digest_here ? digest : row;
        if (row_here && !digest_here) row_address <= row_address + 1'b1;

        if (rst) begin
            digest_here <= 1'b0;
            row_here    <= 1'b0;
            write       <= 1'b0;
        end
    end
endmodule

`default_nettype wire
