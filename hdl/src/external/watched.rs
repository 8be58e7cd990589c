//! The transform in external memory as its block drives it: a memory that can be made to fail, and the failure of a job as a beat.

use super::{Geometry, GeometryError, external_lde};
use crate::connect::{attach, ports_of, wires};
use crate::netlist::Module;

/// What `spoil` does to one answer of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoil {
    /// A beat read with an error.
    Read = 1,
    /// A beat read with another id.
    Id = 2,
    /// A beat read that is marked as the last where it is not, or not where it is.
    Last = 3,
    /// A write acknowledged with an error.
    Write = 4,
}

/// `external_watched_*`: [`external_lde`], and
///
/// * `spoil`, `spoil_after`: after so many beats read, or so many writes acknowledged, the next one of the job is spoiled.
/// * `overrun` is high for good once more bursts were under way than there may be.
/// * `told`: a job that fails ends with a beat in which `m_error` is high; what is left of its words is taken and forgotten.
pub(super) fn watched(geometry: &Geometry) -> Result<Module, GeometryError> {
    let bare = external_lde(geometry)?;
    let id = geometry.id_bits;
    let module = Module::new(
        bare.name.replace("external_lde", "external_watched"),
        "the transform in external memory, with failures of memory and a beat for a job that fails",
    )
    .timing("that of the transform", "that of the transform");
    let module = ports_of(module, &bare)
        .output("m_error", 1, "the job has failed: nothing else of the beat means anything")
        .output_reg("overrun", 1, "too many bursts under way")
        .input("told", 1, "failures are told by a beat")
        .input("spoil", 3, "how an answer of memory is spoiled")
        .input("spoil_after", 8, "the answers of its sort before it")
        .reg("silent", 1)
        .reg("beats", 8)
        .reg("answers", 8)
        .reg("reads", 8)
        .reg("writes", 8)
        .reg("stale_reads", 8)
        .reg("stale_writes", 8);
    let nets = [
        ("takes", 1),
        ("row_valid", 1),
        ("row_data", 248),
        ("tells", 1),
        ("read_turn", 1),
        ("write_turn", 1),
        ("read_end", 1),
    ];
    let wide = format!("{{{}'d0, spoil == 3'd{} && read_turn}}", id.max(2) - 1, Spoil::Id as u8);
    let other_id = if id == 1 { format!("spoil == 3'd{} && read_turn", Spoil::Id as u8) } else { wide };
    let own = [
        ("s_ready", "takes".to_string()),
        ("m_valid", "row_valid".into()),
        ("m_data", "row_data".into()),
        ("axi_rresp", format!("axi_rresp ^ {{spoil == 3'd{} && read_turn, 1'b0}}", Spoil::Read as u8)),
        ("axi_rid", format!("axi_rid ^ ({other_id})")),
        ("axi_rlast", format!("axi_rlast ^ (spoil == 3'd{} && read_turn)", Spoil::Last as u8)),
        ("axi_bresp", format!("axi_bresp ^ {{spoil == 3'd{} && write_turn, 1'b0}}", Spoil::Write as u8)),
    ];
    Ok(attach(wires(module, nets), "bare", bare, own).body(format!(
        "
        assign tells      = told && error && !silent;
        assign s_ready    = takes || (told && error);
        assign m_valid    = row_valid || tells;
        assign m_data     = row_data & {{248{{!tells}}}};
        assign m_error    = tells;
        // Answers to a job before this one are not of this job.
        assign read_turn  = beats == spoil_after && stale_reads == 0;
        assign write_turn = answers == spoil_after && stale_writes == 0;
        assign read_end   = axi_rvalid && axi_rready && axi_rlast;

        always @(posedge clk) begin
            if (axi_rvalid && axi_rready && stale_reads == 0 && beats != 8'd255) beats <= beats + 1'b1;
            if (axi_bvalid && axi_bready && stale_writes == 0 && answers != 8'd255) answers <= answers + 1'b1;
            if (tells && m_ready) silent <= 1'b1;
            reads  <= reads + {{7'd0, axi_arvalid && axi_arready}} - {{7'd0, read_end}};
            writes <= writes + {{7'd0, axi_awvalid && axi_awready}} - {{7'd0, axi_bvalid && axi_bready}};
            if (reads > 8'd{most} || writes > 8'd{most}) overrun <= 1'b1;
            if (read_end && stale_reads != 0) stale_reads <= stale_reads - 1'b1;
            if (axi_bvalid && stale_writes != 0) stale_writes <= stale_writes - 1'b1;
            if (start || clear) begin
                stale_reads  <= reads + {{7'd0, axi_arvalid}} - {{7'd0, read_end}};
                stale_writes <= writes + {{7'd0, axi_awvalid}} - {{7'd0, axi_bvalid}};
            end
            if (rst) begin
                stale_reads  <= 8'd0;
                stale_writes <= 8'd0;
                reads   <= 8'd0;
                writes  <= 8'd0;
                overrun <= 1'b0;
            end
            if (start || clear || rst) begin
                beats   <= 8'd0;
                answers <= 8'd0;
                silent  <= 1'b0;
            end
        end
        ",
        most = geometry.outstanding,
    )))
}
