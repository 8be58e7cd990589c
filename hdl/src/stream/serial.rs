//! The serial link of a core: line, rate, and what goes wrong on it.

use super::{register, uart};
use crate::connect::{attach, wires};
use crate::netlist::Module;

/// `serial_link`: `base` clocks a bit after reset; back to it when no header comes within `trial` clocks of a change of the rate.
pub fn serial(base: u32, magic: u32, trial: u32) -> Module {
    let mut module = Module::new("serial_link", "a serial line as streams of words")
        .timing(
            "a word leaves with its last bit: a clock and 40 bit times",
            "one word in 40 bit times, both ways at once",
        )
        .doc("A word that comes while `m_ready` is low is lost, and counted.")
        .generic("DIVISOR", base as usize, 48, "clocks a bit after reset, from 4 to 65535")
        .clk_rst()
        .input("rx", 1, "from the host, 8N1")
        .output("tx", 1, "to the host, 8N1")
        .input("align", 1, "take the magic word at any byte")
        .output("m_valid", 1, "words from the host; one clock")
        .input("m_ready", 1, "there is room")
        .output("m_data", 32, "")
        .input("s_valid", 1, "words to the host")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .input("restart", 1, "back to the base rate, errors forgotten")
        .input("rate_set", 1, "a new rate after the last word has left")
        .input("rate_divisor", 16, "")
        .input("header_seen", 1, "")
        .output("line_break", 1, "the host asks for a reset of everything")
        .output_reg("line_errors", 32, "bytes without a stop bit, words without room");
    module =
        wires(module, [("divisor", 16), ("broken", 1), ("leave_valid", 1), ("leave_ready", 1), ("leave_data", 32)]);
    module = attach(module, "line_in", uart::receive(magic), [("", ""); 0]);
    // So that the line's timer does not reach what makes words in the same clock.
    let leave = [
        ("rst", "rst || line_break"),
        ("m_valid", "leave_valid"),
        ("m_ready", "leave_ready"),
        ("m_data", "leave_data"),
    ];
    module = attach(module, "leave", register(32), leave);
    let line = [
        ("rst", "rst || line_break"),
        ("s_valid", "leave_valid"),
        ("s_ready", "leave_ready"),
        ("s_data", "leave_data"),
    ];
    module = attach(module, "line_out", uart::send(), line);
    let change = [
        ("rst", "rst || line_break"),
        ("set", "rate_set"),
        ("set_divisor", "rate_divisor"),
        ("idle", "leave_ready && !leave_valid && !s_valid"),
    ];
    attach(module, "pace", uart::rate(base, trial), change).with_parameter("DIVISOR", "DIVISOR").body(
        "
        always @(posedge clk) begin
            if (broken || (m_valid && !m_ready)) line_errors <= line_errors + 1'b1;
            if (rst || line_break || restart) line_errors <= 32'd0;
        end
        ",
    )
}
