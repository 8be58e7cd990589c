//! The register map as a circuit.

use crate::netlist::Module;
use galena_target::register::{REGISTER_WORDS, register_map};
use galena_target::{Config, Register};

/// `shell_identify`: word `index` of the map, a clock later. What a build knows and the generator does not comes by parameter.
pub fn identify(config: &Config) -> Module {
    let map = register_map(config);
    let live = |index: usize| {
        let part = |register: Register, signal: &str| {
            let row = register.row();
            (row.index..row.index + row.words).contains(&index).then(|| {
                // Multi-word values stand most significant word first.
                let low = 32 * (row.words - 1 - (index - row.index));
                if row.words == 1 { signal.to_string() } else { format!("{signal}[{}:{low}]", low + 31) }
            })
        };
        part(Register::GitHash, "GIT_HASH")
            .or_else(|| part(Register::Dirty, "{31'd0, DIRTY}"))
            .or_else(|| part(Register::Jobs, "jobs"))
            .or_else(|| part(Register::Errors, "errors"))
    };
    let words: String = (0..REGISTER_WORDS)
        .filter_map(|i| live(i).or_else(|| (map[i] != 0).then(|| format!("32'h{:08x}", map[i]))).map(|v| (i, v)))
        .map(|(i, v)| format!("        5'd{i}: word <= {v};\n"))
        .collect();
    Module::new("shell_identify", "the register map")
        .doc("Latency 1. The layout is the register table of galena-target.")
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit")
        .clk()
        .input("index", 5, "")
        .output_reg("word", 32, "")
        .input("jobs", 32, "commands accepted")
        .input("errors", 32, "jobs that ended with an error")
        .body(format!("always @(posedge clk)\n    case (index)\n{words}        default: word <= 32'd0;\n    endcase\n"))
}

const _: () = assert!(REGISTER_WORDS == 32);
