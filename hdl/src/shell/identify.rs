//! The register map as a circuit.

use crate::netlist::Module;
use galena_target::register::{REGISTER_WORDS, register_map};
use galena_target::{Config, Register};

/// Registers that live in the circuit, with the signal of each.
const LIVE: [(Register, &str); 12] = [
    (Register::GitHash, "GIT_HASH"),
    (Register::Dirty, "{31'd0, DIRTY}"),
    (Register::Jobs, "jobs"),
    (Register::Errors, "errors"),
    (Register::LineErrors, "line_errors"),
    (Register::Uptime, "uptime"),
    (Register::Busy, "busy"),
    (Register::WordsIn, "words_in"),
    (Register::WordsOut, "words_out"),
    (Register::StalledIn, "stalled_in"),
    (Register::StalledOut, "stalled_out"),
    (Register::Multiplies, "multiplies"),
];

/// `shell_identify`: word `index` of the map as it is when `take` is high, a clock later and until the next. What a build knows and the generator does not comes by parameter.
///
/// A counter of two words is read low word first; its high word is kept at that moment, so the two belong together.
pub fn identify(config: &Config) -> Module {
    let map = register_map(config);
    let word = |index: usize| {
        let live = LIVE.iter().map(|&(register, signal)| (register.row(), signal));
        let found = live.clone().find(|(row, _)| (row.index..row.index + row.words).contains(&index));
        let value = match found {
            Some((row, signal)) if row.words == 1 => signal.to_string(),
            Some((row, signal)) if row.words == 2 && index == row.index => {
                return Some(format!("        6'd{index}: {{high, word}} <= {signal};\n"));
            }
            Some((row, _)) if row.words == 2 => "high".into(),
            // The git hash stands most significant word first.
            Some((row, signal)) => {
                let low = 32 * (row.words - 1 - (index - row.index));
                format!("{signal}[{}:{low}]", low + 31)
            }
            None if map[index] != 0 => format!("32'h{:08x}", map[index]),
            None => return None,
        };
        Some(format!("        6'd{index}: word <= {value};\n"))
    };
    let words: String = (0..REGISTER_WORDS).filter_map(word).collect();
    Module::new("shell_identify", "the register map")
        .timing("1 clock", "one word a clock")
        .doc("The layout is the register table of galena-target. The high word of a counter is kept when its low word is read.")
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit")
        .clk()
        .input("take", 1, "the word is read now; once for each word")
        .input("index", 6, "")
        .output_reg("word", 32, "")
        .input("jobs", 32, "commands accepted")
        .input("errors", 32, "jobs that ended with an error")
        .input("line_errors", 32, "bytes or beats that the link lost or found damaged")
        .input("uptime", 64, "")
        .input("busy", 64, "")
        .input("words_in", 64, "")
        .input("words_out", 64, "")
        .input("stalled_in", 64, "")
        .input("stalled_out", 64, "")
        .input("multiplies", 64, "")
        .reg("high", 32)
        .body(format!("always @(posedge clk)\n    if (take) case (index)\n{words}        default: word <= 32'd0;\n    endcase\n"))
}

const _: () = assert!(REGISTER_WORDS <= 64);
