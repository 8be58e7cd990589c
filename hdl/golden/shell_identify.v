// shell_identify: the register map
// Latency:    1 clock
// Throughput: one word a clock
// The layout is the register table of galena-target. The high word of a counter is kept when its low word is read.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_identify #(
    parameter [159:0] GIT_HASH = 160'h0, // commit of the sources; zero if not recorded
    parameter DIRTY            = 1'h0    // the sources differed from the commit
) (
    input wire        clk,
    input wire        take,        // the word is read now; once for each word
    input wire  [5:0] index,
    output reg [31:0] word,
    input wire [31:0] jobs,        // commands accepted
    input wire [31:0] errors,      // jobs that ended with an error
    input wire [31:0] line_errors, // bytes or beats that the link lost or found damaged
    input wire [63:0] uptime,
    input wire [63:0] busy,
    input wire [63:0] words_in,
    input wire [63:0] words_out,
    input wire [63:0] stalled_in,
    input wire [63:0] stalled_out,
    input wire [63:0] multiplies
);

    reg [31:0] high;

    always @(posedge clk)
        if (take) case (index)
            6'd0: word <= 32'h414e4c47;
            6'd1: word <= 32'h00000002;
            6'd2: word <= 32'hd7777381;
            6'd3: word <= 32'hda9df74b;
            6'd4: word <= 32'h0373d38b;
            6'd5: word <= 32'h1a8834b9;
            6'd6: word <= 32'hde78fa28;
            6'd7: word <= 32'hc061a1b9;
            6'd8: word <= 32'hcacf585e;
            6'd9: word <= 32'h280d8f5d;
            6'd10: word <= GIT_HASH[159:128];
            6'd11: word <= GIT_HASH[127:96];
            6'd12: word <= GIT_HASH[95:64];
            6'd13: word <= GIT_HASH[63:32];
            6'd14: word <= GIT_HASH[31:0];
            6'd15: word <= {31'd0, DIRTY};
            6'd16: word <= 32'h000000df;
            6'd17: word <= 32'h00000002;
            6'd18: word <= 32'h0000000a;
            6'd19: word <= 32'h00000001;
            6'd20: word <= 32'h00004000;
            6'd21: word <= 32'h00000002;
            6'd22: word <= 32'h00000010;
            6'd23: word <= 32'h00000001;
            6'd24: word <= 32'h02dc6c00;
            6'd25: word <= 32'h000f4240;
            6'd26: word <= jobs;
            6'd27: word <= errors;
            6'd28: word <= 32'h00001000;
            6'd30: word <= 32'h00000018;
            6'd31: word <= line_errors;
            6'd32: {high, word} <= uptime;
            6'd33: word <= high;
            6'd34: {high, word} <= busy;
            6'd35: word <= high;
            6'd36: {high, word} <= words_in;
            6'd37: word <= high;
            6'd38: {high, word} <= words_out;
            6'd39: word <= high;
            6'd40: {high, word} <= stalled_in;
            6'd41: word <= high;
            6'd42: {high, word} <= stalled_out;
            6'd43: word <= high;
            6'd44: {high, word} <= multiplies;
            6'd45: word <= high;
            default: word <= 32'd0;
        endcase
endmodule

`default_nettype wire
