//! The golden Verilog: what the generator prints for the board config, kept in `hdl/golden` so that a change of it is seen.

use crate::core::CoreError;
use crate::{VerilogFile, core, emit, memory, shell, stream, xdma};
use galena_target::Config;

/// The config whose Verilog is kept.
pub const GOLDEN_CONFIG: &str = "small-uart";

/// The files of `hdl/golden`, sorted by name: the whole core of [`GOLDEN_CONFIG`], and the leaves that only other configs use.
pub fn golden() -> Result<Vec<VerilogFile>, CoreError> {
    let mut files = core(Config::named(GOLDEN_CONFIG)?)?;
    // A stream config has registers where the serial one has a line.
    files.extend(emit(&stream::register(32))?);
    // And a card its streams, its registers and its memory.
    let card = Config::named("tiny-pcie")?;
    for module in [xdma::xdma(card), memory::memory(card.log_memory), shell::rows(true)] {
        files.extend(emit(&module)?);
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.dedup();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
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
