//! The Montgomery multiplier: one 31 x 31 product, and a reduction of shifts and adds.
//!
//! With T = a * b < p^2 and p = 15 * 2^27 + 1: 2^-27 = -15 mod p, so T / 2^27 = (T >> 27) - 15 * (T mod 2^27) =: t, and
//! T / 2^32 = t / 2^5 = (t >> 5) - 15 * 2^22 * x with x = t mod 2^5. That lies in (-p, p); below zero p is added. In the last stage the
//! subtraction touches only the top ten bits, and the addition starts from the bits below: two short carry chains.

use super::product::{self, PRODUCT_LATENCY, Product};
use crate::netlist::Module;

/// p = 15 * 2^27 + 1.
const LOG: usize = 27;

/// Clocks from operands to result of [`field_mul`].
pub const MUL_LATENCY: usize = PRODUCT_LATENCY + 3;

/// `field_mul`: y = a * b / 2^32 mod p, the product of two elements in Montgomery form. Model: [`super::mul`].
///
/// Latency [`MUL_LATENCY`], one product a clock; four MULT18X18D on an ECP5. [`super::with_product`] exchanges the integer product in it.
pub fn field_mul() -> Module {
    let module = Module::new("field_mul", "Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1.")
        .timing("7 clocks", "one product a clock")
        .doc("Operands and result are reduced. 4 multipliers of 18 x 18.");
    montgomery(module, LOG, Product::Plain.module())
}

/// The same circuit for the prime q = 15 * 2^`log` + 1 below p: y = a * b / 2^(`log` + 5) mod q, elements of `log` + 4 bits. One text makes
/// both, so that the circuit can be tried with all pairs of operands, which p has too many of. 7681 (`log` = 9) is the least such prime.
pub fn small_mul(log: usize) -> Module {
    assert!((6..LOG).contains(&log), "a small field has a log from 6 to 26, found {log}");
    let purpose = format!("Montgomery product a * b / 2^{} modulo 15 * 2^{log} + 1.", log + 5);
    let module = Module::new(format!("field_mul_l{log}"), &purpose).timing("7 clocks", "one product a clock");
    montgomery(module, log, product::small(log + 4))
}

/// Ports and behaviour for q = 15 * 2^`log` + 1.
fn montgomery(module: Module, log: usize, product: Module) -> Module {
    let bits = log + 4;
    module
        .clk()
        .input("a", bits, "")
        .input("b", bits, "")
        .output_reg("y", bits, "")
        .wire("product", 2 * bits)
        .reg("low15", bits)
        .reg("high", log + 8)
        .wire("t", log + 9)
        .reg("whole", bits)
        .reg("part15", 9)
        .wire("r", bits + 1)
        .wire("raised", bits)
        .instance("multiply", product, [("clk", "clk"), ("a", "a"), ("b", "b"), ("y", "product")])
        .body(format!(
            "
            assign t      = {{1'b0, high}} - {{5'd0, low15}};
            assign r      = {{whole[{top}], whole}} - {{1'b0, part15, {pad}'d0}};
            assign raised = r[{top}:0] + {bits}'d{q};

            always @(posedge clk) begin
                low15  <= {{product[{low}:0], 4'd0}} - {{4'd0, product[{low}:0]}}; // 15 (product mod 2^{log})
                high   <= product[{product_top}:{log}];
                whole  <= t[{t_top}:5];
                part15 <= {{t[4:0], 4'd0}} - {{4'd0, t[4:0]}};               // 15 x
                y      <= r[{bits}] ? raised : r[{top}:0];
            end
            ",
            top = bits - 1,
            pad = log - 5,
            q = (15u64 << log) + 1,
            low = log - 1,
            product_top = 2 * bits - 1,
            t_top = log + 8,
        ))
}
