// galena_core: the accelerator: link, shell, transform, hasher
// Latency:    of a job: the datasheets of transform and hasher; a word passes the input store in 3 clocks
// Throughput: one word a clock each way at most; the link, the transform or the hasher sets the pace
// Config `small-uart`: an ECP5-85F board over its serial port.
// 2 lanes in the transform, 16 multipliers in the hasher, up to 2^10 rows and blow-up 2^1.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module galena_core #(
    parameter [159:0] GIT_HASH = 160'h0, // commit of the sources; zero if not recorded
    parameter DIRTY            = 1'h0    // the sources differed from the commit
) (
    input wire  clk,
    input wire  rst, // synchronous, active high
    input wire  rx,  // from the host, 8N1
    output wire tx   // to the host, 8N1
);

    wire         line_valid;
    wire         line_ready;
    wire  [31:0] line_data;
    wire         in_valid;
    wire         in_ready;
    wire  [31:0] in_data;
    wire  [16:0] level;
    wire         out_made;
    wire         out_valid;
    wire         out_ready;
    wire  [31:0] out_data;
    wire         out_last;
    wire         link_reset;
    wire         all_reset;
    wire         restart;
    wire  [31:0] line_errors;
    wire         searching;
    wire         header_seen;
    wire         rate_asked;
    wire         rate_set;
    wire  [15:0] divisor;
    wire         start;
    wire         drop;
    wire   [4:0] log_rows;
    wire   [1:0] log_blowup;
    wire  [10:0] group_last;
    wire  [30:0] step;
    wire         words_valid;
    wire         words_ready;
    wire  [30:0] words_data;
    wire         lde_valid;
    wire         lde_ready;
    wire [247:0] lde_data;
    wire  [19:0] lde_row;
    wire  [10:0] lde_group;
    wire         lde_first;
    wire         lde_last;
    wire         multiplying;
    wire         hash_start;
    wire   [4:0] log_leaves;
    wire   [4:0] levels;
    wire   [4:0] first_sent;
    wire         hash_valid;
    wire         hash_ready;
    wire [247:0] row_data;
    wire  [19:0] row_index;
    wire         row_first;
    wire         row_last;
    wire   [3:0] row_columns;
    wire         leaves;
    wire         digest_valid;
    wire         digest_ready;
    wire [247:0] digest_data;
    wire   [4:0] digest_level;
    wire  [19:0] digest_index;
    wire         digest_sent;
    wire         hash_busy;
    wire  [31:0] permutations;
    wire  [63:0] hash_multiplies;
    wire         seed;
    wire   [3:0] seed_index;
    wire  [30:0] seed_data;
    wire         seed_marked;
    wire         grind_start;
    wire   [4:0] grind_bits;
    wire  [30:0] grind_first;
    wire  [30:0] grind_candidates;
    wire         grind_busy;
    wire         grind_judged;
    wire  [31:0] grind_permutations;
    wire  [47:0] grind_multiplies;
    wire         answer_valid;
    wire         answer_ready;
    wire         answer_found;
    wire  [30:0] answer_witness;
    wire  [30:0] answer_value;

    serial_link #(.DIVISOR(48)) line (
        .clk(clk),
        .rst(rst),
        .rx(rx),
        .tx(tx),
        .align(searching),
        .m_valid(line_valid),
        .m_ready(line_ready),
        .m_data(line_data),
        .s_valid(out_valid),
        .s_ready(out_ready),
        .s_data(out_data),
        .restart(restart),
        .rate_set(rate_set),
        .rate_divisor(divisor),
        .header_seen(header_seen),
        .line_break(link_reset),
        .line_errors(line_errors)
    );
    stream_store #(.DEPTH(4096)) input_store (
        .clk(clk),
        .rst(all_reset),
        .s_valid(line_valid),
        .s_ready(line_ready),
        .s_data(line_data),
        .m_valid(in_valid),
        .m_ready(in_ready),
        .m_data(in_data),
        .level(level)
    );
    shell #(.GIT_HASH(GIT_HASH), .DIRTY(DIRTY)) control (
        .clk(clk),
        .rst(core_reset),
        .s_valid(in_valid),
        .s_ready(in_ready),
        .s_data(in_data),
        .m_valid(out_made),
        .m_ready(out_ready),
        .m_data(out_data),
        .m_last(out_last),
        .searching(searching),
        .header_seen(header_seen),
        .restart(restart),
        .rate_set(rate_asked),
        .divisor(divisor),
        .line_errors(line_errors),
        .start(start),
        .drop(drop),
        .log_rows(log_rows),
        .log_blowup(log_blowup),
        .group_last(group_last),
        .step(step),
        .words_valid(words_valid),
        .words_ready(words_ready),
        .words_data(words_data),
        .lde_valid(lde_valid),
        .lde_ready(lde_ready),
        .lde_data(lde_data),
        .lde_row(lde_row),
        .lde_group(lde_group),
        .lde_first(lde_first),
        .lde_last(lde_last),
        .multiplying(multiplying),
        .hash_start(hash_start),
        .log_leaves(log_leaves),
        .levels(levels),
        .first_sent(first_sent),
        .hash_valid(hash_valid),
        .hash_ready(hash_ready),
        .row_data(row_data),
        .row_index(row_index),
        .row_first(row_first),
        .row_last(row_last),
        .row_columns(row_columns),
        .leaves(leaves),
        .digest_valid(digest_valid),
        .digest_ready(digest_ready),
        .digest_data(digest_data),
        .digest_level(digest_level),
        .digest_index(digest_index),
        .digest_sent(digest_sent),
        .hash_busy(hash_busy),
        .permutations(permutations),
        .hash_multiplies(hash_multiplies),
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
    lde_l2_n10_b1 transform (
        .clk(clk),
        .rst(transform_reset),
        .start(start),
        .clear(transform_clear),
        .log_rows(log_rows),
        .log_blowup(log_blowup),
        .group_last(group_last),
        .step(step),
        .seed(seed),
        .seed_index(seed_index),
        .seed_data(seed_data),
        .s_valid(words_valid),
        .s_ready(words_ready),
        .s_data(words_data),
        .m_valid(lde_valid),
        .m_ready(lde_ready),
        .m_data(lde_data),
        .m_row(lde_row),
        .m_group(lde_group),
        .m_first(lde_first),
        .m_last(lde_last),
        .multiplying(multiplying)
    );
    hasher_k16_r11 hash (
        .clk(clk),
        .rst(hash_reset),
        .job_start(hash_start),
        .job_log_leaves(log_leaves),
        .job_levels(levels),
        .job_first_sent(first_sent),
        .s_valid(hash_valid),
        .s_ready(hash_ready),
        .s_data(row_data),
        .s_row(row_index),
        .s_first(row_first),
        .s_last(row_last),
        .s_count(row_columns),
        .s_digest(leaves),
        .m_valid(digest_valid),
        .m_ready(digest_ready),
        .m_data(digest_data),
        .m_level(digest_level),
        .m_index(digest_index),
        .m_sent(digest_sent),
        .busy(hash_busy),
        .permutations(permutations),
        .multiplies(hash_multiplies),
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

    assign all_reset = rst || link_reset;

    // Shell and pipelines are large: a reset has a clock to reach each. What the shell says in that clock is not heard;
    // it flushes itself when the
    // pipelines are reset.
    (* keep *) reg core_reset;
    (* keep *) reg transform_reset;
    (* keep *) reg transform_clear;
    (* keep *) reg hash_reset;

    assign out_valid = out_made && !core_reset;
    assign rate_set  = rate_asked && !core_reset;

    always @(posedge clk) begin
        core_reset      <= all_reset || restart;
        transform_reset <= core_reset;
        transform_clear <= drop;
        hash_reset      <= core_reset || drop;
    end
endmodule

`default_nettype wire
