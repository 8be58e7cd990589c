//! The top of the transform in external memory: the job's sizes, the way in, the lanes, the way out, and the memory port.

use super::{Geometry, GeometryError, LANE_LATENCY, LEAD, drain, factor, fill, lane, load, schedule, walk, write};
use crate::connect::{attach, wires};
use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, delay};
use std::sync::Arc;

/// `external_lde_*`: the transform. Ports are those of [`crate::lde::lde`], and
///
/// * `axi_*`, an AXI4 manager: INCR bursts of one length, never across 4 KiB. Outside, tie cache to 4'b0011 (bufferable, modifiable), the rest to 0.
/// * `base`, the address of its memory, a multiple of 4 KiB, held during the job; [`Geometry::memory_bytes`] long.
/// * `error`: the job's sizes are not among those of the circuit, or memory answered with an error. The job is dropped as by `clear`; the
///   pin stays until the next `start` or `clear`.
///
/// A dropped job's bursts are brought to their end; the next job waits for that by itself.
pub fn external_lde(geometry: &Geometry) -> Result<Module, GeometryError> {
    geometry.check()?;
    let Geometry { lanes, log_rows_max: n, log_blowup_max: b, log_block, log_run, .. } = *geometry;
    let (place, line, chunk) = (geometry.place_bits(), geometry.line_bits(), geometry.chunk_bits());
    let (region, coset, index) = (geometry.region_bits(), geometry.coset_bits(), geometry.index_bits());
    let (leaf, kept, bytes) = (geometry.leaf_bits(), 248 * geometry.beat_rows(), geometry.address_bits);
    let (data, id) = (geometry.data_bits, geometry.id_bits);
    let least = geometry.log_rows_min();
    let mut module = Module::new(
        format!("external_lde_{}", geometry.name()),
        "the coset low-degree extension in external memory, 8 columns at a time",
    )
    .timing("a group passes memory twice before its first row leaves", "a butterfly a clock and lane")
    .doc(&format!(
        "{lanes} lanes of {} columns; 2^{least} to 2^{n} rows, blow-up up to 2^{b}.
         Blocks of 2^{log_block} rows on the chip; bursts of {} bytes; {} MiB of memory.",
        geometry.columns_per_lane(),
        32 << log_run,
        geometry.memory_bytes().div_ceil(1 << 20),
    ))
    .clk_rst()
    .input("start", 1, "a job begins: its parameters are valid and stay")
    .input("clear", 1, "the job is dropped")
    .input("log_rows", 5, "")
    .input("log_blowup", 2, "")
    .input("group_last", 11, "groups of 8 columns - 1")
    .input("step", 31, "s^16")
    .input("base", bytes, "address of the memory")
    .input("seed", 1, "write s^k / 2^n, before start")
    .input("seed_index", 4, "k")
    .input("seed_data", 31, "")
    .output_reg("error", 1, "the job was refused, or memory failed")
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", 31, "")
    .output("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output("m_data", 248, "column 0 lowest")
    .output("m_row", leaf.max(20), "in leaf order")
    .output("m_group", 11, "")
    .output("m_first", 1, "first group")
    .output("m_last", 1, "last group")
    .output("multiplying", 1, "all lanes begin a useful multiplication")
    .output("axi_awid", id, "")
    .output("axi_awaddr", bytes, "")
    .output("axi_awlen", 8, "")
    .output("axi_awsize", 3, "")
    .output("axi_awburst", 2, "")
    .output("axi_awvalid", 1, "")
    .input("axi_awready", 1, "")
    .output("axi_wdata", data, "")
    .output("axi_wstrb", data / 8, "")
    .output("axi_wlast", 1, "")
    .output("axi_wvalid", 1, "")
    .input("axi_wready", 1, "")
    .input("axi_bid", id, "")
    .input("axi_bresp", 2, "")
    .input("axi_bvalid", 1, "")
    .output("axi_bready", 1, "")
    .output("axi_arid", id, "")
    .output("axi_araddr", bytes, "")
    .output("axi_arlen", 8, "")
    .output("axi_arsize", 3, "")
    .output("axi_arburst", 2, "")
    .output("axi_arvalid", 1, "")
    .input("axi_arready", 1, "")
    .input("axi_rid", id, "")
    .input("axi_rdata", data, "")
    .input("axi_rresp", 2, "")
    .input("axi_rlast", 1, "")
    .input("axi_rvalid", 1, "")
    .output("axi_rready", 1, "")
    .reg("wanted", 1)
    .reg("begin_job", 1)
    .reg("running", 1)
    .reg("log_lines", 4)
    .reg("log_strips", 4)
    .reg("line_mask", line)
    .reg("strip_mask", line)
    .reg("chunk_mask", chunk)
    .reg("leaf_mask", leaf)
    .reg("coset_last", coset)
    .reg("hop_first", 5)
    .reg("lines_of", 4)
    .reg("strips_of", 4);
    #[rustfmt::skip]
    let nets = [
        ("reset_job", 1), ("drop_job", 1), ("legal", 1), ("idle", 1), ("fill_idle", 1), ("write_idle", 1),
        ("fill_fault", 1), ("write_fault", 1), ("all_lines", line), ("all_chunks", chunk), ("all_leaves", leaf),
        ("all_cosets", coset), ("roots_done", 1), ("factors_done", 1),
        ("kind", 2), ("tile", line), ("coset", coset), ("coset_end", 1), ("finished", 1), ("step_tile", 1),
        ("filled", 1), ("space", 1), ("ready", 2), ("release_buffer", 2), ("loaded", 2), ("release_group", 2),
        ("read", 3), ("write", 3), ("write_bank", 2), ("address0", place), ("address1", place), ("swap", 1),
        ("inverse", 1), ("scale", 1), ("index", index), ("power", 1), ("minus_one", 1), ("factor", 31),
        ("read_now", 3), ("write_now", 3), ("write_bank_now", 2), ("swap_now", 1), ("inverse_now", 1), ("scale_now", 1),
        ("address0_now", place), ("address1_now", place),
        ("source", 2), ("swap3", 1), ("inverse3", 1), ("scale3", 1),
        ("write_late", 3), ("write_bank_late", 2), ("write_swap", 1), ("write_address0", place), ("write_address1", place),
        ("load", 1), ("load_bank", 1), ("load_address", place), ("load_data", 31 * lanes),
        ("drain", 2), ("drain_address", place), ("drained_buffer", 1), ("drained_bank", 1), ("drain_data", 31 * lanes),
        ("drain_kind", 2), ("load_settled", 1), ("load_closing", 1), ("drain_settled", 1),
        ("load_chunk_pushed", 1), ("load_chunk_valid", 1), ("load_chunk_ready", 1), ("load_chunk", chunk + region),
        ("load_beat_valid", 1), ("load_beat_ready", 1), ("load_beat", kept),
        ("drain_chunk_pushed", 1), ("drain_chunk_valid", 1), ("drain_chunk_ready", 1), ("drain_chunk", chunk + region),
        ("drain_beat_valid", 1), ("drain_beat_ready", 1), ("drain_beat", kept),
    ];
    module = wires(module, nets).reg("inverse4", 1).reg("scale4", 1);
    let start = ("start", "reset_job");
    let side = |side: &str| {
        ["chunk_pushed", "chunk_valid", "chunk_ready", "chunk_address", "beat_valid", "beat_ready", "beat_data"].map(
            |p| {
                let net = p.trim_end_matches("_address").trim_end_matches("_data");
                (p, format!("{side}_{net}"))
            },
        )
    };
    let enter =
        [("start", "reset_job".to_string()), ("settled", "load_settled".into())].into_iter().chain(side("load"));
    module = attach(module, "enter", load(geometry), enter);
    let filler = [start, ("settled", "drain_settled"), ("idle", "fill_idle"), ("fault", "fill_fault")];
    module = attach(module, "filler", fill(geometry), filler);
    module = attach(module, "order", walk(geometry, true), [start, ("step", "step_tile"), ("odd_group", "")]);
    module = attach(module, "plan", schedule(geometry), [start, ("step", "step_tile")]);
    let made = [("start", "begin_job"), ("done", "factors_done")];
    module = attach(module, "factors", factor(geometry), made);
    module =
        attach(module, "leave", drain(geometry), [("start", "reset_job".to_string())].into_iter().chain(side("drain")));
    module = attach(module, "writer", write(geometry), [start, ("idle", "write_idle"), ("fault", "write_fault")]);
    let lead = [
        ("s_data", "{read, write, write_bank, swap, inverse, scale, address0, address1}"),
        (
            "m_data",
            "{read_now, write_now, write_bank_now, swap_now, inverse_now, scale_now, address0_now, address1_now}",
        ),
    ];
    module = attach(module, "lead", delay(11 + 2 * place, LEAD), lead);
    let fetch = [
        ("s_data", "{read_now[1:0], swap_now, inverse_now, scale_now}"),
        ("m_data", "{source, swap3, inverse3, scale3}"),
    ];
    module = attach(module, "fetch", delay(5, RAM_LATENCY), fetch);
    let flight = [
        ("s_data", "{write_now, write_bank_now, swap_now, address0_now, address1_now}"),
        ("m_data", "{write_late, write_bank_late, write_swap, write_address0, write_address1}"),
    ];
    module = attach(module, "flight", delay(6 + 2 * place, LANE_LATENCY), flight);
    let shared = Arc::new(lane(geometry));
    for k in 0..lanes {
        let slice = |bus: &str| format!("{bus}[{}:{}]", 31 * k + 30, 31 * k);
        let own = [
            ("read", "read_now".to_string()),
            ("address0", "address0_now".into()),
            ("address1", "address1_now".into()),
            ("swap", "swap3".into()),
            ("inverse", "inverse4".into()),
            ("scale", "scale4".into()),
            ("twiddle", "factor".into()),
            ("write", "write_late".into()),
            ("write_bank", "write_bank_late".into()),
            ("load_data", slice("load_data")),
            ("drain_data", slice("drain_data")),
        ];
        module = attach(module, format!("lane{k}"), shared.clone(), own);
    }
    let splits: String = (least..=n)
        .map(|rows| {
            let (a, c) = geometry.split(rows);
            format!("    5'd{rows}: {{lines_of, strips_of}} = {{4'd{c}, 4'd{}}};\n", a - log_run)
        })
        .collect();
    Ok(module
        .body(format!(
            "
            assign legal      = log_rows >= 5'd{least} && log_rows <= 5'd{n}{blowup_legal};
            assign drop_job   = clear || start || (running && (fill_fault || write_fault));
            assign reset_job  = begin_job || drop_job;
            assign idle       = fill_idle && write_idle;
            assign all_lines  = ~0;
            assign all_chunks = ~0;
            assign all_leaves = ~0;
            assign all_cosets = ~0;

            // 2^c lines to a strip and 2^(a - log_run) strips, for each number of rows 2^(a + c).
            always @(*)
                case (log_rows)
            {splits}    default: {{lines_of, strips_of}} = {{4'd1, 4'd0}};
                endcase
            ",
            blowup_legal = if b < 3 { format!(" && log_blowup <= 2'd{b}") } else { String::new() },
            splits = splits.replace('\n', "\n            "),
        ))
        .body(
            "
            always @(posedge clk) begin
                // A job begins when the tables are there and memory has answered whatever was asked before.
                begin_job <= 1'b0;
                if (wanted && idle && roots_done && !begin_job) begin
                    begin_job <= 1'b1;
                    wanted    <= 1'b0;
                end
                if (begin_job) running <= 1'b1;
                if (drop_job) begin
                    running   <= 1'b0;
                    begin_job <= 1'b0;
                    wanted    <= start && legal;
                    error     <= start ? !legal : !clear;
                end
                if (start) begin
                    log_lines  <= lines_of;
                    log_strips <= strips_of;
                    hop_first  <= {1'b0, lines_of} + {1'b0, strips_of} - 5'd1;
                    line_mask  <= ~(all_lines << lines_of);
                    strip_mask <= ~(all_lines << strips_of);
                    chunk_mask <= ~((all_chunks << lines_of) << strips_of);
                    leaf_mask  <= ~((all_leaves << log_rows) << log_blowup);
                    coset_last <= ~(all_cosets << log_blowup);
                end
                if (rst) begin
                    begin_job <= 1'b0;
                    wanted    <= 1'b0;
                    running   <= 1'b0;
                    error     <= 1'b0;
                end
                inverse4 <= inverse3;
                scale4   <= scale3;
            end
            ",
        ))
}
