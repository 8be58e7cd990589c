// lde_table_t10: the twiddles, filled after reset by a lane's multiplier
// Latency:    2 clocks from a read address to its twiddle; filled 2^10 + about 20 clocks after reset
// Throughput: one read a clock
// While `chain` is high, lane 0 multiplies read_data by `root`; the product returns 14 clocks later.
// Entry b is the product of the generators of order 2^(k+2) over the set bits k of b.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_table_t10 (
    input wire         clk,
    input wire         rst,          // synchronous, active high
    input wire         start,        // a job begins
    input wire   [9:0] last,         // the highest entry the job needs; stays
    output wire        done,         // the table holds what the job needs
    output wire        chain,        // with the read address
    output reg  [30:0] root,         // two clocks after chain, with read_data
    input wire  [30:0] product,      // of lane 0
    input wire   [9:0] read_address,
    output wire [30:0] read_data     // two clocks later
);

    wire        seeding;
    wire        full;
    wire        link;
    wire  [9:0] write_address;
    wire  [9:0] address;
    reg         claimed;
    reg  [10:0] next;
    reg  [10:0] written;
    reg   [3:0] level;
    reg   [3:0] level1;
    reg   [9:0] first;
    reg  [30:0] seed;
    reg  [13:0] flight;

    ram #(.WIDTH(31), .DEPTH(1024)) table_memory (
        .clk(clk),
        .write(seeding || link),
        .write_address(write_address),
        .write_data(seeding ? seed : product),
        .read(1'b1),
        .read_address(address),
        .read_data(read_data)
    );

    // `next` is the entry to be made; `first` = 2^level is the first of its level.
    // Once there are jobs the multiplier is theirs: the table grows only until it is large enough for the job that
    // waits.
    assign full    = next[10] || (claimed && next[9:0] > last);
    assign done    = claimed && full && (written[10] || written[9:0] > last);
    assign seeding = next[10:4] == 0;
    assign link    = flight[13];
    assign chain   = !seeding && !full;

    assign write_address = seeding ? next[9:0] : written[9:0];
    assign address       = chain ? next[9:0] ^ first : read_address;

    always @(*)
        case (next[3:0])
        4'd0: seed = 31'd268435454;
        4'd1: seed = 31'd473486609;
        4'd2: seed = 31'd1032137103;
        4'd3: seed = 31'd1964242958;
        4'd4: seed = 31'd1594287233;
        4'd5: seed = 31'd1844575452;
        4'd6: seed = 31'd1173759574;
        4'd7: seed = 31'd270522423;
        4'd8: seed = 31'd1063008748;
        4'd9: seed = 31'd518723214;
        4'd10: seed = 31'd24220877;
        4'd11: seed = 31'd48337049;
        4'd12: seed = 31'd1648228672;
        4'd13: seed = 31'd964210272;
        4'd14: seed = 31'd1310027008;
        4'd15: seed = 31'd434501889;
        default: seed = 31'd0;
        endcase

    always @(posedge clk) begin
        flight <= {flight[12:0], chain};
        level1 <= level;
        case (level1)
        4'd4: root <= 31'd1427548538;
        4'd5: root <= 31'd1030481298;
        4'd6: root <= 31'd1538277705;
        4'd7: root <= 31'd1225259435;
        4'd8: root <= 31'd1418432144;
        4'd9: root <= 31'd495756823;
        default: root <= 31'd0;
        endcase
        if (start) claimed <= 1'b1;
        if (seeding || chain) next <= next + 1'b1;
        if (chain && (next[9:0] & ~first) == first - 1'b1) begin
            level <= level + 1'b1;
            first <= first << 1;
        end
        if (link) written <= written + 1'b1;
        if (rst) begin
            flight  <= 0;
            claimed <= 1'b0;
            next    <= 0;
            written <= 11'd16;
            level   <= 4'd4;
            first   <= 10'd16;
        end
    end
endmodule

`default_nettype wire
