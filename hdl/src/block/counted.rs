//! A circuit with a count beside it.

use crate::connect::{attach, ports_of};
use crate::netlist::{Direction, Module};

/// What the names of such circuits begin with.
pub const COUNTED: &str = "counted";

/// Outputs that say in every clock how much is done, and that no stream carries.
const OUTPUTS: [&str; 2] = ["multiplying", "work"];

/// The circuit, with an output [`COUNTED`] of 48 bits in which what its output `multiplying` or `work` says is added up since power-up; none if it
/// has no such output.
pub fn counted(bare: &Module) -> Option<Module> {
    let output = |name: &&str| bare.ports.iter().find(|p| p.name == *name && p.direction != Direction::Input);
    let of = OUTPUTS.iter().find_map(output)?;
    let module = Module::new(format!("{COUNTED}_{}", bare.name), "a circuit, and a count of what it does beside it")
        .timing("that of the circuit", "that of the circuit");
    let sum = format!(
        "
        always @(posedge clk) begin
            {COUNTED} <= {COUNTED} + {{{}'d0, {}}};
            if (rst) {COUNTED} <= 48'd0;
        end
        ",
        48 - of.width,
        of.name
    );
    let none: [(&str, &str); 0] = [];
    Some(attach(ports_of(module, bare).output_reg(COUNTED, 48, "the sum"), "bare", bare.clone(), none).body(sum))
}
