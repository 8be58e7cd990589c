//! What was measured, as it is kept in the file.

use crate::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Everything.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// The versions that the figures depend on.
    pub(crate) tools: BTreeMap<String, String>,
    /// Pipelines alone.
    pub(crate) points: Vec<PointFigures>,
    /// Whole cores.
    pub(crate) configs: Vec<ConfigFigures>,
}

/// Cells by name: `MULT18X18D` 72. By yosys, the sum of the modules, not placed.
pub(crate) type Cells = BTreeMap<String, usize>;

/// A pipeline with its parameters chosen.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PointFigures {
    pub(crate) block: String,
    pub(crate) point: String,
    pub(crate) multipliers: u64,
    /// The whole job.
    pub(crate) job: String,
    pub(crate) clocks: u64,
    pub(crate) multiplies: u64,
    /// Useful multiplies / (multipliers x clocks).
    pub(crate) utilisation: f64,
    /// The same for the second of two jobs that follow each other.
    pub(crate) utilisation_next: f64,
    /// Clocks of the smallest job alone.
    pub(crate) latency: u64,
    pub(crate) latency_job: String,
    /// `synth_ecp5`.
    pub(crate) ecp5: Option<Cells>,
    /// `synth_xilinx -family xcup`.
    pub(crate) ultrascale: Option<Cells>,
}

/// A core.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ConfigFigures {
    pub(crate) config: String,
    pub(crate) link: String,
    pub(crate) lanes: u64,
    pub(crate) hasher_multipliers: u64,
    pub(crate) jobs: Vec<JobFigures>,
    pub(crate) ecp5: Option<Cells>,
    pub(crate) ultrascale: Option<Cells>,
}

/// A job on a core, over its link.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JobFigures {
    pub(crate) kernel: String,
    pub(crate) shape: String,
    pub(crate) clocks: u64,
    pub(crate) multiplies: u64,
    /// Those that this kernel can use: the transform's, the hasher's, or both.
    pub(crate) multipliers: u64,
    pub(crate) utilisation: f64,
    /// Clocks that the job waited for words from the host, and for the host to take its own.
    pub(crate) stalled_in: u64,
    pub(crate) stalled_out: u64,
}

impl Figures {
    /// The figures in the file, if it is there.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("cannot read {}: {error}", path.display()).into()),
        }
    }

    /// Writes them.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()).into())
    }

    /// Takes over the areas of what has none here.
    pub(crate) fn keep_areas(&mut self, old: &Self) {
        for new in &mut self.points {
            if let Some(old) = old.points.iter().find(|o| (&o.block, &o.point) == (&new.block, &new.point)) {
                (new.ecp5, new.ultrascale) = (old.ecp5.clone(), old.ultrascale.clone());
            }
        }
        for new in &mut self.configs {
            if let Some(old) = old.configs.iter().find(|o| o.config == new.config) {
                (new.ecp5, new.ultrascale) = (old.ecp5.clone(), old.ultrascale.clone());
            }
        }
    }
}

/// Versions of the tools that figures come from.
pub(crate) fn tools() -> Result<BTreeMap<String, String>, Failure> {
    let ask = |tool: &str, arg: &str| -> Result<(String, String), Failure> {
        let output: std::process::Output = {
            let mut command: Command = galena_sim::tools::command(tool)?;
            command.arg(arg).output()?
        };
        let text = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
        // What the build was made from follows in brackets.
        Ok((tool.to_owned(), text.split(" (").next().unwrap_or_default().trim().to_owned()))
    };
    Ok([ask("verilator", "--version")?, ask("yosys", "-V")?].into())
}
