//! `galena doctor`: what this machine has, what is missing, what it is needed for, and how to install it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use galena_device::driver::{Driver, PCIE, SERIAL};
use galena_device::lab::{LAB_FILE, LAB_VARIABLE, Lab};
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
    /// The command that brings it, or what else to do.
    install: String,
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    /// The user, and the groups that decide which ports may be opened.
    user: Option<String>,
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
const PROGRAMS: [(&str, &str, &str, &str); 6] = [
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
    ("openFPGALoader", "--Version", "loading bitstreams on boards", "sudo apt-get install openfpgaloader"),
];

/// Pinned tools of the project's own environment: name, need.
const PINNED: [(&str, &str); 4] = [
    ("verilator", "--device sim"),
    ("yosys", "synthesis estimates, checks of the Verilog"),
    ("nextpnr-ecp5", "place and route for ECP5 boards"),
    ("ecppack", "bitstreams for ECP5 boards"),
];

/// Characters of a version line that are shown.
const MOST: usize = 44;

pub(crate) fn run(args: &Doctor) -> Result<ExitCode, Failure> {
    let mut tools: Vec<Finding> = PINNED.iter().map(|&(name, need)| pinned(name, need)).collect();
    tools.extend(PROGRAMS.iter().map(|&(name, version, needed_for, install)| Finding {
        name: name.to_owned(),
        found: first_line(Command::new(name).arg(version)),
        needed_for,
        install: install.to_owned(),
    }));
    let mut links = ports(&SERIAL, "boards on a serial line", NO_PORT);
    links.extend(ports(&PCIE, "cards behind XDMA", NO_CARD));
    links.extend(cards_without_driver(Path::new("/sys/bus/pci/devices")));
    links.extend([fuse(Path::new("/dev/fuse")), lab(), folder_writable()]);
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        user: user(),
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
    if let Some(user) = &report.user {
        page.fact("user", user);
    }
    page.fact("processors", report.processors);
    page.fact("memory", report.memory_bytes.map_or("unknown".to_owned(), bytes));
    page.fact("field lanes", format!("{} ({})", report.lanes, report.instruction_set));
    if let Some(better) = report.unused_instruction_set {
        page.warning(&format!(
            "  this machine has {better} and this build does not use it: proving is several times slower than it could be; \
             build on this machine without PORTABLE=1"
        ));
    }
    for (heading, findings) in [("tools", &report.tools), ("links, files and folders", &report.links)] {
        let row = |f: &Finding| {
            let found = f.found.clone().unwrap_or_else(|| "missing".to_owned());
            vec![f.name.clone(), found, f.needed_for.to_owned()]
        };
        page.heading(heading);
        page.table(&["name", "found", "for"], &findings.iter().map(row).collect::<Vec<_>>());
        for finding in findings.iter().filter(|finding| finding.found.is_none()) {
            page.line(&format!("  {} -> {}", finding.name, finding.install));
        }
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
    Finding { name: name.to_owned(), found, needed_for, install: "make tools".to_owned() }
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

/// What a machine without boards says, and what to do when there should be one.
const NO_PORT: &str = "none attached";
const NO_CARD: &str = "none found";

/// The devices that a driver finds, each with what keeps this user from it.
fn ports(driver: &Driver, needed_for: &'static str, none: &str) -> Vec<Finding> {
    let found = (driver.list)();
    if found.is_empty() {
        let name = driver.usage.to_owned();
        return vec![Finding { name, found: Some(none.to_owned()), needed_for, install: String::new() }];
    }
    let finding = |found: galena_device::driver::Found| Finding {
        name: found.selector,
        found: found.obstacle.is_none().then_some(found.doc),
        needed_for,
        install: found.obstacle.unwrap_or_default(),
    };
    found.into_iter().map(finding).collect()
}

/// PCI vendor number of Xilinx.
const XILINX: &str = "0x10ee";

/// Cards that the bus has and that no driver has taken: those under `devices`, a folder of sysfs.
fn cards_without_driver(devices: &Path) -> Vec<Finding> {
    let lonely = |path: &PathBuf| {
        let vendor = std::fs::read_to_string(path.join("vendor")).unwrap_or_default();
        vendor.trim() == XILINX && !path.join("driver").exists()
    };
    let finding = |path: PathBuf| Finding {
        name: format!("card at {}", path.file_name().unwrap_or_default().to_string_lossy()),
        found: None,
        needed_for: "cards behind XDMA",
        install:
            "no driver has taken this card: build and load the XDMA driver as docs/boards.md says, `sudo modprobe xdma`"
                .to_owned(),
    };
    entries(devices, &[""]).into_iter().filter(lonely).map(finding).collect()
}

/// File systems in user space: the stand-in for a card is one.
fn fuse(node: &Path) -> Finding {
    let opened = std::fs::OpenOptions::new().read(true).write(true).open(node);
    let install = match &opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "sudo modprobe fuse; in a container, start it with --device /dev/fuse --cap-add SYS_ADMIN".to_owned()
        }
        Err(error) => format!("{}: {error}; sudo apt-get install fuse3", node.display()),
        Ok(_) => String::new(),
    };
    let found = opened.is_ok().then(|| node.display().to_string());
    Finding { name: "fuse".to_owned(), found, needed_for: "galena sim serve --xdma", install }
}

