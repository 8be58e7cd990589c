//! The memory of beats.

use super::BEAT;
use crate::netlist::Module;

/// From this log2 of beats on the memory is UltraRAM, where a part has it: a block of it is 4096 words deep.
const LOG_ULTRA: usize = 12;

/// Clocks from a read address to its beat: the memory's own register, one behind it, and one for each fourfold of a block's depth, so that the
/// cascade of blocks can be cut by registers.
pub const fn read_latency(log: usize) -> usize {
    2 + log.saturating_sub(LOG_ULTRA) / 2
}

/// `memory_bank_m{log}`: 2^`log` beats, one write port, one read port. A read of the beat that is being written gives either value.
pub fn bank(log: usize) -> Module {
    let latency = read_latency(log);
    let style = if log >= LOG_ULTRA { "ultra" } else { "block" };
    let stages: Vec<String> = (1..latency - 1).map(|k| format!("fetched{k}")).collect();
    let mut module =
        Module::new(format!("memory_bank_m{log}"), "beats of eight field words, one write port and one read port")
            .doc(&format!(
                "Read latency {latency}. A read of the beat that is being written may give the old or the new one."
            ))
            .clk()
            .input("write", 1, "")
            .input("write_address", log, "")
            .input("write_data", BEAT, "")
            .input("read", 1, "")
            .input("read_address", log, "")
            .output_reg("read_data", BEAT, &format!("{latency} clocks after its address"))
            .reg("fetched", BEAT);
    let mut chain = String::new();
    let mut from = "fetched".to_string();
    for name in stages.iter().cloned().chain(["read_data".to_string()]) {
        chain += &format!("    {name} <= {from};\n");
        from = name;
    }
    for name in &stages {
        module = module.reg(name, BEAT);
    }
    module.body(format!(
        "(* ram_style = \"{style}\", no_rw_check *)\nreg [{top}:0] memory [0:{last}];\n\nalways @(posedge clk) begin\n    \
         if (write) memory[write_address] <= write_data;\n    if (read) fetched <= memory[read_address];\n{chain}end\n",
        top = BEAT - 1,
        last = (1usize << log) - 1,
    ))
}
