//! The open flow of the ECP5: yosys, nextpnr-ecp5, ecppack. Same sources, same seed, same tools: same bits.

use super::{FlowError, Report, Versions, lpf};
use crate::board::{Flow, Place};
use crate::{Board, Config, tools};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Names of what the steps leave in the folder.
const NETLIST: &str = "netlist.json";
const STAT: &str = "stat.json";
const KEY: &str = "netlist.key";
const PINS: &str = "pins.lpf";

/// The Verilog of a bitstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Name of the top module.
    pub top: String,
    /// Name and text of every file; what does not end in `.v` is data that Verilog reads.
    pub files: Vec<(String, String)>,
}

/// A bitstream to build.
#[derive(Clone, Debug)]
pub struct Build<'a> {
    /// For this board.
    pub board: &'a Board,
    /// With this config.
    pub config: &'a Config,
    /// From this Verilog.
    pub sources: &'a Sources,
    /// The commit that the device will name.
    pub git_hash: [u8; 20],
    /// Whether it will say that its sources differed from the commit.
    pub dirty: bool,
    /// Seed of place and route.
    pub seed: u32,
    /// Where everything goes.
    pub folder: &'a Path,
}

/// A bitstream that has been built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub bitstream: PathBuf,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
    /// What nextpnr says.
    pub report: Report,
    /// What the core's clock could be, in MHz.
    pub fmax_mhz: f64,
}

