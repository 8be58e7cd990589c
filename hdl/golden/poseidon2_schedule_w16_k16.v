// poseidon2_schedule_w16_k16: the order of work of the S-box array
// Latency:    1 clock from a choice to `granted`
// Throughput: one choice a clock
// First a full pack of 4 internal requests, then a beat of an external round, then a part of a pack.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_schedule_w16_k16 (
    input wire         clk,
    input wire         rst,       // synchronous, active high
    input wire         q_valid,   // an internal request
    input wire  [40:0] q_lane,
    input wire         p_ends,    // a pack has been taken up
    input wire         z_valid,   // a new context
    input wire   [5:0] z_context,
    input wire         c_valid,   // a context between external rounds
    input wire   [5:0] c_context,
    input wire   [2:0] c_round,   // the next one
    input wire         e_valid,   // a context after its internal rounds
    input wire   [5:0] e_context,
    output reg   [5:0] b_context, // next external beat
    output reg   [2:0] round,
    output reg   [1:0] place,     // beat of the round
    output reg   [1:0] chunk,     // its group
    output reg         row,       // its sweep beat
    output reg         bank,      // group within the sweep beat
    output reg         granted,   // one clock after the choice
    output reg         is_pack,   // a pack
    output reg   [2:0] count,     // S-boxes
    output reg   [1:0] last,      // the last of them
    output reg [163:0] lanes
);

    wire         z_taken;
    wire         z_waits;
    wire   [5:0] z_head;
    wire         c_taken;
    wire         c_waits;
    wire   [8:0] c_head;
    wire         e_taken;
    wire         e_waits;
    wire   [5:0] e_head;
    wire         partial;
    wire         external;
    wire         ends;
    wire         advance;
    wire   [4:0] into_row;
    wire   [1:0] into_slot;
    wire         closes;
    wire [163:0] head_lanes;
    reg          open;
    reg    [5:0] packs;
    reg    [4:0] write_row;
    reg    [4:0] read_row;
    reg    [4:0] next_row;
    reg    [1:0] slot;
    reg    [4:0] waiting;
    reg          full;
    reg          begun;
    reg          may_part;

    poseidon2_queue #(.WIDTH(6), .DEPTH(64)) z_queue (
        .clk(clk),
        .rst(rst),
        .push(z_valid),
        .s_data(z_context),
        .m_valid(z_waits),
        .pop(z_taken),
        .m_data(z_head)
    );
    poseidon2_queue #(.WIDTH(9), .DEPTH(64)) c_queue (
        .clk(clk),
        .rst(rst),
        .push(c_valid),
        .s_data({c_round, c_context}),
        .m_valid(c_waits),
        .pop(c_taken),
        .m_data(c_head)
    );
    poseidon2_queue #(.WIDTH(6), .DEPTH(64)) e_queue (
        .clk(clk),
        .rst(rst),
        .push(e_valid),
        .s_data(e_context),
        .m_valid(e_waits),
        .pop(e_taken),
        .m_data(e_head)
    );

    // The choice of this clock: full rows, an open context, a begun row.
    assign external = open && !full;
    assign partial  = !open && !full && begun && may_part;
    assign ends     = place == 2'd3;
    assign advance  = !open || (external && ends);

    // Contexts on their way out go first, so that few are needed in flight.
    assign e_taken = advance && e_waits;
    assign c_taken = advance && !e_waits && c_waits;
    assign z_taken = advance && !e_waits && !c_waits && z_waits;

    always @(posedge clk) begin
        if (advance) begin
            open      <= e_waits || c_waits || z_waits;
            b_context <= e_waits ? e_head : c_waits ? c_head[5:0] : z_head;
            round     <= e_waits ? 3'd4 : c_waits ? c_head[8:6] : 3'd0;
        end
        // Packs under way. Full ones cannot be more than half of what the internal unit holds; parts keep to the other
        // half.
        if ((full || partial) != p_ends) packs <= p_ends ? packs - 1'b1 : packs + 1'b1;
        may_part <= packs < 6'd15;
        if (rst) begin
            open  <= 1'b0;
            packs <= 6'd0;
        end
    end

    always @(posedge clk) begin
        if (external) begin
            place <= ends ? 2'd0 : place + 1'b1;
        end
        if (external) begin
            chunk <= ends ? 2'd0 : chunk + 1'b1;
            bank  <= bank == 1'd1 ? 1'd0 : bank + 1'b1;
            if (bank == 1'd1) row <= ends ? 1'd0 : row + 1'b1;
        end
        if (rst) begin
            place <= 2'd0;
            chunk <= 2'd0;
            bank  <= 1'd0;
            row   <= 1'd0;
        end
    end

    // Requests fill a row slot by slot; a part of a row that is granted is closed, and the request of that clock opens
    // the next.
    (* ram_style = "distributed", no_rw_check *)
    reg [40:0] requests_0 [0:31];
    (* ram_style = "distributed", no_rw_check *)
    reg [40:0] requests_1 [0:31];
    (* ram_style = "distributed", no_rw_check *)
    reg [40:0] requests_2 [0:31];
    (* ram_style = "distributed", no_rw_check *)
    reg [40:0] requests_3 [0:31];

    assign head_lanes[40:0] = requests_0[read_row];
    assign head_lanes[81:41] = requests_1[read_row];
    assign head_lanes[122:82] = requests_2[read_row];
    assign head_lanes[163:123] = requests_3[read_row];

    assign into_row  = partial ? next_row : write_row;
    assign into_slot = partial ? 2'd0 : slot;
    assign closes    = q_valid && into_slot == 2'd3;

    always @(posedge clk) begin
        if (q_valid && into_slot == 2'd0) requests_0[into_row] <= q_lane;
        if (q_valid && into_slot == 2'd1) requests_1[into_row] <= q_lane;
        if (q_valid && into_slot == 2'd2) requests_2[into_row] <= q_lane;
        if (q_valid && into_slot == 2'd3) requests_3[into_row] <= q_lane;

        slot  <= closes ? 2'd0 : q_valid ? into_slot + 1'b1 : into_slot;
        begun <= !closes && (q_valid || (begun && !partial));
        if (closes || partial) begin
            write_row <= next_row;
            next_row  <= next_row + 1'b1;
        end
        if (full || partial) read_row <= read_row + 1'b1;
        if (closes != full) waiting <= closes ? waiting + 1'b1 : waiting - 1'b1;
        full <= closes || (full && waiting != 5'd1);
        if (rst) begin
            slot      <= 2'd0;
            begun     <= 1'b0;
            write_row <= 5'd0;
            next_row  <= 5'd1;
            read_row  <= 5'd0;
            waiting   <= 5'd0;
            full      <= 1'b0;
        end

        granted <= full || external || partial;
        is_pack <= !external;
        count   <= partial ? {1'd0, slot} : 3'd4;
        last    <= partial ? slot - 1'b1 : 2'd3;
        lanes   <= head_lanes;
        if (external) lanes[40:31] <= {1'd0, round, b_context};
        if (rst) granted <= 1'b0;
    end
endmodule

`default_nettype wire
