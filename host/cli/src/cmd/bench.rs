//! `galena bench`: proving by phase at several lengths of execution, and how busy the simulated hardware's multipliers are.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use galena_device::{Job, Kernel, field};
use galena_vm::{Limits, Program};
use serde::Serialize;
use serde_json::Value;

use crate::args::{Bench, Opening};
use crate::drivers;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, bytes, count, percent, seconds};

/// The program that is proved: SHA-256 of an input just long enough.
const SHA256: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vm/samples/sha256/sha256.elf"));
const PROGRAM: &str = "sha256";

/// log2 of the cycles that are proved.
const SIZES: [u32; 3] = [16, 18, 20];

/// The jobs whose utilisation is measured: name, kernel, log2 of the rows, columns, levels.
const JOBS: [(&str, Kernel, usize, usize, usize); 4] = [
    ("lde", Kernel::Lde, 14, 32, 0),
    ("leaf hashing", Kernel::Hash, 12, 64, 0),
    ("tree", Kernel::Tree, 13, 8, 13),
    ("commit", Kernel::Commit, 12, 64, 13),
];

/// How much smaller the jobs of a quick run are, in powers of two: a simulation takes its time.
const QUICKER: usize = 2;

/// The simulated config that is measured unless another is named.
const CONFIG: &str = "wide";

#[derive(Serialize)]
struct Report {
    name: &'static str,
    instruction_set_lanes: usize,
    proving: Vec<Proving>,
    hardware: Vec<Hardware>,
    /// Why the hardware was not measured, if it was not.
    hardware_skipped: Option<String>,
}

/// One proof.
#[derive(Serialize)]
struct Proving {
    log_cycles: u32,
    cycles: u64,
    instructions_per_cpu_second: f64,
    cpu_seconds: f64,
    wall_seconds: f64,
    verify_seconds: f64,
    receipt_bytes: u64,
    peak_memory_bytes: Option<u64>,
    security_bits: u32,
    phases: Value,
}

/// One job on the simulated hardware: figures by simulation, whole job, fill and drain included.
#[derive(Serialize)]
struct Hardware {
    name: &'static str,
    device: String,
    kernel: Kernel,
    log_rows: usize,
    columns: usize,
    levels: usize,
    cycles: u64,
    multiplies: u64,
    /// The multipliers that this kernel can use: the transform's, the hasher's, or both.
    multipliers: u64,
    utilisation: f64,
    stalled_in: u64,
    stalled_out: u64,
    simulated_cycles_per_second: f64,
}

