//! The memory of beats.

use super::BEAT;
use crate::netlist::Module;
use crate::stream::ram;

/// From this log2 of beats on the memory is UltraRAM, where a part has it: a block of it is 4096 words deep.
const LOG_ULTRA: usize = 12;

/// Clocks from a read address to its beat: the memory's own register, one behind it, and one for each fourfold of a block's depth, so that the
/// cascade of blocks can be cut by registers.
pub const fn read_latency(log: usize) -> usize {
    2 + log.saturating_sub(LOG_ULTRA) / 2
}

/// 2^`log` beats, one write port, one read port: [`ram`], or from [`LOG_ULTRA`] on `memory_bank`. A read of the beat that is being written
/// gives either value.
pub fn bank(log: usize) -> Module {
    let latency = read_latency(log);
    if log < LOG_ULTRA {
        return ram(BEAT, 1 << log);
    }
    Module::new("memory_bank", "beats of eight field words, one write port and one read port")
        .timing("LATENCY from a read address to its beat", "one write and one read a clock")
        .doc("A read of the beat that is being written may give the old or the new one.")
        .doc("The registers behind the memory are for the tools to move into the cascade of its blocks.")
        .generic("LOG", log, LOG_ULTRA, "log2 of the beats, from 12 to 20")
        .generic("LATENCY", latency, 2, "clocks, at least 2")
        .clk()
        .input("write", 1, "")
        .input("write_address", (log, "LOG"), "")
        .input("write_data", BEAT, "")
        .input("read", 1, "")
        .input("read_address", (log, "LOG"), "")
        .output("read_data", BEAT, "LATENCY clocks after its address")
        .reg("fetched", BEAT)
        .wire("line", (BEAT * latency, "248*LATENCY"))
        .body(
            "
            (* ram_style = \"ultra\", no_rw_check *)
            reg [247:0] memory [0:(1<<LOG)-1];

            always @(posedge clk) begin
                if (write) memory[write_address] <= write_data;
                if (read) fetched <= memory[read_address];
            end

            // Part k of the line is the beat read k + 1 clocks ago.
            assign line[247:0] = fetched;
            assign read_data   = line[248*(LATENCY-1) +: 248];

            genvar k;
            generate for (k = 1; k < LATENCY; k = k + 1) begin : stage
                reg [247:0] beat;

                always @(posedge clk) beat <= line[248*(k-1) +: 248];

                assign line[248*k +: 248] = beat;
            end endgenerate
            ",
        )
}
