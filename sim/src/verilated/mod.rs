//! Any Verilog as a model in this process: verilated, compiled through a generated C shim, cached, opened with libloading.
//!
//! ```no_run
//! # fn main() -> Result<(), galena_sim::SimError> {
//! # let files: Vec<galena_hdl::VerilogFile> = vec![];
//! use galena_sim::verilated::{Build, Limits, StallPattern};
//! let mut model = Build::new("skid", &files).open()?;
//! model.reset(4)?;
//! let mut s = model.stream("s_")?.stalls(StallPattern::half(1));
//! let mut m = model.stream("m_")?.stalls(StallPattern::bursts(2));
//! s.send(&[1, 2, 3]);
//! m.want(3);
//! let (mut s, mut m) = ([s], [m]);
//! model.run(&mut s, &mut m, Limits { cycles: 1000, silence: 100 })?;
//! assert_eq!(m[0].received(), [1, 2, 3]);
//! # Ok(())
//! # }
//! ```

mod axi;
mod build;
mod compile;
mod model;
mod shim;
mod stall;
mod stream;
mod uart;

pub use axi::{Memory, MemoryFigures};
pub use build::Build;
pub use model::{Model, PortId};
pub use shim::Port;
pub use stall::{Stall, StallPattern};
pub use stream::{End, Limits, Stream};
pub use uart::{BitTime, UartLine, Words};
