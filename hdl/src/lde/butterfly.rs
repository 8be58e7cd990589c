//! The arithmetic of one lane: both butterflies and the scaling, around one multiplier.

use crate::field::{self, P};
use crate::netlist::Module;
use crate::stream::delay;

/// Clocks from the operands to the results.
pub const BUTTERFLY_LATENCY: usize = field::MUL_LATENCY + 4;

/// `lde_butterfly`: forward `(a, b) -> (a + t b, a - t b)`; inverse `(a, b) -> (a + b, (b - a) t)`; scale `a -> a t` (in `x`).
///
/// One addition a stage; a conditional correction by p is a stage of its own. Latency [`BUTTERFLY_LATENCY`], one a clock.
pub fn butterfly() -> Module {
    let m = field::MUL_LATENCY;
    Module::new("lde_butterfly", "both butterflies of the transform and the scaling, around one multiplier")
        .timing(&format!("{BUTTERFLY_LATENCY} clocks"), "one butterfly a clock")
        .doc("forward: x = a + t b, y = a - t b; inverse: x = a + b, y = (b - a) t; scale: x = a t.")
        .clk()
        .input("inverse", 1, "")
        .input("scale", 1, "")
        .input("a", 31, "")
        .input("b", 31, "")
        .input("t", 31, "")
        .output_reg("x", 31, "")
        .output_reg("y", 31, "")
        .reg("difference", 32)
        .reg("sum", 32)
        .reg("a1", 31)
        .reg("b1", 31)
        .reg("t1", 31)
        .reg("inverse1", 1)
        .reg("scale1", 1)
        .wire("sum_less_p", 32)
        .reg("factor", 31)
        .reg("t2", 31)
        .reg("aside", 31)
        .reg("inverse2", 1)
        .reg("scale2", 1)
        .wire("product", 31)
        .wire("kept", 31)
        .wire("inverse3", 1)
        .wire("scale3", 1)
        .reg("plus", 32)
        .reg("minus", 32)
        .reg("product4", 31)
        .reg("kept4", 31)
        .reg("inverse4", 1)
        .reg("scale4", 1)
        .wire("plus_less_p", 32)
        .instance("multiplier", field::field_mul(), [("clk", "clk"), ("a", "factor"), ("b", "t2"), ("y", "product")])
        .instance(
            "beside",
            delay(33, m),
            [("clk", "clk"), ("s_data", "{inverse2, scale2, aside}"), ("m_data", "{inverse3, scale3, kept}")],
        )
        .body(format!(
            "
            assign sum_less_p  = sum - 32'd{P};
            assign plus_less_p = plus - 32'd{P};

            always @(posedge clk) begin
                difference <= {{1'b0, b}} - {{1'b0, a}};
                sum        <= {{1'b0, a}} + {{1'b0, b}};
                a1         <= a;
                b1         <= b;
                t1         <= t;
                inverse1   <= inverse;
                scale1     <= scale;

                // What meets the twiddle, and what passes beside the multiplier.
                factor   <= inverse1 ? difference[30:0] + (difference[31] ? 31'd{P} : 31'd0) : scale1 ? a1 : b1;
                t2       <= t1;
                aside    <= !inverse1 ? a1 : sum_less_p[31] ? sum[30:0] : sum_less_p[30:0];
                inverse2 <= inverse1;
                scale2   <= scale1;

                plus     <= {{1'b0, kept}} + {{1'b0, product}};
                minus    <= {{1'b0, kept}} - {{1'b0, product}};
                product4 <= product;
                kept4    <= kept;
                inverse4 <= inverse3;
                scale4   <= scale3;

                x <= scale4 ? product4 : inverse4 ? kept4 : plus_less_p[31] ? plus[30:0] : plus_less_p[30:0];
                y <= inverse4 ? product4 : minus[30:0] + (minus[31] ? 31'd{P} : 31'd0);
            end
            "
        ))
}
