//! First in, first out.

use crate::netlist::Module;

/// Up to this depth a FIFO is distributed memory read combinationally; above, block memory with a register behind it.
const SHALLOW: usize = 32;

/// A FIFO of `depth` (a power of two, at least 2) beats; one beat a clock.
///
/// `stream_fifo` up to a depth of [`SHALLOW`], latency 2; above, `stream_fifo_block`, latency 3, whose registers behind the memory hold two more.
pub fn fifo(width: usize, depth: usize) -> Module {
    assert!(depth.is_power_of_two() && depth >= 2, "a FIFO's depth is a power of two, found {depth}");
    if depth > SHALLOW { block(width, depth) } else { distributed(width, depth) }
}

fn start(name: &str, memory: &str, width: usize, depth: usize, default: usize, beats: &str) -> Module {
    let address = depth.ilog2() as usize;
    Module::new(name, &format!("first in, first out, in {memory} memory"))
        .doc("Reset empties it.")
        .generic("WIDTH", width, 32, "bits of a beat")
        .generic("DEPTH", depth, default, beats)
        .constant("ADDRESS", "$clog2(DEPTH)", "")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", (width, "WIDTH"), "")
        .output_reg("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output_reg("m_data", (width, "WIDTH"), "")
        .reg("head", (address + 1, "ADDRESS+1"))
        .reg("tail", (address + 1, "ADDRESS+1"))
        .wire("push", 1)
        .wire("pop", 1)
        .body(format!(
            "
            (* ram_style = \"{memory}\", no_rw_check *)
            reg [WIDTH-1:0] memory [0:DEPTH-1];

            // head and tail carry one bit more than the address: full and empty differ in it.
            assign s_ready = (head ^ tail) != {{1'b1, {{ADDRESS{{1'b0}}}}}};
            assign push    = s_valid && s_ready;

            always @(posedge clk) begin
                if (push) begin
                    memory[tail[ADDRESS-1:0]] <= s_data;
                    tail <= tail + 1'b1;
                end
                if (pop) head <= head + 1'b1;
                if (rst) begin
                    head <= 0;
                    tail <= 0;
                end
            end
            "
        ))
}

fn distributed(width: usize, depth: usize) -> Module {
    start("stream_fifo", "distributed", width, depth, 16, "beats, a power of two from 2 to 32")
        .timing("2 clocks", "one beat a clock")
        .body(
            "
            assign pop = head != tail && (m_ready || !m_valid);

            always @(posedge clk) begin
                if (pop) m_data <= memory[head[ADDRESS-1:0]];
                if (m_ready || !m_valid) m_valid <= pop;
                if (rst) m_valid <= 1'b0;
            end
            ",
        )
}

fn block(width: usize, depth: usize) -> Module {
    start("stream_fifo_block", "block", width, depth, 1024, "beats, a power of two; two more wait in registers")
        .timing("3 clocks", "one beat a clock")
        .reg("read_valid", 1)
        .reg("read", (width, "WIDTH"))
        .wire("advance", 1)
        .body(
            "
            // Two registers behind the memory: its own, and a bare one to meet the clock.
            assign advance = m_ready || !m_valid;
            assign pop     = head != tail && (advance || !read_valid);

            always @(posedge clk) begin
                if (pop) read <= memory[head[ADDRESS-1:0]];
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
        )
}
