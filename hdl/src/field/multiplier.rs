//! The Montgomery multiplier: one 31 x 31 product, and a reduction of shifts and adds.
//!
//! With T = a * b < p^2 and p = 15 * 2^27 + 1: 2^-27 = -15 mod p, so T / 2^27 = (T >> 27) - 15 * (T mod 2^27) =: t, and
//! T / 2^32 = t / 2^5 = (t >> 5) - 15 * 2^22 * x with x = t mod 2^5. That lies in (-p, p); below zero p is added. In the last stage the
//! subtraction touches only the top ten bits, and the addition starts from the bits below: two short carry chains.

use super::P;
use super::product::{PRODUCT_LATENCY, Product};
use crate::netlist::Module;

/// Clocks from operands to result of [`field_mul`].
pub const MUL_LATENCY: usize = PRODUCT_LATENCY + 3;

/// `field_mul`: y = a * b / 2^32 mod p, the product of two elements in Montgomery form. Model: [`super::mul`].
///
/// Latency [`MUL_LATENCY`], one product a clock; four MULT18X18D on an ECP5. [`super::with_product`] exchanges the integer product in it.
pub fn field_mul() -> Module {
    Module::new("field_mul", "Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1.")
        .timing("7 clocks", "one product a clock")
        .doc("Operands and result are reduced. 4 multipliers of 18 x 18.")
        .clk()
        .input("a", 31, "")
        .input("b", 31, "")
        .output_reg("y", 31, "")
        .wire("product", 62)
        .reg("low15", 31)
        .reg("high", 35)
        .wire("t", 36)
        .reg("whole", 31)
        .reg("part15", 9)
        .wire("r", 32)
        .wire("raised", 31)
        .instance("multiply", Product::Plain.module(), [("clk", "clk"), ("a", "a"), ("b", "b"), ("y", "product")])
        .body(format!(
            "
            assign t      = {{1'b0, high}} - {{5'd0, low15}};
            assign r      = {{whole[30], whole}} - {{1'b0, part15, 22'd0}};
            assign raised = r[30:0] + 31'd{P};

            always @(posedge clk) begin
                low15  <= {{product[26:0], 4'd0}} - {{4'd0, product[26:0]}}; // 15 (product mod 2^27)
                high   <= product[61:27];
                whole  <= t[35:5];
                part15 <= {{t[4:0], 4'd0}} - {{4'd0, t[4:0]}};               // 15 x
                y      <= r[31] ? raised : r[30:0];
            end
            "
        ))
}
