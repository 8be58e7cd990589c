//! One S-box of the pipeline: x^7 every I clocks on 4 / I multipliers.
//!
//! A product takes seven clocks, so the four products x^2, x^3, x^4, x^7 of an operand lie far apart, and those of other operands in between. When
//! a multiplier is used more than once in an interval, each product has a place of its own in it (its clock modulo I):
//!
//! | I | multiplier | clocks of its products, operand at 0 |
//! |---|---|---|
//! | 1 | one each | x^2 at 0, x^3 and x^4 at 7, x^7 at 14 |
//! | 2 | a | x^2 at 0, x^3 at 9 |
//! | 2 | b | x^4 at 8, x^7 at 17 |
//! | 4 | one | x^2 at 0, x^3 at 9, x^4 at 10, x^7 at 19 |

use crate::field::{MUL_LATENCY, field_mul};
use crate::netlist::Module;
use crate::poseidon2::sbox::{SBOX_LATENCY, sbox};

const _: () = assert!(MUL_LATENCY == 7, "the clocks of the products are chosen for a multiplier of seven stages");

/// Clocks from operand to x^7.
pub(super) fn latency(interval: usize) -> usize {
    match interval {
        1 => SBOX_LATENCY,
        2 => 17 + MUL_LATENCY,
        _ => 19 + MUL_LATENCY,
    }
}

/// `poseidon2_power_i{I}` (for I = 1 the S-box array of one lane): y = x^7. An operand may come in the clocks in which `turn[0]` is high; `turn`
/// is one-hot and goes round. The result holds for one clock.
pub(super) fn power(interval: usize) -> Module {
    if interval == 1 {
        return sbox(1);
    }
    let module = Module::new(
        format!("poseidon2_power_i{interval}"),
        &format!("x^7 every {interval} clocks on {} of multipliers.", if interval == 2 { "a pair" } else { "one" }),
    )
    .timing(&format!("{} clocks", latency(interval)), &format!("one power in {interval} clocks"))
    .doc("The operand comes with turn[0], the result holds for one clock.")
    .clk()
    .input("turn", interval, "one-hot, goes round: the clock within the interval")
    .input("x", 31, "")
    .output("y", 31, "")
    .reg("square", 31)
    .reg("cube", 31)
    .reg("fourth", 31);
    // The operand waits for x^3: a register for every interval that begins before.
    let waits = 9usize.div_ceil(interval);
    let module = (1..=waits).fold(module, |m, k| m.reg(format!("x_{k}"), 31));
    let mut hold: String = (1..=waits)
        .map(|k| format!("    x_{k} <= {};\n", if k == 1 { "x".into() } else { format!("x_{}", k - 1) }))
        .collect();
    hold = format!("always @(posedge clk)\n    if (turn[0]) begin\n{}    end", hold.replace("    x_", "        x_"));
    let ports = |a: &'static str, b: &'static str, y: &'static str| [("clk", "clk"), ("a", a), ("b", b), ("y", y)];
    match interval {
        2 => module
            .wire("a_y", 31)
            .wire("left", 31)
            .wire("right", 31)
            .wire("b_left", 31)
            .wire("b_right", 31)
            .instance("multiply_a", field_mul(), ports("left", "right", "a_y"))
            .instance("multiply_b", field_mul(), ports("b_left", "b_right", "y"))
            .body(format!(
                "
                assign left    = turn[0] ? x : square;
                assign right   = turn[0] ? x : x_{waits};
                assign b_left  = turn[0] ? square : cube;
                assign b_right = turn[0] ? square : fourth;

                // x^2 comes out of a at 7, x^3 at 16; x^4 out of b at 15, x^7 at 24.
                always @(posedge clk) begin
                    if (turn[1]) square <= a_y;
                    if (turn[0]) cube   <= a_y;
                    if (turn[1]) fourth <= y;
                end
                "
            ))
            .body(hold),
        _ => module
            .wire("left", 31)
            .wire("right", 31)
            .instance("multiply", field_mul(), ports("left", "right", "y"))
            .body(format!(
                "
                assign left  = turn[0] ? x : turn[3] ? cube : square;
                assign right = turn[0] ? x : turn[1] ? x_{waits} : turn[2] ? square : fourth;

                // x^2 comes out at 7, x^3 at 16, x^4 at 17, x^7 at 26.
                always @(posedge clk) begin
                    if (turn[3]) square <= y;
                    if (turn[0]) cube   <= y;
                    if (turn[1]) fourth <= y;
                end
                "
            ))
            .body(hold),
    }
}
