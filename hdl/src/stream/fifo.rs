//! First in, first out.

use crate::netlist::Module;

/// Up to this depth a FIFO is distributed memory read combinationally; above, block memory with a register behind it.
const SHALLOW: usize = 32;

/// `stream_fifo_w{width}_d{depth}`: a FIFO of `depth` (a power of two, at least 2) beats; the registers behind a deep memory hold two more.
/// Latency 2 shallow, 3 deep; one beat a clock.
pub fn fifo(width: usize, depth: usize) -> Module {
    assert!(depth.is_power_of_two() && depth >= 2, "a FIFO's depth is a power of two, found {depth}");
    let deep = depth > SHALLOW;
    let address = depth.ilog2() as usize;
    let style = if deep { "block" } else { "distributed" };
    let module = Module::new(format!("stream_fifo_w{width}_d{depth}"), "first in, first out")
        .doc(&format!("Latency {}, one beat a clock. Reset empties it.", if deep { 3 } else { 2 }))
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", width, "")
        .output_reg("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output_reg("m_data", width, "")
        .reg("head", address + 1)
        .reg("tail", address + 1)
        .wire("push", 1)
        .wire("pop", 1)
        .body(format!(
            "
            // head and tail carry one bit more than the address: full and empty differ in it.
            (* ram_style = \"{style}\", no_rw_check *)
            reg [{top}:0] memory [0:{last}];

            assign s_ready = (head ^ tail) != {{1'b1, {address}'d0}};
            assign push    = s_valid && s_ready;

            always @(posedge clk) begin
                if (push) begin
                    memory[tail[{a}:0]] <= s_data;
                    tail <= tail + 1'b1;
                end
                if (pop) head <= head + 1'b1;
                if (rst) begin
                    head <= 0;
                    tail <= 0;
                end
            end
            ",
            top = width - 1,
            last = depth - 1,
            a = address - 1,
        ));
    if deep {
        module.reg("read_valid", 1).reg("read", width).wire("advance", 1).body(format!(
            "
            // Two registers behind the memory: its own, and a bare one to meet the clock.
            assign advance = m_ready || !m_valid;
            assign pop     = head != tail && (advance || !read_valid);

            always @(posedge clk) begin
                if (pop) read <= memory[head[{a}:0]];
                if (advance || !read_valid) read_valid <= pop;
                if (advance) begin
                    m_valid <= read_valid;
                    m_data  <= read;
                end
                if (rst) begin
                    read_valid <= 1'b0;
                    m_valid    <= 1'b0;
                end
            end
            ",
            a = address - 1,
        ))
    } else {
        module.body(format!(
            "
            assign pop = head != tail && (m_ready || !m_valid);

            always @(posedge clk) begin
                if (pop) m_data <= memory[head[{a}:0]];
                if (m_ready || !m_valid) m_valid <= pop;
                if (rst) m_valid <= 1'b0;
            end
            ",
            a = address - 1,
        ))
    }
}