pub(crate) fn run(args: &Bench) -> Result<ExitCode, Failure> {
    let sizes = if args.quick { &SIZES[..1] } else { &SIZES[..] };
    let folder = tempfile::tempdir().map_err(|source| Failure::Write { path: std::env::temp_dir(), source })?;
    let proving = sizes.iter().map(|&log| proving(folder.path(), log)).collect::<Result<Vec<_>, _>>()?;
    let config = args.config.as_deref().unwrap_or(CONFIG);
    let (hardware, hardware_skipped) = match hardware(config, if args.quick { QUICKER } else { 0 }) {
        Ok(hardware) => (hardware, None),
        Err(failure) if args.config.is_none() => (Vec::new(), Some(failure.to_string())),
        Err(failure) => return Err(failure),
    };
    let instruction_set_lanes = galena_prover::lanes();
    let report = Report { name: PROGRAM, instruction_set_lanes, proving, hardware, hardware_skipped };
    if let Some(path) = &args.json_file {
        files::write(path, files::json(&report)?.as_bytes())?;
    }
    if args.json {
        files::print_json(&report)?;
    } else {
        files::print(&text(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Proves about 2^`log` cycles in a process of its own, so that its peak memory is its own.
fn proving(folder: &Path, log: u32) -> Result<Proving, Failure> {
    let program = Program::from_elf(SHA256).map_err(|source| Failure::Elf { path: PROGRAM.into(), source })?;
    let input = input(&program, 1 << log)?;
    let [elf, file, receipt] = ["elf", "input", "receipt"].map(|name| folder.join(format!("{PROGRAM}.{name}")));
    files::write(&elf, SHA256)?;
    files::write(&file, &input)?;
    let bench = |detail: String| Failure::Bench { what: format!("the proof of 2^{log} cycles"), detail };
    let this = std::env::current_exe().map_err(|error| bench(error.to_string()))?;
    let output = Command::new(this)
        .arg("prove")
        .args([&elf, Path::new("--input"), &file, Path::new("--output"), &receipt, Path::new("--json")])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| bench(error.to_string()))?;
    if !output.status.success() {
        return Err(bench("the prover failed, see above".to_owned()));
    }
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|error| bench(error.to_string()))?;
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let whole = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64);
    Ok(Proving {
        log_cycles: log,
        cycles: whole("/cycles").unwrap_or(0),
        instructions_per_cpu_second: number("/instructions_per_cpu_second"),
        cpu_seconds: number("/proving/cpu_seconds"),
        wall_seconds: number("/proving/wall_seconds"),
        verify_seconds: number("/verifying/wall_seconds"),
        receipt_bytes: whole("/receipt_bytes").unwrap_or(0),
        peak_memory_bytes: whole("/peak_memory_bytes"),
        security_bits: whole("/security_bits").unwrap_or(0) as u32,
        phases: report.get("phases").cloned().unwrap_or_default(),
    })
}

/// The longest input, of bytes without a pattern, that takes at most `most` cycles.
fn input(program: &Program, most: u64) -> Result<Vec<u8>, Failure> {
    let bytes = |n: usize| (0..n as u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect::<Vec<u8>>();
    let limits = Limits { max_cycles: u64::MAX };
    let cycles = |n: usize| {
        galena_vm::run(program, &bytes(n), &limits, &mut std::io::sink(), &mut std::io::sink()).map(|run| run.cycles)
    };
    let (mut least, mut greatest) = (0, most as usize);
    while least < greatest {
        let middle = (least + greatest).div_ceil(2);
        if cycles(middle)? <= most { least = middle } else { greatest = middle - 1 }
    }
    Ok(bytes(least))
}

fn hardware(config: &str, smaller: usize) -> Result<Vec<Hardware>, Failure> {
    let selector = format!("sim:{config}");
    let mut device = match drivers::select(&selector, &Opening::default())?.first() {
        Some(selected) => drivers::open_one(selected)?,
        None => return Ok(Vec::new()),
    };
    let info = device.info().clone();
    let mut measured = Vec::new();
    for (name, kernel, log_rows, columns, levels) in JOBS {
        let log_rows = (log_rows - smaller).min(info.limits.log_rows_max);
        let row = kernel.row();
        let log_blowup = usize::from(row.transforms);
        let levels = levels.min(log_rows + log_blowup);
        let matrix: Vec<u32> = (0..columns << log_rows).map(|i| (i as u32).wrapping_mul(0x9e37_79b9) >> 2).collect();
        let job = Job {
            kernel,
            log_rows,
            log_blowup,
            shift: field::word(31),
            matrix: &matrix,
            columns,
            levels,
            return_rows: true,
            return_digests: true,
            first_level: 0,
            keep_rows: None,
            keep_digests: None,
            search: Default::default(),
        };
        let start = galena_prover::Moment::now();
        let output = device
            .run(&job)
            .map_err(|source| Failure::Device { selector: selector.clone(), source: Box::new(source) })?;
        let spent = start.elapsed();
        let counters = output.counters;
        let hashes = row.absorbs || row.compresses;
        let multipliers =
            if row.transforms { info.lanes } else { 0 } + if hashes { info.hasher_multipliers } else { 0 };
        measured.push(Hardware {
            name,
            device: info.name.clone(),
            kernel,
            log_rows,
            columns,
            levels,
            cycles: counters.cycles,
            multiplies: counters.transform_multiplies + counters.hasher_multiplies,
            multipliers,
            utilisation: counters.utilisation(multipliers).unwrap_or(0.0),
            stalled_in: counters.stalled_in,
            stalled_out: counters.stalled_out,
            simulated_cycles_per_second: counters.cycles as f64 / spent.wall_seconds.max(1e-9),
        });
    }
    Ok(measured)
}

fn text(report: &Report) -> String {
    let mut page = Page::stdout();
    page.heading(&format!("proving {}, {} field lanes", report.name, report.instruction_set_lanes));
    let rows: Vec<_> = (report.proving.iter())
        .map(|p| {
            vec![
                format!("2^{}", p.log_cycles),
                count(p.cycles),
                count(p.instructions_per_cpu_second as u64),
                seconds(p.cpu_seconds),
                seconds(p.wall_seconds),
                p.peak_memory_bytes.map_or_else(String::new, bytes),
                bytes(p.receipt_bytes),
                seconds(p.verify_seconds),
                p.security_bits.to_string(),
            ]
        })
        .collect();
    let names = [">size", ">cycles", ">instr/cpu-s", ">cpu", ">wall", ">peak memory", ">receipt", ">verify", ">bits"];
    page.table(&names, &rows);
    page.heading("cpu seconds by phase");
    page.table(&phase_names(report), &phase_rows(report));
    match &report.hardware_skipped {
        Some(why) => page.heading("hardware: skipped").line(&format!("  {why}")),
        None => {
            let rows: Vec<_> = (report.hardware.iter())
                .map(|h| {
                    vec![
                        h.name.to_owned(),
                        format!("2^{} x {}", h.log_rows, h.columns),
                        count(h.cycles),
                        h.multipliers.to_string(),
                        percent(h.utilisation),
                        count(h.stalled_in),
                        count(h.stalled_out),
                        count(h.simulated_cycles_per_second as u64),
                    ]
                })
                .collect();
            let device = report.hardware.first().map_or("", |h| h.device.as_str());
            page.heading(&format!("hardware {device}, whole jobs, simulated"));
            let names = [
                "job",
                ">shape",
                ">cycles",
                ">multipliers",
                ">utilisation",
                ">waited for input",
                ">for output",
                ">simulated cycles/s",
            ];
            page.table(&names, &rows)
        }
    };
    page.text().to_owned()
}

fn phase_names(report: &Report) -> Vec<&'static str> {
    let sizes = report.proving.iter().map(|p| match p.log_cycles {
        16 => ">2^16",
        18 => ">2^18",
        _ => ">2^20",
    });
    std::iter::once("phase").chain(sizes).collect()
}

fn phase_rows(report: &Report) -> Vec<Vec<String>> {
    let spent = |p: &Proving, name: &str| {
        let phases = p.phases.as_array().into_iter().flatten();
        let found = phases.filter(|phase| phase.get("phase").and_then(Value::as_str) == Some(name));
        found.filter_map(|phase| phase.get("cpu_seconds").and_then(Value::as_f64)).sum::<f64>()
    };
    let row = |phase: &galena_prover::Phase| {
        let key =
            serde_json::to_value(phase).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
        let cells = report.proving.iter().map(|p| seconds(spent(p, &key)));
        std::iter::once(phase.name().to_owned()).chain(cells).collect()
    };
    galena_prover::Phase::ALL.iter().map(row).collect()
}
