//! From Verilog files to a shared library in the cache: verilate, generate the shim, compile, link.

use super::model::Model;
use super::{compile, shim};
use crate::{SimError, cache, tools};
use galena_hdl::VerilogFile;
use std::path::{Path, PathBuf};

/// Layout of a cache entry: change it when [`Build::build`] changes what it writes.
const LAYOUT: &str = "2: model.so, ports, the sources";

/// Bits of the widest signal in waves.
const TRACE_WIDTH: &str = "2048";

/// What to simulate and how to build it. [`Build::open`] builds it once and opens it.
#[derive(Clone, Debug)]
pub struct Build {
    top: String,
    files: Vec<VerilogFile>,
    parameters: Vec<(String, String)>,
    waivers: Vec<String>,
    waves: bool,
    coverage: bool,
    seed: u64,
}

impl Build {
    /// The module `top` of these files. A file not named `*.v` is memory content: a `"name"` in the Verilog that equals its
    /// name becomes its full path, so that `$readmemh` finds it from any working directory.
    pub fn new(top: &str, files: &[VerilogFile]) -> Self {
        let (top, mut files) = (top.to_string(), files.to_vec());
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Self { top, files, parameters: vec![], waivers: vec![], waves: false, coverage: false, seed: 1 }
    }

    /// Gives a parameter of the top module a value, as Verilog text (`32'h1234`, `17`).
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Accepts a Verilator warning by name (`WIDTHEXPAND`); every other warning is an error.
    pub fn waive(mut self, warning: &str) -> Self {
        self.waivers.push(warning.into());
        self
    }

    /// Builds the model with FST waves (about 70 times slower while [`Model::waves`] is writing).
    pub fn waves(mut self, on: bool) -> Self {
        self.waves = on;
        self
    }

    /// Builds the model with counters of lines and toggles (60 to 80 times slower), for [`Model::coverage`].
    pub fn coverage(mut self, on: bool) -> Self {
        self.coverage = on;
        self
    }

    /// Seed of the random content that registers and memories start with.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Builds the model unless the cache has it, and opens an instance.
    pub fn open(&self) -> Result<Model, SimError> {
        if self.waves {
            compile::check_wave_headers()?;
        }
        let toolchain = compile::Toolchain::get()?;
        let key = self.key(toolchain);
        let place = cache::place("models", &key);
        let dir = cache::entry("models", &key, |dir| self.build(toolchain, dir, &place))?;
        let table = dir.join("ports");
        let text = std::fs::read_to_string(&table).map_err(|source| SimError::Cache {
            what: "read",
            path: table.clone(),
            source,
        })?;
        Model::load(&self.top, &dir.join("model.so"), shim::read_table(&text)?, self.seed)
    }

    /// Everything that decides the bytes of the library.
    fn key(&self, toolchain: &compile::Toolchain) -> String {
        let mut parts = vec![
            ("toolchain", toolchain.identity.as_str()),
            ("layout", LAYOUT),
            ("shim", shim::source_body()),
            ("top", &self.top),
        ];
        parts.extend(self.files.iter().map(|f| (f.name.as_str(), f.text.as_str())));
        parts.extend(self.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        parts.extend(self.waivers.iter().map(|w| ("waive", w.as_str())));
        parts.push(("waves", if self.waves { TRACE_WIDTH } else { "none" }));
        parts.extend(self.coverage.then_some(("coverage", shim::COVERAGE)));
        cache::key(&parts)
    }

    /// Builds in `dir`, which will become `place`.
    fn build(&self, toolchain: &compile::Toolchain, dir: &Path, place: &Path) -> Result<(), SimError> {
        let io = |what, path: PathBuf| move |source| SimError::Cache { what, path, source };
        let contents: Vec<&VerilogFile> = self.files.iter().filter(|f| !f.name.ends_with(".v")).collect();
        let mut verilog = vec![];
        for file in &self.files {
            let mut text = file.text.clone();
            if file.name.ends_with(".v") {
                for content in &contents {
                    let path = place.join(&content.name);
                    text = text.replace(&format!("\"{}\"", content.name), &format!("\"{}\"", path.display()));
                }
                verilog.push(file.name.clone());
            }
            let path = dir.join(&file.name);
            std::fs::write(&path, text).map_err(io("write", path))?;
        }
        let mut run = tools::command("verilator")?;
        run.current_dir(dir).args(["--cc", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--no-timing"]);
        run.args(["--top-module", &self.top, "--prefix", "Vtop", "--Mdir", "generated"]);
        if self.waves {
            // As wide as the widest stream's payload: the limit of 256 would leave it out.
            run.args(["--trace-fst", "--trace-max-width", TRACE_WIDTH]);
        }
        if self.coverage {
            // Up to this many bits: the widest bus is counted, a memory is not.
            run.args(["--coverage-line", "--coverage-toggle", "--coverage-max-width", "1024"]);
        }
        run.args(self.parameters.iter().map(|(name, value)| format!("-G{name}={value}")));
        run.args(self.waivers.iter().map(|w| format!("-Wno-{w}")));
        run.args(verilog);
        let output = tools::output(run, "perl")?;
        if !output.status.success() {
            return Err(SimError::Refused { tool: "verilator", top: self.top.clone(), log: tools::log(&output) });
        }
        let generated = dir.join("generated");
        let header = generated.join("Vtop.h");
        let text = std::fs::read_to_string(&header).map_err(io("read", header))?;
        let all: String = self.files.iter().map(|f| f.text.as_str()).collect();
        let ports = shim::ports(&text, &self.top, &all)?;
        for (path, text) in [
            (generated.join("shim.cpp"), shim::source(&ports, self.coverage)),
            (dir.join("ports"), shim::write_table(&ports)),
        ] {
            std::fs::write(&path, text).map_err(io("write", path))?;
        }
        let extras = compile::Extras { waves: self.waves, coverage: self.coverage };
        compile::library(toolchain, &self.top, &generated, extras, &dir.join("model.so"))?;
        std::fs::remove_dir_all(&generated).map_err(io("remove", generated))
    }
}
