// xdma_link: the streams and registers behind the XDMA IP
// Latency:    host to card 2 clocks from a beat to its first word, card to host 5 from a packet's last word to its
//             first beat
// Throughput: one word a clock each way
// Streams of 64 bits, packets of up to 1024 words, a user BAR of 4 KiB.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module xdma_link (
    input wire         clk,
    input wire         rst,               // synchronous, active high
    input wire  [63:0] s_axis_h2c_tdata,  // host to card: words in the leading lanes
    input wire   [7:0] s_axis_h2c_tkeep,
    input wire         s_axis_h2c_tlast,  // not looked at
    input wire         s_axis_h2c_tvalid,
    output wire        s_axis_h2c_tready,
    output wire [63:0] m_axis_c2h_tdata,  // card to host: complete packets
    output wire  [7:0] m_axis_c2h_tkeep,
    output wire        m_axis_c2h_tlast,
    output wire        m_axis_c2h_tvalid,
    input wire         m_axis_c2h_tready,
    input wire  [11:0] s_axil_awaddr,     // user BAR
    input wire   [2:0] s_axil_awprot,
    input wire         s_axil_awvalid,
    output wire        s_axil_awready,
    input wire  [31:0] s_axil_wdata,
    input wire   [3:0] s_axil_wstrb,
    input wire         s_axil_wvalid,
    output wire        s_axil_wready,
    output wire  [1:0] s_axil_bresp,
    output wire        s_axil_bvalid,
    input wire         s_axil_bready,
    input wire  [11:0] s_axil_araddr,
    input wire   [2:0] s_axil_arprot,
    input wire         s_axil_arvalid,
    output wire        s_axil_arready,
    output wire [31:0] s_axil_rdata,
    output wire  [1:0] s_axil_rresp,
    output wire        s_axil_rvalid,
    input wire         s_axil_rready,
    output wire        in_valid,          // words from the host
    input wire         in_ready,
    output wire [31:0] in_data,
    input wire  [31:0] in_space,          // words that the store behind has room for
    input wire         out_valid,         // words to the host
    output wire        out_ready,
    input wire  [31:0] out_data,
    input wire         out_last,          // last word of a credit or a status frame
    input wire         restart,           // the registers count from zero
    output reg  [31:0] line_errors,       // beats dropped
    output wire        clear,             // the core is in reset
    output wire        map_take,          // the word of the map is read now
    output wire  [5:0] map_index,
    input wire  [31:0] map_word           // a clock after map_take
);

    wire        bad_beat;
    wire        beat_valid;
    wire        beat_ready;
    wire [71:0] beat;
    wire        enter_ready;
    wire [10:0] packets;

    stream_register #(.WIDTH(72)) enter (
        .clk(clk),
        .rst(rst || clear),
        .s_valid(s_axis_h2c_tvalid && !clear),
        .s_ready(enter_ready),
        .s_data({s_axis_h2c_tkeep, s_axis_h2c_tdata}),
        .m_valid(beat_valid),
        .m_ready(beat_ready),
        .m_data(beat)
    );
    xdma_words_b64 take_apart (
        .clk(clk),
        .rst(rst || clear),
        .s_valid(beat_valid),
        .s_ready(beat_ready),
        .s_data(beat[63:0]),
        .s_keep(beat[71:64]),
        .m_valid(in_valid),
        .m_ready(in_ready),
        .m_data(in_data),
        .bad(bad_beat)
    );
    xdma_packets_b64_w2048 pack (
        .clk(clk),
        .rst(rst),
        .clear(clear),
        .s_valid(out_valid),
        .s_ready(out_ready),
        .s_data(out_data),
        .s_last(out_last),
        .m_valid(m_axis_c2h_tvalid),
        .m_ready(m_axis_c2h_tready),
        .m_data(m_axis_c2h_tdata),
        .m_keep(m_axis_c2h_tkeep),
        .m_last(m_axis_c2h_tlast),
        .packets(packets)
    );
    xdma_registers bar (
        .clk(clk),
        .rst(rst),
        .s_axil_awaddr(s_axil_awaddr),
        .s_axil_awprot(s_axil_awprot),
        .s_axil_awvalid(s_axil_awvalid),
        .s_axil_awready(s_axil_awready),
        .s_axil_wdata(s_axil_wdata),
        .s_axil_wstrb(s_axil_wstrb),
        .s_axil_wvalid(s_axil_wvalid),
        .s_axil_wready(s_axil_wready),
        .s_axil_bresp(s_axil_bresp),
        .s_axil_bvalid(s_axil_bvalid),
        .s_axil_bready(s_axil_bready),
        .s_axil_araddr(s_axil_araddr),
        .s_axil_arprot(s_axil_arprot),
        .s_axil_arvalid(s_axil_arvalid),
        .s_axil_arready(s_axil_arready),
        .s_axil_rdata(s_axil_rdata),
        .s_axil_rresp(s_axil_rresp),
        .s_axil_rvalid(s_axil_rvalid),
        .s_axil_rready(s_axil_rready),
        .map_take(map_take),
        .map_index(map_index),
        .map_word(map_word),
        .packets({21'd0, packets}),
        .space(in_space),
        .clear(clear)
    );

    assign s_axis_h2c_tready = enter_ready && !rst && !clear;

    always @(posedge clk) begin
        if (bad_beat) line_errors <= line_errors + 1'b1;
        if (rst || clear || restart) line_errors <= 32'd0;
    end
endmodule

`default_nettype wire
