// shell_totals: counts since reset
// Latency:    1 clock
// Throughput: every clock counts
// A multiply counts when its job is over.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_totals (
    input wire        clk,
    input wire        rst,             // synchronous, active high
    input wire        take,            // a word is taken
    input wire        sent,            // a word is sent
    input wire        active,          // a job is under way
    input wire        waiting,         // it waits for a word
    input wire        blocked,         // an output word waits
    input wire        done,            // the job is over
    input wire [63:0] lde_multiplies,  // of the job, held until the next one
    input wire [63:0] hash_multiplies,
    output reg [63:0] uptime,          // clocks since reset
    output reg [63:0] busy,            // clocks in jobs
    output reg [63:0] words_in,        // words taken
    output reg [63:0] words_out,       // words sent
    output reg [63:0] stalled_in,      // clocks that jobs waited for input
    output reg [63:0] stalled_out,     // clocks that jobs waited for the link
    output reg [63:0] multiplies       // useful multiplies of both pipelines
);

    reg done_late;

    always @(posedge clk) begin
        uptime <= uptime + 1'b1;
        if (active) busy <= busy + 1'b1;
        if (take) words_in <= words_in + 1'b1;
        if (sent) words_out <= words_out + 1'b1;
        if (active && waiting) stalled_in <= stalled_in + 1'b1;
        if (active && blocked) stalled_out <= stalled_out + 1'b1;
        // One adder for both pipelines: one after the other.
        done_late <= done;
        if (done || done_late) multiplies <= multiplies + (done ? lde_multiplies : hash_multiplies);
        if (rst) begin
            done_late   <= 1'b0;
            uptime      <= 64'd0;
            busy        <= 64'd0;
            words_in    <= 64'd0;
            words_out   <= 64'd0;
            stalled_in  <= 64'd0;
            stalled_out <= 64'd0;
            multiplies  <= 64'd0;
        end
    end
endmodule

`default_nettype wire
