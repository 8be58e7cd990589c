//! `galena doctor`: what this machine has, what is missing, what it is needed for, and how to install it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Serialize;

use crate::args::Doctor;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, bytes};

/// One thing looked for.
#[derive(Serialize)]
struct Finding {
    /// What.
    name: String,
    /// Version, path or state, when it is there.
    found: Option<String>,
    /// What does not work without it.
    needed_for: &'static str,
    /// The command that brings it.
    install: &'static str,
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    processors: usize,
    memory_bytes: Option<u64>,
    /// Field elements multiplied at once, and the instruction set this build uses for it.
    lanes: usize,
    instruction_set: &'static str,
    /// A faster instruction set that the machine has and this build does not use.
    unused_instruction_set: Option<&'static str>,
    tools: Vec<Finding>,
    links: Vec<Finding>,
    missing: usize,
}

/// Programs of the system: name, argument that prints a version, need, package.
const PROGRAMS: [(&str, &str, &str, &str); 5] = [
    ("c++", "--version", "--device sim: compiling models", "sudo apt-get install g++"),
    ("make", "--version", "--device sim: compiling models", "sudo apt-get install make"),
    ("perl", "-v", "--device sim: Verilator", "sudo apt-get install perl"),
    (
        "riscv64-unknown-elf-gcc",
        "--version",
        "rebuilding the C sample programs",
        "sudo apt-get install gcc-riscv64-unknown-elf",
    ),
    ("qemu-riscv32", "--version", "differential tests of the executor", "sudo apt-get install qemu-user"),
];

/// Pinned tools of the project's own environment: name, need.
const PINNED: [(&str, &str); 3] = [
    ("verilator", "--device sim"),
    ("yosys", "synthesis estimates, checks of the Verilog"),
    ("nextpnr-ecp5", "place and route for ECP5 boards"),
];

/// Characters of a version line that are shown.
const MOST: usize = 44;

pub(crate) fn run(args: &Doctor) -> Result<ExitCode, Failure> {
    let mut tools: Vec<Finding> = PINNED.iter().map(|&(name, need)| pinned(name, need)).collect();
    tools.extend(PROGRAMS.iter().map(|&(name, version, needed_for, install)| Finding {
        name: name.to_owned(),
        found: first_line(Command::new(name).arg(version)),
        needed_for,
        install,
    }));
    let links = vec![serial(), folder_writable()];
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: memory(),
        lanes: galena_prover::lanes(),
        instruction_set: built_for(),
        unused_instruction_set: unused(),
        missing: tools.iter().chain(&links).filter(|finding| finding.found.is_none()).count(),
        tools,
        links,
    };
    if args.json {
        files::print_json(&report)?;
    } else {
        files::print(&text(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(report: &Report) -> String {
    let mut page = Page::stdout();
    page.heading(&format!("galena {}", report.version));
    page.fact("processors", report.processors);
    page.fact("memory", report.memory_bytes.map_or("unknown".to_owned(), bytes));
    page.fact("field lanes", format!("{} ({})", report.lanes, report.instruction_set));
    if let Some(better) = report.unused_instruction_set {
        page.warning(&format!(
            "  this machine has {better} and this build does not use it: proving is several times slower than it could be; \
             build on this machine without PORTABLE=1"
        ));
    }
    for (heading, findings) in [("tools", &report.tools), ("links and folders", &report.links)] {
        let row = |f: &Finding| {
            let found = f.found.clone().unwrap_or_else(|| "missing".to_owned());
            let install = if f.found.is_some() { String::new() } else { format!("-> {}", f.install) };
            vec![f.name.clone(), found, f.needed_for.to_owned(), install]
        };
        page.heading(heading);
        page.table(&["name", "found", "for", ""], &findings.iter().map(row).collect::<Vec<_>>());
    }
    page.line("");
    page.line(match report.missing {
        0 => "nothing is missing",
        _ => "--device cpu needs none of what is missing",
    });
    page.text().to_owned()
}

/// A tool of the project-local environment. PATH is not searched: versions are pinned.
fn pinned(name: &str, needed_for: &'static str) -> Finding {
    let found = galena_sim::tools::command(name).ok().and_then(|mut command| first_line(command.arg("--version")));
    Finding { name: name.to_owned(), found, needed_for, install: "make tools" }
}

/// The first line a command prints that has a version number in it, else `installed`. `None` if it cannot be run.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    let numbered = |line: &&str| {
        line.split('.').zip(line.split('.').skip(1)).any(|(before, after)| {
            before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let line = text.lines().map(str::trim).find(numbered).unwrap_or("installed");
    let mut short: String = line.chars().take(MOST).collect();
    if line.chars().count() > MOST {
        short.push('…');
    }
    Some(short)
}

/// Serial ports, and whether this user may open one.
fn serial() -> Finding {
    let ports = entries("/dev", &["ttyUSB", "ttyACM"]);
    let open = |path: &PathBuf| std::fs::OpenOptions::new().read(true).write(true).open(path).is_ok();
    let found = match ports.iter().find(|port| open(port)) {
        Some(port) => Some(port.display().to_string()),
        None if ports.is_empty() => Some("no board attached".to_owned()),
        None => None,
    };
    Finding {
        name: "serial port".to_owned(),
        found,
        needed_for: "boards on a serial line",
        install: "sudo usermod -aG dialout $USER, then log in again",
    }
}

/// The folder where simulated models are kept.
fn folder_writable() -> Finding {
    let folder = galena_sim::cache::folder();
    let writable = std::fs::create_dir_all(&folder).is_ok() && tempfile::tempfile_in(&folder).is_ok();
    Finding {
        name: "cache".to_owned(),
        found: writable.then(|| folder.display().to_string()),
        needed_for: "--device sim: compiled models",
        install: "set GALENA_CACHE to a folder you may write to",
    }
}

/// Files in a folder whose names begin so, in order.
fn entries(folder: &str, prefixes: &[&str]) -> Vec<PathBuf> {
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)))
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(Path::new(folder))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(named)
        .collect();
    paths.sort();
    paths
}

/// Memory of the machine, in bytes, where the system says (Linux).
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The instruction set the packed fields were compiled for.
fn built_for() -> &'static str {
    if cfg!(target_feature = "avx512f") {
        "AVX-512"
    } else if cfg!(target_feature = "avx2") {
        "AVX2"
    } else if cfg!(target_feature = "neon") {
        "NEON"
    } else {
        "portable"
    }
}

/// A wider instruction set that the machine has but the build does not use.
fn unused() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") && !cfg!(target_feature = "avx512f") {
            return Some("AVX-512");
        }
        if std::arch::is_x86_feature_detected!("avx2") && !cfg!(target_feature = "avx2") {
            return Some("AVX2");
        }
    }
    None
}
