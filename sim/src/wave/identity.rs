//! What a wave depends on, as a hash: the Verilog and the job. As long as it is the same, so is the wave.

use super::job::LinkJob;
use super::{WaveError, shown};
use crate::{cache, verify};
use galena_hdl::VerilogFile;
use galena_hdl::block::Point;
use galena_target::{Config, Kernel};

/// Change it when what is recorded of a job changes.
const VERSION: &str = "2";

/// Of a kernel on the core of a config, whose Verilog is given: [`galena_hdl::core()`] takes its time.
pub fn kernel_identity(verilog: &[VerilogFile], kernel: Kernel, config: &Config) -> String {
    identity(verilog, &LinkJob::new(config, kernel).text())
}

/// Of a block.
pub fn block_identity(point: &Point) -> Result<String, WaveError> {
    let job = shown(point);
    Ok(identity(&verify::files(point)?, &format!("{} {:?} {:x?}", job.what, job.pins, job.inputs)))
}

fn identity(verilog: &[VerilogFile], job: &str) -> String {
    let mut parts = vec![("version", VERSION), ("job", job)];
    parts.extend(verilog.iter().map(|f| (f.name.as_str(), f.text.as_str())));
    cache::key(&parts)
}
