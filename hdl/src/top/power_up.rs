//! The reset at power-up, and the lamp.

use crate::netlist::Module;

/// log2 of the clocks that the reset is held after the PLL has locked.
const HELD: usize = 15;

/// `power_up`: `rst` until the clock has been good for 2^15 clocks, and again when it is not; `lamp` changes about twice a second.
pub(super) fn power_up(clock_hz: u32) -> Module {
    let lamp = (clock_hz / 2).ilog2() as usize;
    let top = lamp.max(HELD);
    Module::new("power_up", "the reset at power-up, and a lamp that shows that the clock runs")
        .timing("2^15 clocks from `locked` to the end of the reset", "")
        .doc("`locked` is asynchronous: low, it clears the counter at once. Registers start from zero when the part is configured.")
        .doc("The reset ends once and is a register, so that it reaches every part of the core in the same clock.")
        .clk()
        .input("locked", 1, "asynchronous")
        .output_reg("rst", 1, "synchronous, active high")
        .output("lamp", 1, "toggles about twice a second")
        .reg("good", 2)
        .reg("count", top + 1)
        .reg("running", 1)
        .body(format!(
            "
            assign lamp = running && count[{lamp}];

            always @(posedge clk or negedge locked) begin
                if (!locked) good <= 2'b00;
                else good <= {{good[0], 1'b1}};
            end

            always @(posedge clk) begin
                rst <= !running;
                if (!good[1]) begin
                    count   <= 0;
                    running <= 1'b0;
                end else begin
                    count   <= count + 1'b1;
                    running <= running || count[{HELD}];
                end
            end
            "
        ))
}
