//! Block memory with one write and one read port.

use super::index_bits;
use crate::netlist::Module;

/// Clocks from a read address to its data: the memory's register and a bare one behind it, so that the memory's slow clock-to-output
/// time has a clock period to itself.
pub const RAM_LATENCY: usize = 2;

/// `ram_w{width}_d{depth}`: block memory of `depth` words. Reading the word that is being written gives either value: nothing may
/// depend on it. Read latency [`RAM_LATENCY`].
pub fn ram(width: usize, depth: usize) -> Module {
    let address = index_bits(depth);
    Module::new(format!("ram_w{width}_d{depth}"), "block memory, one write port and one read port")
        .doc("Read latency 2. A read of the word that is being written may give the old or the new one.")
        .clk()
        .input("write", 1, "")
        .input("write_address", address, "")
        .input("write_data", width, "")
        .input("read", 1, "")
        .input("read_address", address, "")
        .output_reg("read_data", width, "two clocks after its address")
        .reg("fetched", width)
        .body(format!(
            "
            (* ram_style = \"block\", no_rw_check *)
            reg [{top}:0] memory [0:{last}];

            always @(posedge clk) begin
                if (write) memory[write_address] <= write_data;
                if (read) fetched <= memory[read_address];
                read_data <= fetched;
            end
            ",
            top = width - 1,
            last = depth - 1,
        ))
}
