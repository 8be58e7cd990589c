// uart_receive: 8N1 serial input to words, low byte first
// Latency:    4 clocks from the middle of a word's last stop bit, 2 of them in the synchroniser
// Throughput: one word in 40 bit times
// While `align` is high, the bytes of the magic word start a new word. A line that is low for 2^14 clocks, a stop bit
// among them, is a break.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module uart_receive (
    input wire         clk,
    input wire         rst,       // synchronous, active high
    input wire  [15:0] divisor,   // clocks a bit
    input wire         rx,        // asynchronous
    input wire         align,     // take the magic word at any byte
    output reg         m_valid,   // one clock; cannot wait
    output reg  [31:0] m_data,
    output reg         broken,    // a byte without a stop bit was dropped
    output wire        line_break // from the end of a break's time until the line is high again
);

    wire [31:0] window;
    wire        aligned;
    reg   [1:0] sync;
    reg  [14:0] low;
    reg         no_stop;
    reg         busy;
    reg  [15:0] timer;
    reg   [3:0] bit_count;
    reg         byte_valid;
    reg   [7:0] byte_data;
    reg   [1:0] byte_count;
    reg  [23:0] last_bytes;

    assign window     = {byte_data, last_bytes};
    assign aligned    = align && window == 32'h4e4c4702;
    // At a low rate the zeros of a byte take as long as a break; the stop bit tells them apart.
    assign line_break = low[14] && no_stop;

    always @(posedge clk) begin
        sync       <= {sync[0], rx};
        byte_valid <= 1'b0;
        m_valid    <= 1'b0;
        broken     <= 1'b0;
        if (!low[14]) low <= low + 1'b1;
        if (broken) no_stop <= 1'b1;
        if (sync[1]) begin
            low     <= 0;
            no_stop <= 1'b0;
        end
        if (!busy) begin
            // A falling line may be a start bit: look again in its middle.
            timer     <= {1'b0, divisor[15:1]};
            bit_count <= 4'd0;
            busy      <= !sync[1];
        end else if (timer != 16'd1) begin
            timer <= timer - 1'b1;
        end else begin
            timer     <= divisor;
            bit_count <= bit_count + 1'b1;
            if (bit_count == 4'd0) begin
                busy <= !sync[1];
            end else if (bit_count == 4'd9) begin
                // A missing stop bit is a broken byte: drop it, the CRC tells.
                busy       <= 1'b0;
                byte_valid <= sync[1];
                broken     <= !sync[1];
            end else begin
                byte_data <= {sync[1], byte_data[7:1]};
            end
        end
        if (byte_valid) begin
            last_bytes <= window[31:8];
            byte_count <= aligned ? 2'd0 : byte_count + 1'b1;
            m_valid    <= aligned || byte_count == 2'd3;
            m_data     <= window;
        end
        if (rst || line_break) begin
            busy       <= 1'b0;
            byte_valid <= 1'b0;
            byte_count <= 2'd0;
            last_bytes <= 24'd0;
            m_valid    <= 1'b0;
            broken     <= 1'b0;
        end
        if (rst) begin
            sync    <= 2'b11; // which sets `low` to 0
            no_stop <= 1'b0;
        end
    end
endmodule

`default_nettype wire
