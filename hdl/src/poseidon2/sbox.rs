//! The S-box array: x^7 on E lanes, four multipliers a lane.

use crate::field::{MUL_LATENCY, field_mul};
use crate::netlist::Module;
use crate::stream::delay;

/// Clocks from operand to x^7.
pub const SBOX_LATENCY: usize = 3 * MUL_LATENCY;

/// `poseidon2_sbox_e{E}`: y = x^7 for E packed elements. Latency [`SBOX_LATENCY`], one array of operands a clock.
pub(super) fn sbox(lanes: usize) -> Module {
    let bits = 31 * lanes;
    let mut module = Module::new(format!("poseidon2_sbox_e{lanes}"), "x^7 on each lane.")
        .timing(&format!("{SBOX_LATENCY} clocks"), "one array of operands a clock")
        .doc("x^2; then x^3 and x^4; then x^7.")
        .clk()
        .input("x", bits, "")
        .output("y", bits, "")
        .wire("square", bits)
        .wire("cube", bits)
        .wire("fourth", bits);
    let hold = delay(bits, MUL_LATENCY);
    module = module.link("hold", hold, "clk", [("s_data", "x"), ("m_data", "x_late")]);
    for lane in 0..lanes {
        let part = format!("[{}:{}]", 31 * lane + 30, 31 * lane);
        for (name, a, b) in [
            ("square", "x", "x"),
            ("cube", "square", "x_late"),
            ("fourth", "square", "square"),
            ("y", "cube", "fourth"),
        ] {
            let ports = [("a", a), ("b", b), ("y", name)].map(|(port, signal)| (port, format!("{signal}{part}")));
            let ports = ports.into_iter().chain([("clk", "clk".to_string())]);
            let name = if name == "y" { "seventh" } else { name };
            module = module.instance(format!("{name}_{lane}"), field_mul(), ports);
        }
    }
    module
}
