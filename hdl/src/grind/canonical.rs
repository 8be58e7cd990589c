//! A field word to its integer: Montgomery reduction, which by this prime is shifts and adds.

use crate::field::P;
use crate::netlist::Module;

/// Clocks from a word to its integer.
pub const CANONICAL_LATENCY: usize = 3;

/// `grind_canonical`: y = x / 2^32 mod p. Model: [`crate::field::from_montgomery`].
///
/// With x = h * 2^27 + l and 2^-27 = -15 mod p: x / 2^27 = h - 15 l =: t, in (-15 * 2^27, 15]; and x / 2^32 = t / 2^5 =
/// (t >> 5) - 15 * 2^22 * (t mod 2^5), in (-p, 0]: below zero p is added. The reduction of the multiplier, without its product.
pub fn canonical() -> Module {
    Module::new("grind_canonical", "x / 2^32 modulo p: a field word to its integer.")
        .timing("3 clocks", "one result a clock")
        .doc("x is reduced.")
        .clk()
        .input("x", 31, "")
        .output_reg("y", 31, "")
        .reg("low15", 31)
        .reg("high", 4)
        .wire("t", 32)
        .reg("whole", 27)
        .reg("part15", 9)
        .wire("r", 32)
        .body(format!(
            "
            assign t = {{28'd0, high}} - {{1'b0, low15}};
            assign r = {{{{5{{whole[26]}}}}, whole}} - {{1'b0, part15, 22'd0}};

            always @(posedge clk) begin
                low15  <= {{x[26:0], 4'd0}} - {{4'd0, x[26:0]}}; // 15 l
                high   <= x[30:27];
                whole  <= t[31:5];
                part15 <= {{t[4:0], 4'd0}} - {{4'd0, t[4:0]}};   // 15 (t mod 2^5)
                y      <= r[30:0] + (r[31] ? 31'd{P} : 31'd0);
            end
            "
        ))
}
