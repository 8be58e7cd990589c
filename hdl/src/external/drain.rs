//! The drain: finished tiles from buffers 1 and 2, to memory or, as rows of the extension, out of the circuit.

use super::geometry::{extend, reversed};
use super::{FETCH_LATENCY, Geometry, place_of};
use crate::connect::{attach, wires};
use crate::netlist::Module;
use crate::stream::{delay, fifo};

/// Rows that may be under way to the output or waiting there.
const ROWS: usize = 16;

/// Bursts that the queue to memory holds.
pub const BURSTS: usize = 8;

/// `external_drain_*`: reads the buffers in turn, one column of every lane a clock; a burst's address follows when the burst is complete.
pub fn drain(geometry: &Geometry) -> Module {
    let (lanes, tile, line, run) = (geometry.lanes, geometry.log_block, geometry.line_bits(), geometry.log_run);
    let (chunk, region, coset) = (geometry.chunk_bits(), geometry.region_bits(), geometry.coset_bits());
    let (place, columns, rows) = (geometry.place_bits(), geometry.columns_per_lane(), geometry.beat_rows());
    let (column_bits, wide, kept) = (geometry.column_bits(), 31 * lanes, 248 * rows);
    let leaf = geometry.leaf_bits();
    let depth = BURSTS * geometry.burst_beats();
    let owed_bits = (BURSTS << run).ilog2() as usize + 1;
    let row_bits = leaf.max(20);
    let name = format!("external_drain_{}", geometry.name());
    let mut module = Module::new(name, "reads finished tiles out of buffers 1 and 2")
        .timing("as long as the taker or the memory waits", &format!("a row in {columns} clocks"))
        .doc("Tiles of kinds 0 and 1 go to memory, those of kind 2 to m_.")
        .clk_rst()
        .input("start", 1, "a job begins, or is dropped")
        .input("log_lines", 4, "")
        .input("log_strips", 4, "")
        .input("line_mask", line, "")
        .input("strip_mask", line, "")
        .input("leaf_mask", leaf, "2^(log_rows + log_blowup) - 1")
        .input("coset_last", coset, "")
        .input("group_last", 11, "")
        .input("ready", 2, "buffers 1 and 2 hold finished rows")
        .output("release_buffer", 2, "they have been read")
        .output_reg("drain", 2, "")
        .output_reg("drain_address", place, "")
        .output("drained_buffer", 1, "drain[1], two clocks later")
        .output_reg("drained_bank", 1, "with drained_buffer")
        .input("drain_data", wide, "the lanes' words, a clock later")
        .output("drain_kind", 2, "of the tile")
        .output("chunk_pushed", 1, "a burst more is complete")
        .output("chunk_valid", 1, "of the oldest complete burst")
        .input("chunk_ready", 1, "")
        .output("chunk_address", chunk + region, "")
        .output("beat_valid", 1, "")
        .input("beat_ready", 1, "")
        .output("beat_data", kept, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 248, "column 0 lowest")
        .output("m_row", row_bits, "in leaf order")
        .output("m_group", 11, "")
        .output("m_first", 1, "of the first group")
        .output("m_last", 1, "of the last group")
        .reg("buffer", 1)
        .reg("reading", 1)
        .reg("waiting", 1)
        .reg("adjacent", run)
        .reg("line", line)
        .reg("owed_rows", 5)
        .reg("owed_beats", owed_bits)
        .reg("bank", 1)
        .reg("drain1", 2)
        .reg("drain2", 2)
        .reg("bank1", 1)
        .reg("take", 1)
        .reg("row_valid", 1)
        .reg("row", 248)
        .reg("late_adjacent", run)
        .reg("late_line", line)
        .reg("chunk", chunk)
        .reg("push", 1)
        .reg("pushed_beat", kept)
        .reg("push_chunk", 1)
        .reg("pushed_chunk", chunk + region)
        .reg("leaf", leaf)
        .reg("row_group", 11);
    if column_bits > 0 {
        module = module.reg("column", column_bits);
    }
    module = wires(
        module,
        [
            ("kind", 2),
            ("tile", line),
            ("coset", coset),
            ("odd_group", 1),
            ("outward", 1),
            ("lines_mask", line),
            ("room", 1),
            ("step", 1),
            ("row_end", 1),
            ("tile_end", 1),
            ("place", tile),
            ("adjacent_reversed", run),
            ("take_end", 1),
            ("late_end", 1),
            ("tile_done", 1),
            ("beat_full", 1),
            ("chunk_full", 1),
            ("first_chunk", chunk),
            ("region", region),
        ],
    );
    module = attach(
        module,
        "order",
        super::walk(geometry, true),
        [("step", "tile_done"), ("coset_end", ""), ("finished", "")],
    );
    let row_next = if wide == 248 { "drain_data".to_string() } else { format!("{{drain_data, row[247:{wide}]}}") };
    let ones = format!("{run}'d{}", (1u32 << run) - 1);
    let column_end = match column_bits {
        0 => "1'b1".to_string(),
        k => format!("column == {k}'d{}", columns - 1),
    };
    let coset_region = format!("{region}'d2 + {}", extend("coset", coset, region));
    let row_in_beat = rows.ilog2() as usize;
    let beat_full = match row_in_beat {
        0 => "1'b1".to_string(),
        k => format!("late_adjacent[{}:0] == {k}'d{}", k - 1, rows - 1),
    };
    let beat_next = if rows == 1 { "row".to_string() } else { format!("{{row, pushed_beat[{}:248]}}", kept - 1) };
    module
        .instance("ends", delay(1, FETCH_LATENCY + 1), [("clk", "clk"), ("s_data", "step && row_end"), ("m_data", "take_end")])
        .instance(
            "rows",
            fifo(248, ROWS),
            ["clk", "m_valid", "m_ready", "m_data"].map(|p| (p, p)).into_iter().chain([
                ("rst", "rst || start"),
                ("s_valid", "row_valid && outward"),
                ("s_ready", ""),
                ("s_data", "row"),
            ]),
        )
        .instance(
            "beats",
            fifo(kept, depth),
            [
                ("clk", "clk"),
                ("rst", "rst || start"),
                ("s_valid", "push"),
                ("s_ready", ""),
                ("s_data", "pushed_beat"),
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
            assign outward        = kind == 2'd2;
            assign drain_kind     = kind;
            assign lines_mask     = kind == 2'd1 ? strip_mask : line_mask;
            // A row is begun when a place for it is certain, so nothing behind the memories ever waits.
            assign room           = outward ? owed_rows != 5'd{ROWS} : owed_beats != {owed_bits}'d{owed_most};
            assign step           = reading && room;
            assign row_end        = {column_end};
            assign tile_end       = line == lines_mask && adjacent == {ones};
            assign drained_buffer = drain2[1];

            // What was loaded in reversed order goes back so; everything else leaves in the order of its places.
            assign adjacent_reversed = {adjacent_reversed};
            assign place             = kind == 2'd0 ? {place_strip} : {{line, adjacent}};

            always @(posedge clk) begin
                drain         <= step ? (buffer ? 2'b10 : 2'b01) : 2'b00;
                drain_address <= {{{column}place[{place_top}:1]}};
                bank          <= ^place;
                if (!reading && !waiting && ready[buffer]) reading <= 1'b1;
                if (step) begin
                    {column_next}
                    if (row_end) begin
                        adjacent <= adjacent + 1'b1;
                        if (adjacent == {ones}) line <= line + 1'b1;
                        if (tile_end) begin
                            reading <= 1'b0;
                            waiting <= 1'b1;
                        end
                    end
                end
                if (tile_done) begin
                    waiting  <= 1'b0;
                    buffer   <= !buffer;
                    adjacent <= 0;
                    line     <= 0;
                end
                owed_rows  <= owed_rows + {{4'd0, step && row_end && outward}} - {{4'd0, m_valid && m_ready}};
                owed_beats <= owed_beats + {owed_up} - (beat_valid && beat_ready ? {owed_bits}'d{rows} : {owed_bits}'d0);

                drain1       <= drain;
                bank1        <= bank;
                drain2       <= drain1;
                drained_bank <= bank1;
                take         <= drain2 != 0;
                row_valid    <= take && take_end;
                if (take) row <= {row_next};
                if (rst || start) begin
                    buffer     <= 1'b0;
                    reading    <= 1'b0;
                    waiting    <= 1'b0;
                    adjacent   <= 0;
                    line       <= 0;
                    {column_reset}
                    owed_rows  <= 0;
                    owed_beats <= 0;
                    drain      <= 2'b00;
                    drain1     <= 2'b00;
                    drain2     <= 2'b00;
                    take       <= 1'b0;
                    row_valid  <= 1'b0;
                end
            end
            ",
            owed_most = BURSTS << run,
            adjacent_reversed = reversed("adjacent", run),
            place_strip = place_of(geometry, "adjacent_reversed", "line", "log_lines"),
            column = if column_bits > 0 { "column, " } else { "" },
            column_next = if column_bits > 0 { "column <= column + 1'b1;" } else { "" },
            column_reset = if column_bits > 0 { "column     <= 0;" } else { "" },
            place_top = tile - 1,
            owed_up = extend("(step && row_end && !outward)", 1, owed_bits),
        ))
        .body(format!(
            "
            assign late_end       = late_adjacent == {ones};
            assign tile_done      = row_valid && late_end && late_line == lines_mask;
            assign release_buffer = tile_done ? (buffer ? 2'b10 : 2'b01) : 2'b00;
            assign beat_full      = {beat_full};
            assign chunk_full     = row_valid && !outward && late_end;
            assign chunk_pushed   = push_chunk;
            assign region         = kind == 2'd1 ? {coset_region} : {group_region};
            assign first_chunk    = kind == 2'd1 ? {tile_chunk} << log_strips : {tile_chunk};

            always @(posedge clk) begin
                push         <= row_valid && !outward && beat_full;
                push_chunk   <= chunk_full;
                pushed_chunk <= {{region, {swizzle}}};
                if (row_valid) begin
                    pushed_beat   <= {beat_next};
                    late_adjacent <= late_adjacent + 1'b1;
                    if (late_end) begin
                        late_line <= tile_done ? {line}'d0 : late_line + 1'b1;
                        chunk     <= chunk + (kind == 2'd1 ? {chunk}'d1 : {chunk}'d1 << log_strips);
                    end
                end
                if (!reading && !waiting) chunk <= first_chunk;
                if (m_valid && m_ready) begin
                    leaf <= leaf == leaf_mask ? {leaf}'d0 : leaf + 1'b1;
                    if (leaf == leaf_mask) row_group <= row_group + 1'b1;
                end
                if (rst || start) begin
                    push          <= 1'b0;
                    push_chunk    <= 1'b0;
                    late_adjacent <= 0;
                    late_line     <= 0;
                    leaf          <= 0;
                    row_group     <= 0;
                end
            end

            assign m_row   = {row};
            assign m_group = row_group;
            assign m_first = row_group == 0;
            assign m_last  = row_group == group_last;
            ",
            group_region = extend("odd_group", 1, region),
            tile_chunk = extend("tile", line, chunk),
            swizzle = super::swizzle(geometry, "chunk"),
            row = extend("leaf", leaf, row_bits),
        ))
}
