//! `galena device selftest`: every kernel on known answers and on data without a pattern, compared with the integer reference.

use std::process::ExitCode;

use galena_device::conformance::reference;
use galena_device::lab::Selected;
use galena_device::{Counters, Device, DeviceError, DeviceInfo, Job, Kernel, Output, Search, field};
use galena_prover::Moment;
use galena_target::job::STATE_WORDS;
use galena_target::register::{REGISTER_WORDS, REGISTERS, register_map};
use galena_target::{Config, FIELD_PRIME, Register};
use serde::Serialize;

use super::fingerprint;
use crate::args::Target;
use crate::drivers;
use crate::failure::Failure;
use crate::table::{Page, count, percent, seconds};

/// What the matrix of a case holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    /// Words without a pattern, and both edges of the field.
    Mixed,
    /// Nothing but p - 1: carries and reductions at their edge.
    Greatest,
    /// The integers 0 to 15, then zeros: the permutation's published answers.
    Published,
}

/// The cases: kernel, log2 of the rows, columns, data. Small enough to simulate in a second and for the reference to compute by
/// definition; more than one group, frame and level among them.
const CASES: [(Kernel, usize, usize, Data); 13] = [
    (Kernel::Tree, 2, 8, Data::Published),
    (Kernel::Lde, 2, 1, Data::Mixed),
    (Kernel::Lde, 7, 19, Data::Mixed),
    (Kernel::Lde, 4, 8, Data::Greatest),
    (Kernel::Hash, 2, 1, Data::Mixed),
    (Kernel::Hash, 7, 19, Data::Mixed),
    (Kernel::Hash, 4, 16, Data::Greatest),
    (Kernel::Tree, 7, 8, Data::Mixed),
    (Kernel::Tree, 3, 8, Data::Greatest),
    (Kernel::Commit, 2, 1, Data::Mixed),
    (Kernel::Commit, 7, 19, Data::Mixed),
    (Kernel::Commit, 4, 17, Data::Greatest),
    (Kernel::Read, 4, 11, Data::Mixed),
];

/// Searches for a witness: words absorbed, bits, candidates; some that find one, one that does not.
const SEARCHES: [(usize, usize, u32); 3] = [(1, 4, 200), (8, 6, 500), (5, 30, 50)];

/// The first eight words of Poseidon2-16 of 0..15, and of sixteen zeros, as integers: Plonky3's published test vectors.
const PUBLISHED: [[u32; 8]; 2] = [
    [0x71a7_3fe7, 0x6788_eb7b, 0x74cf_6669, 0x29be_1dc4, 0x61a2_ab2d, 0x3ce4_8354, 0x66eb_36b9, 0x68f8_abb0],
    [0x45ac_b8c6, 0x07ad_1068, 0x2c8c_7c9f, 0x34af_a361, 0x157e_0af3, 0x659b_a386, 0x6ff5_8f57, 0x3ed7_0fd1],
];

/// One line of the table.
#[derive(Serialize)]
struct Line {
    kernel: Kernel,
    /// Rows and columns.
    shape: String,
    /// What it was compared with.
    against: &'static str,
    /// Fingerprint of what should have come.
    expected: String,
    /// Fingerprint of what came; `null` if the device failed.
    found: Option<String>,
    /// What went wrong, if something did.
    fault: Option<String>,
    wall_seconds: f64,
    #[serde(flatten)]
    counters: Counters,
    /// Of all multipliers, also those that this kernel has no use for.
    utilisation: Option<f64>,
}

#[derive(Serialize)]
struct Selftest {
    selector: String,
    name: String,
    passed: bool,
    jobs: Vec<Line>,
}

pub(super) fn run(target: &Target) -> Result<ExitCode, Failure> {
    let mut reports = Vec::new();
    for selected in drivers::targets(target)? {
        reports.push(test(&selected, drivers::open_one(&selected)?.as_mut()));
    }
    super::print(target, &reports, text)?;
    let devices: Vec<_> = reports.into_iter().filter(|report| !report.passed).map(|report| report.selector).collect();
    if devices.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Selftest { devices }) }
}

