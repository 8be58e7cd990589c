//! The datasheets under `docs/hdl`: a page for every kernel, circuit and config, with a waveform drawn from simulation, and an index of all.
//!
//! `make datasheets` measures what has changed and writes the pages. A page is a function of the tables, of `docs/hdl/measured.json` (what was
//! simulated and synthesised for them, each with the hash of what it depends on) and of `docs/bench-hdl.json` (`make bench-hdl`), so that a test can
//! tell without a simulation whether the pages in the tree are those of this tree.

mod bench;
mod index;
mod measured;
mod page;
mod point;
mod sheet;
mod subject;

pub use bench::{Bench, BenchConfig, BenchJob, BenchPoint};
pub use measured::{Cells, Measured, Measurements};
pub use page::Page;
pub use point::measure_point;
pub use subject::{Subject, subjects};

use crate::wave::{WaveError, svg};
use std::collections::BTreeMap;

/// The folder of the pages, below the root of the project.
pub const FOLDER: &str = "docs/hdl";

/// What was measured, in that folder.
pub const MEASURED: &str = "measured.json";

/// The figures of `make bench-hdl`, below the root of the project.
pub const BENCH: &str = "docs/bench-hdl.json";

/// All files below [`FOLDER`] but [`MEASURED`]: name and content.
pub fn pages(measured: &Measurements, bench: &Bench) -> Result<BTreeMap<String, String>, WaveError> {
    let mut files = BTreeMap::new();
    for subject in subjects() {
        let own = measured.of(&subject);
        files.insert(subject.page(), sheet::sheet(&subject, own, bench)?);
        if let Some(own) = own {
            files.insert(subject.picture(), svg(&own.drawing));
        }
    }
    files.insert("index.md".into(), index::index(measured, bench));
    Ok(files)
}
