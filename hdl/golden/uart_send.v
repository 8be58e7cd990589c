// uart_send: words to 8N1 serial output, low byte first
// Latency:    1 clock from a taken word to its start bit
// Throughput: one word in 40 bit times
// `divisor` clocks a bit. `s_ready` is high when the line is idle, the last stop bit included.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module uart_send (
    input wire         clk,
    input wire         rst,     // synchronous, active high
    input wire  [15:0] divisor, // clocks a bit; may change while `s_ready` is high and `s_valid` is not
    input wire         s_valid,
    output wire        s_ready,
    input wire  [31:0] s_data,
    output reg         tx
);

    wire        tick;
    reg  [15:0] timer;
    reg   [5:0] left;
    reg  [39:0] frame;

    assign tick    = timer == 16'd1;
    assign s_ready = tick && left == 0;

    always @(posedge clk) begin
        timer <= tick ? divisor : timer - 1'b1;
        if (tick) begin
            tx    <= left == 0 ? 1'b1 : frame[0];
            frame <= {1'b1, frame[39:1]};
            if (left != 0) left <= left - 1'b1;
            if (s_valid && s_ready) begin
                // The start bit leaves now; 39 bits are left.
                tx    <= 1'b0;
                frame <= {2'b11, s_data[31:24], 2'b01, s_data[23:16], 2'b01, s_data[15:8], 2'b01, s_data[7:0]};
                left  <= 6'd39;
            end
        end
        if (rst) begin
            timer <= 16'd1;
            left  <= 0;
            tx    <= 1'b1;
        end
    end
endmodule

`default_nettype wire
