// memory_fetch_m12: reads the beats of a stream of addresses
// Latency:    5 clocks from an address to its beat
// Throughput: 8 beats in 8 clocks, at most one a clock
// At most 8 beats are under way or waiting.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module memory_fetch_m12 (
    input wire          clk,
    input wire          rst,          // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire   [19:0] s_data,
    output wire         read,
    output wire  [11:0] read_address,
    input wire  [247:0] read_data,    // 2 clocks after its address
    output wire         m_valid,
    input wire          m_ready,
    output wire [247:0] m_data
);

    reg        asked;
    reg [11:0] address;
    reg  [1:0] due;
    reg  [3:0] owed;

    stream_fifo #(.WIDTH(248), .DEPTH(8)) waiting (
        .clk(clk),
        .rst(rst),
        .s_valid(due[1]),
        .s_ready(),
        .s_data(read_data),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data)
    );

    assign s_ready      = owed != 4'd8;
    assign read         = asked;
    assign read_address = address;

    always @(posedge clk) begin
        asked   <= s_valid && s_ready;
        address <= s_data[11:0];
        due     <= {due[0:0], asked};
        owed    <= owed + {3'd0, s_valid && s_ready} - {3'd0, m_valid && m_ready};
        if (rst) begin
            asked <= 1'b0;
            due   <= 0;
            owed  <= 0;
        end
    end
endmodule

`default_nettype wire