impl Build<'_> {
    /// SHA-256 of all that the bits follow from but the tools, the seed and the commit: Verilog, constraints, the steps' options.
    pub fn sources_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |name: &str, text: &str| {
            for text in [name, text] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        };
        part("top", &self.sources.top);
        part("constraints", &lpf(self.board));
        part("yosys", &self.script([0; 20], false));
        part("nextpnr-ecp5", &self.place_options(0).join(" "));
        part("ecppack", &self.pack_options().join(" "));
        for (name, text) in &self.sources.files {
            part(name, text);
        }
        hash.finalize().into()
    }

    /// The config's clock, in MHz.
    fn wanted_mhz(&self) -> f64 {
        f64::from(self.config.clock_hz) / 1e6
    }

    fn what(&self) -> String {
        format!("{} on {}", self.config.name, self.board.name)
    }

    /// The script of yosys.
    fn script(&self, git_hash: [u8; 20], dirty: bool) -> String {
        let names: Vec<&str> =
            self.sources.files.iter().map(|(name, _)| name.as_str()).filter(|name| name.ends_with(".v")).collect();
        let (top, hash, dirty) = (&self.sources.top, hex::encode(git_hash), u8::from(dirty));
        format!(
            "read_verilog -defer -DGALENA_ECP5 {}; hierarchy -top {top} -chparam GIT_HASH 160'h{hash} -chparam DIRTY 1'b{dirty}; \
             synth_ecp5 -top {top} -json {NETLIST}; check -assert; tee -q -o {STAT} stat -json",
            names.join(" ")
        )
    }

    /// Options of nextpnr. It may miss the clock: that is judged here, with the numbers.
    fn place_options(&self, seed: u32) -> Vec<String> {
        let fixed = ["--json", NETLIST, "--lpf", PINS, "--timing-allow-fail", "--seed"];
        let part = |place: &Place| {
            let speed = place.speed.to_string();
            [format!("--{}", place.device), "--package".into(), place.package.clone(), "--speed".into(), speed]
        };
        let mut options: Vec<String> = self.board.place.iter().flat_map(part).collect();
        options.extend(fixed.map(String::from));
        options.push(seed.to_string());
        options
    }

    fn pack_options(&self) -> [String; 3] {
        ["--compress".into(), "--idcode".into(), format!("{:#010x}", self.board.idcode)]
    }

    /// The netlist: from the folder if it was made of the same. The cells by type.
    pub fn synthesise(&self) -> Result<BTreeMap<String, u64>, FlowError> {
        built_here(self.board)?;
        create(self.folder)?;
        let script = self.script(self.git_hash, self.dirty);
        let key = hex::encode(Sha256::digest(format!(
            "{}\n{script}\n{}",
            hex::encode(self.sources_hash()),
            versions()?.yosys
        )));
        if read(&self.folder.join(KEY)).is_ok_and(|known| known == key) {
            return cells(&read(&self.folder.join(STAT))?);
        }
        for (name, text) in &self.sources.files {
            write(&self.folder.join(name), text)?;
        }
        self.step("yosys", &["-q", "-l", "yosys.log", "-p", &script])?;
        let cells = cells(&read(&self.folder.join(STAT))?)?;
        write(&self.folder.join(KEY), &key)?;
        Ok(cells)
    }

    /// What the part has too little of.
    pub fn fits(&self, cells: &BTreeMap<String, u64>) -> Result<(), FlowError> {
        let count = |names: &[(&str, u64)]| names.iter().map(|(n, k)| k * cells.get(*n).unwrap_or(&0)).sum::<u64>();
        let has = &self.board.resources;
        // A carry cell is two lookup tables, a distributed memory of 16 x 4 six (four read, two write).
        let luts = count(&[("LUT4", 1), ("CCU2C", 2), ("TRELLIS_DPR16X4", 6)]);
        let excess: Vec<String> = [
            ("lookup tables", luts, has.luts),
            ("registers", count(&[("TRELLIS_FF", 1)]), has.registers),
            ("multipliers of 18 x 18", count(&[("MULT18X18D", 1)]), has.multipliers_18x18),
            ("block memories of 18 kbit", count(&[("DP16KD", 1)]), has.block_rams_18k),
        ]
        .into_iter()
        .filter(|(_, needed, there)| *needed > u64::from(*there))
        .map(|(what, needed, there)| format!("{needed} of {there} {what}"))
        .collect();
        if excess.is_empty() {
            return Ok(());
        }
        let (board, config) = (self.board.name.clone(), self.config.name.to_string());
        Err(FlowError::Fit { board, config, part: self.board.part.clone(), excess })
    }

    /// Places and routes the netlist: what nextpnr says, and what the core's clock could be, in MHz. Whether it is met is for the caller to judge.
    pub fn place(&self) -> Result<(Report, f64), FlowError> {
        let seed = self.seed;
        write(&self.folder.join(PINS), &lpf(self.board))?;
        let mut options = self.place_options(seed);
        let [layout, report] = [layout(seed), format!("report-{seed}.json")];
        options.extend(
            ["--textcfg", &layout, "--report", &report, "--log", &format!("nextpnr-{seed}.log"), "-q"]
                .map(String::from),
        );
        self.step("nextpnr-ecp5", &options.iter().map(String::as_str).collect::<Vec<_>>())?;
        let report = Report::read(&read(&self.folder.join(report))?)?;
        let fmax = self.domain(&report)?;
        Ok((report, fmax))
    }

    /// The design has one clock, at the config's rate, and it reaches this.
    pub(super) fn domain(&self, report: &Report) -> Result<f64, FlowError> {
        let wanted = self.wanted_mhz();
        match report.clocks.values().collect::<Vec<_>>()[..] {
            // nextpnr counts in whole picoseconds.
            [clock] if (clock.constraint - wanted).abs() <= wanted / 500.0 => Ok(clock.achieved),
            _ => {
                let said = |(name, clock): (&String, &super::Fmax)| format!("{name} at {:.2} MHz", clock.constraint);
                let found = report.clocks.iter().map(said).collect::<Vec<_>>().join(", ");
                Err(FlowError::Clocks { what: self.what(), wanted_mhz: wanted, found })
            }
        }
    }

    /// Packs what has been placed into a bitstream: the file and its SHA-256.
    pub fn pack(&self) -> Result<(PathBuf, [u8; 32]), FlowError> {
        let name = format!("{}-{}.bit", self.board.name, self.config.name);
        let layout = layout(self.seed);
        let options = self.pack_options();
        let mut all: Vec<&str> = options.iter().map(String::as_str).collect();
        all.extend([layout.as_str(), name.as_str()]);
        self.step("ecppack", &all)?;
        let path = self.folder.join(name);
        let bits =
            std::fs::read(&path).map_err(|source| FlowError::File { what: "read", path: path.clone(), source })?;
        Ok((path, Sha256::digest(bits).into()))
    }

    /// All of it. `say` is told what happens next.
    pub fn run(&self, mut say: impl FnMut(&str)) -> Result<Built, FlowError> {
        say("synthesise");
        let cells = self.synthesise()?;
        self.fits(&cells)?;
        say("place and route");
        let (report, fmax_mhz) = self.place()?;
        let wanted_mhz = self.wanted_mhz();
        if fmax_mhz < wanted_mhz {
            let (board, config, seed) = (self.board.name.clone(), self.config.name.to_string(), self.seed);
            return Err(FlowError::Timing { board, config, seed, wanted_mhz, fmax_mhz });
        }
        say("pack");
        let (bitstream, sha256) = self.pack()?;
        Ok(Built { bitstream, sha256, report, fmax_mhz })
    }

    /// Runs a tool in the folder.
    fn step(&self, tool: &'static str, options: &[&str]) -> Result<(), FlowError> {
        let output = run(tool, options, Some(self.folder))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(FlowError::Tool { tool, what: self.what(), log: tools::log(&output) }),
        }
    }
}

