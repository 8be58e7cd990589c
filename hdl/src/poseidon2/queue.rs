//! A queue that never fills: what is pushed into an empty one stands at its head in the next clock.

use crate::netlist::Module;

/// `poseidon2_queue`: first in, first out, for at most `depth` (a power of two) elements, which its users guarantee: there
/// is no back-pressure. Latency 1; the head is a register.
pub(crate) fn queue(width: usize, depth: usize) -> Module {
    assert!(depth.is_power_of_two() && depth >= 2, "a queue's depth is a power of two, found {depth}");
    let bits = depth.ilog2() as usize;
    Module::new("poseidon2_queue", "a queue for at most as many elements as it has places.")
        .timing("1 clock", "one element a clock")
        .doc("No back-pressure: its users know that it never fills. Reset empties it.")
        .generic("WIDTH", width, 32, "bits of an element")
        .generic("DEPTH", depth, 32, "elements, a power of two")
        .constant("ADDRESS", "$clog2(DEPTH)", "")
        .clk_rst()
        .input("push", 1, "")
        .input("s_data", (width, "WIDTH"), "")
        .output_reg("m_valid", 1, "")
        .input("pop", 1, "only when m_valid")
        .output_reg("m_data", (width, "WIDTH"), "")
        .reg("first", (bits, "ADDRESS"))
        .reg("last", (bits, "ADDRESS"))
        .wire("vacant", 1)
        .wire("stores", 1)
        .wire("draws", 1)
        .reg("waiting", 1)
        .reg("stored", (bits, "ADDRESS"))
        .body(
            "
            (* ram_style = \"distributed\", no_rw_check *)
            reg [WIDTH-1:0] memory [0:DEPTH-1];

            // Elements behind the head: `stored` of them, and `waiting` if there are any.
            assign vacant = pop || !m_valid; // the head can take an element
            assign draws  = vacant && waiting;
            assign stores = push && (waiting || !vacant);

            always @(posedge clk) begin
                // Written whether or not it goes straight to the head: its place is then the next one's.
                if (push) memory[last] <= s_data;
                if (stores) last <= last + 1'b1;
                if (draws) first <= first + 1'b1;
                if (stores != draws) begin
                    stored  <= stores ? stored + 1'b1 : stored - 1'b1;
                    waiting <= stores || stored != 1;
                end
                if (vacant) begin
                    m_valid <= waiting || push;
                    m_data  <= waiting ? memory[first] : s_data;
                end
                if (rst) begin
                    m_valid <= 1'b0;
                    first   <= 0;
                    last    <= 0;
                    stored  <= 0;
                    waiting <= 1'b0;
                end
            end
            ",
        )
}
