//! Block memory with one write and one read port.

use super::index_bits;
use crate::netlist::Module;

/// Clocks from a read address to its data: the memory's register and a bare one behind it, so that the memory's slow clock-to-output
/// time has a clock period to itself.
pub const RAM_LATENCY: usize = 2;

/// `ram`: block memory of `depth` (at least 2) words. Reading the word that is being written gives either value: nothing may
/// depend on it. Read latency [`RAM_LATENCY`].
pub fn ram(width: usize, depth: usize) -> Module {
    assert!(depth >= 2, "a memory has at least two words, found {depth}");
    let address = (index_bits(depth), "$clog2(DEPTH)");
    Module::new("ram", "block memory, one write port and one read port")
        .timing("2 clocks from a read address to its word", "one write and one read a clock")
        .doc("A read of the word that is being written may give the old or the new one.")
        .generic("WIDTH", width, 31, "bits of a word")
        .generic("DEPTH", depth, 1024, "words, at least 2")
        .clk()
        .input("write", 1, "")
        .input("write_address", address, "")
        .input("write_data", (width, "WIDTH"), "")
        .input("read", 1, "")
        .input("read_address", address, "")
        .output_reg("read_data", (width, "WIDTH"), "two clocks after its address")
        .reg("fetched", (width, "WIDTH"))
        .body(
            "
            (* ram_style = \"block\", no_rw_check *)
            reg [WIDTH-1:0] memory [0:DEPTH-1];

            always @(posedge clk) begin
                if (write) memory[write_address] <= write_data;
                if (read) fetched <= memory[read_address];
                read_data <= fetched;
            end
            ",
        )
}
