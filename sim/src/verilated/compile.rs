//! Compiling a verilated model: the machine's own instruction set, the runtime compiled once, two files at a time.

use crate::{SimError, cache, tools};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// Options of every compilation. Hidden visibility keeps the models of one process apart: only the C face is exported.
const FLAGS: [&str; 9] = [
    "-std=c++17",
    "-march=native",
    "-fPIC",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-w",
    "-DVL_USER_FATAL",
    "-DVM_COVERAGE=0",
    "-DVM_SC=0",
];

/// Optimisation of the design's code. It is one function of some ten thousand instructions without a loop, run through every clock: it comes from
/// the second-level cache each time, so what counts is that it is short, and registers that are not spilled.
const DESIGN: [&str; 1] = ["-O2"];

/// More of it, for GCC: 4 % faster than -O3 on a core of 16 multipliers, and compiled in less time.
const DESIGN_GCC: [&str; 3] = ["-fno-tree-pre", "-fno-gcse", "-fira-algorithm=priority"];

/// Files of Verilator's runtime that a single-threaded model needs, and one more for waves and for coverage.
const RUNTIME: [&str; 2] = ["verilated.cpp", "verilated_threads.cpp"];
const RUNTIME_WAVES: &str = "verilated_fst_c.cpp";
const RUNTIME_COVERAGE: &str = "verilated_cov.cpp";

/// What a model is built with that most are built without.
#[derive(Clone, Copy)]
pub(super) struct Extras {
    /// FST waves.
    pub(super) waves: bool,
    /// Counters of lines and toggles.
    pub(super) coverage: bool,
}

impl Extras {
    /// Part of the cache key of the runtime.
    fn name(self) -> &'static str {
        match (self.waves, self.coverage) {
            (false, false) => "none",
            (true, false) => "fst",
            (false, true) => "coverage",
            (true, true) => "fst and coverage",
        }
    }
}

/// Generated code in a translation unit, at least.
const UNIT_BYTES: u64 = 400_000;

/// Headers that FST waves need, and the Debian packages that bring them.
const WAVE_HEADERS: [(&str, &str); 2] = [("zlib.h", "zlib1g-dev"), ("lz4.h", "liblz4-dev")];

/// The compiler and Verilator's runtime sources.
pub(super) struct Toolchain {
    compiler: PathBuf,
    include: PathBuf,
    /// Options that optimise the design's code.
    design: Vec<&'static str>,
    /// `CXXFLAGS`: after all others, for every file.
    own: Vec<String>,
    /// Versions of the compiler and of Verilator, and the machine's instruction set: part of every cache key.
    pub(super) identity: String,
}

impl Toolchain {
    /// The toolchain of this process; asked for once.
    pub(super) fn get() -> Result<&'static Self, SimError> {
        static FOUND: OnceLock<Toolchain> = OnceLock::new();
        match FOUND.get() {
            Some(found) => Ok(found),
            None => Self::find().map(|found| FOUND.get_or_init(|| found)),
        }
    }

    /// Finds both and asks them for their versions.
    fn find() -> Result<Self, SimError> {
        let compiler = PathBuf::from(std::env::var_os("CXX").filter(|v| !v.is_empty()).unwrap_or("c++".into()));
        let ask = |mut run: Command, arg: &[&str], package| {
            run.args(arg);
            tools::output(run, package).map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string())
        };
        let verilator = ask(tools::command("verilator")?, &["--version"], "perl")?;
        let root = ask(tools::command("verilator")?, &["--getenv", "VERILATOR_ROOT"], "perl")?;
        let version = ask(Command::new(&compiler), &["--version"], "g++")?;
        let native = ask(Command::new(&compiler), &["-march=native", "-dM", "-E", "-x", "c++", "/dev/null"], "g++")?;
        let gcc = version.contains("Free Software Foundation");
        let design: Vec<&str> = DESIGN.into_iter().chain(DESIGN_GCC.into_iter().filter(|_| gcc)).collect();
        let own: Vec<String> =
            std::env::var("CXXFLAGS").unwrap_or_default().split_whitespace().map(str::to_string).collect();
        let options = [FLAGS.join(" "), design.join(" "), own.join(" ")].join("\n");
        let identity = format!("{verilator}\n{version}\n{native}\n{options}");
        Ok(Self { compiler, include: Path::new(&root).join("include"), design, own, identity })
    }

    /// Compiles one file to an object.
    fn object(&self, top: &str, source: &Path, out: &Path, level: &[&str], extras: Extras) -> Result<(), SimError> {
        let mut run = Command::new(&self.compiler);
        let wave = if extras.waves { "1" } else { "0" };
        run.args(FLAGS).args(level).arg(format!("-DVM_TRACE={wave}")).arg(format!("-DVM_TRACE_FST={wave}"));
        run.args(extras.coverage.then_some(["-UVM_COVERAGE", "-DVM_COVERAGE=1"]).iter().flatten());
        run.args(["-DVM_TRACE_VCD=0", "-DVM_TRACE_SAIF=0", "-DVM_TIMING=0"]);
        run.arg("-I").arg(&self.include).arg("-I").arg(self.include.join("vltstd"));
        run.arg("-I").arg(source.parent().unwrap_or(Path::new(".")));
        run.args(&self.own).arg("-c").arg(source).arg("-o").arg(out);
        self.check(run, top, source)
    }

    fn check(&self, run: Command, top: &str, file: &Path) -> Result<(), SimError> {
        let output = tools::output(run, "g++")?;
        let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match output.status.success() {
            true => Ok(()),
            false => Err(SimError::Compile { top: top.into(), file, log: tools::log(&output) }),
        }
    }
}

