//! The core's clock on a board with an oscillator: the PLL of an ECP5, the MMCM of a 7-series part.

use crate::netlist::Module;
use galena_target::mmcm::{Mmcm, eighths};
use galena_target::pll::Pll;

/// `clock_pll`: `clk` from `input_clk`. With `GALENA_ECP5` defined an EHXPLLL; otherwise `clk` is the input itself, for linting and simulation.
/// The feedback is the output, so that both have their edges together.
pub(super) fn pll(pll: &Pll) -> Module {
    let mhz = |hz: u32| format!("{}.{:06}", hz / 1_000_000, hz % 1_000_000);
    let (input, output) = (mhz(pll.input_hz), mhz(pll.output_hz));
    let Pll { input_divider, feedback_divider, output_divider, .. } = pll;
    Module::new("clock_pll", "the core's clock out of the board's")
        .timing("locks within 15 ms", "one clock")
        .doc(&format!("{input} MHz * {feedback_divider} / {input_divider} = {output} MHz, oscillator at {output_divider} times that."))
        .doc("Define GALENA_ECP5 to instantiate the PLL; otherwise the clock is passed on, for linting and simulation.")
        .input("input_clk", 1, "")
        .output("clk", 1, "")
        .output("locked", 1, "low until `clk` can be relied on")
        .body(format!(
            "
            `ifdef GALENA_ECP5
            // The attributes are how place and route learns the frequencies.
            (* FREQUENCY_PIN_CLKI = \"{input}\", FREQUENCY_PIN_CLKOP = \"{output}\" *)
            EHXPLLL #(
                .CLKI_DIV({input_divider}), .CLKFB_DIV({feedback_divider}), .CLKOP_DIV({output_divider}), .CLKOP_CPHASE({phase}), .CLKOP_FPHASE(0),
                .CLKOP_ENABLE(\"ENABLED\"), .FEEDBK_PATH(\"CLKOP\"), .PLLRST_ENA(\"DISABLED\"), .INTFB_WAKE(\"DISABLED\"),
                .STDBY_ENABLE(\"DISABLED\"), .DPHASE_SOURCE(\"DISABLED\"), .OUTDIVIDER_MUXA(\"DIVA\"), .OUTDIVIDER_MUXB(\"DIVB\"),
                .OUTDIVIDER_MUXC(\"DIVC\"), .OUTDIVIDER_MUXD(\"DIVD\")
            ) pll (
                .CLKI(input_clk), .CLKFB(clk), .CLKOP(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0),
                .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1)
            );
            `else
            assign clk    = input_clk;
            assign locked = 1'b1;
            `endif
            ",
            phase = output_divider - 1
        ))
}

/// `clock_mmcm`: `clk` from `input_clk`, by an MMCME2 whose feedback stays inside: nothing of the board is timed against the core's clock, so that their
/// phase does not matter. The primitives are Vivado's; lint has stubs of them.
pub(super) fn mmcm(mmcm: &Mmcm) -> Module {
    let Mmcm { input_hz, output_hz, input_divider, .. } = mmcm;
    let [multiplier, divider] = [mmcm.multiplier_eighths, mmcm.output_eighths].map(eighths);
    let period = 1e9 / f64::from(*input_hz);
    let open = [
        "CLKOUT0B",
        "CLKOUT1",
        "CLKOUT1B",
        "CLKOUT2",
        "CLKOUT2B",
        "CLKOUT3",
        "CLKOUT3B",
        "CLKOUT4",
        "CLKOUT5",
        "CLKOUT6",
        "CLKFBOUTB",
    ]
    .map(|port| format!(".{port}()"));
    Module::new("clock_mmcm", "the core's clock out of the board's")
        .timing("locks within 100 us", "one clock")
        .doc(&format!("{input_hz} Hz * {multiplier} / {input_divider} / {divider} = {output_hz} Hz."))
        .input("input_clk", 1, "")
        .output("clk", 1, "")
        .output("locked", 1, "low until `clk` can be relied on")
        .wire("made", 1)
        .wire("feedback", 1)
        .body(format!(
            "
            MMCME2_BASE #(
                .CLKIN1_PERIOD({period:.3}), .DIVCLK_DIVIDE({input_divider}), .CLKFBOUT_MULT_F({multiplier}),
                .CLKOUT0_DIVIDE_F({divider})
            ) mmcm (
                .CLKIN1(input_clk), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(made), .LOCKED(locked),
                .PWRDWN(1'b0), .RST(1'b0),
                {first},
                {second}
            );

            BUFG buffer (.I(made), .O(clk));
            ",
            first = open[..6].join(", "),
            second = open[6..].join(", "),
        ))
}
