//! How the pinned tools are run on generated Verilog; [`galena_target::tools`] knows where they are.

use crate::SimError;
use galena_hdl::VerilogFile;
pub use galena_target::tools::folder;
pub(crate) use galena_target::tools::log;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// A command for one of the tools (`verilator`, `yosys`, `nextpnr-ecp5`, `ecppack`).
pub fn command(tool: &str) -> Result<Command, SimError> {
    Ok(galena_target::tools::command(tool)?)
}

/// Runs a prepared command; a program that cannot be started is reported with its package.
pub(crate) fn output(mut command: Command, package: &'static str) -> Result<Output, SimError> {
    command.output().map_err(|_| SimError::ProgramMissing {
        program: command.get_program().to_string_lossy().into_owned(),
        package,
    })
}

/// Runs a yosys script after reading the files, and returns what it printed.
///
/// `defines` are macro names given to `read_verilog` (`GALENA_ECP5`); the script starts with the design read and nothing
/// elaborated, for example `"hierarchy -check -top core; proc; check -assert"`.
pub fn yosys(files: &[VerilogFile], defines: &[&str], script: &str) -> Result<String, SimError> {
    let dir = Scratch::new("yosys")?;
    let output = run_yosys(&dir, files, defines, script)?;
    Ok(dir.read("log").unwrap_or_default() + &String::from_utf8_lossy(&output.stdout))
}

/// The netlist of the module `top` for the ECP5 (`synth_ecp5`) as Verilog, from the cache if these files have been through it before.
pub fn netlist(files: &[VerilogFile], defines: &[&str], top: &str) -> Result<String, SimError> {
    const NAME: &str = "netlist.v";
    let script = format!("synth_ecp5 -top {top}; write_verilog -noattr -noexpr {NAME}");
    synthesised("netlists", files, defines, &script, NAME)
}

/// What a yosys script writes to the file `name`, from the cache of this `kind` if the same yosys has run the same script on these files before.
pub(crate) fn synthesised(
    kind: &str,
    files: &[VerilogFile],
    defines: &[&str],
    script: &str,
    name: &str,
) -> Result<String, SimError> {
    let version = yosys_version()?;
    let all: String = defines.iter().map(|d| format!(" -D{d}")).collect();
    let mut parts = vec![("yosys", version), ("defines", &all), ("script", script)];
    parts.extend(files.iter().map(|f| (f.name.as_str(), f.text.as_str())));
    let dir = crate::cache::entry(kind, &crate::cache::key(&parts), |dir| {
        let scratch = Scratch::new(kind)?;
        run_yosys(&scratch, files, defines, script)?;
        let path = dir.join(name);
        std::fs::write(&path, scratch.read(name)?).map_err(|source| SimError::Cache { what: "write", path, source })
    })?;
    let path = dir.join(name);
    std::fs::read_to_string(&path).map_err(|source| SimError::Cache { what: "read", path, source })
}

/// What yosys says of itself; asked once in a process.
fn yosys_version() -> Result<&'static str, SimError> {
    static VERSION: OnceLock<String> = OnceLock::new();
    if let Some(known) = VERSION.get() {
        return Ok(known);
    }
    let mut run = command("yosys")?;
    run.arg("-V");
    let said = String::from_utf8_lossy(&output(run, "python3")?.stdout).into_owned();
    Ok(VERSION.get_or_init(|| said))
}

/// Runs a script in a scratch directory that the files are written to; what it prints goes to the file `log` there.
fn run_yosys(dir: &Scratch, files: &[VerilogFile], defines: &[&str], script: &str) -> Result<Output, SimError> {
    let names = dir.write(files)?;
    let defines: String = defines.iter().map(|d| format!(" -D{d}")).collect();
    let mut run = command("yosys")?;
    // Names relative to the working directory: the WebAssembly build has a /tmp of its own.
    run.current_dir(dir.path()).args(["-q", "-l", "log", "-p"]);
    run.arg(format!("read_verilog -defer{defines} {}; {script}", names.join(" ")));
    let output = output(run, "python3")?;
    match output.status.success() {
        true => Ok(output),
        false => Err(SimError::Refused { tool: "yosys", top: names.join(" "), log: log(&output) }),
    }
}

/// A directory of its own below the cache, removed when dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A fresh directory; `what` makes it recognisable. Unique in the process and between processes.
    pub(crate) fn new(what: &str) -> Result<Self, SimError> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{what}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = crate::cache::folder().join("scratch").join(name);
        std::fs::create_dir_all(&path).map_err(|source| SimError::Cache {
            what: "create",
            path: path.clone(),
            source,
        })?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the files and returns the names of those that are Verilog.
    pub(crate) fn write(&self, files: &[VerilogFile]) -> Result<Vec<String>, SimError> {
        for file in files {
            let path = self.0.join(&file.name);
            std::fs::write(&path, &file.text).map_err(|source| SimError::Cache { what: "write", path, source })?;
        }
        Ok(files.iter().filter(|f| f.name.ends_with(".v")).map(|f| f.name.clone()).collect())
    }

    pub(crate) fn read(&self, name: &str) -> Result<String, SimError> {
        let path = self.0.join(name);
        std::fs::read_to_string(&path).map_err(|source| SimError::Cache { what: "read", path, source })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: what stays behind is only disk space in a cache.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
