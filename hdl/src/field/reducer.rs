//! Reduction of a lazy sum: any 37-bit number to [0, p), without a wide compare.
//!
//! With v = hi * 2^27 + lo and hi = 15 q + r: v = q (p - 1) + r * 2^27 + lo, so v = r * 2^27 + lo - q mod p, which lies in (-69, p).
//! q = floor(hi / 15) = ((hi + 1) * 273) >> 12 exactly for hi < 2^10 (tested for every hi), and r = hi - 15 q = (hi + q) mod 16.

use super::P;
use crate::netlist::Module;

/// Bits of the operand: sums of up to 68 elements.
pub const REDUCE_WIDTH: usize = 37;

/// Clocks from operand to result.
pub const REDUCE_LATENCY: usize = 4;

/// `field_reduce`: y = v mod p.
pub fn field_reduce() -> Module {
    Module::new("field_reduce", "v modulo p, for any 37-bit v.")
        .timing("4 clocks", "one result a clock")
        .doc("v = hi * 2^27 + lo, hi = 15 q + r: v = r * 2^27 + lo - q modulo p = 15 * 2^27 + 1.")
        .clk()
        .input("v", REDUCE_WIDTH, "a lazy sum")
        .output_reg("y", 31, "")
        .reg("hi1", 4)
        .reg("hi2", 4)
        .reg("next", 11)
        .reg("lo1", 27)
        .reg("lo2", 27)
        .reg("q", 7)
        .reg("t", 32)
        .wire("r", 4)
        .body(format!(
            "
            wire [18:0] scaled = {{8'd0, next}} + {{4'd0, next, 4'd0}} + {{next, 8'd0}}; // 273 (hi + 1), the fraction unused

            assign r = hi2 + q[3:0];

            always @(posedge clk) begin
                next <= {{1'b0, v[36:27]}} + 11'd1;
                hi1  <= v[30:27];
                lo1  <= v[26:0];
                q    <= scaled[18:12];
                hi2  <= hi1;
                lo2  <= lo1;
                t    <= {{1'b0, r, lo2}} - {{25'd0, q}};
                y    <= t[30:0] + (t[31] ? 31'd{P} : 31'd0);
            end
            "
        ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_quotient_by_15_is_exact() {
        for hi in 0..1u32 << 10 {
            assert_eq!(((hi + 1) * 273) >> 12, hi / 15, "hi = {hi}");
        }
    }
}
