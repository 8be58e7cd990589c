//! The golden Verilog: what the generator prints for the board config, kept in `hdl/golden` so that a change of it is seen.

use crate::core::{CoreError, core_module};
use crate::emit::emit_together;
use crate::{VerilogFile, memory, shell, stream, xdma};
use galena_target::Config;

/// The config whose Verilog is kept.
pub const GOLDEN_CONFIG: &str = "small-uart";

/// The files of `hdl/golden`, sorted by name: the whole core of [`GOLDEN_CONFIG`], and the leaves that only other configs use.
pub fn golden() -> Result<Vec<VerilogFile>, CoreError> {
    let card = Config::named("tiny-pcie")?;
    let designs = [
        core_module(Config::named(GOLDEN_CONFIG)?)?,
        // A stream config has registers where the serial one has a line.
        stream::register(32),
        // And a card its streams, its registers and its memory.
        xdma::xdma(card),
        memory::memory(card.log_memory),
        shell::rows(true),
    ];
    Ok(emit_together(&designs)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core;
    use std::path::Path;

    #[test]
    fn the_golden_files_are_what_the_generator_prints() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let files = golden().unwrap();
        for file in &files {
            let kept = std::fs::read_to_string(folder.join(&file.name)).unwrap_or_default();
            assert!(kept == file.text, "hdl/golden/{} is not what the generator prints: run `make golden`", file.name);
        }
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, files.iter().map(|f| f.name.clone()).collect::<Vec<_>>(), "and nothing else is there");
    }

    #[test]
    fn every_config_has_a_core_and_the_same_one_each_time() {
        for config in &galena_target::CONFIGS {
            let files = core(config).unwrap();
            assert!(files.iter().any(|f| f.name == format!("{}.v", crate::CORE_TOP)));
            assert!(core(config).unwrap() == files, "{}", config.name);
            // And corners of what a config may ask for.
            for (lanes, multipliers, log_rows_max) in [(1, 4, 3), (16, 32, 16), (2, 8, 4)] {
                let corner = Config { lanes, multipliers, log_rows_max, ..config.clone() };
                core(&corner).unwrap();
            }
        }
        // Every number of lanes and multipliers that a config may have has a circuit.
        let tiny = Config::named("tiny-blowup").unwrap();
        for lanes in galena_target::config::LANES {
            core(&Config { lanes, ..tiny.clone() }).unwrap();
        }
        for multipliers in galena_target::config::MULTIPLIERS {
            core(&Config { multipliers, ..tiny.clone() }).unwrap();
        }
    }
}
