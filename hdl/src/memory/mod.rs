//! Device memory: beats of eight field words that jobs keep and `read` fetches.
//!
//! | part | does |
//! |---|---|
//! | [`bank()`] | the memory: one write port, one read port |
//! | [`keep()`] | rows and digests to addresses, digests first |
//! | [`fetch()`] | a stream of addresses to a stream of beats |
//! | [`model`] | the address rules in plain Rust |
//!
//! # Datasheet
//!
//! | | |
//! |---|---|
//! | size | 2^`log_memory` beats of 248 bits |
//! | write | a beat a clock; a digest never waits, a row waits a clock for each digest that comes with it |
//! | read | a beat a clock from 2^12 beats, four in five clocks from 2^20; the link needs one in nine |
//! | read latency | [`read_latency`] + 3 clocks: 5 to 2^13 beats, then one more for each fourfold, for the registers of the cascade |
//! | `card` | 2^19 beats: 512 UltraRAM of 4096 x 72 (4 wide, 128 deep; counted, not synthesised), of the 960 of an XCU55C |
//!
//! | area | `card`, without the memory itself: 446 LUT, 1149 registers, 18 RAM32M16 (yosys 0.70 `synth_xilinx -family xcup`, not placed) |
//!
//! Keeping costs a job nothing: rows come at most one in five clocks, digests one in seventeen, and the port takes one a clock.
//! Clocks are Verilator's (`sim/tests/circuit_memory.rs` measures and compares, `sim/tests/circuit_core/kept.rs` in whole cores).

mod bank;
pub(crate) mod block;
mod fetch;
mod keep;
pub mod model;

pub use bank::{bank, read_latency};
pub use fetch::fetch;
pub use keep::keep;

use crate::connect::{attach, wires};
use crate::netlist::Module;
use galena_target::frame::TAG_INDEX_BITS;

/// Bits of a beat address on the link.
pub const ADDRESS: usize = TAG_INDEX_BITS as usize;

/// Bits of a beat.
const BEAT: usize = 8 * 31;

/// `device_memory_m{log}`: 2^`log` beats, `log` from 6 to 20. `start` begins a job: it latches the two bases.
pub fn memory(log: usize) -> Module {
    let mut module = Module::new(format!("device_memory_m{log}"), "keeps rows and digests, and gives back beats")
        .timing(
            &format!("{} clocks from an address to its beat", read_latency(log) + 3),
            "one write and one read a clock",
        )
        .doc(&format!("2^{log} beats of eight field words. Reset and dropped jobs leave the content as it is."))
        .clk_rst()
        .input("start", 1, "a job begins")
        .input("log_leaves", 5, "")
        .input("row_base", ADDRESS, "address of row 0 of group 0")
        .input("digest_base", ADDRESS, "address of digest 0 of level 0")
        .input("row_valid", 1, "rows to keep, in order")
        .output("row_ready", 1, "")
        .input("row_data", BEAT, "")
        .input("digest_valid", 1, "a digest to keep: taken at once")
        .input("digest_data", BEAT, "")
        .input("digest_level", 5, "")
        .input("digest_index", ADDRESS, "")
        .output("busy", 1, "something is not written yet")
        .input("s_valid", 1, "addresses to read")
        .output("s_ready", 1, "")
        .input("s_data", ADDRESS, "")
        .output("m_valid", 1, "their beats")
        .input("m_ready", 1, "")
        .output("m_data", BEAT, "");
    module = wires(
        module,
        [
            ("write", 1),
            ("write_address", log),
            ("write_data", BEAT),
            ("read", 1),
            ("read_address", log),
            ("read_data", BEAT),
        ],
    );
    let same: [(&str, &str); 0] = [];
    module = attach(module, "writer", keep(log), same);
    module = attach(module, "reader", fetch(log), same);
    attach(module, "beats", bank(log), same)
}
