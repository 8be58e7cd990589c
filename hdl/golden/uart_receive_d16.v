// uart_receive_d16: 8N1 serial input to words, low byte first
// 16 clocks a bit. While `align` is high, the bytes of the magic word start a new word.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module uart_receive_d16 (
    input wire        clk,
    input wire        rst,     // synchronous, active high
    input wire        rx,      // asynchronous
    input wire        align,   // take the magic word at any byte
    output reg        m_valid, // one clock; cannot wait
    output reg [31:0] m_data
);

    wire [31:0] window;
    wire        aligned;
    reg   [1:0] sync;
    reg         busy;
    reg   [3:0] timer;
    reg   [3:0] bit_count;
    reg         byte_valid;
    reg   [7:0] byte_data;
    reg   [1:0] byte_count;
    reg  [23:0] last_bytes;

    assign window  = {byte_data, last_bytes};
    assign aligned = align && window == 32'h4e4c4701;

    always @(posedge clk) begin
        sync       <= {sync[0], rx};
        byte_valid <= 1'b0;
        m_valid    <= 1'b0;
        if (!busy) begin
            // A falling line may be a start bit: look again in its middle.
            timer     <= 4'd7;
            bit_count <= 4'd0;
            busy      <= !sync[1];
        end else if (timer != 0) begin
            timer <= timer - 1'b1;
        end else begin
            timer     <= 4'd15;
            bit_count <= bit_count + 1'b1;
            if (bit_count == 4'd0) begin
                busy <= !sync[1];
            end else if (bit_count == 4'd9) begin
                // A missing stop bit is a broken byte: drop it, the CRC tells.
                busy       <= 1'b0;
                byte_valid <= sync[1];
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
        if (rst) begin
            sync       <= 2'b11;
            busy       <= 1'b0;
            byte_valid <= 1'b0;
            byte_count <= 2'd0;
            last_bytes <= 24'd0;
            m_valid    <= 1'b0;
        end
    end
endmodule

`default_nettype wire
