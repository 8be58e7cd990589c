//! The fill: reads the lines of a tile from memory into buffer 0.

use super::geometry::{extend, reversed};
use super::{Geometry, place_of};
use crate::connect::{attach, wires};
use crate::netlist::Module;

/// `external_fill_*`: read bursts of one run of adjacent rows each, a line after another; rows go to their places in the lanes.
///
/// A tile is asked for when buffer 0 is free. The first of a kind waits until what it consists of is in memory: the group is loaded
/// (kind 0), or the drain has come to the same kind and all writes are acknowledged (kinds 1 and 2).
pub fn fill(geometry: &Geometry) -> Module {
    let (lanes, tile, line, run) = (geometry.lanes, geometry.log_block, geometry.line_bits(), geometry.log_run);
    let (chunk, region, coset) = (geometry.chunk_bits(), geometry.region_bits(), geometry.coset_bits());
    let (data, id, bytes) = (geometry.data_bits, geometry.id_bits, geometry.address_bits);
    let (place, columns, rows) = (geometry.place_bits(), geometry.columns_per_lane(), geometry.beat_rows());
    let (column_bits, wide, kept) = (geometry.column_bits(), 31 * lanes, 248 * rows);
    let (beats, beat_bits) = (geometry.burst_beats(), geometry.burst_beats().ilog2() as usize);
    let flight = (geometry.outstanding + 1).next_power_of_two().ilog2() as usize;
    let pieces = columns * rows;
    let piece_bits = pieces.max(2).ilog2() as usize;
    let mut module = Module::new(format!("external_fill_{}", geometry.name()), "reads the tiles from memory into buffer 0")
        .timing("the memory's, from an address to its burst", &format!("a row in {columns} clocks"))
        .doc(&format!(
            "Bursts of {beats} beats, up to {} under way. An answer with an error, out of turn or of the wrong length raises
             `fault`. Answers to a job that was dropped are taken and forgotten.",
            geometry.outstanding
        ))
        .clk_rst()
        .input("start", 1, "a job begins, or is dropped")
        .input("running", 1, "there is a job")
        .input("log_lines", 4, "")
        .input("log_strips", 4, "")
        .input("line_mask", line, "")
        .input("strip_mask", line, "")
        .input("coset_last", coset, "")
        .input("group_last", 11, "")
        .input("base", bytes, "of the memory")
        .input("space", 1, "buffer 0 may be filled")
        .output("filled", 1, "the last row of a tile is taken now")
        .input("loaded", 2, "the groups of even and of odd number are in memory")
        .output("release_group", 2, "and are not needed any more")
        .input("drain_kind", 2, "of the tiles that the drain writes")
        .input("settled", 1, "all its writes are acknowledged")
        .output("idle", 1, "no burst is under way")
        .output("fault", 1, "an answer was wrong")
        .output_reg("load", 1, "a row's words, one a lane")
        .output_reg("load_bank", 1, "")
        .output_reg("load_address", place, "")
        .output_reg("load_data", wide, "")
        .output("axi_arid", id, "")
        .output_reg("axi_araddr", bytes, "")
        .output("axi_arlen", 8, "")
        .output("axi_arsize", 3, "")
        .output("axi_arburst", 2, "")
        .output_reg("axi_arvalid", 1, "")
        .input("axi_arready", 1, "")
        .input("axi_rid", id, "")
        .input("axi_rdata", data, "")
        .input("axi_rresp", 2, "")
        .input("axi_rlast", 1, "")
        .input("axi_rvalid", 1, "")
        .output("axi_rready", 1, "")
        .reg("filling", 1)
        .reg("asking", 1)
        .reg("ask_line", line)
        .reg("chunk", chunk)
        .reg("ask_valid", 1)
        .reg("ask_chunk", chunk + region)
        .reg("flight", flight)
        .reg("beat_index", beat_bits)
        .reg("beat_valid", 1)
        .reg("beat", kept)
        .reg("adjacent", run)
        .reg("line", line)
        .reg("line_high", line);
    for (name, bits) in [("piece", piece_bits), ("column", column_bits)] {
        if bits > 0 && (name != "piece" || pieces > 1) {
            module = module.reg(name, bits);
        }
    }
    module = wires(
        module,
        [
            ("finished", 1),
            ("kind", 2),
            ("tile", line),
            ("coset", coset),
            ("odd_group", 1),
            ("first_tile", 1),
            ("available", 1),
            ("begin_tile", 1),
            ("take_ask", 1),
            ("send_ask", 1),
            ("lines_mask", line),
            ("region", region),
            ("beat_taken", 1),
            ("beat_end", 1),
            ("burst_end", 1),
            ("packed_beat", kept),
            ("row_end", 1),
            ("line_end", 1),
            ("line_reversed", line),
            ("adjacent_reversed", run),
            ("place", tile),
            ("first_chunk", chunk),
            ("address", chunk + region),
        ],
    );
    let walk = [("step", "filled"), ("coset_end", "")];
    module = attach(module, "order", super::walk(geometry, false), walk);
    let packed: Vec<String> = (0..8 * rows).rev().map(|k| format!("axi_rdata[{} +: 31]", 32 * k)).collect();
    let unread: Vec<String> = (0..8 * rows).rev().map(|k| format!("axi_rdata[{}]", 32 * k + 31)).collect();
    let next_beat = if kept == wide { "beat".to_string() } else { format!("{{{wide}'d0, beat[{}:{wide}]}}", kept - 1) };
    let step_line =
        format!("line_high <= line_high + ({line}'d1 << (4'd{line} - (kind == 2'd1 ? log_strips : log_lines)));");
    let coset_region = format!("{region}'d2 + {}", extend("coset", coset, region));
    let last_beat = format!("{beat_bits}'d{}", beats - 1);
    let ones = format!("{run}'d{}", (1u32 << run) - 1);
    let last_of = |name: &str, bits: usize, count: usize| match count {
        1 => "1'b1".to_string(),
        _ => format!("{name} == {bits}'d{}", count - 1),
    };
    let (piece_end, column_end) = (last_of("piece", piece_bits, pieces), last_of("column", column_bits, columns));
    module
        .body(format!(
            "
            assign axi_arid    = 0;
            assign axi_arlen   = 8'd{len};
            assign axi_arsize  = 3'd{size};
            assign axi_arburst = 2'b01;
            assign idle        = !axi_arvalid && flight == 0;

            assign lines_mask  = kind == 2'd1 ? strip_mask : line_mask;
            assign region      = kind == 2'd2 ? {coset_region} : {group_region};
            assign first_tile  = tile == 0 && (kind != 2'd2 || coset == 0);
            assign available   = kind == 2'd0 ? loaded[odd_group] : !first_tile || (kind == drain_kind && settled);
            assign begin_tile  = running && !finished && !filling && space && available;
            assign first_chunk = kind == 2'd1 ? {tile_chunk} << log_strips : {tile_chunk};
            assign send_ask    = ask_valid && (!axi_arvalid || axi_arready) && flight != {flight}'d{outstanding};
            assign take_ask    = asking && (!ask_valid || send_ask);
            assign address     = {{region, {swizzle}}};
            assign release_group = filled && kind == 2'd1 && tile == line_mask ? (odd_group ? 2'b10 : 2'b01) : 2'b00;

            always @(posedge clk) begin
                if (axi_arready) axi_arvalid <= 1'b0;
                if (send_ask) begin
                    axi_arvalid <= 1'b1;
                    axi_araddr  <= base + {address_wide};
                end
                if (send_ask) ask_valid <= 1'b0;
                if (take_ask) begin
                    ask_valid <= 1'b1;
                    ask_chunk <= address;
                    ask_line  <= ask_line + 1'b1;
                    // A block's chunks follow each other, a strip's lie a line apart.
                    chunk     <= chunk + (kind == 2'd1 ? {chunk}'d1 : {chunk}'d1 << log_strips);
                    if (ask_line == lines_mask) asking <= 1'b0;
                end
                if (begin_tile) begin
                    filling  <= 1'b1;
                    asking   <= 1'b1;
                    ask_line <= 0;
                    chunk    <= first_chunk;
                end
                if (filled) filling <= 1'b0;
                flight <= flight + {flight_up} - {flight_down};
                if (start || rst) begin
                    filling   <= 1'b0;
                    asking    <= 1'b0;
                    ask_valid <= 1'b0;
                end
                if (rst) begin
                    axi_arvalid <= 1'b0;
                    flight      <= 0;
                end
            end
            ",
            len = beats - 1,
            size = (data / 8).ilog2(),
            group_region = extend("odd_group", 1, region),
            tile_chunk = extend("tile", line, chunk),
            outstanding = geometry.outstanding,
            swizzle = super::swizzle(geometry, "chunk"),
            address_wide = super::byte_address(geometry, "ask_chunk"),
            flight_up = extend("send_ask", 1, flight),
            flight_down = extend("burst_end", 1, flight),
        ))
        .body(format!(
            "
            // The top bit of each 32-bit word is not the field's.
            wire unused = &{{1'b0, {unread}}};

            assign axi_rready  = !running || !beat_valid || beat_end;
            assign beat_taken  = axi_rvalid && axi_rready;
            assign burst_end   = beat_taken && beat_index == {last_beat};
            assign fault       = running && beat_taken && (axi_rresp != 2'b00 || axi_rid != 0 || axi_rlast != burst_end);
            assign packed_beat = {{{packed}}};
            assign beat_end    = beat_valid && {piece_end};
            assign row_end     = beat_valid && {column_end};
            assign line_end    = row_end && adjacent == {ones};
            assign filled      = line_end && line == lines_mask;

            // Strips of the inverse and blocks come in with both parts of their rows' numbers reversed.
            assign adjacent_reversed = {adjacent_reversed};
            assign line_reversed     = {line_reversed};
            assign place             = kind == 2'd2 ? {place_straight} : {place_reversed};

            always @(posedge clk) begin
                if (beat_taken) beat_index <= beat_index + 1'b1;
                if (beat_taken && running) begin
                    beat_valid <= 1'b1;
                    beat       <= packed_beat;
                end else if (beat_end) begin
                    beat_valid <= 1'b0;
                end else if (beat_valid) begin
                    beat <= {next_beat};
                end
                {pieces}
                load         <= beat_valid;
                load_bank    <= ^place;
                load_address <= {{{column}place[{place_top}:1]}};
                load_data    <= beat[{wide_top}:0];
                if (row_end) adjacent <= adjacent + 1'b1;
                if (line_end) begin
                    line <= line + 1'b1;
                    // A counter whose steps are so large that its bits read backwards are the reversed line.
                    {step_line}
                end
                if (start || rst || filled) begin
                    adjacent  <= 0;
                    line      <= 0;
                    line_high <= 0;
                end
                if (start || rst) begin
                    beat_valid <= 1'b0;
                    load       <= 1'b0;
                    {pieces_reset}
                end
                if (rst) beat_index <= 0;
            end
            ",
            unread = unread.join(", "),
            packed = packed.join(", "),
            adjacent_reversed = reversed("adjacent", run),
            line_reversed = reversed("line_high", line),
            place_straight = place_of(geometry, "adjacent", "line", "log_lines"),
            place_reversed =
                place_of(geometry, "adjacent_reversed", "line_reversed", "(kind == 2'd1 ? log_strips : log_lines)"),
            pieces = [
                (pieces > 1).then_some("if (beat_valid) piece <= piece + 1'b1;"),
                (column_bits > 0).then_some("if (beat_valid) column <= column + 1'b1;"),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n                "),
            pieces_reset = [
                (pieces > 1).then_some("piece  <= 0;"),
                (column_bits > 0).then_some("column <= 0;"),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n                    "),
            column = if column_bits > 0 { "column, " } else { "" },
            place_top = tile - 1,
            wide_top = wide - 1,
        ))
}
