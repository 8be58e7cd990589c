// serial_link: a serial line as streams of words
// Latency:    a word leaves with its last bit: a clock and 40 bit times
// Throughput: one word in 40 bit times, both ways at once
// A word that comes while `m_ready` is low is lost, and counted.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module serial_link #(
    parameter DIVISOR = 48 // clocks a bit after reset, from 4 to 65535
) (
    input wire         clk,
    input wire         rst,          // synchronous, active high
    input wire         rx,           // from the host, 8N1
    output wire        tx,           // to the host, 8N1
    input wire         align,        // take the magic word at any byte
    output wire        m_valid,      // words from the host; one clock
    input wire         m_ready,      // there is room
    output wire [31:0] m_data,
    input wire         s_valid,      // words to the host
    output wire        s_ready,
    input wire  [31:0] s_data,
    input wire         restart,      // back to the base rate, errors forgotten
    input wire         rate_set,     // a new rate after the last word has left
    input wire  [15:0] rate_divisor,
    input wire         header_seen,
    output wire        line_break,   // the host asks for a reset of everything
    output reg  [31:0] line_errors   // bytes without a stop bit, words without room
);

    wire [15:0] divisor;
    wire        broken;
    wire        leave_valid;
    wire        leave_ready;
    wire [31:0] leave_data;

    uart_receive line_in (
        .clk(clk),
        .rst(rst),
        .divisor(divisor),
        .rx(rx),
        .align(align),
        .m_valid(m_valid),
        .m_data(m_data),
        .broken(broken),
        .line_break(line_break)
    );
    stream_register #(.WIDTH(32)) leave (
        .clk(clk),
        .rst(rst || line_break),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data(s_data),
        .m_valid(leave_valid),
        .m_ready(leave_ready),
        .m_data(leave_data)
    );
    uart_send line_out (
        .clk(clk),
        .rst(rst || line_break),
        .divisor(divisor),
        .s_valid(leave_valid),
        .s_ready(leave_ready),
        .s_data(leave_data),
        .tx(tx)
    );
    uart_rate #(.DIVISOR(DIVISOR), .LOG_TRIAL(22)) pace (
        .clk(clk),
        .rst(rst || line_break),
        .restart(restart),
        .set(rate_set),
        .set_divisor(rate_divisor),
        .idle(leave_ready && !leave_valid && !s_valid),
        .header_seen(header_seen),
        .divisor(divisor)
    );

    always @(posedge clk) begin
        if (broken || (m_valid && !m_ready)) line_errors <= line_errors + 1'b1;
        if (rst || line_break || restart) line_errors <= 32'd0;
    end
endmodule

`default_nettype wire
