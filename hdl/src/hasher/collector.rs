//! What becomes of results: written back, sent out, counted; the end of the job.

use super::{HALF, INDEX, KIND_LEAF, KIND_NODE, KIND_ROW, LEVEL, TAG};
use crate::netlist::{Module, nested};
use crate::poseidon2::Shape;
use crate::stream::index_bits;

/// Adds the collector to the hasher.
///
/// A result's first half is written for every kind; the second half only for a row that goes on. The first half of a leaf or a node also
/// goes out. Digests that come in are written by the same register, when no result needs it.
pub(super) fn collector(module: Module, shape: &Shape, log: usize) -> Module {
    let bits = 31 * shape.group;
    let work = index_bits(shape.sboxes + 1);
    let halved = shape.groups() == 4;
    // Four beats: the low part of a half waits for the high part.
    let (module, whole, ends, low) = match halved {
        true => {
            (module.reg("low", bits), "{d_data, low}", "d_place[0]", "\n    if (d_taken && !d_place[0]) low <= d_data;")
        }
        false => (module, "d_data", "1'b1", ""),
    };
    let place = if halved { 2 } else { 1 };
    let half_bit = if halved { "[1]" } else { "" };
    module
        .reg("d_place", place)
        .wire("d_taken", 1)
        .wire("d_whole", HALF)
        .wire("d_second", 1)
        .wire("d_kind", 2)
        .wire("d_level", LEVEL)
        .wire("d_index", INDEX)
        .wire("d_out", 1)
        .wire("d_ends", 1)
        .wire("final_taken", 1)
        .wire("final_digest", 1)
        .wire("final_index", INDEX + 1)
        .reg("work_late", work)
        .reg("multiplies_low", 16)
        .reg("multiplies_carry", 1)
        .reg("multiplies_high", 48)
        .body(format!(
            "
            // Collector.
            assign d_whole  = {whole};
            assign d_second = d_place{half_bit};
            assign d_ends   = {ends};
            assign {{d_kind, d_level, d_index}} = d_tag;

            // A digest needs the output register.
            assign d_out    = d_ends && !d_second && d_kind != 2'd{KIND_ROW};
            assign d_ready  = !d_out || !m_valid || m_ready;
            assign d_taken  = d_valid && d_ready;
            assign collects = d_taken && d_ends && (!d_second || d_kind == 2'd{KIND_ROW});

            // A row is written back with its last half; a leaf counts when its first half is.
            assign row_written = d_taken && d_ends && d_second && d_kind != 2'd{KIND_NODE};
            assign have_write  = (d_taken && d_out) || digest_taken;
            assign have_level  = d_taken && d_out ? d_level : {LEVEL}'d0;
            assign have_count  = {{1'b0, d_taken && d_out ? d_index : s_row}} + 1'b1;

            always @(posedge clk) begin{low}
                if (d_taken) d_place <= d_place + 1'b1;
                write      <= collects || digest_taken;
                write_row  <= collects ? d_index[{row_top}:0] : s_row[{row_top}:0];
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
                    d_place <= {place}'d0;
                    write   <= 1'b0;
                    m_valid <= 1'b0;
                end
            end

            // The job ends with the last digest of its last level; of level 0 of digests that came in, nothing goes out.
            assign final_index  = leaves >> levels;
            assign final_taken  = m_valid && m_ready && m_level == levels && {{1'b0, m_index}} + 1'b1 == final_index;
            assign final_digest = digest_taken && levels == 0 && {{1'b0, s_row}} + 1'b1 == leaves;

            always @(posedge clk) begin
                if (final_taken || final_digest) busy <= 1'b0;
                if (job_start) busy <= 1'b1;
                if (rst) busy <= 1'b0;
            end

            // Counters; the wide one in two parts, the carry a clock late.
            assign multiplies = {{multiplies_high, multiplies_low}};

            always @(posedge clk) begin
                work_late <= work;
                {{multiplies_carry, multiplies_low}} <= {{1'b0, multiplies_low}} + {{{work_pad}'d0, work_late, 2'd0}};
                multiplies_high <= multiplies_high + {{47'd0, multiplies_carry}};
                if (d_taken && d_ends && d_second) permutations <= permutations + 1'b1;
                if (rst) work_late <= {work}'d0;
                if (rst || job_start) begin
                    permutations     <= 32'd0;
                    multiplies_low   <= 16'd0;
                    multiplies_carry <= 1'b0;
                    multiplies_high  <= 48'd0;
                end
            end
            ",
            row_top = log - 1,
            work_pad = 17 - 2 - work,
            low = nested(low, 12),
        ))
}

const _: () = assert!(KIND_LEAF != KIND_ROW && KIND_LEAF != KIND_NODE && TAG == 2 + LEVEL + INDEX);
