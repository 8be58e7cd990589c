//! Modular addition and subtraction of reduced elements: one carry chain a stage.

use super::P;
use crate::netlist::Module;

/// Clocks from operands to result of [`field_add`] and [`field_sub`].
pub const ADD_LATENCY: usize = 2;

fn binary(name: &str, purpose: &str) -> Module {
    Module::new(name, purpose)
        .timing("2 clocks", "one result a clock")
        .doc("Operands and result are reduced.")
        .clk()
        .input("a", 31, "")
        .input("b", 31, "")
        .output_reg("y", 31, "")
}

/// `field_add`: y = a + b mod p. Model: [`super::add`].
pub fn field_add() -> Module {
    binary("field_add", "a + b modulo p.").reg("sum", 32).wire("less", 32).body(format!(
        "
        assign less = sum - 32'd{P}; // negative when the sum is reduced already

        always @(posedge clk) begin
            sum <= {{1'b0, a}} + {{1'b0, b}};
            y   <= less[31] ? sum[30:0] : less[30:0];
        end
        "
    ))
}

/// `field_sub`: y = a - b mod p. Model: [`super::sub`].
pub fn field_sub() -> Module {
    binary("field_sub", "a - b modulo p.").reg("difference", 32).body(format!(
        "
        always @(posedge clk) begin
            difference <= {{1'b0, a}} - {{1'b0, b}};
            y          <= difference[30:0] + (difference[31] ? 31'd{P} : 31'd0);
        end
        "
    ))
}
