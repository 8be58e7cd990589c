// poseidon2_internal_w16_k16: the internal rounds of Poseidon2
// Latency:    13 turns (width 24: 21) through the S-boxes and this unit
// Throughput: one sweep beat a clock, 2 a round of a context
// 64 contexts, 8 words a beat, 2 beats a round. No back-pressure: every queue holds every context.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_internal_w16_k16 (
    input wire          clk,
    input wire          rst,       // synchronous, active high
    input wire          n_valid,   // a context arrives
    input wire          n_last,    // with its last beat
    input wire    [5:0] n_context,
    input wire  [123:0] n_data,
    input wire          r_valid,   // S-boxes return
    input wire    [1:0] r_last,    // the last of them
    input wire  [163:0] r_lanes,   // round, context, word of each
    output wire         p_ends,    // the S-boxes of a pack are all taken up
    output reg          q_valid,   // an S-box is requested
    output wire  [40:0] q_lane,    // round, context, word
    output wire         y_valid,   // a context leaves
    output wire   [5:0] y_context,
    output wire         y_beat,
    output wire [247:0] y_data
);

    wire         p_valid;
    wire [165:0] pack;
    wire         job_ends;
    wire         pack_ends;
    wire         begin_taken;
    wire   [5:0] begin_context;
    wire  [30:0] begin_word;
    wire [247:0] arrived;
    wire         n_total_valid;
    wire  [30:0] n_total;
    wire   [5:0] n_total_context;
    wire         begin_valid;
    wire   [3:0] next_round;
    wire  [32:0] addend;
    wire  [31:0] less;
    wire   [3:0] round_1;
    wire         beat_1;
    wire   [3:0] round_2;
    wire   [5:0] context_2;
    wire         beat_2;
    wire         w_valid;
    wire   [3:0] w_round;
    wire   [5:0] w_context;
    wire         w_beat;
    wire [247:0] w_data;
    wire [247:0] swept;
    wire         total_valid;
    wire  [30:0] total;
    wire   [5:0] total_context;
    wire         beat_3;
    reg    [1:0] which;
    reg          beat;
    reg   [40:0] job;
    reg          j_valid;
    reg    [3:0] j_round;
    reg    [5:0] j_context;
    reg   [30:0] j_word;
    reg          j_beat;
    reg          n_row;
    reg          n_bank;
    reg          n_first;
    reg   [30:0] t_1;
    reg   [30:0] word_1;
    reg   [30:0] word_2;
    reg   [33:0] sigma_2;
    reg   [33:0] sigma_3;
    reg   [31:0] difference_2;
    reg          wanted;
    reg   [30:0] constant_2;
    reg    [3:0] next_2;
    reg          valid_3;
    reg   [32:0] sum_3;
    reg    [9:0] tag_3;
    reg    [9:0] tag_4;
    reg   [30:0] word_4;
    reg    [9:0] valid;
    reg  [109:0] trail;
    reg  [247:0] x;
    reg   [33:0] sigma_4;
    reg   [33:0] sigma_5;
    reg   [32:0] plus_0;
    reg   [32:0] minus_0;
    reg   [34:0] scaled_0;
    reg   [36:0] lazy_0;
    reg   [32:0] plus_1;
    reg   [32:0] minus_1;
    reg   [34:0] scaled_1;
    reg   [36:0] lazy_1;
    reg   [32:0] plus_2;
    reg   [32:0] minus_2;
    reg   [34:0] scaled_2;
    reg   [36:0] lazy_2;
    reg   [32:0] plus_3;
    reg   [32:0] minus_3;
    reg   [34:0] scaled_3;
    reg   [36:0] lazy_3;
    reg   [32:0] plus_4;
    reg   [32:0] minus_4;
    reg   [34:0] scaled_4;
    reg   [36:0] lazy_4;
    reg   [32:0] plus_5;
    reg   [32:0] minus_5;
    reg   [34:0] scaled_5;
    reg   [36:0] lazy_5;
    reg   [32:0] plus_6;
    reg   [32:0] minus_6;
    reg   [34:0] scaled_6;
    reg   [36:0] lazy_6;
    reg   [32:0] plus_7;
    reg   [32:0] minus_7;
    reg   [34:0] scaled_7;
    reg   [36:0] lazy_7;

    poseidon2_queue #(.WIDTH(166), .DEPTH(32)) returned (
        .clk(clk),
        .rst(rst),
        .push(r_valid),
        .s_data({r_last, r_lanes}),
        .m_valid(p_valid),
        .pop(p_ends),
        .m_data(pack)
    );
    ram #(.WIDTH(124), .DEPTH(128)) arrivals_0 (
        .clk(clk),
        .write(n_valid && n_bank == 1'd0),
        .write_address({n_context, n_row}),
        .write_data(n_data),
        .read(1'b1),
        .read_address({j_context, j_beat}),
        .read_data(arrived[123:0])
    );
    ram #(.WIDTH(124), .DEPTH(128)) arrivals_1 (
        .clk(clk),
        .write(n_valid && n_bank == 1'd1),
        .write_address({n_context, n_row}),
        .write_data(n_data),
        .read(1'b1),
        .read_address({j_context, j_beat}),
        .read_data(arrived[247:124])
    );
    poseidon2_total_n4_t6 arrival_total (
        .clk(clk),
        .rst(rst),
        .s_valid(n_valid),
        .s_first(n_first),
        .s_last(n_last),
        .s_data(n_data),
        .s_tag(n_context),
        .m_valid(n_total_valid),
        .m_data(n_total),
        .m_tag(n_total_context)
    );
    poseidon2_queue #(.WIDTH(37), .DEPTH(64)) begins (
        .clk(clk),
        .rst(rst),
        .push(n_valid && n_first),
        .s_data({n_context, n_data[30:0]}),
        .m_valid(begin_valid),
        .pop(begin_taken),
        .m_data({begin_context, begin_word})
    );
    ram #(.WIDTH(248), .DEPTH(128)) states (
        .clk(clk),
        .write(w_valid),
        .write_address({w_context, w_beat}),
        .write_data(w_data),
        .read(1'b1),
        .read_address({j_context, j_beat}),
        .read_data(swept)
    );
    poseidon2_total_n8_t6 sweep_total (
        .clk(clk),
        .rst(rst),
        .s_valid(w_valid),
        .s_first(w_beat == 0),
        .s_last(w_beat == 1'd1),
        .s_data(w_data),
        .s_tag(w_context),
        .m_valid(total_valid),
        .m_data(total),
        .m_tag(total_context)
    );
    field_reduce reduce_0 (
        .clk(clk),
        .v(lazy_0),
        .y(w_data[30:0])
    );
    field_reduce reduce_1 (
        .clk(clk),
        .v(lazy_1),
        .y(w_data[61:31])
    );
    field_reduce reduce_2 (
        .clk(clk),
        .v(lazy_2),
        .y(w_data[92:62])
    );
    field_reduce reduce_3 (
        .clk(clk),
        .v(lazy_3),
        .y(w_data[123:93])
    );
    field_reduce reduce_4 (
        .clk(clk),
        .v(lazy_4),
        .y(w_data[154:124])
    );
    field_reduce reduce_5 (
        .clk(clk),
        .v(lazy_5),
        .y(w_data[185:155])
    );
    field_reduce reduce_6 (
        .clk(clk),
        .v(lazy_6),
        .y(w_data[216:186])
    );
    field_reduce reduce_7 (
        .clk(clk),
        .v(lazy_7),
        .y(w_data[247:217])
    );

    // Jobs: the lanes of a pack in turn, each for the beats of one sweep.
    always @(*)
        case (which)
            2'd1: job = pack[81:41];
            2'd2: job = pack[122:82];
            2'd3: job = pack[163:123];
            default: job = pack[40:0];
        endcase

    assign job_ends  = beat == 1'd1;
    assign pack_ends = which == pack[165:164];
    assign p_ends    = p_valid && job_ends && pack_ends;

    always @(posedge clk) begin
        if (p_valid) begin
            beat <= job_ends ? 1'd0 : beat + 1'b1;
            if (job_ends) which <= pack_ends ? 2'd0 : which + 1'b1;
        end
        j_valid <= p_valid;
        {j_round, j_context, j_word} <= job;
        j_beat  <= beat;
        if (rst) begin
            beat    <= 1'd0;
            which   <= 2'd0;
            j_valid <= 1'b0;
        end
    end

    // Arrivals: where the next beat goes. Word 0 asks for its S-box at once.
    always @(posedge clk) begin
        if (n_valid) begin
            n_first <= n_last;
            n_bank <= n_bank == 1'd1 ? 1'd0 : n_bank + 1'b1;
            if (n_bank == 1'd1) n_row <= n_row + 1'b1;
            if (n_last) n_row <= 1'd0;
        end
        if (rst) begin
            n_first <= 1'b1;
            n_bank  <= 1'd0;
            n_row   <= 1'd0;
        end
    end

    // T of contexts in their first round and in later ones: two writers, two memories.
    (* ram_style = "distributed", no_rw_check *)
    reg [30:0] arrived_totals [0:63];
    (* ram_style = "distributed", no_rw_check *)
    reg [30:0] swept_totals [0:63];

    always @(posedge clk) begin
        if (n_total_valid) arrived_totals[n_total_context] <= n_total;
        if (total_valid) swept_totals[total_context] <= total;
        t_1          <= j_round == 0 ? arrived_totals[j_context] : swept_totals[j_context];
        word_1       <= j_word;
        word_2       <= word_1;
        difference_2 <= {1'b0, t_1} - {1'b0, word_1};
        sigma_2      <= {3'd0, t_1} + {3'd0, word_1} + 34'd8053063684; // lazy, and never negative with -4 p added
        sigma_3      <= sigma_2;
    end

    // The next word 0 is T - s; after the last round it is not wanted. Arrivals fill the gaps.
    // What is wanted, and its constant, are found a clock before: the adder waits for its operands only.
    assign begin_taken = begin_valid && !wanted;
    assign next_round  = wanted ? next_2 : 4'd0;
    assign addend      = wanted ? {difference_2[31], difference_2} : {2'd0, begin_word};
    assign less        = sum_3[31:0] - 32'd2013265921;
    assign q_lane      = {tag_4, word_4};

    always @(posedge clk) begin
        wanted <= valid[0] && beat_1 == 0 && round_1 != 4'd12;
        next_2 <= round_1 + 1'b1;
        case (round_1)
            4'd0: constant_2 <= 31'd528496384;
            4'd1: constant_2 <= 31'd1472966118;
            4'd2: constant_2 <= 31'd977089650;
            4'd3: constant_2 <= 31'd1885890237;
            4'd4: constant_2 <= 31'd1094557811;
            4'd5: constant_2 <= 31'd147492661;
            4'd6: constant_2 <= 31'd664163003;
            4'd7: constant_2 <= 31'd398852570;
            4'd8: constant_2 <= 31'd336233633;
            4'd9: constant_2 <= 31'd1628648315;
            4'd10: constant_2 <= 31'd888594966;
            4'd11: constant_2 <= 31'd586791090;
            default: constant_2 <= 31'd0;
        endcase
        if (rst) wanted <= 1'b0;
    end

    // The sum with the constant lies in (-p, 2 p).
    always @(posedge clk) begin
        valid_3 <= wanted || begin_valid;
        sum_3   <= addend + {2'd0, wanted ? constant_2 : 31'd250494022};
        tag_3   <= {next_round, wanted ? context_2 : begin_context};
        q_valid <= valid_3;
        word_4  <= sum_3[32] ? sum_3[30:0] + 31'd2013265921 : less[31] ? sum_3[30:0] : less[30:0];
        tag_4   <= tag_3;
        if (rst) begin
            valid_3 <= 1'b0;
            q_valid <= 1'b0;
        end
    end

    // The sweep. Names end in the clock, counted from the job beat, in which they hold.
    assign round_1 = trail[10:7];
    assign beat_1 = trail[0:0];
    assign round_2 = trail[21:18];
    assign context_2 = trail[17:12];
    assign beat_2 = trail[11:11];
    assign w_round = trail[109:106];
    assign w_context = trail[105:100];
    assign w_beat = trail[99:99];
    assign beat_3 = trail[22:22];

    assign w_valid   = valid[9];
    assign y_valid   = w_valid && w_round == 4'd12;
    assign y_context = w_context;
    assign y_beat    = w_beat;
    assign y_data    = w_data;

    always @(posedge clk) begin
        valid   <= {valid[8:0], j_valid};
        trail   <= {trail[98:0], j_round, j_context, j_beat};
        sigma_4 <= sigma_3;
        sigma_5 <= sigma_4;
        if (rst) valid <= 10'd0;
    end

    always @(posedge clk) begin
        x[30:0] <= beat_2 == 0 ? word_2 : round_2 == 0 ? arrived[30:0] : swept[30:0];
        x[61:31] <= round_2 == 0 ? arrived[61:31] : swept[61:31];
        x[92:62] <= round_2 == 0 ? arrived[92:62] : swept[92:62];
        x[123:93] <= round_2 == 0 ? arrived[123:93] : swept[123:93];
        x[154:124] <= round_2 == 0 ? arrived[154:124] : swept[154:124];
        x[185:155] <= round_2 == 0 ? arrived[185:155] : swept[185:155];
        x[216:186] <= round_2 == 0 ? arrived[216:186] : swept[216:186];
        x[247:217] <= round_2 == 0 ? arrived[247:217] : swept[247:217];
        plus_0 <= beat_3 == 1'd0 ? 33'd0 :
                33'd0;
        minus_0 <= beat_3 == 1'd0 ? {1'b0, x[30:0], 1'b0} :
                {x[30:0], 2'd0};
        plus_1 <= beat_3 == 1'd0 ? {2'd0, x[61:31]} :
                {10'd0, x[61:39]};
        minus_1 <= beat_3 == 1'd0 ? 33'd0 :
                {2'd0, x[38:31], 23'd0} - {6'd0, x[38:31], 19'd0};
        plus_2 <= beat_3 == 1'd0 ? {1'b0, x[92:62], 1'b0} :
                {4'd0, x[92:64]};
        minus_2 <= beat_3 == 1'd0 ? 33'd0 :
                {2'd0, x[63:62], 29'd0} - {6'd0, x[63:62], 25'd0};
        plus_3 <= beat_3 == 1'd0 ? {3'd0, x[123:94]} :
                {5'd0, x[123:96]};
        minus_3 <= beat_3 == 1'd0 ? {2'd0, x[93:93], 30'd0} - {6'd0, x[93:93], 26'd0} :
                {2'd0, x[95:93], 28'd0} - {6'd0, x[95:93], 24'd0};
        plus_4 <= beat_3 == 1'd0 ? {1'b0, x[154:124], 1'b0} + {2'd0, x[154:124]} :
                {29'd0, x[154:151]};
        minus_4 <= beat_3 == 1'd0 ? 33'd0 :
                {2'd0, x[150:124], 4'd0} - {6'd0, x[150:124]};
        plus_5 <= beat_3 == 1'd0 ? {x[185:155], 2'd0} :
                {2'd0, x[162:155], 23'd0} - {6'd0, x[162:155], 19'd0};
        minus_5 <= beat_3 == 1'd0 ? 33'd0 :
                {10'd0, x[185:163]};
        plus_6 <= beat_3 == 1'd0 ? {2'd0, x[186:186], 30'd0} - {6'd0, x[186:186], 26'd0} :
                {2'd0, x[189:186], 27'd0} - {6'd0, x[189:186], 23'd0};
        minus_6 <= beat_3 == 1'd0 ? {3'd0, x[216:187]} :
                {6'd0, x[216:190]};
        plus_7 <= beat_3 == 1'd0 ? 33'd0 :
                {2'd0, x[243:217], 4'd0} - {6'd0, x[243:217]};
        minus_7 <= beat_3 == 1'd0 ? {1'b0, x[247:217], 1'b0} + {2'd0, x[247:217]} :
                {29'd0, x[247:244]};
        scaled_0 <= {2'd0, plus_0} - {2'd0, minus_0};
        scaled_1 <= {2'd0, plus_1} - {2'd0, minus_1};
        scaled_2 <= {2'd0, plus_2} - {2'd0, minus_2};
        scaled_3 <= {2'd0, plus_3} - {2'd0, minus_3};
        scaled_4 <= {2'd0, plus_4} - {2'd0, minus_4};
        scaled_5 <= {2'd0, plus_5} - {2'd0, minus_5};
        scaled_6 <= {2'd0, plus_6} - {2'd0, minus_6};
        scaled_7 <= {2'd0, plus_7} - {2'd0, minus_7};
        lazy_0 <= {{2{scaled_0[34]}}, scaled_0} + {3'd0, sigma_5};
        lazy_1 <= {{2{scaled_1[34]}}, scaled_1} + {3'd0, sigma_5};
        lazy_2 <= {{2{scaled_2[34]}}, scaled_2} + {3'd0, sigma_5};
        lazy_3 <= {{2{scaled_3[34]}}, scaled_3} + {3'd0, sigma_5};
        lazy_4 <= {{2{scaled_4[34]}}, scaled_4} + {3'd0, sigma_5};
        lazy_5 <= {{2{scaled_5[34]}}, scaled_5} + {3'd0, sigma_5};
        lazy_6 <= {{2{scaled_6[34]}}, scaled_6} + {3'd0, sigma_5};
        lazy_7 <= {{2{scaled_7[34]}}, scaled_7} + {3'd0, sigma_5};
    end
endmodule

`default_nettype wire
