// shell: everything between the link and the pipelines
// Latency:    1 clock from a data word to the pipelines; what leaves waits for its frame
// Throughput: one word a clock each way
// Config `small-uart`. The protocol is bitstreams/ABI.md.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell #(
    parameter [159:0] GIT_HASH = 160'h0, // commit of the sources; zero if not recorded
    parameter DIRTY            = 1'h0    // the sources differed from the commit
) (
    input wire          clk,
    input wire          rst,                // synchronous, active high
    input wire          s_valid,            // words from the link
    output wire         s_ready,
    input wire   [31:0] s_data,
    output wire         m_valid,            // words to the link
    input wire          m_ready,
    output wire  [31:0] m_data,
    output wire         m_last,             // last word of a credit or a status
    output wire         searching,          // between frames, at no known place
    output wire         header_seen,        // a header with a right CRC
    output wire         restart,            // a reset frame: the core begins anew
    output wire         rate_set,           // the line's rate is to change once the last word has left
    output wire  [15:0] divisor,            // clocks per bit
    input wire   [31:0] line_errors,        // for the register map
    output wire         start,
    output wire         drop,
    output wire   [4:0] log_rows,
    output wire   [1:0] log_blowup,
    output wire  [10:0] group_last,
    output wire  [30:0] step,
    output wire         words_valid,
    input wire          words_ready,
    output wire  [30:0] words_data,
    input wire          lde_valid,
    output wire         lde_ready,
    input wire  [247:0] lde_data,
    input wire   [19:0] lde_row,
    input wire   [10:0] lde_group,
    input wire          lde_first,
    input wire          lde_last,
    input wire          multiplying,
    output wire         hash_start,
    output wire   [4:0] log_leaves,
    output wire   [4:0] levels,
    output wire   [4:0] first_sent,
    output wire         hash_valid,
    input wire          hash_ready,
    output wire [247:0] row_data,
    output wire  [19:0] row_index,
    output wire         row_first,
    output wire         row_last,
    output wire   [3:0] row_columns,
    output wire         leaves,
    input wire          digest_valid,
    output wire         digest_ready,
    input wire  [247:0] digest_data,
    input wire    [4:0] digest_level,
    input wire   [19:0] digest_index,
    input wire          digest_sent,
    input wire          hash_busy,
    input wire   [31:0] permutations,
    input wire   [63:0] hash_multiplies,
    output wire         seed,
    output wire   [3:0] seed_index,
    output wire  [30:0] seed_data,
    output wire         seed_marked,
    output wire         grind_start,
    output wire   [4:0] grind_bits,
    output wire  [30:0] grind_first,
    output wire  [30:0] grind_candidates,
    input wire          grind_busy,
    input wire          grind_judged,
    input wire   [31:0] grind_permutations,
    input wire   [47:0] grind_multiplies,
    input wire          answer_valid,
    output wire         answer_ready,
    input wire          answer_found,
    input wire   [30:0] answer_witness,
    input wire   [30:0] answer_value
);

    wire        hold;
    wire        computing;
    wire        active;
    wire        take;
    wire [31:0] taken;
    wire        moved;
    wire        starved;
    wire        stuck;
    wire        command_begin;
    wire        command_word;
    wire  [4:0] command_index;
    wire [31:0] command_data;
    wire        command_end;
    wire  [7:0] kernel;
    wire [15:0] job_number;
    wire        accept;
    wire        refuse;
    wire  [3:0] refuse_code;
    wire  [4:0] refuse_offset;
    wire [31:0] refuse_found;
    wire [31:0] total;
    wire        parsed_valid;
    wire        parsed_ready;
    wire [30:0] parsed_data;
    wire        word_valid;
    wire        word_ready;
    wire [30:0] word_data;
    wire        data_open;
    wire        data_end;
    wire        waiting;
    wire        fault;
    wire  [3:0] fault_code;
    wire [15:0] fault_sequence;
    wire [31:0] fault_offset;
    wire [31:0] fault_found;
    wire        return_rows;
    wire        return_digests;
    wire  [4:0] first_level;
    wire        keep_rows;
    wire        keep_digests;
    wire        reading;
    wire        searches;
    wire [16:0] beats;
    wire  [3:0] last_columns;
    wire        transforms;
    wire        to_hasher;
    wire        to_link;
    wire        digests;
    wire        registers;
    wire [19:0] row_mask;
    wire [30:0] candidates;
    wire [10:0] row_group;
    wire        row_gone;
    wire        link_valid;
    wire        link_ready;
    wire        chunk_valid;
    wire        chunk_ready;
    wire [31:0] chunk_data;
    wire        chunk_last;
    wire        packed_valid;
    wire        holds;
    wire        finish;
    wire        frozen;
    wire        done;
    wire [63:0] lde_multiplies;
    wire [63:0] job_hash_multiplies;
    wire        blocked;
    wire [31:0] jobs;
    wire [31:0] errors;
    wire [63:0] uptime;
    wire [63:0] busy;
    wire [63:0] words_in;
    wire [63:0] words_out;
    wire [63:0] stalled_in;
    wire [63:0] stalled_out;
    wire [63:0] multiplies;
    wire  [5:0] index;
    wire        map_take;
    wire [31:0] map_word;
    wire [31:0] status_word;
    wire [19:0] rows_base;
    wire [19:0] digests_base;

    shell_receive_kdf parser (
        .clk(clk),
        .rst(rst),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data(s_data),
        .searching(searching),
        .header_seen(header_seen),
        .take(take),
        .taken(taken),
        .hold(hold),
        .computing(computing),
        .restart(restart),
        .command_begin(command_begin),
        .command_word(command_word),
        .command_index(command_index),
        .command_data(command_data),
        .command_end(command_end),
        .kernel(kernel),
        .job_number(job_number),
        .accept(accept),
        .refuse(refuse),
        .refuse_code(refuse_code),
        .refuse_offset(refuse_offset),
        .refuse_found(refuse_found),
        .total(total),
        .m_valid(parsed_valid),
        .m_ready(parsed_ready),
        .m_data(parsed_data),
        .data_open(data_open),
        .data_end(data_end),
        .waiting(waiting),
        .moved(moved),
        .starved(starved),
        .stuck(stuck),
        .fault(fault),
        .fault_code(fault_code),
        .fault_sequence(fault_sequence),
        .fault_offset(fault_offset),
        .fault_found(fault_found)
    );
    stream_register #(.WIDTH(31)) words (
        .clk(clk),
        .rst(flush),
        .s_valid(parsed_valid),
        .s_ready(parsed_ready),
        .s_data(parsed_data),
        .m_valid(word_valid),
        .m_ready(word_ready),
        .m_data(word_data)
    );
    shell_watchdog_w24 guard (
        .clk(clk),
        .rst(rst),
        .active(active && !finish),
        .waiting(waiting),
        .moved(moved),
        .sending(blocked || (chunk_valid && chunk_ready) || row_gone || (digest_valid && digest_ready) || grind_judged),
        .starved(starved),
        .stuck(stuck)
    );
    shell_command_n10_b1_m0 decoder (
        .clk(clk),
        .rst(rst),
        .begin_command(command_begin),
        .s_word(command_word),
        .s_index(command_index),
        .s_data(command_data),
        .s_finish(command_end),
        .kernel(kernel),
        .accept(accept),
        .refuse(refuse),
        .refuse_code(refuse_code),
        .refuse_offset(refuse_offset),
        .refuse_found(refuse_found),
        .log_rows(log_rows),
        .log_blowup(log_blowup),
        .return_rows(return_rows),
        .return_digests(return_digests),
        .group_last(group_last),
        .last_columns(last_columns),
        .levels(levels),
        .first_level(first_level),
        .keep_rows(keep_rows),
        .keep_digests(keep_digests),
        .rows_base(rows_base),
        .digests_base(digests_base),
        .beats(beats),
        .divisor(divisor),
        .total(total),
        .step(step),
        .candidates(candidates),
        .seed(seed),
        .seed_index(seed_index),
        .seed_data(seed_data)
    );
    shell_job_l2 sequencer (
        .clk(clk),
        .rst(rst),
        .command_begin(command_begin),
        .accept(accept),
        .kernel(kernel),
        .log_rows(log_rows),
        .log_blowup(log_blowup),
        .group_last(group_last),
        .beats(beats),
        .return_rows(return_rows),
        .return_digests(return_digests),
        .transforms(transforms),
        .to_hasher(to_hasher),
        .to_link(to_link),
        .digests(digests),
        .leaves(leaves),
        .reading(reading),
        .searches(searches),
        .registers(registers),
        .rate_set(rate_set),
        .row_mask(row_mask),
        .start(start),
        .drop(drop),
        .hold(hold),
        .computing(computing),
        .active(active),
        .data_end(data_end),
        .fault(fault),
        .fault_code(fault_code),
        .fault_sequence(fault_sequence),
        .fault_offset(fault_offset),
        .fault_found(fault_found),
        .row_gone(row_gone),
        .busy(hash_busy || grind_busy || holds),
        .finish(finish),
        .frozen(frozen),
        .done(done),
        .running(command_end),
        .waiting(waiting),
        .blocked(blocked),
        .multiplying(multiplying),
        .hash_multiplies(hash_multiplies),
        .permutations(permutations),
        .grind_multiplies(grind_multiplies),
        .grind_permutations(grind_permutations),
        .taken(taken),
        .jobs(jobs),
        .errors(errors),
        .lde_multiplies(lde_multiplies),
        .job_hash_multiplies(job_hash_multiplies),
        .index(index[3:0]),
        .status_word(status_word)
    );
    shell_rows route (
        .clk(clk),
        .rst(flush),
        .transforms(transforms),
        .to_hasher(to_hasher),
        .to_link(to_link),
        .row_mask(row_mask),
        .group_last(group_last),
        .last_columns(last_columns),
        .s_valid(word_valid),
        .s_ready(word_ready),
        .s_data(word_data),
        .words_valid(words_valid),
        .words_ready(words_ready),
        .lde_valid(lde_valid),
        .lde_ready(lde_ready),
        .lde_data(lde_data),
        .lde_row(lde_row),
        .lde_group(lde_group),
        .lde_first(lde_first),
        .lde_last(lde_last),
        .row_data(row_data),
        .row_index(row_index),
        .row_group(row_group),
        .row_first(row_first),
        .row_last(row_last),
        .row_columns(row_columns),
        .hash_valid(hash_valid),
        .hash_ready(hash_ready),
        .link_valid(link_valid),
        .link_ready(link_ready),
        .row_gone(row_gone)
    );
    shell_chunks pack (
        .clk(clk),
        .rst(flush),
        .row_valid(link_valid),
        .row_ready(link_ready),
        .row_data(row_data),
        .row_group(row_group),
        .row_index(row_index),
        .digest_valid(digest_valid),
        .digest_ready(digest_ready),
        .digest_data(digest_data),
        .digest_level(digest_level),
        .digest_index(digest_index),
        .digest_sent(digest_sent),
        .answer_valid(answer_valid),
        .answer_ready(answer_ready),
        .answer_found(answer_found),
        .answer_witness(answer_witness),
        .answer_value(answer_value),
        .m_valid(packed_valid),
        .m_ready(chunk_ready),
        .m_data(chunk_data),
        .m_last(chunk_last),
        .holds(holds)
    );
    shell_transmit_c10 sender (
        .clk(clk),
        .rst(rst),
        .kernel(kernel),
        .job_number(job_number),
        .first(command_begin),
        .active(active),
        .data_open(data_open),
        .take(take),
        .taken(taken),
        .s_valid(chunk_valid),
        .s_ready(chunk_ready),
        .s_data(chunk_data),
        .s_last(chunk_last),
        .discard(drop),
        .finish(finish),
        .registers(registers),
        .index(index),
        .map_take(map_take),
        .map_word(map_word),
        .status_word(status_word),
        .frozen(frozen),
        .done(done),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data),
        .m_last(m_last)
    );
    shell_totals sums (
        .clk(clk),
        .rst(rst),
        .take(take),
        .sent(m_valid && m_ready),
        .active(active),
        .waiting(waiting),
        .blocked(blocked),
        .done(done),
        .lde_multiplies(lde_multiplies),
        .hash_multiplies(job_hash_multiplies),
        .uptime(uptime),
        .busy(busy),
        .words_in(words_in),
        .words_out(words_out),
        .stalled_in(stalled_in),
        .stalled_out(stalled_out),
        .multiplies(multiplies)
    );
    shell_identify #(.GIT_HASH(GIT_HASH), .DIRTY(DIRTY)) map (
        .clk(clk),
        .take(map_take),
        .index(index),
        .word(map_word),
        .jobs(jobs),
        .errors(errors),
        .line_errors(line_errors),
        .uptime(uptime),
        .busy(busy),
        .words_in(words_in),
        .words_out(words_out),
        .stalled_in(stalled_in),
        .stalled_out(stalled_out),
        .multiplies(multiplies)
    );

    // A job begins or is dropped: what is on its way is thrown away, a clock later, as the pipelines are reset a clock
    // later: whatever they said
    // in between goes too.
    (* keep *) reg flush;

    assign chunk_valid = packed_valid && !flush;

    always @(posedge clk) flush <= rst || start || drop;

    assign blocked    = m_valid && !m_ready;
    assign words_data = word_data;
    assign hash_start = start && to_hasher;

    // The state is in the seeds, the witness its last word that is absorbed.
    assign seed_marked      = {1'b0, seed_index} == last_columns - 1'b1;
    assign grind_start      = start && searches;
    assign grind_bits       = levels;
    assign grind_first      = step;
    assign grind_candidates = candidates;
    assign first_sent = digests ? first_level : 5'd31; // above all that there are
    assign log_leaves = log_rows + {3'd0, log_blowup};
endmodule

`default_nettype wire
