//! The entrance: words of a group in matrix order, gathered to bursts for memory.

use super::{BURSTS, Geometry};
use crate::connect::wires;
use crate::netlist::Module;
use crate::stream::fifo;

/// `external_load_*`: words to rows, rows to beats, beats to bursts of adjacent rows, at the places of the group's region.
///
/// While a group is transformed the next is loaded into the other region; `loaded` says which regions hold a group whose writes are
/// acknowledged.
pub fn load(geometry: &Geometry) -> Module {
    let (chunk, region, line) = (geometry.chunk_bits(), geometry.region_bits(), geometry.line_bits());
    let rows = geometry.beat_rows();
    let (kept, depth) = (248 * rows, BURSTS * geometry.burst_beats());
    let words = 8 * rows;
    let word_bits = words.ilog2() as usize;
    let beats = geometry.burst_beats();
    let beat_bits = beats.ilog2() as usize;
    let module =
        Module::new(format!("external_load_{}", geometry.name()), "gathers the words of a group to bursts for memory")
            .timing("a burst's address follows when the burst is complete", "one word a clock")
            .clk_rst()
            .input("start", 1, "a job begins, or is dropped")
            .input("running", 1, "there is a job")
            .input("log_strips", 4, "")
            .input("strip_mask", line, "")
            .input("chunk_mask", chunk, "chunks of a group - 1")
            .input("group_last", 11, "")
            .input("s_valid", 1, "")
            .output("s_ready", 1, "")
            .input("s_data", 31, "")
            .output_reg("loaded", 2, "the regions hold a group")
            .input("release_group", 2, "and it is not needed any more")
            .input("settled", 1, "all writes of words are acknowledged")
            .output("load_closing", 1, "a group is complete, and its last bursts are to be written")
            .output("chunk_pushed", 1, "a burst more is complete")
            .output("chunk_valid", 1, "of the oldest complete burst")
            .input("chunk_ready", 1, "")
            .output("chunk_address", chunk + region, "")
            .output("beat_valid", 1, "")
            .input("beat_ready", 1, "")
            .output("beat_data", kept, "")
            .reg("odd_group", 1)
            .reg("group", 11)
            .reg("finished", 1)
            .reg("closing", 1)
            .reg("word", word_bits)
            .reg("beat", kept)
            .reg("push", 1)
            .reg("beat_index", beat_bits)
            .reg("chunk", chunk)
            .reg("push_chunk", 1)
            .reg("pushed_chunk", chunk + region);
    wires(module, [("taken", 1), ("beat_full", 1), ("chunk_full", 1), ("group_end", 1), ("room", 1)])
        .instance(
            "beats",
            fifo(kept, depth),
            [
                ("clk", "clk"),
                ("rst", "rst || start"),
                ("s_valid", "push"),
                ("s_ready", "room"),
                ("s_data", "beat"),
                ("m_valid", "beat_valid"),
                ("m_ready", "beat_ready"),
                ("m_data", "beat_data"),
            ],
        )
        .instance(
            "chunks",
            fifo(chunk + region, 2 * BURSTS),
            [
                ("clk", "clk"),
                ("rst", "rst || start"),
                ("s_valid", "push_chunk"),
                ("s_ready", ""),
                ("s_data", "pushed_chunk"),
                ("m_valid", "chunk_valid"),
                ("m_ready", "chunk_ready"),
                ("m_data", "chunk_address"),
            ],
        )
        .body(format!(
            "
            // The last word of a beat waits for room in the queue, and so the beat that is pushed a clock later has it.
            assign s_ready      = running && !finished && !closing && !group_end && !loaded[odd_group] && (word != {word_bits}'d{last_word} || room);
            assign taken        = s_valid && s_ready;
            assign beat_full    = taken && word == {word_bits}'d{last_word};
            assign chunk_full   = push && beat_index == {beat_bits}'d{last_beat};
            assign group_end    = chunk_full && chunk == chunk_mask;
            assign chunk_pushed = push_chunk;
            assign load_closing = closing;

            always @(posedge clk) begin
                push         <= beat_full;
                push_chunk   <= chunk_full;
                pushed_chunk <= {{{group_region}, {swizzle}}};
                if (taken) begin
                    word <= word + 1'b1;
                    beat <= {{s_data, beat[{beat_top}:31]}};
                end
                if (push) beat_index <= beat_index + 1'b1;
                if (chunk_full) begin
                    chunk <= chunk == chunk_mask ? {chunk}'d0 : chunk + 1'b1;
                    if (group_end) closing <= 1'b1;
                end
                loaded <= loaded & ~release_group;
                // The group is there when the last of its writes is acknowledged.
                if (closing && settled && !push_chunk) begin
                    closing           <= 1'b0;
                    loaded[odd_group] <= 1'b1;
                    odd_group         <= !odd_group;
                    group             <= group + 1'b1;
                    finished          <= group == group_last;
                end
                if (rst || start) begin
                    push       <= 1'b0;
                    push_chunk <= 1'b0;
                    word       <= 0;
                    beat_index <= 0;
                    chunk      <= 0;
                    closing    <= 1'b0;
                    loaded     <= 2'b00;
                    odd_group  <= 1'b0;
                    group      <= 0;
                    finished   <= 1'b0;
                end
            end
            ",
            last_word = words - 1,
            last_beat = beats - 1,
            group_region = super::geometry::extend("odd_group", 1, region),
            swizzle = super::swizzle(geometry, "chunk"),
            beat_top = kept - 1,
        ))
}