/// Bitstreams of the board are made from here; or the sentence that says how they are made.
pub fn built_here(board: &Board) -> Result<(), FlowError> {
    match board.family.flow() {
        Flow::Open => Ok(()),
        Flow::Vivado => Err(FlowError::Vivado { board: board.name.clone(), part: board.part.clone() }),
    }
}

/// The versions of the tools, as they say them.
pub fn versions() -> Result<Versions, FlowError> {
    let said = |tool: &'static str, option: &str| {
        let output = run(tool, &[option], None)?;
        let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
        let line = text.lines().find(|l| l.chars().any(|c| c.is_ascii_digit())).unwrap_or_default();
        Ok::<_, FlowError>(line.trim().to_owned())
    };
    Ok(Versions {
        yosys: said("yosys", "-V")?,
        nextpnr: said("nextpnr-ecp5", "--version")?,
        ecppack: said("ecppack", "--version")?,
    })
}

fn run(tool: &str, options: &[&str], folder: Option<&Path>) -> Result<Output, FlowError> {
    let mut command = tools::command(tool)?;
    command.args(options);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.output().map_err(|source| FlowError::Start { tool: tool.into(), source })
}

fn layout(seed: u32) -> String {
    format!("layout-{seed}.config")
}

/// The cells by type of a flat design, as `stat -json` writes them.
fn cells(text: &str) -> Result<BTreeMap<String, u64>, FlowError> {
    let wrong = |what: &str| FlowError::Output { tool: "yosys", what: what.into() };
    let whole: serde_json::Value = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
    let design = whole.get("design").and_then(|d| d.get("num_cells_by_type")).and_then(serde_json::Value::as_object);
    let cells = design.ok_or_else(|| wrong("the cells by type"))?;
    let count = |(kind, n): (&String, &serde_json::Value)| Some((kind.clone(), n.as_u64()?));
    cells.iter().map(count).collect::<Option<_>>().ok_or_else(|| wrong("a number of cells"))
}

fn create(folder: &Path) -> Result<(), FlowError> {
    let failed = |source| FlowError::File { what: "create", path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)
}

fn read(path: &Path) -> Result<String, FlowError> {
    std::fs::read_to_string(path).map_err(|source| FlowError::File { what: "read", path: path.to_owned(), source })
}

fn write(path: &Path, text: &str) -> Result<(), FlowError> {
    std::fs::write(path, text).map_err(|source| FlowError::File { what: "write", path: path.to_owned(), source })
}
