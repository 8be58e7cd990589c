//! A fixed delay.

use crate::netlist::Module;

/// Up to this many clocks a delay is a chain of registers.
const CHAIN: usize = 3;

/// Up to this many clocks it is a ring in distributed memory: the distributed memories of UltraScale+ have 512 words.
const DISTRIBUTED: usize = 513;

/// `m_data` is `s_data` of `clocks` (at least 1) clocks ago. What comes out during the first clocks after power-up is undefined.
///
/// `delay_chain` up to [`CHAIN`] clocks; above, `delay`, a ring in distributed memory; above [`DISTRIBUTED`], `delay_block`, a ring in block memory. In
/// a ring one word moves a clock instead of `clocks` of them, which is less area and much less work for a simulator.
pub fn delay(width: usize, clocks: usize) -> Module {
    assert!(clocks >= 1, "a delay takes at least a clock");
    if clocks <= CHAIN {
        chain(width, clocks)
    } else if clocks <= DISTRIBUTED {
        ring(width, clocks)
    } else {
        block_ring(width, clocks)
    }
}

fn start(name: &str, purpose: &str, width: usize, clocks: usize, default: usize, range: &str) -> Module {
    Module::new(name, purpose)
        .timing("CLOCKS", "one word a clock")
        .doc("No reset: undefined during the first clocks after power-up.")
        .generic("WIDTH", width, 31, "bits of a word")
        .generic("CLOCKS", clocks, default, range)
        .clk()
        .input("s_data", (width, "WIDTH"), "")
}

fn chain(width: usize, clocks: usize) -> Module {
    start("delay_chain", "a short fixed delay, in registers", width, clocks, 2, "from 1 to 3")
        .output("m_data", (width, "WIDTH"), "")
        .wire("line", (width * (clocks + 1), "WIDTH*(CLOCKS+1)"))
        .body(
            "
            // Part k of the line is the word of k clocks ago.
            assign line[WIDTH-1:0] = s_data;
            assign m_data          = line[WIDTH*CLOCKS +: WIDTH];

            genvar k;
            generate for (k = 0; k < CLOCKS; k = k + 1) begin : stage
                reg [WIDTH-1:0] word;

                always @(posedge clk) word <= line[WIDTH*k +: WIDTH];

                assign line[WIDTH*(k+1) +: WIDTH] = word;
            end endgenerate
            ",
        )
}

fn ring(width: usize, clocks: usize) -> Module {
    // The ring holds clocks - 1 words: the output register is the last clock.
    let bits = super::index_bits(clocks - 1);
    start("delay", "a fixed delay, as a ring in distributed memory", width, clocks, 8, "at least 4")
        .constant("LAST", "CLOCKS - 2", "place of the ring's last word; the output register is one more")
        .constant("PLACE", "$clog2(CLOCKS - 1)", "bits of a place")
        .output_reg("m_data", (width, "WIDTH"), "")
        .reg("place", (bits, "PLACE"))
        .body(
            "
            (* ram_style = \"distributed\", no_rw_check *)
            reg [WIDTH-1:0] ring [0:LAST];

            // Each place is read in the clock in which it is written again: the old word leaves.
            // Wherever `place` starts, it is in the round a clock later.
            always @(posedge clk) begin
                m_data      <= ring[place];
                ring[place] <= s_data;
                place       <= place >= LAST[PLACE-1:0] ? {PLACE{1'b0}} : place + 1'b1;
            end
            ",
        )
}

/// A ring in block memory, for any number of clocks from 5 on.
pub(crate) fn block_ring(width: usize, clocks: usize) -> Module {
    // The ring holds clocks - 1 words, and a word is read in the clock before the one in which its place is written again: two registers follow.
    let bits = super::index_bits(clocks - 1);
    start("delay_block", "a long fixed delay, as a ring in block memory", width, clocks, 1024, "at least 5")
        .constant("LAST", "CLOCKS - 2", "place of the ring's last word; a word leaves it a clock early")
        .constant("PLACE", "$clog2(CLOCKS - 1)", "bits of a place")
        .output_reg("m_data", (width, "WIDTH"), "")
        .reg("place", (bits, "PLACE"))
        .reg("fetched", (width, "WIDTH"))
        .wire("next", (bits, "PLACE"))
        .body(
            "
            (* ram_style = \"block\", no_rw_check *)
            reg [WIDTH-1:0] ring [0:LAST];

            // Never the place that is written: what a memory gives for that differs from part to part.
            // Wherever `place` starts, it is in the round a clock later.
            assign next = place >= LAST[PLACE-1:0] ? {PLACE{1'b0}} : place + 1'b1;

            always @(posedge clk) begin
                fetched     <= ring[next];
                m_data      <= fetched;
                ring[place] <= s_data;
                place       <= next;
            end
            ",
        )
}