/// The lab file in force, and whether it can be read as one.
fn lab() -> Finding {
    let (found, install) = match Lab::find(None) {
        Ok(Lab { path: None, .. }) => {
            (Some(format!("none; {LAB_VARIABLE}, ./{LAB_FILE} or ~/.config/galena/lab.toml name one")), String::new())
        }
        Ok(lab) => {
            let names = lab.names().collect::<Vec<_>>().join(", ");
            (lab.path.as_ref().map(|path| format!("{}: {names}", path.display())), String::new())
        }
        Err(error) => (None, error.to_string()),
    };
    Finding { name: "lab file".to_owned(), found, needed_for: "--device NAME", install }
}

/// `name (group, group)`, where the system says (Unix).
fn user() -> Option<String> {
    let line = |argument: &str| {
        let output = Command::new("id").arg(argument).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    Some(format!("{}, in {}", line("-un")?, line("-Gn")?.replace(' ', ", ")))
}

/// The folder where simulated models are kept.
fn folder_writable() -> Finding {
    let folder = galena_sim::cache::folder();
    let writable = std::fs::create_dir_all(&folder).is_ok() && tempfile::tempfile_in(&folder).is_ok();
    Finding {
        name: "cache".to_owned(),
        found: writable.then(|| {
            let (kept, limit) = (bytes(galena_sim::cache::bytes()), bytes(galena_sim::cache::LIMIT));
            format!("{}, {kept} of at most {limit}", folder.display())
        }),
        needed_for: "--device sim: compiled models",
        install: "set GALENA_CACHE to a folder you may write to".to_owned(),
    }
}

/// Files in a folder whose names begin so, in order.
fn entries(folder: &Path, prefixes: &[&str]) -> Vec<PathBuf> {
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)))
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(named).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_without_a_driver_is_found_and_one_with_a_driver_is_not() {
        let sysfs = tempfile::tempdir().unwrap();
        for (address, vendor, driver) in
            [("0000:01:00.0", XILINX, false), ("0000:02:00.0", XILINX, true), ("0000:03:00.0", "0x8086", false)]
        {
            let folder = sysfs.path().join(address);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("vendor"), format!("{vendor}\n")).unwrap();
            if driver {
                std::fs::create_dir(folder.join("driver")).unwrap();
            }
        }
        let found = cards_without_driver(sysfs.path());
        assert_eq!(found.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["card at 0000:01:00.0"]);
        assert!(found[0].found.is_none() && found[0].install.contains("modprobe xdma"));
        assert!(cards_without_driver(Path::new("/nonexistent")).is_empty());
    }

    #[test]
    fn a_machine_without_fuse_is_told_how_to_get_it() {
        let missing = fuse(Path::new("/nonexistent/fuse"));
        assert!(missing.found.is_none() && missing.install.contains("modprobe fuse"), "{}", missing.install);
        let there = tempfile::NamedTempFile::new().unwrap();
        assert!(fuse(there.path()).found.is_some());
    }
}
