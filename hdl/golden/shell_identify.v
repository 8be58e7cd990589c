// shell_identify: the register map
// Latency 1. The layout is the register table of galena-target.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_identify #(
    parameter [159:0] GIT_HASH = 160'h0, // commit of the sources; zero if not recorded
    parameter DIRTY = 1'h0               // the sources differed from the commit
) (
    input wire        clk,
    input wire  [4:0] index,
    output reg [31:0] word,
    input wire [31:0] jobs,   // commands accepted
    input wire [31:0] errors  // jobs that ended with an error
);

    always @(posedge clk)
        case (index)
            5'd0: word <= 32'h414e4c47;
            5'd1: word <= 32'h00000001;
            5'd2: word <= 32'h195054af;
            5'd3: word <= 32'he22bd7f9;
            5'd4: word <= 32'h268c06b9;
            5'd5: word <= 32'he723ef41;
            5'd6: word <= 32'h260efab0;
            5'd7: word <= 32'h256e0996;
            5'd8: word <= 32'h1d4fb8e9;
            5'd9: word <= 32'hae045579;
            5'd10: word <= GIT_HASH[159:128];
            5'd11: word <= GIT_HASH[127:96];
            5'd12: word <= GIT_HASH[95:64];
            5'd13: word <= GIT_HASH[63:32];
            5'd14: word <= GIT_HASH[31:0];
            5'd15: word <= {31'd0, DIRTY};
            5'd16: word <= 32'h0000001f;
            5'd17: word <= 32'h00000002;
            5'd18: word <= 32'h0000000a;
            5'd19: word <= 32'h00000001;
            5'd20: word <= 32'h00000800;
            5'd21: word <= 32'h00000002;
            5'd22: word <= 32'h00000010;
            5'd23: word <= 32'h00000001;
            5'd24: word <= 32'h02dc6c00;
            5'd25: word <= 32'h002dc6c0;
            5'd26: word <= jobs;
            5'd27: word <= errors;
            default: word <= 32'd0;
        endcase
endmodule

`default_nettype wire