fn test(selected: &Selected, device: &mut dyn Device) -> Selftest {
    let info = device.info().clone();
    let mut jobs: Vec<Line> = identity(device, &info).into_iter().collect();
    for (kernel, log_rows, columns, data) in CASES {
        let limits = &info.limits;
        let fits = info.kernels.contains(&kernel) && columns <= limits.columns_max;
        let log_rows = log_rows.clamp(limits.log_rows_min, limits.log_rows_max.max(limits.log_rows_min));
        let matrix = matrix(columns << log_rows, data);
        if fits && kernel == Kernel::Read {
            jobs.push(read_back(device, &info, log_rows, columns, &matrix));
        } else if fits {
            jobs.push(computed(device, &info, &job(kernel, log_rows, columns, &info, &matrix), data));
        }
    }
    if info.kernels.contains(&Kernel::Grind) {
        let state = matrix(STATE_WORDS, Data::Mixed);
        for (absorbed, bits, candidates) in SEARCHES {
            let job = Job::grind(&state, absorbed, Search { bits, first: field::word(FIELD_PRIME - 3), candidates });
            jobs.push(computed(device, &info, &job, Data::Mixed));
        }
    }
    let passed = jobs.iter().all(|job| job.fault.is_none());
    Selftest { selector: selected.name.clone(), name: info.name, passed, jobs }
}

fn matrix(words: usize, data: Data) -> Vec<u32> {
    let mut matrix: Vec<u32> = match data {
        Data::Mixed => (0..words as u64).map(|i| mixed(i) % FIELD_PRIME).collect(),
        Data::Greatest => vec![FIELD_PRIME - 1; words],
        Data::Published => (0..words as u32).map(|i| if i < 16 { field::word(i) } else { 0 }).collect(),
    };
    if let (Data::Mixed, [first, .., last]) = (data, matrix.as_mut_slice()) {
        (*first, *last) = (0, FIELD_PRIME - 1);
    }
    matrix
}

fn mixed(i: u64) -> u32 {
    (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32
}

/// A job of this kernel that returns everything, with its whole tree; of published data one level.
fn job<'a>(kernel: Kernel, log_rows: usize, columns: usize, info: &DeviceInfo, matrix: &'a [u32]) -> Job<'a> {
    let row = kernel.row();
    let log_blowup = if row.transforms { info.limits.log_blowup_max.min(1) } else { 0 };
    let levels = if row.compresses { log_rows + log_blowup } else { 0 };
    Job { log_blowup, shift: field::word(31), levels, ..Job::of(kernel, log_rows, columns, matrix) }
}

