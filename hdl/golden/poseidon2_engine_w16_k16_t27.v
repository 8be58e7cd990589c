// poseidon2_engine_w16_k16_t27: Poseidon2 of width 16 on 16 multipliers
// Latency:    several hundred clocks for a permutation alone; the datasheet of the generator has the figures
// Throughput: at best 16 multiplies a clock, 564 a permutation
// 64 contexts in flight; at best 141 / 4 clocks a permutation. Results leave in order.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_engine_w16_k16_t27 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    output wire         s_ready,
    input wire  [123:0] s_data,  // G words of a state, word 0 low
    input wire   [26:0] s_tag,   // of the state; taken with its last beat
    output wire         m_valid,
    input wire          m_ready,
    output wire [123:0] m_data,  // G words of the permuted state
    output wire  [26:0] m_tag,
    output reg    [2:0] work     // S-boxes started
);

    wire   [2:0] l_round;
    wire   [5:0] l_context;
    wire         l_first;
    wire         c_valid;
    wire         e_valid;
    wire   [5:0] b_context;
    wire   [2:0] round;
    wire   [1:0] chunk;
    wire         row;
    wire         l_valid;
    wire   [1:0] l_index;
    wire [123:0] l_data;
    wire         y_valid;
    wire   [5:0] y_context;
    wire         y_beat;
    wire [247:0] y_data;
    wire         p_ends;
    wire         q_valid;
    wire  [40:0] q_lane;
    wire         s_taken;
    wire         entered;
    wire         freed;
    wire         z_first;
    wire [123:0] entering_data;
    wire         z_valid;
    wire   [1:0] z_index;
    wire [123:0] z_data;
    wire   [5:0] z_context;
    wire   [1:0] place;
    wire         bank;
    wire         granted;
    wire         is_pack;
    wire   [2:0] count;
    wire   [1:0] last;
    wire [163:0] lanes;
    wire [123:0] between_data;
    wire [247:0] left_all;
    wire  [31:0] less_0;
    wire  [31:0] less_1;
    wire  [31:0] less_2;
    wire  [31:0] less_3;
    wire [123:0] request_1;
    wire         late_is_pack;
    wire   [1:0] late_last;
    wire  [39:0] late_tags;
    wire         landed;
    wire [123:0] y;
    wire         a_valid;
    wire [123:0] a_data;
    wire   [8:0] a_tag;
    wire         l_last;
    wire [123:0] ended_data;
    wire         send;
    wire         finished;
    wire         m_taken;
    reg    [5:0] head;
    reg    [6:0] occupied;
    reg    [1:0] s_place;
    reg          bank_1;
    reg          bank_2;
    reg   [31:0] sum_0;
    reg   [31:0] sum_1;
    reg   [31:0] sum_2;
    reg   [31:0] sum_3;
    reg  [123:0] request_2;
    reg          is_pack_2;
    reg    [2:0] round_1;
    reg    [2:0] round_2;
    reg  [123:0] source_3;
    reg  [123:0] x;
    reg  [123:0] constant_1;
    reg  [123:0] constant_2;
    reg  [123:0] constant_3;
    reg   [24:0] flying;
    reg    [5:0] tail;
    reg    [1:0] m_place;
    reg   [63:0] done;
    reg          leaving;
    reg    [3:0] credit;
    reg          sent_1;
    reg          sent_2;
    reg   [26:0] tag_1;
    reg   [26:0] tag_2;

    poseidon2_linear_g4_w16_t6 first_layer (
        .clk(clk),
        .rst(rst),
        .s_valid(s_taken),
        .s_data(s_data),
        .s_tag(head),
        .m_valid(z_valid),
        .m_last(),
        .m_index(z_index),
        .m_data(z_data),
        .m_tag(z_context)
    );
    ram #(.WIDTH(124), .DEPTH(256)) entering (
        .clk(clk),
        .write(z_valid),
        .write_address({z_context, z_index}),
        .write_data(z_data),
        .read(1'b1),
        .read_address({b_context, chunk}),
        .read_data(entering_data)
    );
    poseidon2_schedule_w16_k16 schedule (
        .clk(clk),
        .rst(rst),
        .q_valid(q_valid),
        .q_lane(q_lane),
        .p_ends(p_ends),
        .z_valid(z_first),
        .z_context(z_context),
        .c_valid(c_valid),
        .c_context(l_context),
        .c_round(l_round + 3'd1),
        .e_valid(e_valid),
        .e_context(y_context),
        .b_context(b_context),
        .round(round),
        .place(place),
        .chunk(chunk),
        .row(row),
        .bank(bank),
        .granted(granted),
        .is_pack(is_pack),
        .count(count),
        .last(last),
        .lanes(lanes)
    );
    ram #(.WIDTH(124), .DEPTH(256)) between (
        .clk(clk),
        .write(l_valid),
        .write_address({l_context, l_index}),
        .write_data(l_data),
        .read(1'b1),
        .read_address({b_context, chunk}),
        .read_data(between_data)
    );
    ram #(.WIDTH(124), .DEPTH(128)) left_0 (
        .clk(clk),
        .write(y_valid),
        .write_address({y_context, y_beat}),
        .write_data(y_data[123:0]),
        .read(1'b1),
        .read_address({b_context, row}),
        .read_data(left_all[123:0])
    );
    ram #(.WIDTH(124), .DEPTH(128)) left_1 (
        .clk(clk),
        .write(y_valid),
        .write_address({y_context, y_beat}),
        .write_data(y_data[247:124]),
        .read(1'b1),
        .read_address({b_context, row}),
        .read_data(left_all[247:124])
    );
    poseidon2_sbox_e4 sboxes (
        .clk(clk),
        .x(x),
        .y(y)
    );
    delay #(.WIDTH(43), .CLOCKS(25)) flags (
        .clk(clk),
        .s_data({is_pack, last, lanes[163:154], lanes[122:113], lanes[81:72], lanes[40:31]}),
        .m_data({late_is_pack, late_last, late_tags})
    );
    poseidon2_linear_g4_w16_t9 layer (
        .clk(clk),
        .rst(rst),
        .s_valid(a_valid),
        .s_data(a_data),
        .s_tag(a_tag),
        .m_valid(l_valid),
        .m_last(l_last),
        .m_index(l_index),
        .m_data(l_data),
        .m_tag({l_round, l_context})
    );
    poseidon2_internal_w16_k16 internal (
        .clk(clk),
        .rst(rst),
        .n_valid(l_valid && l_round == 3'd3),
        .n_last(l_last),
        .n_context(l_context),
        .n_data(l_data),
        .r_valid(landed && late_is_pack),
        .r_last(late_last),
        .r_lanes({late_tags[39:30], y[123:93], late_tags[29:20], y[92:62], late_tags[19:10], y[61:31], late_tags[9:0],
            y[30:0]}),
        .p_ends(p_ends),
        .q_valid(q_valid),
        .q_lane(q_lane),
        .y_valid(y_valid),
        .y_context(y_context),
        .y_beat(y_beat),
        .y_data(y_data)
    );
    ram #(.WIDTH(124), .DEPTH(256)) ended (
        .clk(clk),
        .write(l_valid),
        .write_address({l_context, l_index}),
        .write_data(l_data),
        .read(1'b1),
        .read_address({tail, m_place}),
        .read_data(ended_data)
    );
    stream_fifo #(.WIDTH(151), .DEPTH(8)) results (
        .clk(clk),
        .rst(rst),
        .s_valid(sent_2),
        .s_ready(),
        .s_data({tag_2, ended_data}),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data({m_tag, m_data})
    );

    (* ram_style = "distributed", no_rw_check *)
    reg [26:0] tags [0:63];

    // A context is occupied from its last beat in to its last beat out.
    assign s_ready = !occupied[6];
    assign s_taken = s_valid && s_ready;
    assign z_first = z_valid && z_index == 2'd0;
    assign entered = s_taken && s_place == 2'd3;

    always @(posedge clk) begin
        if (s_taken) s_place <= entered ? 2'd0 : s_place + 1'b1;
        if (s_ready) tags[head] <= s_tag; // what the last beat brings stays
        if (entered) head <= head + 1'b1;
        if (entered != freed) occupied <= entered ? occupied + 1'b1 : occupied - 1'b1;
        if (rst) begin
            s_place  <= 2'd0;
            head     <= 6'd0;
            occupied <= 7'd0;
        end
    end

    reg [123:0] constants [0:31];

    initial begin
        constants[0] = {31'h1b941180, 31'h61ddbd3a, 31'h71385def, 31'h5e4d6938};
        constants[1] = {31'h10e63112, 31'h732e57c3, 31'h52478027, 31'h4d20d77d};
        constants[2] = {31'h32c46133, 31'h4bbe9ab7, 31'h0221857a, 31'h3c99be27};
        constants[3] = {31'h5f01dd7d, 31'h1f3714e3, 31'h37682266, 31'h2f62cc76};
        constants[4] = {31'h5a6765cc, 31'h36b3008a, 31'h67da0d24, 31'h35678506};
        constants[5] = {31'h150a571c, 31'h249392d3, 31'h2ed4b9ec, 31'h45c068bd};
        constants[6] = {31'h46023d70, 31'h659e048e, 31'h3bedb1b8, 31'h287549ea};
        constants[7] = {31'h547fa880, 31'h4f1ad620, 31'h1f9c528f, 31'h1e55a92d};
        constants[8] = {31'h55dddeb4, 31'h17b67671, 31'h22c2f11a, 31'h44c19b36};
        constants[9] = {31'h771e5548, 31'h0a3cd409, 31'h0a66840e, 31'h1b18a7ed};
        constants[10] = {31'h56f4fbf9, 31'h1ad7c512, 31'h6bbfe070, 31'h53aaba92};
        constants[11] = {31'h1cb5555c, 31'h766f3f66, 31'h3f67bc14, 31'h2ee93eac};
        constants[12] = {31'h77f2fa2b, 31'h0e351627, 31'h4ee52289, 31'h496b4856};
        constants[13] = {31'h242cfe16, 31'h4c8a5ba9, 31'h42103ad7, 31'h3d176ccc};
        constants[14] = {31'h2ddefdb7, 31'h2751c80b, 31'h2ae0610a, 31'h3ce22e52};
        constants[15] = {31'h278ad903, 31'h687881f7, 31'h234c77eb, 31'h3003796e};
        constants[16] = {31'h1add1ead, 31'h20f18724, 31'h1225b500, 31'h3b98331a};
        constants[17] = {31'h44bd103f, 31'h4f2405e1, 31'h67810938, 31'h27c8bae0};
        constants[18] = {31'h6376b2e5, 31'h7222068f, 31'h4025183a, 31'h30ad7b47};
        constants[19] = {31'h530c569d, 31'h3d7d5b9c, 31'h3a2811d0, 31'h5165184a};
        constants[20] = {31'h14ba29f8, 31'h5ffc6e6c, 31'h3d06627d, 31'h5caada1c};
        constants[21] = {31'h25bcff06, 31'h198b65e1, 31'h2c0fb8f7, 31'h71d1c1e9};
        constants[22] = {31'h4a81a536, 31'h519ea061, 31'h059b1122, 31'h07427c35};
        constants[23] = {31'h74f6c733, 31'h02ec7cac, 31'h1eb2ca04, 31'h06cf9aa9};
        constants[24] = {31'h0094e6fc, 31'h03db6b21, 31'h6edd9d09, 31'h524ebfde};
        constants[25] = {31'h544a7136, 31'h3ccf7585, 31'h2a5eb829, 31'h643ed13b};
        constants[26] = {31'h055c4d17, 31'h2a88bdad, 31'h0227bd55, 31'h5b49128f};
        constants[27] = {31'h68f3d82f, 31'h42ec1895, 31'h179a43f2, 31'h6f822c4a};
        constants[28] = {31'h011943f8, 31'h689d63db, 31'h0806ab72, 31'h30dcf522};
        constants[29] = {31'h395e47bd, 31'h5871ed94, 31'h6a3c56e1, 31'h65709ccd};
        constants[30] = {31'h1eb56dde, 31'h03c4b679, 31'h0d422bd9, 31'h6eb895c4};
        constants[31] = {31'h2a1275f1, 31'h5ed5c104, 31'h3a05211e, 31'h505e67b5};
    end

    // Names end in the clock, counted from the choice, in which they hold.
    assign less_0 = sum_0 - 32'd2013265921;
    assign request_1[30:0] = lanes[30:0];
    assign less_1 = sum_1 - 32'd2013265921;
    assign request_1[61:31] = lanes[71:41];
    assign less_2 = sum_2 - 32'd2013265921;
    assign request_1[92:62] = lanes[112:82];
    assign less_3 = sum_3 - 32'd2013265921;
    assign request_1[123:93] = lanes[153:123];

    always @(posedge clk) begin
        constant_1 <= constants[{round, place}];
        constant_2 <= constant_1;
        constant_3 <= is_pack_2 ? 124'd0 : constant_2; // a request has its constant already
        round_1    <= round;
        round_2    <= round_1;
        request_2  <= request_1;
        is_pack_2  <= is_pack;
        source_3   <= is_pack_2 ? request_2 :
            round_2 == 3'd0 ? entering_data :
            round_2 == 3'd4 ? (bank_2 == 1'd0 ? left_all[123:0] : left_all[247:124]) : between_data;
        bank_1     <= bank;
        bank_2     <= bank_1;
        sum_0 <= {1'b0, source_3[30:0]} + {1'b0, constant_3[30:0]};
        x[30:0] <= less_0[31] ? sum_0[30:0] : less_0[30:0];
        sum_1 <= {1'b0, source_3[61:31]} + {1'b0, constant_3[61:31]};
        x[61:31] <= less_1[31] ? sum_1[30:0] : less_1[30:0];
        sum_2 <= {1'b0, source_3[92:62]} + {1'b0, constant_3[92:62]};
        x[92:62] <= less_2[31] ? sum_2[30:0] : less_2[30:0];
        sum_3 <= {1'b0, source_3[123:93]} + {1'b0, constant_3[123:93]};
        x[123:93] <= less_3[31] ? sum_3[30:0] : less_3[30:0];

        work <= granted && !rst ? count : 3'd0;
    end

    assign a_valid = landed && !late_is_pack;
    assign a_data  = y;
    assign a_tag   = late_tags[8:0];

    // A context may go on when its first beat is written: it is read in the same order, and not faster.
    assign landed  = flying[24];
    assign l_first = l_valid && l_index == 2'd0;
    assign c_valid = l_first && l_round != 3'd3 && l_round != 3'd7;
    assign e_valid = y_valid && y_beat == 1'd0;

    always @(posedge clk) begin
        flying <= {flying[23:0], granted};
        if (rst) flying <= 25'd0;
    end

    // A beat is read only if it has a place in the queue.
    assign finished = l_first && l_round == 3'd7;
    assign send     = leaving && credit != 0;
    assign freed    = send && m_place == 2'd3;
    assign m_taken  = m_valid && m_ready;

    always @(posedge clk) begin
        if (finished) done[l_context] <= 1'b1;
        leaving <= leaving ? !freed : done[tail];
        if (send) m_place <= freed ? 2'd0 : m_place + 1'b1;
        if (freed) begin
            tail       <= tail + 1'b1;
            done[tail] <= 1'b0;
        end
        if (send != m_taken) credit <= send ? credit - 1'b1 : credit + 1'b1;
        sent_1 <= send;
        sent_2 <= sent_1;
        tag_1  <= tags[tail];
        tag_2  <= tag_1;
        if (rst) begin
            done    <= 64'd0;
            tail    <= 6'd0;
            leaving <= 1'b0;
            m_place <= 2'd0;
            credit  <= 4'd8;
            sent_1  <= 1'b0;
            sent_2  <= 1'b0;
        end
    end
endmodule

`default_nettype wire
