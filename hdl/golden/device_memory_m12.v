// device_memory_m12: keeps rows and digests, and gives back beats
// Latency:    5 clocks from an address to its beat
// Throughput: one write and one read a clock
// 2^12 beats of eight field words. Reset and dropped jobs leave the content as it is.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module device_memory_m12 (
    input wire          clk,
    input wire          rst,          // synchronous, active high
    input wire          start,        // a job begins
    input wire    [4:0] log_leaves,
    input wire   [19:0] row_base,     // address of row 0 of group 0
    input wire   [19:0] digest_base,  // address of digest 0 of level 0
    input wire          row_valid,    // rows to keep, in order
    output wire         row_ready,
    input wire  [247:0] row_data,
    input wire          digest_valid, // a digest to keep: taken at once
    input wire  [247:0] digest_data,
    input wire    [4:0] digest_level,
    input wire   [19:0] digest_index,
    output wire         busy,         // something is not written yet
    input wire          s_valid,      // addresses to read
    output wire         s_ready,
    input wire   [19:0] s_data,
    output wire         m_valid,      // their beats
    input wire          m_ready,
    output wire [247:0] m_data
);

    wire         write;
    wire  [11:0] write_address;
    wire [247:0] write_data;
    wire         read;
    wire  [11:0] read_address;
    wire [247:0] read_data;

    memory_keep_m12 writer (
        .clk(clk),
        .rst(rst),
        .start(start),
        .log_leaves(log_leaves),
        .row_base(row_base),
        .digest_base(digest_base),
        .row_valid(row_valid),
        .row_ready(row_ready),
        .row_data(row_data),
        .digest_valid(digest_valid),
        .digest_data(digest_data),
        .digest_level(digest_level),
        .digest_index(digest_index),
        .busy(busy),
        .write(write),
        .write_address(write_address),
        .write_data(write_data)
    );
    memory_fetch_m12 reader (
        .clk(clk),
        .rst(rst),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data(s_data),
        .read(read),
        .read_address(read_address),
        .read_data(read_data),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data)
    );
    memory_bank #(.LOG(12), .LATENCY(2)) beats (
        .clk(clk),
        .write(write),
        .write_address(write_address),
        .write_data(write_data),
        .read(read),
        .read_address(read_address),
        .read_data(read_data)
    );
endmodule

`default_nettype wire
