//! The figures of `make bench-hdl`, as they are kept in the tree: it writes them, the datasheets take from them. A file that is not there has none.

use super::measured::Cells;
use crate::wave::WaveError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bench {
    /// The versions that the figures depend on.
    pub tools: BTreeMap<String, String>,
    /// Pipelines alone.
    pub points: Vec<BenchPoint>,
    /// Whole cores.
    pub configs: Vec<BenchConfig>,
}

/// A pipeline with its parameters chosen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BenchPoint {
    /// Name of the block.
    pub block: String,
    /// Name of the point.
    pub point: String,
    /// Field multipliers in it.
    pub multipliers: u64,
    /// The whole job.
    pub job: String,
    /// Its clocks.
    pub clocks: u64,
    /// Its useful multiplies.
    pub multiplies: u64,
    /// Useful multiplies / (multipliers x clocks).
    pub utilisation: f64,
    /// The same of the second of two jobs that follow each other.
    pub utilisation_next: f64,
    /// Clocks of the smallest job alone.
    pub latency: u64,
    /// That job.
    pub latency_job: String,
    /// `synth_ecp5`, the sum of the modules.
    pub ecp5: Option<Cells>,
    /// `synth_xilinx -family xcup`, likewise.
    pub ultrascale: Option<Cells>,
}

/// A core.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BenchConfig {
    /// Name of the config.
    pub config: String,
    /// Name of its link.
    pub link: String,
    /// Lanes of the transform.
    pub lanes: u64,
    /// Multipliers of the hasher.
    pub hasher_multipliers: u64,
    /// Jobs over its link.
    pub jobs: Vec<BenchJob>,
    /// `synth_ecp5`, the sum of the modules.
    pub ecp5: Option<Cells>,
    /// `synth_xilinx -family xcup`, likewise.
    pub ultrascale: Option<Cells>,
}

/// A job on a core, over its link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BenchJob {
    /// Name of the kernel.
    pub kernel: String,
    /// Rows and columns, or candidates.
    pub shape: String,
    /// Clocks.
    pub clocks: u64,
    /// Useful multiplies.
    pub multiplies: u64,
    /// Multipliers that the kernel can use: the transform's, the hasher's, or both.
    pub multipliers: u64,
    /// Useful multiplies / (multipliers x clocks).
    pub utilisation: f64,
    /// Clocks that the job waited for words from the host.
    pub stalled_in: u64,
    /// Clocks that it waited for the host to take its own.
    pub stalled_out: u64,
}

impl Bench {
    /// Reads the figures.
    pub fn read(path: &Path) -> Result<Self, WaveError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                serde_json::from_str(&text).map_err(|e| WaveError::Json { path: path.into(), reason: e.to_string() })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(WaveError::File { what: "read", path: path.into(), source }),
        }
    }

    /// As the text of a file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The figures of a point.
    pub fn point(&self, block: &str, point: &str) -> Option<&BenchPoint> {
        self.points.iter().find(|p| (p.block.as_str(), p.point.as_str()) == (block, point))
    }

    /// The figures of a core.
    pub fn config(&self, config: &str) -> Option<&BenchConfig> {
        self.configs.iter().find(|c| c.config == config)
    }

    /// The jobs of a kernel, each with its config.
    pub fn jobs<'a>(&'a self, kernel: &'a str) -> impl Iterator<Item = (&'a str, &'a BenchJob)> {
        self.configs
            .iter()
            .flat_map(move |c| c.jobs.iter().filter(move |j| j.kernel == kernel).map(move |j| (c.config.as_str(), j)))
    }
}
