//! What the engine gets: the state of a row with its new words, or the digests of two children.

use super::{HALF, INDEX, KIND_LEAF, KIND_NODE, KIND_ROW, LEVEL, TAG};
use crate::netlist::{Module, nested};
use crate::poseidon2::Shape;
use crate::stream::{RAM_LATENCY, fifo, index_bits};

/// States that can wait for the engine, with those on their way from the memory: more than the clocks of that way, so that one a clock flows.
const WAITING: usize = 8;

/// Adds the feeder to the hasher: a pipeline of take, address, memory and merge, then a queue.
///
/// A row is taken only if fewer than 2^log_leaves rows are on their way: then its own state of the group before has been written back.
pub(super) fn feeder(mut module: Module, shape: &Shape, log: usize) -> Module {
    // What travels beside the memory: registers of stage 1, 2 and 3.
    let stages = RAM_LATENCY + 1;
    let fields = [
        ("valid", 1, stages),
        ("node", 1, stages - 1),
        ("fresh", 1, stages),
        ("count", 4, stages),
        ("tag", TAG, stages),
        ("data", HALF, stages),
    ];
    let mut follow = String::new();
    for (name, bits, last) in fields {
        for stage in 1..=last {
            module = module.reg(format!("{name}_{stage}"), bits);
            if stage > 1 {
                follow += &format!("{name}_{stage} <= {name}_{};\n", stage - 1);
            }
        }
    }
    let clear: String = (1..=stages).map(|stage| format!("valid_{stage} <= 1'b0;\n")).collect();
    let merge: String = (0..8)
        .map(|k| {
            let slice = format!("[{}:{}]", 31 * k + 30, 31 * k);
            format!("assign merged{slice} = count_3 > 4'd{k} ? data_3{slice} : first{slice};\n")
        })
        .collect();
    let waiting = index_bits(WAITING + 1);
    let module = module
        .wire("room", 1)
        .reg("rows_full", 1)
        .wire("row_taken", 1)
        .wire("digest_taken", 1)
        .wire("digest_fits", 1)
        .wire("pair_offered", 1)
        .wire("pair_taken", 1)
        .reg("pair_3", 1)
        .reg("left_digest", HALF)
        .wire("row_written", 1)
        .reg("rows_out", INDEX)
        .reg("waiting", waiting)
        .reg("odd_row", 1)
        .wire("first", HALF)
        .wire("second", HALF)
        .wire("merged", HALF)
        .wire("state_taken", 1)
        .link(
            "states_in",
            fifo(TAG + 2 * HALF, WAITING),
            "clk rst",
            [
                ("s_valid", "valid_3"),
                ("s_ready", ""), // there is room for what was taken
                ("s_data", "{tag_3, second, merged}"),
                ("m_valid", "state_valid"),
                ("m_ready", "state_taken"),
                ("m_data", "{p_tag, whole_in}"),
            ],
        )
        .wire("whole_in", 2 * HALF)
        .body(format!(
            "
            // Feeder. Rows go first. Digests that come in go past the memory: a pair enters at stage 3 when nothing else is about to.
            assign room           = waiting != {waiting}'d{WAITING};
            assign row_taken      = s_valid && !s_digest && busy && room && !rows_full;
            assign node_taken     = node_valid && room && !row_taken && !pair_offered;
            assign digest_fits    = !s_row[0] || flat || (room && !valid_2);
            assign digest_taken   = s_valid && s_digest && busy && digest_fits;
            // A pair is of the lowest level, which goes first, so that upper nodes are left for the end.
            assign pair_offered   = s_valid && s_digest && busy && s_row[0] && !flat;
            assign pair_taken     = digest_taken && s_row[0] && !flat;
            assign s_ready        = busy && (s_digest ? digest_fits : room && !rows_full);

            // Stage 3: what the memory gave. The first half of an odd row is in the odd bank, its second half in the even one.
            assign first   = pair_3 ? left_digest : fresh_3 ? {HALF}'d0 : odd_row ? odd_data : even_data;
            assign second  = pair_3 ? data_3 : fresh_3 ? {HALF}'d0 : odd_row ? even_data : odd_data;
            {merge}
            always @(posedge clk) begin
                valid_1   <= row_taken || node_taken;
                node_1    <= !row_taken;
                fresh_1   <= row_taken && s_first;
                count_1   <= row_taken ? s_count : 4'd0;
                data_1    <= s_data;
                tag_1     <= row_taken ? {{s_last ? 2'd{KIND_LEAF} : 2'd{KIND_ROW}, {LEVEL}'d0, s_row}} : {{2'd{KIND_NODE}, node_level, node_index}};
                // A row's halves, or two children's digests.
                read_even <= row_taken ? s_row[{row_top}:0] : {{node_index[{child_top}:0], 1'b0}};
                read_odd  <= row_taken ? s_row[{row_top}:0] : {{node_index[{child_top}:0], 1'b1}};
                {follow}
                odd_row   <= !node_2 && tag_2[0];
                pair_3    <= pair_taken;
                if (pair_taken) begin
                    valid_3 <= 1'b1;
                    tag_3   <= {{2'd{KIND_NODE}, {LEVEL}'d1, 1'b0, s_row[{index_top}:1]}};
                    data_3  <= s_data;
                end
                if (digest_taken && !s_row[0]) left_digest <= s_data; // its pair is in stage 3 before the next one is
                if ((row_taken || node_taken || pair_taken) != state_taken) waiting <= state_taken ? waiting - 1'b1 : waiting + 1'b1;
                if (row_taken != row_written) begin
                    rows_out  <= row_taken ? rows_out + 1'b1 : rows_out - 1'b1;
                    rows_full <= row_taken && rows_out == last_leaf;
                end
                if (rst || job_start) begin
                    rows_out  <= {INDEX}'d0;
                    rows_full <= 1'b0;
                    waiting   <= {waiting}'d0;
                    {clear}
                end
            end
            ",
            row_top = log - 1,
            child_top = log - 2,
            merge = nested(&merge, 12),
            follow = nested(&follow, 16),
            index_top = INDEX - 1,
            clear = nested(&clear, 20),
        ));
    send(module, shape)
}

/// A waiting state goes to the engine in beats, word 0 first.
fn send(module: Module, shape: &Shape) -> Module {
    let (groups, bits) = (shape.groups(), 31 * shape.group);
    if groups == 1 {
        return module.body(
            "
            assign p_valid     = state_valid;
            assign p_data      = whole_in;
            assign state_taken = p_valid && p_ready;
            ",
        );
    }
    let place = index_bits(groups);
    let part = |k: usize| format!("whole_in[{}:{}]", (k + 1) * bits - 1, k * bits);
    let parts = (0..groups - 1)
        .rev()
        .fold(part(groups - 1), |rest, k| format!("send_place == {place}'d{k} ? {} :\n    {rest}", part(k)));
    module.reg("send_place", place).body(format!(
        "
        assign p_valid     = state_valid;
        assign p_data      = {parts};
        assign state_taken = p_valid && p_ready && send_place == {place}'d{last};

        always @(posedge clk) begin
            if (p_valid && p_ready) send_place <= state_taken ? {place}'d0 : send_place + 1'b1;
            if (rst) send_place <= {place}'d0;
        end
        ",
        parts = nested(&parts, 8),
        last = groups - 1,
    ))
}
