// hasher_k16_r11: row sponge and Merkle tree, 16 multipliers, up to 2^11 rows
// Latency:    a permutation from a row's last beat to its digest, as long as the engine's
// Throughput: at best 16 multiplies a clock, 564 a beat or a node
// Rows are absorbed eight words a beat; finished rows are leaves; the tree is built in place in the state memory.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module hasher_k16_r11 (
    input wire          clk,
    input wire          rst,                // synchronous, active high
    input wire          job_start,          // one clock; latches the next three, clears the counters
    input wire    [4:0] job_log_leaves,
    input wire    [4:0] job_levels,         // levels of the tree above the leaves
    input wire    [4:0] job_first_sent,     // the lowest level that is marked
    input wire          s_valid,
    output wire         s_ready,
    input wire  [247:0] s_data,             // eight field words, word 0 low
    input wire   [19:0] s_row,
    input wire          s_first,            // first beat of the row: the state starts at zero
    input wire          s_last,             // last beat of the row: its digest is a leaf
    input wire    [3:0] s_count,            // words to absorb, 1 to 8
    input wire          s_digest,           // the beat is a leaf digest
    output reg          m_valid,
    input wire          m_ready,
    output reg  [247:0] m_data,             // a digest
    output reg    [4:0] m_level,
    output reg   [19:0] m_index,
    output reg          m_sent,             // of a marked level
    output reg          busy,
    output reg   [31:0] permutations,       // of this job
    output wire  [63:0] multiplies,         // of the S-boxes, of this job
    input wire          seed,               // a word of the state
    input wire    [3:0] seed_index,         // its place
    input wire   [30:0] seed_data,
    input wire          seed_marked,        // the witness's place
    input wire          grind_start,        // one clock; latches the next three, clears the counters
    input wire    [4:0] grind_bits,         // low bits that must be zero
    input wire   [30:0] grind_first,        // the first candidate
    input wire   [30:0] grind_candidates,   // how many there are
    output wire         grind_busy,         // until the answer is taken
    output wire         grind_judged,       // a candidate was judged
    output wire  [31:0] grind_permutations, // candidates judged in this search
    output wire  [47:0] grind_multiplies,   // their multiplies
    output wire         answer_valid,
    input wire          answer_ready,
    output wire         answer_found,       // a candidate passed
    output wire  [30:0] answer_witness,     // the first that did; zero if none
    output wire  [30:0] answer_value        // the sampled integer; zero if none
);

    wire [247:0] even_data;
    wire [247:0] odd_data;
    wire         p_valid;
    wire [123:0] p_data;
    wire  [26:0] p_tag;
    wire         d_ready;
    wire         p_ready;
    wire         d_valid;
    wire [123:0] d_data;
    wire  [26:0] d_tag;
    wire   [2:0] work;
    wire         made;
    wire   [4:0] made_level;
    wire         made_odd;
    wire         node_taken;
    wire  [10:0] complete;
    wire  [10:0] pick;
    wire         settle;
    wire         choose;
    wire         room;
    wire         row_taken;
    wire         digest_taken;
    wire         digest_fits;
    wire         pair_offered;
    wire         pair_taken;
    wire         row_written;
    wire [247:0] first;
    wire [247:0] second;
    wire [247:0] merged;
    wire         state_taken;
    wire         state_valid;
    wire [495:0] whole_in;
    wire         d_taken;
    wire [495:0] d_whole;
    wire   [1:0] d_kind;
    wire   [4:0] d_level;
    wire  [19:0] d_index;
    wire         d_out;
    wire         d_ends;
    wire         d_goes_on;
    wire         collects;
    wire         to_even;
    wire         to_odd;
    wire         final_taken;
    wire         final_digest;
    reg    [4:0] levels;
    reg    [4:0] first_sent;
    reg          flat;
    reg   [19:0] last_leaf;
    reg   [19:0] last_index;
    reg          write_even;
    reg   [10:0] write_row;
    reg  [247:0] even_in;
    reg   [10:0] read_even;
    reg          write_odd;
    reg  [247:0] odd_in;
    reg   [10:0] read_odd;
    reg   [10:0] pairs_0;
    reg    [9:0] begun_0;
    reg    [9:0] pairs_1;
    reg    [8:0] begun_1;
    reg    [8:0] pairs_2;
    reg    [7:0] begun_2;
    reg    [7:0] pairs_3;
    reg    [6:0] begun_3;
    reg    [6:0] pairs_4;
    reg    [5:0] begun_4;
    reg    [5:0] pairs_5;
    reg    [4:0] begun_5;
    reg    [4:0] pairs_6;
    reg    [3:0] begun_6;
    reg    [3:0] pairs_7;
    reg    [2:0] begun_7;
    reg    [2:0] pairs_8;
    reg    [1:0] begun_8;
    reg    [1:0] pairs_9;
    reg          begun_9;
    reg          pairs_10;
    reg          begun_10;
    reg          node_valid;
    reg    [4:0] node_level;
    reg   [19:0] node_index;
    reg   [10:0] offers;
    reg   [10:0] chosen;
    reg          valid_1;
    reg          valid_2;
    reg          valid_3;
    reg          node_1;
    reg          node_2;
    reg          fresh_1;
    reg          fresh_2;
    reg          fresh_3;
    reg    [3:0] count_1;
    reg    [3:0] count_2;
    reg    [3:0] count_3;
    reg   [26:0] tag_1;
    reg   [26:0] tag_2;
    reg   [26:0] tag_3;
    reg  [247:0] data_1;
    reg  [247:0] data_2;
    reg  [247:0] data_3;
    reg          rows_full;
    reg          pair_3;
    reg  [247:0] left_digest;
    reg   [19:0] rows_out;
    reg    [3:0] waiting;
    reg          odd_row;
    reg    [1:0] send_place;
    reg  [371:0] low;
    reg    [1:0] d_place;
    reg          m_final;
    reg    [2:0] work_late;
    reg   [15:0] multiplies_low;
    reg          multiplies_carry;
    reg   [47:0] multiplies_high;

    ram #(.WIDTH(248), .DEPTH(2048)) even (
        .clk(clk),
        .write(write_even),
        .write_address(write_row),
        .write_data(even_in),
        .read(1'b1),
        .read_address(read_even),
        .read_data(even_data)
    );
    ram #(.WIDTH(248), .DEPTH(2048)) odd (
        .clk(clk),
        .write(write_odd),
        .write_address(write_row),
        .write_data(odd_in),
        .read(1'b1),
        .read_address(read_odd),
        .read_data(odd_data)
    );
    grind_w16_k16_t27 engine (
        .clk(clk),
        .rst(rst),
        .s_valid(p_valid),
        .s_ready(p_ready),
        .s_data(p_data),
        .s_tag(p_tag),
        .m_valid(d_valid),
        .m_ready(d_ready),
        .m_data(d_data),
        .m_tag(d_tag),
        .work(work),
        .seed(seed),
        .seed_index(seed_index),
        .seed_data(seed_data),
        .seed_marked(seed_marked),
        .grind_start(grind_start),
        .grind_bits(grind_bits),
        .grind_first(grind_first),
        .grind_candidates(grind_candidates),
        .grind_busy(grind_busy),
        .grind_judged(grind_judged),
        .grind_permutations(grind_permutations),
        .grind_multiplies(grind_multiplies),
        .answer_valid(answer_valid),
        .answer_ready(answer_ready),
        .answer_found(answer_found),
        .answer_witness(answer_witness),
        .answer_value(answer_value)
    );
    stream_fifo #(.WIDTH(523), .DEPTH(8)) states_in (
        .clk(clk),
        .rst(rst),
        .s_valid(valid_3),
        .s_ready(),
        .s_data({tag_3, second, merged}),
        .m_valid(state_valid),
        .m_ready(state_taken),
        .m_data({p_tag, whole_in})
    );

    // The sizes of the job as masks; the last index of its last level is there long before a digest is.
    always @(posedge clk) begin
        if (job_start) begin
            levels     <= job_levels;
            first_sent <= job_first_sent;
            flat       <= job_levels == 0;
            last_leaf  <= ~({20{1'b1}} << job_log_leaves);
        end
        last_index <= last_leaf >> levels;
    end

    // Planner: counters of level k are of pairs of children there. A node waits in `node`, the next one in `chosen`.
    assign settle   = !node_valid || node_taken;
    assign choose   = settle || chosen == 11'd0;
    assign complete = made && made_odd && made_level < levels ? 11'd1 << made_level : 11'd0;
    assign pick     = choose ? offers & (~offers + 1'b1) : 11'd0; // the lowest

    always @(posedge clk) begin
        if (choose) chosen <= pick;
        offers <= complete | {pairs_10 && !pick[10],
            pairs_9[1:1] != 0 || (pairs_9[0] && !pick[9]),
            pairs_8[2:1] != 0 || (pairs_8[0] && !pick[8]),
            pairs_7[3:1] != 0 || (pairs_7[0] && !pick[7]),
            pairs_6[4:1] != 0 || (pairs_6[0] && !pick[6]),
            pairs_5[5:1] != 0 || (pairs_5[0] && !pick[5]),
            pairs_4[6:1] != 0 || (pairs_4[0] && !pick[4]),
            pairs_3[7:1] != 0 || (pairs_3[0] && !pick[3]),
            pairs_2[8:1] != 0 || (pairs_2[0] && !pick[2]),
            pairs_1[9:1] != 0 || (pairs_1[0] && !pick[1]),
            pairs_0[10:1] != 0 || (pairs_0[0] && !pick[0])};
        if (complete != pick) begin
            if (complete[0] != pick[0]) pairs_0 <= complete[0] ? pairs_0 + 1'b1 : pairs_0 - 1'b1;
            if (complete[1] != pick[1]) pairs_1 <= complete[1] ? pairs_1 + 1'b1 : pairs_1 - 1'b1;
            if (complete[2] != pick[2]) pairs_2 <= complete[2] ? pairs_2 + 1'b1 : pairs_2 - 1'b1;
            if (complete[3] != pick[3]) pairs_3 <= complete[3] ? pairs_3 + 1'b1 : pairs_3 - 1'b1;
            if (complete[4] != pick[4]) pairs_4 <= complete[4] ? pairs_4 + 1'b1 : pairs_4 - 1'b1;
            if (complete[5] != pick[5]) pairs_5 <= complete[5] ? pairs_5 + 1'b1 : pairs_5 - 1'b1;
            if (complete[6] != pick[6]) pairs_6 <= complete[6] ? pairs_6 + 1'b1 : pairs_6 - 1'b1;
            if (complete[7] != pick[7]) pairs_7 <= complete[7] ? pairs_7 + 1'b1 : pairs_7 - 1'b1;
            if (complete[8] != pick[8]) pairs_8 <= complete[8] ? pairs_8 + 1'b1 : pairs_8 - 1'b1;
            if (complete[9] != pick[9]) pairs_9 <= complete[9] ? pairs_9 + 1'b1 : pairs_9 - 1'b1;
            if (complete[10] != pick[10]) pairs_10 <= complete[10] ? pairs_10 + 1'b1 : pairs_10 - 1'b1;
        end
        if (settle) node_valid <= chosen != 11'd0;
        if (settle && chosen != 11'd0) begin
            if (chosen[0]) begun_0 <= begun_0 + 1'b1;
            if (chosen[1]) begun_1 <= begun_1 + 1'b1;
            if (chosen[2]) begun_2 <= begun_2 + 1'b1;
            if (chosen[3]) begun_3 <= begun_3 + 1'b1;
            if (chosen[4]) begun_4 <= begun_4 + 1'b1;
            if (chosen[5]) begun_5 <= begun_5 + 1'b1;
            if (chosen[6]) begun_6 <= begun_6 + 1'b1;
            if (chosen[7]) begun_7 <= begun_7 + 1'b1;
            if (chosen[8]) begun_8 <= begun_8 + 1'b1;
            if (chosen[9]) begun_9 <= begun_9 + 1'b1;
            if (chosen[10]) begun_10 <= begun_10 + 1'b1;
            node_index <= ({20{chosen[0]}} & {10'd0, begun_0}) |
                ({20{chosen[1]}} & {11'd0, begun_1}) |
                ({20{chosen[2]}} & {12'd0, begun_2}) |
                ({20{chosen[3]}} & {13'd0, begun_3}) |
                ({20{chosen[4]}} & {14'd0, begun_4}) |
                ({20{chosen[5]}} & {15'd0, begun_5}) |
                ({20{chosen[6]}} & {16'd0, begun_6}) |
                ({20{chosen[7]}} & {17'd0, begun_7}) |
                ({20{chosen[8]}} & {18'd0, begun_8}) |
                ({20{chosen[9]}} & {19'd0, begun_9}) |
                ({20{chosen[10]}} & {19'd0, begun_10});
            node_level <= {1'b0,
                chosen[7] || chosen[8] || chosen[9] || chosen[10],
                chosen[3] || chosen[4] || chosen[5] || chosen[6],
                chosen[1] || chosen[2] || chosen[5] || chosen[6] || chosen[9] || chosen[10],
                chosen[0] || chosen[2] || chosen[4] || chosen[6] || chosen[8] || chosen[10]};
        end
        if (rst || job_start) begin
            offers     <= 11'd0;
            chosen     <= 11'd0;
            node_valid <= 1'b0;
            pairs_0 <= 11'd0;
            begun_0 <= 10'd0;
            pairs_1 <= 10'd0;
            begun_1 <= 9'd0;
            pairs_2 <= 9'd0;
            begun_2 <= 8'd0;
            pairs_3 <= 8'd0;
            begun_3 <= 7'd0;
            pairs_4 <= 7'd0;
            begun_4 <= 6'd0;
            pairs_5 <= 6'd0;
            begun_5 <= 5'd0;
            pairs_6 <= 5'd0;
            begun_6 <= 4'd0;
            pairs_7 <= 4'd0;
            begun_7 <= 3'd0;
            pairs_8 <= 3'd0;
            begun_8 <= 2'd0;
            pairs_9 <= 2'd0;
            begun_9 <= 1'd0;
            pairs_10 <= 1'd0;
            begun_10 <= 1'd0;
        end
    end

    // Feeder. Rows go first. Digests that come in go past the memory: a pair enters at stage 3 when nothing else is
    // about to.
    assign room           = waiting != 4'd8;
    assign row_taken      = s_valid && !s_digest && busy && room && !rows_full;
    assign node_taken     = node_valid && room && !row_taken && !pair_offered;
    assign digest_fits    = !s_row[0] || flat || (room && !valid_2);
    assign digest_taken   = s_valid && s_digest && busy && digest_fits;
    // A pair is of the lowest level, which goes first, so that upper nodes are left for the end.
    assign pair_offered   = s_valid && s_digest && busy && s_row[0] && !flat;
    assign pair_taken     = digest_taken && s_row[0] && !flat;
    assign s_ready        = busy && (s_digest ? digest_fits : room && !rows_full);

    // Stage 3: what the memory gave. The first half of an odd row is in the odd bank, its second half in the even one.
    assign first   = pair_3 ? left_digest : fresh_3 ? 248'd0 : odd_row ? odd_data : even_data;
    assign second  = pair_3 ? data_3 : fresh_3 ? 248'd0 : odd_row ? even_data : odd_data;
    assign merged[30:0] = count_3 > 4'd0 ? data_3[30:0] : first[30:0];
    assign merged[61:31] = count_3 > 4'd1 ? data_3[61:31] : first[61:31];
    assign merged[92:62] = count_3 > 4'd2 ? data_3[92:62] : first[92:62];
    assign merged[123:93] = count_3 > 4'd3 ? data_3[123:93] : first[123:93];
    assign merged[154:124] = count_3 > 4'd4 ? data_3[154:124] : first[154:124];
    assign merged[185:155] = count_3 > 4'd5 ? data_3[185:155] : first[185:155];
    assign merged[216:186] = count_3 > 4'd6 ? data_3[216:186] : first[216:186];
    assign merged[247:217] = count_3 > 4'd7 ? data_3[247:217] : first[247:217];
    always @(posedge clk) begin
        valid_1   <= row_taken || node_taken;
        node_1    <= !row_taken;
        fresh_1   <= row_taken && s_first;
        count_1   <= row_taken ? s_count : 4'd0;
        data_1    <= s_data;
        tag_1     <= row_taken ? {s_last ? 2'd1 : 2'd0, 5'd0, s_row} : {2'd2, node_level, node_index};
        // A row's halves, or two children's digests.
        read_even <= row_taken ? s_row[10:0] : {node_index[9:0], 1'b0};
        read_odd  <= row_taken ? s_row[10:0] : {node_index[9:0], 1'b1};
        valid_2 <= valid_1;
        valid_3 <= valid_2;
        node_2 <= node_1;
        fresh_2 <= fresh_1;
        fresh_3 <= fresh_2;
        count_2 <= count_1;
        count_3 <= count_2;
        tag_2 <= tag_1;
        tag_3 <= tag_2;
        data_2 <= data_1;
        data_3 <= data_2;
        odd_row   <= !node_2 && tag_2[0];
        pair_3    <= pair_taken;
        if (pair_taken) begin
            valid_3 <= 1'b1;
            tag_3   <= {2'd2, 5'd1, 1'b0, s_row[19:1]};
            data_3  <= s_data;
        end
        if (digest_taken && !s_row[0]) left_digest <= s_data; // its pair is in stage 3 before the next one is
        if ((row_taken || node_taken || pair_taken) != state_taken) waiting <= state_taken ? waiting - 1'b1 : waiting
            + 1'b1;
        if (row_taken != row_written) begin
            rows_out  <= row_taken ? rows_out + 1'b1 : rows_out - 1'b1;
            rows_full <= row_taken && rows_out == last_leaf;
        end
        if (rst || job_start) begin
            rows_out  <= 20'd0;
            rows_full <= 1'b0;
            waiting   <= 4'd0;
            valid_1 <= 1'b0;
            valid_2 <= 1'b0;
            valid_3 <= 1'b0;
        end
    end

    assign p_valid     = state_valid;
    assign p_data      = send_place == 2'd0 ? whole_in[123:0] :
        send_place == 2'd1 ? whole_in[247:124] :
        send_place == 2'd2 ? whole_in[371:248] :
        whole_in[495:372];
    assign state_taken = p_valid && p_ready && send_place == 2'd3;

    always @(posedge clk) begin
        if (p_valid && p_ready) send_place <= state_taken ? 2'd0 : send_place + 1'b1;
        if (rst) send_place <= 2'd0;
    end

    // Collector.
    assign d_whole = {d_data, low};
    assign d_ends  = d_place == 2'd3;
    assign {d_kind, d_level, d_index} = d_tag;

    // A digest needs the output register.
    assign d_goes_on = d_kind == 2'd0;
    assign d_out     = d_ends && !d_goes_on;
    assign d_ready   = !d_out || !m_valid || m_ready;
    assign d_taken   = d_valid && d_ready;
    assign collects  = d_taken && d_ends;

    // First halves of even rows and second halves of odd ones are in the even bank.
    assign to_even     = collects && (d_goes_on || !d_index[0]);
    assign to_odd      = collects && (d_goes_on || d_index[0]);
    assign row_written = collects && d_kind != 2'd2;
    assign made        = collects && !d_goes_on;
    assign made_level  = d_level;
    assign made_odd    = d_index[0];

    always @(posedge clk) begin
        if (d_taken) d_place <= d_ends ? 2'd0 : d_place + 1'b1;
        if (d_valid && !d_ends) low <= {d_data, low[371:124]};
        write_even <= to_even;
        write_odd  <= to_odd;
        write_row  <= d_index[10:0];
        even_in    <= d_index[0] ? d_whole[495:248] : d_whole[247:0];
        odd_in     <= d_index[0] ? d_whole[247:0] : d_whole[495:248];
        // It takes whatever is there while it is free; whether that is a digest is known later.
        if (m_ready || !m_valid) begin
            m_valid <= made;
            m_data  <= d_whole[247:0];
            m_level <= d_level;
            m_index <= d_index;
            m_sent  <= d_level >= first_sent;
            m_final <= d_level == levels && d_index == last_index;
        end
        if (rst) begin
            write_even <= 1'b0;
            write_odd  <= 1'b0;
            m_valid    <= 1'b0;
            d_place    <= 2'd0;
        end
    end

    // The job ends with the last digest of its last level; of level 0 of digests that came in, nothing goes out.
    assign final_taken  = m_valid && m_ready && m_final;
    assign final_digest = digest_taken && flat && s_row == last_leaf;

    always @(posedge clk) begin
        if (final_taken || final_digest) busy <= 1'b0;
        if (job_start) busy <= 1'b1;
        if (rst) busy <= 1'b0;
    end

    // Counters; the wide one in two parts, the carry a clock late.
    assign multiplies = {multiplies_high, multiplies_low};

    always @(posedge clk) begin
        work_late <= work;
        {multiplies_carry, multiplies_low} <= {1'b0, multiplies_low} + {12'd0, work_late, 2'd0};
        multiplies_high <= multiplies_high + {47'd0, multiplies_carry};
        if (collects) permutations <= permutations + 1'b1;
        if (rst) work_late <= 3'd0;
        if (rst || job_start) begin
            permutations     <= 32'd0;
            multiplies_low   <= 16'd0;
            multiplies_carry <= 1'b0;
            multiplies_high  <= 48'd0;
        end
    end
endmodule

`default_nettype wire