/// The headers that waves need are installed, or the typed error that names the package.
pub(super) fn check_wave_headers() -> Result<(), SimError> {
    let dirs = ["/usr/include", "/usr/local/include"];
    for (header, package) in WAVE_HEADERS {
        let extra = std::env::var("CPATH").unwrap_or_default();
        if !dirs.iter().copied().chain(extra.split(':')).any(|d| Path::new(d).join(header).is_file()) {
            return Err(SimError::WavesUnavailable { header, package });
        }
    }
    Ok(())
}

/// Compiles everything in `generated` with the runtime and links it to `out`.
pub(super) fn library(
    toolchain: &Toolchain,
    top: &str,
    generated: &Path,
    extras: Extras,
    out: &Path,
) -> Result<(), SimError> {
    let runtime = runtime(toolchain, extras)?;
    let jobs = unite(generated)?;
    compile_all(toolchain, top, &jobs, extras)?;
    let mut run = Command::new(&toolchain.compiler);
    run.args(["-shared", "-o"]).arg(out).args(jobs.iter().map(|(_, o)| o)).args(runtime).arg("-pthread");
    run.args(extras.waves.then_some(["-lz", "-llz4"]).iter().flatten());
    toolchain.check(run, top, out)
}

/// Gathers the generated files into few translation units: the headers cost more than the code of a small model. Set-up code
/// is one unit; the rest is one for every [`UNIT_BYTES`] up to the number of processors. Returns sources and objects.
fn unite(generated: &Path) -> Result<Vec<(PathBuf, PathBuf)>, SimError> {
    let io = |what| move |source| SimError::Cache { what, path: generated.into(), source };
    let mut files = vec![];
    for entry in std::fs::read_dir(generated).map_err(io("read"))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".cpp") {
            files.push((name, entry.metadata().map_err(io("read"))?.len()));
        }
    }
    files.sort();
    let (slow, fast): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name.contains("__Slow"));
    let bytes: u64 = fast.iter().map(|(_, bytes)| bytes).sum();
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = (bytes / processors).max(UNIT_BYTES);
    let mut units = vec![("unit__Slow.cpp".to_string(), slow.into_iter().map(|f| f.0).collect::<Vec<_>>())];
    let mut filled = share;
    for (name, bytes) in fast {
        if filled >= share {
            filled = 0;
            units.insert(0, (format!("unit_{}.cpp", units.len()), vec![]));
        }
        filled += bytes;
        units[0].1.push(name);
    }
    units
        .into_iter()
        .filter(|(_, files)| !files.is_empty())
        .map(|(unit, files)| {
            let path = generated.join(unit);
            let text: String = files.iter().map(|name| format!("#include \"{name}\"\n")).collect();
            std::fs::write(&path, text).map_err(io("write"))?;
            Ok((path.clone(), path.with_extension("o")))
        })
        .collect()
}

/// The objects of Verilator's runtime, compiled once for all models.
fn runtime(toolchain: &Toolchain, extras: Extras) -> Result<Vec<PathBuf>, SimError> {
    let key = cache::key(&[("toolchain", &toolchain.identity), ("waves", extras.name())]);
    let names: Vec<&str> = {
        let more = [(extras.waves, RUNTIME_WAVES), (extras.coverage, RUNTIME_COVERAGE)];
        RUNTIME.into_iter().chain(more.into_iter().filter(|m| m.0).map(|m| m.1)).collect()
    };
    let object = |dir: &Path, name: &str| dir.join(name).with_extension("o");
    let dir = cache::entry("runtime", &key, |dir| {
        let jobs: Vec<_> = names.iter().map(|name| (toolchain.include.join(name), object(dir, name))).collect();
        compile_all(toolchain, "Verilator's runtime", &jobs, extras)
    })?;
    Ok(names.iter().map(|name| object(&dir, name)).collect())
}

/// Compiles the files with as many compilers at a time as there are processors. Set-up code (`__Slow`) runs once and the
/// runtime seldom: they are not worth the optimiser's time.
fn compile_all(toolchain: &Toolchain, top: &str, jobs: &[(PathBuf, PathBuf)], extras: Extras) -> Result<(), SimError> {
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get()).min(jobs.len());
    let queue = Mutex::new(jobs.iter());
    std::thread::scope(|scope| {
        let work = || -> Result<(), SimError> {
            loop {
                let next = queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
                let Some((source, object)) = next else { return Ok(()) };
                let name = source.file_name().unwrap_or_default().to_string_lossy();
                let level = match (name.contains("__Slow"), name.starts_with("verilated")) {
                    (true, _) => &["-O0"][..],
                    (_, true) => &["-O1"],
                    _ => &toolchain.design,
                };
                toolchain.object(top, source, object, level, extras)?;
            }
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().try_for_each(|h| h.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
