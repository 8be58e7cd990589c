// lde_load_l2_n10: puts the words of a group where the inverse transform wants them
// Latency:    1 clock from a taken word to the memories' write ports
// Throughput: one word a clock
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_load_l2_n10 (
    input wire         clk,
    input wire         rst,          // synchronous, active high
    input wire         start,        // a job begins
    input wire   [9:0] row_step,     // 2^(log_rows_max - log_rows)
    input wire         space,        // buffer 0 may be filled
    input wire         s_valid,
    output wire        s_ready,
    input wire  [30:0] s_data,
    output wire        loaded,       // the last word of a group is taken now
    output reg   [1:0] load,         // one bit a lane
    output reg         load_bank,
    output reg  [10:0] load_address,
    output reg  [30:0] load_data
);

    wire [10:0] next_row;
    wire  [8:0] place;
    reg   [2:0] word;
    reg   [9:0] row;

    assign s_ready  = space;
    assign next_row = {1'b0, row} + {1'b0, row_step};
    assign loaded   = s_valid && s_ready && word == 3'd7 && next_row[10];
    // The lowest bits of the reversed row are the bank's and not part of the address.
    assign place    = {row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]};

    always @(posedge clk) begin
        load         <= s_valid && s_ready ? 2'd1 << word[0:0] : 2'd0;
        load_bank    <= ^row;
        load_address <= {word[2:1], place};
        load_data    <= s_data;
        if (s_valid && s_ready) begin
            word <= word + 1'b1;
            if (word == 3'd7) row <= next_row[9:0];
        end
        if (rst || start) begin
            word <= 3'd0;
            row  <= 0;
        end
    end
endmodule

`default_nettype wire
