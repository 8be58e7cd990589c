// shell_watchdog_w24: says when a job has not moved for too long
// Latency:    2^24 clocks of silence
// Throughput: looks at every clock
// `starved` after 2^24 clocks of waiting for one word. `stuck` after as many in which no word was taken, nothing was
// passed on, and neither
// input nor link was what the job waited for.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_watchdog_w24 (
    input wire  clk,
    input wire  rst,     // synchronous, active high
    input wire  active,  // a job is under way
    input wire  waiting, // it waits for a word
    input wire  moved,   // it takes one
    input wire  sending, // a row, a digest or a word of its results leaves, or waits for the link
    output wire starved,
    output wire stuck
);

    reg [23:0] quiet;
    reg        waited;
    reg        expired;
    reg        hungry;

    // A clock late; a job that has ended in it has not starved.
    assign starved = expired && active && hungry;
    assign stuck   = expired && active && !hungry;

    always @(posedge clk) begin
        expired <= &quiet && waiting == waited && active && !rst;
        hungry  <= waiting;
        waited  <= waiting;
        quiet  <= quiet + 1'b1;
        if (rst || !active || moved || waiting != waited || (sending && !waiting)) quiet <= 0;
    end
endmodule

`default_nettype wire
