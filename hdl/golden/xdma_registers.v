// xdma_registers: the user BAR: an AXI-Lite slave with the register map and the shell's registers
// Latency:    a read takes 4 clocks, a write 2
// Throughput: one of each at a time
// Writing 1 to `control` holds `clear` for 15 clocks.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module xdma_registers (
    input wire         clk,
    input wire         rst,            // synchronous, active high
    input wire  [11:0] s_axil_awaddr,
    input wire   [2:0] s_axil_awprot,  // not looked at
    input wire         s_axil_awvalid,
    output wire        s_axil_awready,
    input wire  [31:0] s_axil_wdata,
    input wire   [3:0] s_axil_wstrb,
    input wire         s_axil_wvalid,
    output wire        s_axil_wready,
    output wire  [1:0] s_axil_bresp,   // always OKAY
    output reg         s_axil_bvalid,
    input wire         s_axil_bready,
    input wire  [11:0] s_axil_araddr,
    input wire   [2:0] s_axil_arprot,  // not looked at
    input wire         s_axil_arvalid,
    output wire        s_axil_arready,
    output reg  [31:0] s_axil_rdata,
    output wire  [1:0] s_axil_rresp,   // always OKAY
    output reg         s_axil_rvalid,
    input wire         s_axil_rready,
    output wire        map_take,       // a word of the register map is read now
    output wire  [5:0] map_index,      // which
    input wire  [31:0] map_word,       // a clock later
    input wire  [31:0] packets,        // complete packets to the host
    input wire  [31:0] space,          // words that the input store has room for
    output wire        clear           // the core is in reset, both directions are empty
);

    wire        write;
    reg         aw_here;
    reg   [9:0] aw_word;
    reg         w_here;
    reg  [31:0] w_data;
    reg         w_whole;
    reg   [9:0] ar_word;
    reg         reading;
    reg         fetched;
    reg  [31:0] scratch;
    reg   [3:0] clear_left;

    assign s_axil_awready = !aw_here;
    assign s_axil_wready  = !w_here;
    assign s_axil_bresp   = 2'b00;
    assign write          = aw_here && w_here && (!s_axil_bvalid || s_axil_bready);
    assign clear          = clear_left != 0;

    always @(posedge clk) begin
        if (s_axil_awvalid && s_axil_awready) begin
            aw_here <= 1'b1;
            aw_word <= s_axil_awaddr[11:2];
        end
        if (s_axil_wvalid && s_axil_wready) begin
            w_here  <= 1'b1;
            w_data  <= s_axil_wdata;
            w_whole <= &s_axil_wstrb;
        end
        if (s_axil_bready) s_axil_bvalid <= 1'b0;
        if (clear) clear_left <= clear_left - 1'b1;
        if (write) begin
            aw_here       <= 1'b0;
            w_here        <= 1'b0;
            s_axil_bvalid <= 1'b1;
            if (w_whole && aw_word == 10'd64 && w_data == 32'd1) clear_left <= 4'd15;
            if (w_whole && aw_word == 10'd67) scratch <= w_data;
        end
        if (rst) begin
            aw_here       <= 1'b0;
            w_here        <= 1'b0;
            s_axil_bvalid <= 1'b0;
            scratch       <= 32'd0;
            clear_left    <= 4'd0;
        end
    end

    assign s_axil_arready = !reading && !s_axil_rvalid;
    assign s_axil_rresp   = 2'b00;
    assign map_take       = reading && !fetched;
    assign map_index      = ar_word[5:0];

    // The word of the map is there a clock after its index, which is there a clock after the address was taken.
    always @(posedge clk) begin
        fetched <= reading;
        if (s_axil_arvalid && s_axil_arready) begin
            reading <= 1'b1;
            fetched <= 1'b0;
            ar_word <= s_axil_araddr[11:2];
        end
        if (reading && fetched) begin
            reading       <= 1'b0;
            s_axil_rvalid <= 1'b1;
            case (ar_word)
            10'd65: s_axil_rdata <= packets;
            10'd66: s_axil_rdata <= space;
            10'd67: s_axil_rdata <= scratch;
            default: s_axil_rdata <= ar_word < 10'd48 ? map_word : 32'd0;
            endcase
        end
        if (s_axil_rvalid && s_axil_rready) s_axil_rvalid <= 1'b0;
        if (rst) begin
            reading       <= 1'b0;
            s_axil_rvalid <= 1'b0;
        end
    end
endmodule

`default_nettype wire
