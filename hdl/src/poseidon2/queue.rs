//! A queue that never fills: what is pushed into an empty one stands at its head in the next clock.

use crate::netlist::Module;

/// `poseidon2_queue_w{width}_d{depth}`: first in, first out, for at most `depth` (a power of two) elements, which its users guarantee: there
/// is no back-pressure. Latency 1; the head is a register.
pub(crate) fn queue(width: usize, depth: usize) -> Module {
    assert!(depth.is_power_of_two() && depth >= 2, "a queue's depth is a power of two, found {depth}");
    let bits = depth.ilog2() as usize;
    Module::new(format!("poseidon2_queue_w{width}_d{depth}"), "a queue for at most as many elements as it has places.")
        .doc("Latency 1. Reset empties it.")
        .clk_rst()
        .input("push", 1, "")
        .input("s_data", width, "")
        .output_reg("m_valid", 1, "")
        .input("pop", 1, "only when m_valid")
        .output_reg("m_data", width, "")
        .reg("first", bits)
        .reg("last", bits)
        .wire("vacant", 1)
        .wire("waiting", 1)
        .body(format!(
            "
            (* ram_style = \"distributed\", no_rw_check *)
            reg [{top}:0] memory [0:{last}];

            assign vacant  = pop || !m_valid;  // the head can take an element
            assign waiting = first != last;

            always @(posedge clk) begin
                if (push && (waiting || !vacant)) begin
                    memory[last] <= s_data;
                    last <= last + 1'b1;
                end
                if (vacant) begin
                    m_valid <= waiting || push;
                    m_data  <= waiting ? memory[first] : s_data;
                    if (waiting) first <= first + 1'b1;
                end
                if (rst) begin
                    m_valid <= 1'b0;
                    first   <= {bits}'d0;
                    last    <= {bits}'d0;
                end
            end
            ",
            top = width - 1,
            last = depth - 1,
        ))
}