/// Who the device says it is, against the config that it says it is: the registers that follow from a config.
fn identity(device: &mut dyn Device, info: &DeviceInfo) -> Option<Line> {
    let mut known = register_map(Config::named(info.config.as_deref()?).ok()?);
    // A device may lack kernels that were added after it was built.
    known[Register::Kernels.index()] = info.kernels.iter().fold(0, |bits, kernel| bits | kernel.bit());
    let fixed = |map: &[u32; REGISTER_WORDS]| -> String {
        let registers = REGISTERS.iter().filter(|row| row.register.fixed());
        fingerprint::of_words(registers.flat_map(|row| row.register.of(map)))
    };
    let start = Moment::now();
    let (found, fault) = match device.registers() {
        Ok(None) => return None,
        Ok(Some(map)) => (Some(fixed(&map)), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let line = Line {
        kernel: Kernel::Identify,
        shape: String::new(),
        against: "the config",
        expected: fixed(&known),
        found,
        fault,
        wall_seconds: start.elapsed().wall_seconds,
        counters: Counters::default(),
        utilisation: None,
    };
    Some(judged(line))
}

/// Runs a job and compares all of its output.
fn computed(device: &mut dyn Device, info: &DeviceInfo, job: &Job<'_>, data: Data) -> Line {
    let (job, expected, against) = match data {
        Data::Published => {
            let digests = |digest: [u32; 8]| digest.map(field::word);
            let zeros = (1 << job.log_rows >> 1) - 1;
            let layer = [digests(PUBLISHED[0])].into_iter().chain(vec![digests(PUBLISHED[1]); zeros]).collect();
            let output = Output { layers: vec![layer], ..Output::default() };
            (Job { levels: 1, ..*job }, output, "published answers")
        }
        Data::Mixed | Data::Greatest => (*job, reference(job), "the reference"),
    };
    let start = Moment::now();
    let result = device.run(&job);
    line(info, &job, against, &expected, result, start)
}

/// Lets a commit keep everything in the device's memory, then reads it back in reverse order.
fn read_back(device: &mut dyn Device, info: &DeviceInfo, log_rows: usize, columns: usize, matrix: &[u32]) -> Line {
    let returned = job(Kernel::Commit, log_rows, columns, info, matrix);
    let shape = returned.shape();
    let rows = shape.row_beats() as u32;
    let kept =
        Job { return_rows: false, return_digests: false, keep_rows: Some(0), keep_digests: Some(rows), ..returned };
    let beats = rows + shape.digest_beats() as u32;
    let addresses: Vec<u32> = (0..beats).rev().collect();
    let read = Job::of(Kernel::Read, 0, addresses.len(), &addresses);
    // Beats as they were kept: rows group by group, missing columns zero; then the digests, level by level.
    let answer = reference(&returned);
    let mut memory: Vec<[u32; 8]> = Vec::new();
    for group in 0..shape.groups() {
        memory.extend(
            answer
                .rows
                .chunks(columns)
                .map(|row| std::array::from_fn(|lane| row.get(8 * group + lane).copied().unwrap_or(0))),
        );
    }
    memory.extend(answer.layers.iter().flatten());
    let expected = Output { rows: memory.iter().rev().flatten().copied().collect(), ..Output::default() };
    let start = Moment::now();
    let result = device.run(&kept).and_then(|_| device.run(&read));
    line(info, &read, "what was kept", &expected, result, start)
}

fn line(
    info: &DeviceInfo,
    job: &Job<'_>,
    against: &'static str,
    expected: &Output,
    result: Result<Output, DeviceError>,
    start: Moment,
) -> Line {
    let wall_seconds = start.elapsed().wall_seconds;
    let shape = match job.kernel {
        Kernel::Read => format!("{} beats", job.columns),
        Kernel::Grind => format!("{} bits, word {}", job.search.bits, job.columns - 1),
        _ => format!("2^{} x {}", job.log_rows, job.columns),
    };
    let (found, fault, counters) = match result {
        Ok(output) => (Some(fingerprint::of(&output)), None, output.counters),
        Err(error) => (None, Some(error.to_string()), Counters::default()),
    };
    let utilisation = counters.utilisation(info.multipliers());
    let expected = fingerprint::of(expected);
    judged(Line { kernel: job.kernel, shape, against, expected, found, fault, wall_seconds, counters, utilisation })
}

/// An answer that is not the expected one is a fault.
fn judged(mut line: Line) -> Line {
    if line.found.as_ref().is_some_and(|found| *found != line.expected) {
        line.fault = Some("a wrong result, and no error: the hardware or its link is faulty".to_owned());
    }
    line
}

fn text(page: &mut Page, report: &Selftest) {
    let rows: Vec<_> = (report.jobs.iter())
        .map(|job| {
            vec![
                job.kernel.to_string(),
                job.shape.clone(),
                job.expected.clone(),
                job.found.clone().unwrap_or_else(|| "-".to_owned()),
                seconds(job.wall_seconds),
                if job.counters.cycles > 0 { count(job.counters.cycles) } else { String::new() },
                job.utilisation.map_or_else(String::new, percent),
                job.fault.clone().unwrap_or_else(|| format!("equal to {}", job.against)),
            ]
        })
        .collect();
    page.heading(&report.name);
    let names = ["kernel", ">shape", "expected", "found", ">wall", ">clocks", ">utilisation", "outcome"];
    page.table(&names, &rows);
    let failed = report.jobs.iter().filter(|job| job.fault.is_some()).count();
    page.line("");
    match failed {
        0 => page.line(&format!("  passed: {} of {}", report.jobs.len(), report.jobs.len())),
        _ => page.warning(&format!("  failed: {failed} of {}", report.jobs.len())),
    };
}
