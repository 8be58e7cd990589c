//! What the datasheets take from the figures of `make bench-hdl`. A file that is not there has no figures.

use super::measured::Cells;
use crate::wave::WaveError;
use serde::Deserialize;
use std::path::Path;

/// The figures.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Bench {
    /// Pipelines alone.
    #[serde(default)]
    pub points: Vec<BenchPoint>,
    /// Whole cores.
    #[serde(default)]
    pub configs: Vec<BenchConfig>,
}

/// A pipeline with its parameters chosen.
#[derive(Clone, Debug, Deserialize)]
pub struct BenchPoint {
    /// Name of the block.
    pub block: String,
    /// Name of the point.
    pub point: String,
    /// The whole job.
    pub job: String,
    /// Its clocks.
    pub clocks: u64,
    /// Useful multiplies / (multipliers x clocks).
    pub utilisation: f64,
    /// The same of the second of two jobs.
    pub utilisation_next: f64,
    /// Clocks of the smallest job.
    pub latency: u64,
    /// `synth_ecp5`.
    pub ecp5: Option<Cells>,
    /// `synth_xilinx -family xcup`.
    pub ultrascale: Option<Cells>,
}

/// A core.
#[derive(Clone, Debug, Deserialize)]
pub struct BenchConfig {
    /// Name of the config.
    pub config: String,
    /// Jobs over its link.
    pub jobs: Vec<BenchJob>,
    /// `synth_ecp5`.
    pub ecp5: Option<Cells>,
    /// `synth_xilinx -family xcup`.
    pub ultrascale: Option<Cells>,
}

/// A job on a core.
#[derive(Clone, Debug, Deserialize)]
pub struct BenchJob {
    /// Name of the kernel.
    pub kernel: String,
    /// Rows and columns.
    pub shape: String,
    /// Clocks.
    pub clocks: u64,
    /// Multipliers that the kernel can use.
    pub multipliers: u64,
    /// Useful multiplies / (multipliers x clocks).
    pub utilisation: f64,
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
