// lde_lane_c4_n10: the columns of one lane in three buffers, and their butterfly
// Latency:    14 clocks from a read address to the write port, 3 from a drain address to drain_data
// Throughput: one butterfly and one drained word a clock
// Buffers: 0 is filled by the link, inverted and scaled; 1 and 2 take one coset each and are drained.
// Element (column, row) lies in bank parity(row) at {column, row >> 1}: a butterfly finds its rows in different banks.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_lane_c4_n10 (
    input wire         clk,
    input wire   [2:0] read,           // which buffer
    input wire  [10:0] address0,       // in bank 0
    input wire  [10:0] address1,       // in bank 1
    input wire   [1:0] source,         // read[1:0], two clocks later
    input wire         swap,           // with source: the bank of operand a of the first butterfly
    input wire         chain,          // with source: operand a is chain_data
    input wire  [30:0] chain_data,
    input wire         inverse,        // with the operands, a clock after source
    input wire         scale,
    input wire  [30:0] twiddle,
    input wire   [2:0] write,          // which buffer takes the result
    input wire   [1:0] write_bank,
    input wire         write_swap,     // swap of these results
    input wire  [10:0] write_address0,
    input wire  [10:0] write_address1,
    output wire [30:0] result,         // result x of the first butterfly
    input wire         load,           // a word from the link
    input wire         load_bank,
    input wire  [10:0] load_address,
    input wire  [30:0] load_data,
    input wire   [1:0] drain,          // which of buffers 1 and 2 is read out
    input wire  [10:0] drain_address,
    input wire         drained_buffer, // drain[1], two clocks later
    input wire         drained_bank,   // with drained_buffer
    output reg  [30:0] drain_data
);

    wire [30:0] q00;
    wire [30:0] q01;
    wire [30:0] q10;
    wire [30:0] q11;
    wire [30:0] q20;
    wire [30:0] q21;
    wire [30:0] write_data0;
    wire [30:0] q0;
    wire [30:0] write_data1;
    wire [30:0] q1;
    wire [30:0] x;
    wire [30:0] y;
    reg  [30:0] a;
    reg  [30:0] b;

    ram #(.WIDTH(31), .DEPTH(2048)) buffer0_bank0 (
        .clk(clk),
        .write((load && !load_bank) || (write[0] && write_bank[0])),
        .write_address(load ? load_address : write_address0),
        .write_data(load ? load_data : write_data0),
        .read(read[0]),
        .read_address(address0),
        .read_data(q00)
    );
    ram #(.WIDTH(31), .DEPTH(2048)) buffer0_bank1 (
        .clk(clk),
        .write((load && load_bank) || (write[0] && write_bank[1])),
        .write_address(load ? load_address : write_address1),
        .write_data(load ? load_data : write_data1),
        .read(read[0]),
        .read_address(address1),
        .read_data(q01)
    );
    ram #(.WIDTH(31), .DEPTH(2048)) buffer1_bank0 (
        .clk(clk),
        .write(write[1] && write_bank[0]),
        .write_address(write_address0),
        .write_data(write_data0),
        .read(read[1] || drain[0]),
        .read_address(drain[0] ? drain_address : address0),
        .read_data(q10)
    );
    ram #(.WIDTH(31), .DEPTH(2048)) buffer1_bank1 (
        .clk(clk),
        .write(write[1] && write_bank[1]),
        .write_address(write_address1),
        .write_data(write_data1),
        .read(read[1] || drain[0]),
        .read_address(drain[0] ? drain_address : address1),
        .read_data(q11)
    );
    ram #(.WIDTH(31), .DEPTH(2048)) buffer2_bank0 (
        .clk(clk),
        .write(write[2] && write_bank[0]),
        .write_address(write_address0),
        .write_data(write_data0),
        .read(read[2] || drain[1]),
        .read_address(drain[1] ? drain_address : address0),
        .read_data(q20)
    );
    ram #(.WIDTH(31), .DEPTH(2048)) buffer2_bank1 (
        .clk(clk),
        .write(write[2] && write_bank[1]),
        .write_address(write_address1),
        .write_data(write_data1),
        .read(read[2] || drain[1]),
        .read_address(drain[1] ? drain_address : address1),
        .read_data(q21)
    );
    lde_butterfly compute (
        .clk(clk),
        .inverse(inverse),
        .scale(scale),
        .a(a),
        .b(b),
        .t(twiddle),
        .x(x),
        .y(y)
    );

    assign result      = x;
    assign write_data0 = write_swap ? y : x;
    assign write_data1 = write_swap ? x : y;
    assign q0          = source[0] ? q00 : source[1] ? q10 : q20;
    assign q1          = source[0] ? q01 : source[1] ? q11 : q21;

    always @(posedge clk) begin
        a          <= chain ? chain_data : swap ? q1 : q0;
        b          <= swap ? q0 : q1;
        drain_data <= drained_buffer ? (drained_bank ? q21 : q20) : (drained_bank ? q11 : q10);
    end
endmodule

`default_nettype wire
