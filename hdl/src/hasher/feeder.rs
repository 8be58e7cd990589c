//! What the engine gets: the state of a row with its new words, or the digests of two children.

use super::{HALF, INDEX, KIND_LEAF, KIND_NODE, KIND_ROW, LEVEL, TAG};
use crate::netlist::{Module, nested};
use crate::poseidon2::Shape;
use crate::stream::index_bits;

/// Adds the feeder to the hasher: a sequence of take, read half a, read half b, send.
///
/// A row is taken only if fewer than 2^log_leaves rows are on their way: then its own state of the group before has been written back.
pub(super) fn feeder(module: Module, shape: &Shape, log: usize) -> Module {
    let groups = shape.groups();
    let place = index_bits(groups);
    // Half a, then half b: word 0 first.
    let per_half = groups / 2;
    let bits = 31 * shape.group;
    let choose = |half: &str| match per_half {
        1 => half.to_string(),
        _ => format!("(send_place[0] ? {half}[{}:{bits}] : {half}[{}:0])", 2 * bits - 1, bits - 1),
    };
    let merge: String = (0..8)
        .map(|k| {
            let slice = format!("[{}:{}]", 31 * k + 30, 31 * k);
            format!("half_a{slice} <= absorbed > 4'd{k} ? half_a{slice} : kept{slice};\n")
        })
        .collect();
    module
        .wire("row_fits", 1)
        .wire("row_taken", 1)
        .wire("digest_taken", 1)
        .wire("row_written", 1)
        .wire("collects", 1)
        .reg("rows_out", INDEX + 1)
        .reg("step", 3)
        .reg("is_node", 1)
        .reg("fresh", 1)
        .reg("absorbed", 4)
        .reg("tag", TAG)
        .reg("half_a", HALF)
        .reg("half_b", HALF)
        .wire("kept", HALF)
        .reg("send_place", place)
        .reg("sending", 1)
        .body(format!(
            "
            // Feeder: steps 0 take, 1 and 2 addresses, 3 and 4 data; then send.
            assign row_fits     = rows_out < leaves;
            assign row_taken    = s_valid && !s_digest && busy && step == 0 && !sending && row_fits;
            assign node_taken   = node_valid && step == 0 && !sending && !row_taken;
            assign digest_taken = s_valid && s_digest && busy && !collects;
            assign s_ready      = s_digest ? busy && !collects : busy && step == 0 && !sending && row_fits;
            assign kept         = fresh ? {HALF}'d0 : read_data;
            assign p_valid      = sending;
            assign p_tag        = tag;
            assign p_data       = send_place{half_bit} ? {b} : {a};

            always @(posedge clk) begin
                if (step != 0) step <= step == 3'd4 ? 3'd0 : step + 1'b1;
                if (row_taken) begin
                    step      <= 3'd1;
                    is_node   <= 1'b0;
                    fresh     <= s_first;
                    absorbed  <= s_count;
                    half_a    <= s_data;
                    tag       <= {{s_last ? 2'd{KIND_LEAF} : 2'd{KIND_ROW}, {LEVEL}'d0, s_row}};
                    read_row  <= s_row[{row_top}:0];
                    read_half <= 1'b0;
                end
                if (node_taken) begin
                    step      <= 3'd1;
                    is_node   <= 1'b1;
                    fresh     <= 1'b0;
                    absorbed  <= 4'd0;
                    tag       <= {{2'd{KIND_NODE}, node_level, node_index}};
                    read_row  <= {{node_index[{child_top}:0], 1'b0}};
                    read_half <= 1'b0;
                end
                if (step == 3'd1) begin
                    // Half b of a row is the second half of its state, of a node the other child.
                    read_half   <= !is_node;
                    read_row[0] <= read_row[0] || is_node;
                end
                if (step == 3'd3) begin
                    {merge}
                end
                if (step == 3'd4) begin
                    half_b     <= kept;
                    sending    <= 1'b1;
                    send_place <= {place}'d0;
                end
                if (sending && p_ready) begin
                    send_place <= send_place + 1'b1;
                    if (send_place == {place}'d{last}) sending <= 1'b0;
                end
                if (row_taken != row_written) rows_out <= row_taken ? rows_out + 1'b1 : rows_out - 1'b1;
                if (rst || job_start) begin
                    rows_out <= {wide}'d0;
                    step     <= 3'd0;
                    sending  <= 1'b0;
                end
            end
            ",
            half_bit = if place == 1 { String::new() } else { format!("[{}]", place - 1) },
            a = choose("half_a"),
            b = choose("half_b"),
            row_top = log - 1,
            child_top = log - 2,
            merge = nested(&merge, 20),
            last = groups - 1,
            wide = INDEX + 1,
        ))
}
