//! A fixed delay.

use super::index_bits;
use crate::netlist::Module;

/// Up to this many clocks a delay is a chain of registers.
const CHAIN: usize = 3;

/// `delay_w{width}_c{clocks}`: `m_data` is `s_data` of `clocks` (at least 1) clocks ago.
///
/// Longer delays are a ring in distributed memory: one word moves a clock instead of `clocks` of them, which is less area and much less
/// work for a simulator. What comes out during the first clocks after power-up is undefined.
pub fn delay(width: usize, clocks: usize) -> Module {
    assert!(clocks >= 1, "a delay takes at least a clock");
    let module = Module::new(format!("delay_w{width}_c{clocks}"), "a fixed delay")
        .doc(&format!("Latency {clocks}. Undefined during the first clocks after power-up."));
    if clocks <= CHAIN {
        let module = module.clk().input("s_data", width, "").output_reg("m_data", width, "");
        let names: Vec<String> = (1..clocks).map(|k| format!("stage{k}")).collect();
        let mut text = String::from("always @(posedge clk) begin\n");
        let mut from = "s_data".to_string();
        for name in names.iter().cloned().chain(["m_data".to_string()]) {
            text += &format!("    {name} <= {from};\n");
            from = name;
        }
        return names.iter().fold(module, |m, n| m.reg(n, width)).body(text + "end");
    }
    // The ring holds clocks - 1 words: the output register is the last clock.
    let ring = clocks - 1;
    let bits = index_bits(ring);
    module.clk().input("s_data", width, "").output_reg("m_data", width, "").reg("place", bits).body(format!(
        "
        (* ram_style = \"distributed\", no_rw_check *)
        reg [{top}:0] ring [0:{last}];

        // Each place is read in the clock in which it is written again: the old word leaves. No reset: wherever `place` starts, it
        // reaches the round in at most a power of two of clocks.
        always @(posedge clk) begin
            m_data      <= ring[place];
            ring[place] <= s_data;
            place       <= place == {bits}'d{last} ? {bits}'d0 : place + 1'b1;
        end
        ",
        top = width - 1,
        last = ring - 1,
    ))
}
