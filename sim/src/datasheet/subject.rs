//! What has a datasheet: every row of the tables of kernels, blocks and configs.

use crate::wave::{self, Wave, WaveError};
use galena_hdl::block::{BLOCKS, Block, Point};
use galena_hdl::{VerilogFile, core};
use galena_target::{CONFIGS, Config, KERNELS, Kernel, Link};
use std::path::Path;

/// The kernel that a config's waveform shows: it uses transform, hasher and link.
const CONFIG_KERNEL: Kernel = Kernel::Commit;

/// Something that has a datasheet.
#[derive(Clone, Copy)]
pub enum Subject {
    /// An offloadable operation.
    Kernel(Kernel),
    /// A circuit alone.
    Block(&'static Block),
    /// A core.
    Config(&'static Config),
}

/// All of them, in the order of the tables.
pub fn subjects() -> Vec<Subject> {
    let kernels = KERNELS.iter().map(|row| Subject::Kernel(row.kernel));
    let blocks = BLOCKS.iter().map(Subject::Block);
    kernels.chain(blocks).chain(CONFIGS.iter().map(Subject::Config)).collect()
}

impl Subject {
    /// Its table, in the plural: the folder of its page.
    pub fn table(&self) -> &'static str {
        match self {
            Subject::Kernel(_) => "kernels",
            Subject::Block(_) => "blocks",
            Subject::Config(_) => "configs",
        }
    }

    /// Its name in that table.
    pub fn name(&self) -> &str {
        match self {
            Subject::Kernel(kernel) => kernel.name(),
            Subject::Block(block) => block.name,
            Subject::Config(config) => &config.name,
        }
    }

    /// Its page, below the folder of the pages.
    pub fn page(&self) -> String {
        format!("{}/{}.md", self.table(), self.name())
    }

    /// Its waveform, likewise.
    pub fn picture(&self) -> String {
        format!("{}/{}.svg", self.table(), self.name())
    }

    /// The command that records the waveform.
    pub fn command(&self) -> String {
        match self {
            Subject::Block(block) => format!("galena sim wave {} --block", block.name),
            Subject::Kernel(kernel) => format!("galena sim wave {kernel} --config {}", smallest(*kernel).name),
            Subject::Config(config) => format!("galena sim wave {CONFIG_KERNEL} --config {}", config.name),
        }
    }

    /// The kernel and the config whose core is recorded; none of a block.
    pub(super) fn core(&self) -> Option<(Kernel, &'static Config)> {
        match *self {
            Subject::Kernel(kernel) => Some((kernel, smallest(kernel))),
            Subject::Block(_) => None,
            Subject::Config(config) => Some((CONFIG_KERNEL, config)),
        }
    }

    /// The Verilog that is recorded.
    pub fn verilog(&self) -> Result<Vec<VerilogFile>, WaveError> {
        match (self, self.core()) {
            (Subject::Block(block), _) => Ok(crate::verify::files(&first(block)?)?),
            (_, Some((_, config))) => {
                core(config).map_err(|e| WaveError::Generate { what: config.name.to_string(), reason: e.to_string() })
            }
            (_, None) => Ok(vec![]),
        }
    }

    /// The hash of all that its waveform depends on.
    pub fn identity(&self) -> Result<String, WaveError> {
        match (self, self.core()) {
            (Subject::Block(block), _) => wave::block_identity(&first(block)?),
            (_, Some((kernel, config))) => Ok(wave::kernel_identity(&self.verilog()?, kernel, config)),
            (_, None) => Ok(String::new()),
        }
    }

    /// Records its waveform in a folder.
    pub fn record(&self, folder: &Path) -> Result<Wave, WaveError> {
        match (self, self.core()) {
            (Subject::Block(block), _) => wave::block(block, &first(block)?, folder),
            (Subject::Kernel(kernel), _) => wave::kernel(*kernel, smallest(*kernel), folder),
            (Subject::Config(config), _) => wave::kernel(CONFIG_KERNEL, config, folder),
        }
    }
}

/// The first point of a block.
pub(super) fn first(block: &Block) -> Result<Point, WaveError> {
    wave::point_named(block, "")
}

/// The smallest config that has a kernel, on a word stream if there is one.
pub(super) fn smallest(kernel: Kernel) -> &'static Config {
    let size = |c: &&Config| (c.link != Link::Stream, c.lanes + c.multipliers, c.log_rows_max + c.log_blowup_max);
    CONFIGS.iter().filter(|c| c.has(kernel)).min_by_key(size).unwrap_or(&CONFIGS[0])
}
