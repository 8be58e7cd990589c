//! The way to memory: whole bursts of the load and of the drain, in turn.
//!
//! Words come so slowly that a burst of the load would be alone, and its row open for it alone: they are kept until there are
//! [`LOAD_RUN`], which lie side by side, so that their rows are opened while the ones before are written.

use super::geometry::extend;
use super::{Geometry, byte_address};
use crate::connect::wires;
use crate::netlist::Module;

/// Bursts of the load that go together.
const LOAD_RUN: usize = 4;
const _: () = assert!(LOAD_RUN < super::BURSTS && LOAD_RUN.is_power_of_two());

/// `external_write_*`: a burst is begun when all of it is there, so that the data bus never waits for it. The load writes as id 0, the
/// drain as id 1: so an acknowledgement tells whose burst it is.
pub fn write(geometry: &Geometry) -> Module {
    let (chunk, region) = (geometry.chunk_bits(), geometry.region_bits());
    let (data, id, bytes) = (geometry.data_bits, geometry.id_bits, geometry.address_bits);
    let (rows, beats) = (geometry.beat_rows(), geometry.burst_beats());
    let (kept, beat_bits) = (248 * rows, geometry.burst_beats().ilog2() as usize);
    let flight = (geometry.outstanding + 1).next_power_of_two().ilog2() as usize;
    // Bursts that are complete and not acknowledged: under way, and in a queue.
    let pending = (geometry.outstanding + 2 * super::BURSTS + 2).next_power_of_two().ilog2() as usize;
    let mut module =
        Module::new(format!("external_write_{}", geometry.name()), "writes bursts of two sources to memory")
            .timing("the memory's, from a burst to its answer", "a beat a clock without gaps between bursts")
            .doc(&format!(
                "Bursts of {beats} beats, up to {} under way. An answer with an error raises `fault`.
             A burst of a job that was dropped is brought to its end.",
                geometry.outstanding
            ))
            .clk_rst()
            .input("start", 1, "a job begins, or is dropped")
            .input("running", 1, "there is a job")
            .input("base", bytes, "of the memory")
            .input("load_closing", 1, "the load waits for the last of its bursts");
    for (side, settled) in
        [("load", "all bursts of the load are acknowledged"), ("drain", "all bursts of the drain are acknowledged")]
    {
        module = module
            .input(format!("{side}_chunk_pushed"), 1, "")
            .input(format!("{side}_chunk_valid"), 1, "")
            .output(format!("{side}_chunk_ready"), 1, "")
            .input(format!("{side}_chunk"), chunk + region, "")
            .input(format!("{side}_beat_valid"), 1, "")
            .output(format!("{side}_beat_ready"), 1, "")
            .input(format!("{side}_beat"), kept, "")
            .output(format!("{side}_settled"), 1, settled)
            .reg(format!("{side}_pending"), pending);
    }
    module = module
        .output("idle", 1, "no burst is under way")
        .output("fault", 1, "an answer was wrong")
        .output("axi_awid", id, "")
        .output_reg("axi_awaddr", bytes, "")
        .output("axi_awlen", 8, "")
        .output("axi_awsize", 3, "")
        .output("axi_awburst", 2, "")
        .output_reg("axi_awvalid", 1, "")
        .input("axi_awready", 1, "")
        .output("axi_wdata", data, "")
        .output("axi_wstrb", data / 8, "")
        .output_reg("axi_wlast", 1, "")
        .output_reg("axi_wvalid", 1, "")
        .input("axi_wready", 1, "")
        .input("axi_bid", id, "")
        .input("axi_bresp", 2, "")
        .input("axi_bvalid", 1, "")
        .output("axi_bready", 1, "")
        .reg("load_waiting", pending)
        .reg("load_run", 2)
        .reg("burst", 1)
        .reg("drains", 1)
        .reg("granted_drain", 1)
        .reg("beat_index", beat_bits)
        .reg("word", kept)
        .reg("flight", flight);
    let fields: Vec<String> = (0..8 * rows).rev().map(|k| format!("1'b0, word[{}:{}]", 31 * k + 30, 31 * k)).collect();
    let drains_id = if id == 1 { "axi_bid" } else { "axi_bid[0]" };
    let other_id = if id == 1 { "1'b0".to_string() } else { format!("axi_bid[{}:1] != 0", id - 1) };
    wires(
        module,
        [("grant", 1), ("load_may", 1), ("choose_drain", 1), ("move", 1), ("beat_there", 1), ("burst_end", 1), ("acknowledged", 1)],
    )
    .body(format!(
        "
        assign axi_awid    = {granted};
        assign axi_awlen   = 8'd{len};
        assign axi_awsize  = 3'd{size};
        assign axi_awburst = 2'b01;
        assign axi_wstrb   = ~0;
        assign axi_wdata   = {{{fields}}};
        assign axi_bready  = 1'b1;
        assign idle        = !axi_awvalid && !axi_wvalid && !burst && flight == 0;

        // The drain goes first, but not twice while the load waits.
        assign load_may          = load_chunk_valid && (load_run != 0 || load_waiting >= {pending}'d{run} || load_closing);
        assign choose_drain      = drain_chunk_valid && !(load_may && granted_drain);
        assign grant             = running && (drain_chunk_valid || load_may) && (!burst || burst_end) && (!axi_awvalid || axi_awready) && flight != {flight}'d{outstanding};
        assign drain_chunk_ready = grant && choose_drain;
        assign load_chunk_ready  = grant && !choose_drain;

        // What is left of a burst when its job is dropped is sent as it comes: it goes to where nothing is read from.
        assign beat_there       = !running || (drains ? drain_beat_valid : load_beat_valid);
        assign move             = burst && beat_there && (!axi_wvalid || axi_wready);
        assign burst_end        = move && beat_index == {beat_bits}'d{len};
        assign drain_beat_ready = move && drains;
        assign load_beat_ready  = move && !drains;

        assign acknowledged  = axi_bvalid && running;
        assign fault         = acknowledged && (axi_bresp != 2'b00 || {other_id});
        assign load_settled  = load_pending == 0 && !load_chunk_pushed;
        assign drain_settled = drain_pending == 0 && !drain_chunk_pushed;

        always @(posedge clk) begin
            if (axi_awready) axi_awvalid <= 1'b0;
            if (axi_wready) axi_wvalid <= 1'b0;
            if (grant) begin
                axi_awvalid   <= 1'b1;
                axi_awaddr    <= base + (choose_drain ? {drain_address} : {load_address});
                granted_drain <= choose_drain;
                drains        <= choose_drain;
            end
            burst <= grant || (burst && !burst_end);
            if (move) begin
                axi_wvalid <= 1'b1;
                axi_wlast  <= burst_end;
                word       <= drains ? drain_beat : load_beat;
                beat_index <= beat_index + 1'b1;
            end
            // Counts down from the first of a run to 0 at its last.
            if (load_chunk_ready) load_run <= load_run - 1'b1;
            load_waiting  <= load_waiting + {load_up} - {load_out};
            flight        <= flight + {grant_wide} - {answer_wide};
            load_pending  <= load_pending + {load_up} - {load_down};
            drain_pending <= drain_pending + {drain_up} - {drain_down};
            if (start || rst) begin
                load_waiting  <= 0;
                load_run      <= 0;
                load_pending  <= 0;
                drain_pending <= 0;
            end
            if (rst) begin
                axi_awvalid   <= 1'b0;
                axi_wvalid    <= 1'b0;
                burst         <= 1'b0;
                drains        <= 1'b0;
                granted_drain <= 1'b0;
                beat_index    <= 0;
                flight        <= 0;
            end
        end
        ",
        granted = extend("granted_drain", 1, id),
        len = beats - 1,
        size = (data / 8).ilog2(),
        fields = fields.join(", "),
        outstanding = geometry.outstanding,
        drain_address = byte_address(geometry, "drain_chunk"),
        load_address = byte_address(geometry, "load_chunk"),
        grant_wide = extend("grant", 1, flight),
        answer_wide = extend("axi_bvalid", 1, flight),
        run = LOAD_RUN,
        load_out = extend("load_chunk_ready", 1, pending),
        load_up = extend("load_chunk_pushed", 1, pending),
        load_down = extend(&format!("(acknowledged && !{drains_id})"), 1, pending),
        drain_up = extend("drain_chunk_pushed", 1, pending),
        drain_down = extend(&format!("(acknowledged && {drains_id})"), 1, pending),
    ))
}
