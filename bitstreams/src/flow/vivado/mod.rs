//! The vendor's flow: what a machine with Vivado needs to build a bitstream, as files. Vivado is not run from here.
//!
//! | file | is |
//! |---|---|
//! | `rtl/*.v` | the Verilog, one module a file |
//! | `build.tcl` | the build, without a project: `vivado -mode batch -source build.tcl` |
//! | `pins.xdc` | where the ports go, and the properties of the bitstream |
//! | `timing.xdc` | the clock that comes in, and the paths that no clock times |
//! | `README.md` | how to run it, and what has not been run |

mod build;
mod constraints;
mod page;

pub use build::{ENDPOINT, endpoint_properties};
pub use constraints::SYNCHRONISERS;

use super::Sources;
use crate::{Board, Config};

/// A build by Vivado that is to be written down.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// For this board.
    pub board: &'a Board,
    /// With this config.
    pub config: &'a Config,
    /// From this Verilog: the board's top module, or the core alone out of context.
    pub sources: &'a Sources,
    /// The commit that the device will name.
    pub git_hash: [u8; 20],
    /// Whether it will say that its sources differed from the commit.
    pub dirty: bool,
    /// The core alone: no pins, no IP and no bitstream, but its area and its clock on the part.
    pub out_of_context: bool,
}

impl Script<'_> {
    /// All files by name, the same bytes each time.
    pub fn files(&self) -> Vec<(String, String)> {
        let verilog = self.sources.files.iter().map(|(name, text)| (format!("rtl/{name}"), text.clone()));
        let mut files: Vec<(String, String)> = verilog.collect();
        files.push(("build.tcl".into(), self.build()));
        if !self.out_of_context {
            files.push(("pins.xdc".into(), constraints::pins(self.board)));
        }
        files.push(("timing.xdc".into(), constraints::timing(self)));
        files.push(("README.md".into(), page::page(self)));
        files
    }

    /// Names of the constraint files, in the order they are read.
    fn constraints(&self) -> &'static [&'static str] {
        if self.out_of_context { &["timing.xdc"] } else { &["pins.xdc", "timing.xdc"] }
    }

    /// What the reports and the bitstream are called.
    fn stem(&self) -> String {
        format!("{}-{}", self.board.name, self.config.name)
    }
}
