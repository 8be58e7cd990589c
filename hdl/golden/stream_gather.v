// stream_gather: gathers words into one wide beat, the first word lowest
// Latency:    1 clock from the last word
// Throughput: one word a clock
// Reset drops what is gathered.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module stream_gather #(
    parameter WIDTH = 31, // bits of a word
    parameter COUNT = 8   // words of a beat, at least 2
) (
    input wire                    clk,
    input wire                    rst,     // synchronous, active high
    input wire                    s_valid,
    output wire                   s_ready,
    input wire        [WIDTH-1:0] s_data,
    output reg                    m_valid,
    input wire                    m_ready,
    output reg  [WIDTH*COUNT-1:0] m_data
);

    localparam LAST  = COUNT - 1;
    localparam INDEX = $clog2(COUNT); // bits of the number of a word

    wire     [WIDTH*COUNT-1:0] beat;
    wire                       last;
    reg            [INDEX-1:0] index;
    reg  [WIDTH*(COUNT-1)-1:0] parts;

    // The parts gather beside the beat that leaves: a sink that is not always ready stops the last part only.
    assign beat    = {s_data, parts};
    assign last    = index == LAST[INDEX-1:0];
    assign s_ready = !last || m_ready || !m_valid;

    always @(posedge clk) begin
        if (m_ready) m_valid <= 1'b0;
        if (s_valid && s_ready) begin
            parts <= beat[WIDTH*COUNT-1:WIDTH];
            index <= last ? {INDEX{1'b0}} : index + 1'b1;
            if (last) begin
                m_valid <= 1'b1;
                m_data  <= beat;
            end
        end
        if (rst) begin
            index   <= 0;
            m_valid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
