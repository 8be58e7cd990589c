//! What becomes of results: written back, sent out, counted; the end of the job.

use super::{HALF, INDEX, KIND_LEAF, KIND_NODE, KIND_ROW, LEVEL, TAG};
use crate::netlist::{Module, nested};
use crate::poseidon2::Shape;
use crate::stream::index_bits;

/// Adds the collector to the hasher.
///
/// A result is taken whole. Its first half is written for every kind, the second half only for a row that goes on; the first half of a leaf or a
/// node also goes out.
pub(super) fn collector(module: Module, shape: &Shape, log: usize) -> Module {
    let (bits, groups) = (31 * shape.group, shape.groups());
    let (work, place) = (index_bits(shape.work_max() + 1), index_bits(groups));
    // The beats before the last one wait. Nothing holds them up.
    let held = (groups - 1) * bits;
    let (module, whole, ends, low) = match groups {
        1 => (module, "d_data".to_string(), "1'b1".to_string(), String::new()),
        2 => (
            module.reg("low", held).reg("d_place", place),
            "{d_data, low}".into(),
            "d_place".into(),
            "if (d_taken) d_place <= !d_place;\nif (d_valid && !d_ends) low <= d_data;".into(),
        ),
        _ => (
            module.reg("low", held).reg("d_place", place),
            "{d_data, low}".into(),
            format!("d_place == {place}'d{}", groups - 1),
            format!(
                "if (d_taken) d_place <= d_ends ? {place}'d0 : d_place + 1'b1;\n\
                 if (d_valid && !d_ends) low <= {{d_data, low[{}:{bits}]}};",
                held - 1
            ),
        ),
    };
    let clear = if groups > 1 { format!("\n                    d_place    <= {place}'d0;") } else { String::new() };
    module
        .wire("d_taken", 1)
        .wire("d_whole", 2 * HALF)
        .wire("d_kind", 2)
        .wire("d_level", LEVEL)
        .wire("d_index", INDEX)
        .wire("d_out", 1)
        .wire("d_ends", 1)
        .wire("d_goes_on", 1)
        .wire("collects", 1)
        .wire("to_even", 1)
        .wire("to_odd", 1)
        .wire("final_taken", 1)
        .wire("final_digest", 1)
        .reg("m_final", 1)
        .reg("work_late", work)
        .reg("multiplies_low", 16)
        .reg("multiplies_carry", 1)
        .reg("multiplies_high", 48)
        .body(format!(
            "
            // Collector.
            assign d_whole = {whole};
            assign d_ends  = {ends};
            assign {{d_kind, d_level, d_index}} = d_tag;

            // A digest needs the output register.
            assign d_goes_on = d_kind == 2'd{KIND_ROW};
            assign d_out     = d_ends && !d_goes_on;
            assign d_ready   = !d_out || !m_valid || m_ready;
            assign d_taken   = d_valid && d_ready;
            assign collects  = d_taken && d_ends;

            // First halves of even rows and second halves of odd ones are in the even bank.
            assign to_even     = collects && (d_goes_on || !d_index[0]);
            assign to_odd      = collects && (d_goes_on || d_index[0]);
            assign row_written = collects && d_kind != 2'd{KIND_NODE};
            assign made        = collects && !d_goes_on;
            assign made_level  = d_level;
            assign made_odd    = d_index[0];

            always @(posedge clk) begin
                {low}
                write_even <= to_even;
                write_odd  <= to_odd;
                write_row  <= d_index[{row_top}:0];
                even_in    <= d_index[0] ? d_whole[{top}:{HALF}] : d_whole[{half_top}:0];
                odd_in     <= d_index[0] ? d_whole[{half_top}:0] : d_whole[{top}:{HALF}];
                // It takes whatever is there while it is free; whether that is a digest is known later.
                if (m_ready || !m_valid) begin
                    m_valid <= made;
                    m_data  <= d_whole[{half_top}:0];
                    m_level <= d_level;
                    m_index <= d_index;
                    m_sent  <= d_level >= first_sent;
                    m_final <= d_level == levels && d_index == last_index;
                end
                if (rst) begin
                    write_even <= 1'b0;
                    write_odd  <= 1'b0;
                    m_valid    <= 1'b0;{clear}
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
            assign multiplies = {{multiplies_high, multiplies_low}};

            always @(posedge clk) begin
                work_late <= work;
                {{multiplies_carry, multiplies_low}} <= {{1'b0, multiplies_low}} + {{{work_pad}'d0, work_late, 2'd0}};
                multiplies_high <= multiplies_high + {{47'd0, multiplies_carry}};
                if (collects) permutations <= permutations + 1'b1;
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
            top = 2 * HALF - 1,
            half_top = HALF - 1,
            work_pad = 17 - 2 - work,
            low = nested(&low, 16),
        ))
}

const _: () = assert!(KIND_LEAF != KIND_ROW && KIND_LEAF != KIND_NODE && TAG == 2 + LEVEL + INDEX);
