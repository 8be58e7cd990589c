//! The exit: finished rows of the cosets, gathered from the lanes into beats.

use super::{FETCH_LATENCY, Geometry};
use crate::netlist::Module;
use crate::stream::{delay, fifo};

/// Beats that may be under way or waiting.
const DEPTH: usize = 16;

/// `lde_readout_*`: reads the buffers in turn, row by row, one column of every lane a clock, and labels the rows.
pub fn readout(geometry: &Geometry) -> Module {
    let (lanes, n) = (geometry.column_lanes(), geometry.log_rows_max);
    let (column_bits, address) = (geometry.column_bits(), geometry.address_bits());
    let row_bits = n + geometry.log_blowup_max;
    let bank_bits = geometry.bank_bits();
    let name =
        format!("lde_readout_l{lanes}_n{n}_b{}{}", geometry.log_blowup_max, if bank_bits == 1 { "" } else { "_w2" });
    let wide = 31 * lanes;
    let (column, column_last, column_next) = match column_bits {
        0 => (String::new(), "1'b1".to_string(), ""),
        c => ("column, ".into(), format!("column == {c}'d{}", (1 << c) - 1), "column <= column + 1'b1;"),
    };
    let module = Module::new(name, "reads finished rows out of the buffers, in leaf order, and labels them")
        .timing(
            &format!("{} clocks from a row's last address to its beat", FETCH_LATENCY + 3),
            &format!("a row in {} clocks", geometry.columns_per_lane()),
        )
        .doc(&format!("At most {DEPTH} beats are under way or waiting."))
        .clk_rst()
        .input("start", 1, "a job begins")
        .input("row_mask", n, "2^log_rows - 1")
        .input("leaf_mask", row_bits, "2^(log_rows + log_blowup) - 1")
        .input("group_last", 11, "groups - 1")
        .input("ready", 2, "buffers 1 and 2 hold finished rows")
        .output("release_buffer", 2, "the last row has been addressed")
        .output_reg("drain", 2, "")
        .output_reg("drain_address", address, "")
        .output("drained_buffer", 1, "drain[1], two clocks later")
        .output_reg("drained_bank", bank_bits, "with drained_buffer")
        .input("drain_data", wide, "the lanes' words, a clock later")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 248, "")
        .output("m_row", 20, "")
        .output("m_group", 11, "")
        .output("m_first", 1, "of the first group")
        .output("m_last", 1, "of the last group")
        .reg("buffer", 1)
        .reg("row", n)
        .reg("owed", 5)
        .wire("reading", 1)
        .wire("step", 1)
        .wire("row_end", 1)
        .reg("bank", bank_bits)
        .reg("drain1", 2)
        .reg("drain2", 2)
        .reg("bank1", bank_bits)
        .reg("take", 1)
        .wire("take_end", 1)
        .wire("beat_end", 1)
        .reg("beat_valid", 1)
        .reg("beat", 248)
        .reg("leaf", row_bits)
        .reg("group", 11);
    let module = if column_bits == 0 { module } else { module.reg("column", column_bits) };
    let beat_next = if wide == 248 { "drain_data".to_string() } else { format!("{{drain_data, beat[247:{wide}]}}") };
    module
        .instance(
            "ends",
            delay(1, FETCH_LATENCY + 1),
            [("clk", "clk"), ("s_data", "step && row_end"), ("m_data", "take_end")],
        )
        .instance(
            "beats",
            fifo(248, DEPTH),
            ["clk", "m_valid", "m_ready", "m_data"].map(|p| (p, p)).into_iter().chain([
                ("rst", "rst || start"),
                ("s_valid", "beat_valid"),
                ("s_ready", ""),
                ("s_data", "beat"),
            ]),
        )
        .body(
            format!(
                "
            // A row is begun when a place for it is certain, so nothing behind the memories ever waits.
            assign reading        = ready[buffer];
            assign step           = reading && owed != 5'd{DEPTH};
            assign row_end        = {column_last};
            assign release_buffer = step && row_end && row == row_mask ? (buffer ? 2'b10 : 2'b01) : 2'b00;
            assign beat_end       = take && take_end;
            assign drained_buffer = drain2[1];

            always @(posedge clk) begin
                drain         <= step ? (buffer ? 2'b10 : 2'b01) : 2'b00;
                drain_address <= {{{column}row[{top}:{bank_bits}]}};
                bank          <= {bank};
                if (step) begin
                    {column_next}
                    if (row_end) row <= row == row_mask ? {n}'d0 : row + 1'b1;
                    if (row_end && row == row_mask) buffer <= !buffer;
                end
                owed <= owed + {{4'd0, step && row_end}} - {{4'd0, m_valid && m_ready}};

                drain1       <= drain;
                bank1        <= bank;
                drain2       <= drain1;
                drained_bank <= bank1;
                take         <= drain2 != 0;
                beat_valid   <= beat_end;
                if (take) beat <= {beat_next};
            ",
                top = n - 1,
                bank = geometry.bank("row", false),
            ) + &format!(
                "
                if (m_valid && m_ready) begin
                    leaf <= (leaf == leaf_mask) ? {row_bits}'d0 : leaf + 1'b1;
                    if (leaf == leaf_mask) group <= group + 1'b1;
                end
                if (rst || start) begin
                    buffer     <= 1'b0;
                    row        <= 0;
                    {column_reset}
                    owed       <= 0;
                    drain      <= 2'b00;
                    drain1     <= 2'b00;
                    drain2     <= 2'b00;
                    take       <= 1'b0;
                    beat_valid <= 1'b0;
                    leaf       <= 0;
                    group      <= 0;
                end
            end

            assign m_row   = {row};
            assign m_group = group;
            assign m_first = group == 0;
            assign m_last  = group == group_last;
            ",
                column_reset = if column_bits == 0 { "" } else { "column     <= 0;" },
                row = if row_bits < 20 { format!("{{{}'d0, leaf}}", 20 - row_bits) } else { "leaf".into() },
            ),
        )
}
