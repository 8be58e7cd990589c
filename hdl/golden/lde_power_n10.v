// lde_power_n10: the table of s^k / 2^n, continued from 16 seeds by 16 interleaved chains
// Latency:    2 clocks from a read address to its power
// Throughput: one read a clock; a new power a clock while it fills
// While `chain` is high, lane 0 multiplies chain_data by s^16; the product returns 14 clocks later.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_power_n10 (
    input wire         clk,
    input wire         rst,          // synchronous, active high
    input wire         seed,         // write a seed, before start
    input wire   [3:0] seed_index,
    input wire  [30:0] seed_data,
    input wire         start,        // a job begins
    input wire  [10:0] rows,         // 2^log_rows
    input wire         enable,       // the multiplier is free
    output wire        done,         // the table is complete
    output wire        chain,        // with the read address
    output wire [30:0] chain_data,   // two clocks later
    input wire  [30:0] product,      // of lane 0
    input wire         read,
    input wire   [9:0] read_address,
    output wire [30:0] read_data     // two clocks later
);

    wire        link;
    wire        write;
    wire  [9:0] write_address;
    wire  [9:0] address;
    reg         running;
    reg  [10:0] next;
    reg  [10:0] written;
    reg  [13:0] flight;

    ram #(.WIDTH(31), .DEPTH(1024)) table_memory (
        .clk(clk),
        .write(write),
        .write_address(write_address),
        .write_data(seed ? seed_data : product),
        .read(read || chain),
        .read_address(address),
        .read_data(read_data)
    );

    // `next` is the entry to be made: it is read 16 places back.
    assign done          = !running;
    assign link          = flight[13];
    assign chain         = running && enable && next != rows;
    assign chain_data    = read_data;
    assign address       = chain ? next[9:0] - 10'd16 : read_address;
    assign write         = seed || (link && running);
    assign write_address = seed ? {6'd0, seed_index} : written[9:0];

    always @(posedge clk) begin
        flight <= {flight[12:0], chain};
        if (chain) next <= next + 1'b1;
        if (link && running) begin
            written <= written + 1'b1;
            if (written + 1'b1 == rows) running <= 1'b0;
        end
        if (start) begin
            running <= rows[10:5] != 0;
            next    <= 11'd16;
            written <= 11'd16;
        end
        if (rst) begin
            flight  <= 0;
            running <= 1'b0;
        end
    end
endmodule

`default_nettype wire
