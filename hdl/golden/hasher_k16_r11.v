// hasher_k16_r11: row sponge and Merkle tree, 16 multipliers, up to 2^11 rows.
// Rows are absorbed eight words a beat; finished rows are leaves; the tree is built in place in the state memory.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module hasher_k16_r11 (
    input wire          clk,
    input wire          rst,            // synchronous, active high
    input wire          job_start,      // one clock; latches the next two, clears the counters
    input wire    [4:0] job_log_leaves,
    input wire    [4:0] job_levels,     // levels of the tree above the leaves
    input wire          s_valid,
    output wire         s_ready,
    input wire  [247:0] s_data,         // eight field words, word 0 low
    input wire   [19:0] s_row,
    input wire          s_first,        // first beat of the row: the state starts at zero
    input wire          s_last,         // last beat of the row: its digest is a leaf
    input wire    [3:0] s_count,        // words to absorb, 1 to 8
    input wire          s_digest,       // the beat is a leaf digest
    output reg          m_valid,
    input wire          m_ready,
    output reg  [247:0] m_data,         // a digest
    output reg    [4:0] m_level,
    output reg   [19:0] m_index,
    output reg          busy,
    output reg   [31:0] permutations,   // of this job
    output wire  [63:0] multiplies      // of the S-boxes, of this job
);

    wire  [20:0] leaves;
    wire [247:0] read_data;
    wire         p_valid;
    wire [123:0] p_data;
    wire  [26:0] p_tag;
    wire         d_ready;
    wire         p_ready;
    wire         d_valid;
    wire [123:0] d_data;
    wire  [26:0] d_tag;
    wire   [2:0] work;
    wire         have_write;
    wire   [4:0] have_level;
    wire  [20:0] have_count;
    wire         node_taken;
    wire         pair;
    wire         used_up;
    wire         row_fits;
    wire         row_taken;
    wire         digest_taken;
    wire         row_written;
    wire         collects;
    wire [247:0] kept;
    wire         d_taken;
    wire [247:0] d_whole;
    wire         d_second;
    wire   [1:0] d_kind;
    wire   [4:0] d_level;
    wire  [19:0] d_index;
    wire         d_out;
    wire         d_ends;
    wire         final_taken;
    wire         final_digest;
    wire  [20:0] final_index;
    reg    [4:0] log_leaves;
    reg    [4:0] levels;
    reg          write;
    reg   [10:0] write_row;
    reg          write_half;
    reg  [247:0] write_data;
    reg   [10:0] read_row;
    reg          read_half;
    reg          node_valid;
    reg    [4:0] node_level;
    reg   [19:0] node_index;
    reg   [31:0] have_set;
    reg   [31:0] begun_set;
    reg   [20:0] have;
    reg   [19:0] begun;
    reg   [20:0] nodes;
    reg    [4:0] level;
    reg    [4:0] lowest;
    reg          looked;
    reg   [20:0] rows_out;
    reg    [2:0] step;
    reg          is_node;
    reg          fresh;
    reg    [3:0] absorbed;
    reg   [26:0] tag;
    reg  [247:0] half_a;
    reg  [247:0] half_b;
    reg    [1:0] send_place;
    reg          sending;
    reg  [123:0] low;
    reg    [1:0] d_place;
    reg    [2:0] work_late;
    reg   [15:0] multiplies_low;
    reg          multiplies_carry;
    reg   [47:0] multiplies_high;

    ram_w248_d4096 states (
        .clk(clk),
        .write(write),
        .write_address({write_row, write_half}),
        .write_data(write_data),
        .read(1'b1),
        .read_address({read_row, read_half}),
        .read_data(read_data)
    );
    poseidon2_engine_w16_k16_t27 engine (
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
        .work(work)
    );

    assign leaves = 21'd1 << log_leaves;

    always @(posedge clk)
        if (job_start) begin
            log_leaves <= job_log_leaves;
            levels     <= job_levels;
        end

    // Planner: counts of level k are meaningful only if bit k of the set is.
    (* ram_style = "distributed", no_rw_check *)
    reg [20:0] have_memory [0:31];
    (* ram_style = "distributed", no_rw_check *)
    reg [19:0] begun_memory [0:31];

    assign pair    = have[20:1] > begun;
    assign used_up = {1'b0, begun} + 1'b1 == nodes;

    always @(posedge clk) begin
        if (have_write) have_memory[have_level] <= have_count;
        if (have_write) have_set[have_level] <= 1'b1;

        looked <= !looked && lowest != levels && !node_valid;
        have   <= have_set[level] ? have_memory[level] : 21'd0;
        begun  <= begun_set[level] ? begun_memory[level] : 20'd0;
        nodes  <= leaves >> 1 >> level;

        if (looked && pair) begin
            node_valid           <= 1'b1;
            node_level           <= level + 1'b1;
            node_index           <= begun;
            begun_memory[level]  <= begun + 1'b1;
            begun_set[level]     <= 1'b1;
            level                <= lowest;
            if (used_up) begin // the lowest is used up first
                lowest <= lowest + 1'b1;
                level  <= lowest + 1'b1;
            end
        end else if (looked) begin
            // Nothing here means nothing above either.
            level <= have == 0 || level + 1'b1 == levels ? lowest : level + 1'b1;
        end
        if (node_taken) node_valid <= 1'b0;

        if (rst || job_start) begin
            have_set   <= 32'd0;
            begun_set  <= 32'd0;
            looked     <= 1'b0;
            level      <= 5'd0;
            lowest     <= 5'd0;
            node_valid <= 1'b0;
        end
        // Before the first job there is nothing to plan.
        if (!busy) looked <= 1'b0;
    end

    // Feeder: steps 0 take, 1 and 2 addresses, 3 and 4 data; then send.
    assign row_fits     = rows_out < leaves;
    assign row_taken    = s_valid && !s_digest && busy && step == 0 && !sending && row_fits;
    assign node_taken   = node_valid && step == 0 && !sending && !row_taken;
    assign digest_taken = s_valid && s_digest && busy && !collects;
    assign s_ready      = s_digest ? busy && !collects : busy && step == 0 && !sending && row_fits;
    assign kept         = fresh ? 248'd0 : read_data;
    assign p_valid      = sending;
    assign p_tag        = tag;
    assign p_data       = send_place[1] ? (send_place[0] ? half_b[247:124] : half_b[123:0]) : (send_place[0] ? half_a[247:124] : half_a[123:0]);

    always @(posedge clk) begin
        if (step != 0) step <= step == 3'd4 ? 3'd0 : step + 1'b1;
        if (row_taken) begin
            step      <= 3'd1;
            is_node   <= 1'b0;
            fresh     <= s_first;
            absorbed  <= s_count;
            half_a    <= s_data;
            tag       <= {s_last ? 2'd1 : 2'd0, 5'd0, s_row};
            read_row  <= s_row[10:0];
            read_half <= 1'b0;
        end
        if (node_taken) begin
            step      <= 3'd1;
            is_node   <= 1'b1;
            fresh     <= 1'b0;
            absorbed  <= 4'd0;
            tag       <= {2'd2, node_level, node_index};
            read_row  <= {node_index[9:0], 1'b0};
            read_half <= 1'b0;
        end
        if (step == 3'd1) begin
            // Half b of a row is the second half of its state, of a node the other child.
            read_half   <= !is_node;
            read_row[0] <= read_row[0] || is_node;
        end
        if (step == 3'd3) begin
            half_a[30:0] <= absorbed > 4'd0 ? half_a[30:0] : kept[30:0];
            half_a[61:31] <= absorbed > 4'd1 ? half_a[61:31] : kept[61:31];
            half_a[92:62] <= absorbed > 4'd2 ? half_a[92:62] : kept[92:62];
            half_a[123:93] <= absorbed > 4'd3 ? half_a[123:93] : kept[123:93];
            half_a[154:124] <= absorbed > 4'd4 ? half_a[154:124] : kept[154:124];
            half_a[185:155] <= absorbed > 4'd5 ? half_a[185:155] : kept[185:155];
            half_a[216:186] <= absorbed > 4'd6 ? half_a[216:186] : kept[216:186];
            half_a[247:217] <= absorbed > 4'd7 ? half_a[247:217] : kept[247:217];
        end
        if (step == 3'd4) begin
            half_b     <= kept;
            sending    <= 1'b1;
            send_place <= 2'd0;
        end
        if (sending && p_ready) begin
            send_place <= send_place + 1'b1;
            if (send_place == 2'd3) sending <= 1'b0;
        end
        if (row_taken != row_written) rows_out <= row_taken ? rows_out + 1'b1 : rows_out - 1'b1;
        if (rst || job_start) begin
            rows_out <= 21'd0;
            step     <= 3'd0;
            sending  <= 1'b0;
        end
    end

    // Collector.
    assign d_whole  = {d_data, low};
    assign d_second = d_place[1];
    assign d_ends   = d_place[0];
    assign {d_kind, d_level, d_index} = d_tag;

    // A digest needs the output register.
    assign d_out    = d_ends && !d_second && d_kind != 2'd0;
    assign d_ready  = !d_out || !m_valid || m_ready;
    assign d_taken  = d_valid && d_ready;
    assign collects = d_taken && d_ends && (!d_second || d_kind == 2'd0);

    // A row is written back with its last half; a leaf counts when its first half is.
    assign row_written = d_taken && d_ends && d_second && d_kind != 2'd2;
    assign have_write  = (d_taken && d_out) || digest_taken;
    assign have_level  = d_taken && d_out ? d_level : 5'd0;
    assign have_count  = {1'b0, d_taken && d_out ? d_index : s_row} + 1'b1;

    always @(posedge clk) begin
        if (d_taken && !d_place[0]) low <= d_data;
        if (d_taken) d_place <= d_place + 1'b1;
        write      <= collects || digest_taken;
        write_row  <= collects ? d_index[10:0] : s_row[10:0];
        write_half <= collects && d_second;
        write_data <= collects ? d_whole : s_data;
        if (m_ready) m_valid <= 1'b0;
        if (d_taken && d_out) begin
            m_valid <= 1'b1;
            m_data  <= d_whole;
            m_level <= d_level;
            m_index <= d_index;
        end
        if (rst) begin
            d_place <= 2'd0;
            write   <= 1'b0;
            m_valid <= 1'b0;
        end
    end

    // The job ends with the last digest of its last level; of level 0 of digests that came in, nothing goes out.
    assign final_index  = leaves >> levels;
    assign final_taken  = m_valid && m_ready && m_level == levels && {1'b0, m_index} + 1'b1 == final_index;
    assign final_digest = digest_taken && levels == 0 && {1'b0, s_row} + 1'b1 == leaves;

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
        if (d_taken && d_ends && d_second) permutations <= permutations + 1'b1;
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
