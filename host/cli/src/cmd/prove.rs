//! `galena prove`: execute a program, prove it, write the receipt. Nothing is written that did not verify, and nothing
//! half: Ctrl-C ends the jobs on the devices, then the process.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use galena_prover::{Cancel, CheckReport, Commitment, DeviceUse, Policy, ProveError, Report, Share, Then};
use serde::Serialize;

use super::sidecar::Sidecar;
use crate::args::Prove;
use crate::drivers;
use crate::failure::Failure;
use crate::files;
use crate::progress::Bar;
use crate::table::{Page, bytes, count, percent, quoted, seconds};

/// Exit code of a process that was interrupted, as shells have it: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

/// How long running jobs may take to end when they are cancelled: a device's deadline, and some more.
const PATIENCE: Duration = Duration::from_secs(5);

/// The report of the prover, with what only the command line knows.
#[derive(Serialize)]
struct Named<'a> {
    name: String,
    receipt: String,
    device_selector: &'a str,
    #[serde(flatten)]
    report: &'a Report,
}

pub(crate) fn run(args: &Prove) -> Result<ExitCode, Failure> {
    let profile = super::profile(&args.profile)?;
    if let Some(threads) = args.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .map_err(|source| Failure::Threads { threads, source })?;
    }
    let program = files::program(&args.guest.program)?;
    let input = files::input(args.guest.input.as_ref())?;
    let name = files::name(&args.guest.program);
    let bar = Bar::new(&name);
    bar.say(format!("open {}", args.device));
    let cancel = Cancel::default();
    let writing = interruptible(&cancel);
    let devices = drivers::open(&args.device, &args.opening)?;
    let policy = Policy {
        required: args.require_device,
        log_rows_max: args.offload_rows.map(usize::from),
        check_samples: args.check_samples,
        resident: args.resident,
        cancel: cancel.clone(),
    };
    let proved = galena_prover::prove(&program, &input, profile, devices, policy, bar.listener());
    drop(bar);
    // From here on an interrupt waits: what is written is whole.
    let mut written = writing.lock().unwrap_or_else(PoisonError::into_inner);
    let proved = match proved {
        Err(ProveError::Cancelled) => return Ok(ExitCode::from(INTERRUPTED)),
        _ if cancel.is_cancelled() => return Ok(ExitCode::from(INTERRUPTED)),
        proved => proved?,
    };
    files::write(&args.output, &proved.bytes)?;
    *written = true;
    drop(written);
    let report = &proved.report;
    if let Some(path) = &args.sidecar {
        files::write(path, files::json(&Sidecar::new(&proved.bytes, report)?)?.as_bytes())?;
    }
    if args.json {
        let receipt = args.output.display().to_string();
        files::print_json(&Named { name, receipt, device_selector: &args.device, report })?;
    } else {
        files::print(&text(&name, args, report))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C from now on ends the running jobs and then the process. Who holds the lock is not interrupted; nor is anything
/// when the receipt has been written.
fn interruptible(cancel: &Cancel) -> Arc<Mutex<bool>> {
    let writing = Arc::new(Mutex::new(false));
    let (cancel, held) = (cancel.clone(), Arc::clone(&writing));
    // Where the handler cannot be set, Ctrl-C does what it always does: it ends the process, and no receipt is half
    // written for that; only a device may have to be recovered.
    let _ = ctrlc::set_handler(move || {
        if !cancel.settle(PATIENCE) {
            eprintln!("a job did not end within {PATIENCE:?}: `galena device recover` puts the device right");
        }
        let written = held.lock().unwrap_or_else(PoisonError::into_inner);
        if !*written {
            eprintln!("interrupted; no receipt was written");
            std::process::exit(INTERRUPTED.into());
        }
    });
    writing
}

fn text(name: &str, args: &Prove, report: &Report) -> String {
    let mut page = Page::stdout();
    page.heading(&format!("proved {name}"));
    page.fact("program id", &report.program_id);
    page.fact("exit code", report.exit_code);
    page.fact("public output", quoted(&hex::decode(&report.public_output).unwrap_or_default()));
    page.fact("cycles", count(report.cycles));
    page.fact("security", format!("{} bits, {}", report.security_bits, report.security_regime));
    page.fact("receipt", format!("{}, {}", args.output.display(), bytes(report.receipt_bytes as u64)));
    costs(&mut page, report);
    offload(&mut page, report);
    page.text().to_owned()
}

/// Times by phase, and the rates that follow from them.
fn costs(page: &mut Page, report: &Report) {
    page.heading("phases");
    let total: f64 = report.phases.iter().map(|cost| cost.spent.cpu_seconds).sum();
    let simulated = report.phases.iter().any(|cost| cost.device_cpu_seconds > 0.0);
    let rows: Vec<_> = (report.phases.iter())
        .map(|cost| {
            let (wall, cpu) = (cost.spent.wall_seconds, cost.spent.cpu_seconds);
            let mut row = vec![cost.phase.name().to_owned(), seconds(wall), seconds(cpu), percent(cpu / total)];
            row.extend((cost.device_cpu_seconds > 0.0).then(|| seconds(cost.device_cpu_seconds)));
            row
        })
        .collect();
    let names = ["phase", ">wall", ">cpu", ">share of cpu", ">simulation"];
    page.table(if simulated { &names } else { &names[..4] }, &rows);
    page.line("");
    page.fact("speed", format!("{} instructions per cpu second", count(report.instructions_per_cpu_second as u64)));
    if let Some(peak) = report.peak_memory_bytes {
        page.fact("peak memory", bytes(peak));
    }
    page.fact("verified in", seconds(report.verifying.wall_seconds));
}

/// What the devices did and what they did not: by commitment, then by device, then what went wrong.
fn offload(page: &mut Page, report: &Report) {
    if report.devices.is_empty() {
        return;
    }
    let names: Vec<&str> = report.devices.iter().map(|device| device.info.name.as_str()).collect();
    page.heading(&format!("device {}", names.join(", ")));
    if let Some(why) = &report.discarded {
        page.warning(&format!("  its proof did not verify and was made again on the cpu: {why}"));
    }
    let rows: Vec<_> = report.shares.iter().map(|share| commitment(share, report)).collect();
    let names = ["commitment", ">jobs", ">parts", ">committed", ">link/byte", ">cycles", ">utilisation", "on the cpu"];
    page.table(&names, &rows);
    page.line("");
    let rows: Vec<_> = report.devices.iter().map(device).collect();
    page.table(
        &[
            "device",
            ">jobs",
            ">parts",
            ">took",
            ">sent",
            ">received",
            ">utilisation",
            ">unstalled",
            ">retries",
            ">faults",
        ],
        &rows,
    );
    faults(page, report);
    page.line("");
    if let Some(checked) = &report.checks {
        checks(page, checked);
    }
}

fn commitment(share: &Share, report: &Report) -> Vec<String> {
    let name = match share.commitment {
        Commitment::FriLayer(_) => "fri layers".to_owned(),
        other => other.to_string(),
    };
    // Devices of different sizes have no utilisation in common.
    let multipliers: Vec<u64> = report.devices.iter().map(|device| device.info.multipliers()).collect();
    let used = match multipliers.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => {
            share.device.counters.utilisation(*first).map_or_else(String::new, percent)
        }
        _ => String::new(),
    };
    let reasons: Vec<String> = share.cpu.iter().map(|(reason, times)| format!("{times} {reason}")).collect();
    let cycles = count(share.device.counters.cycles);
    let link = share.link_bytes_per_byte().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
    let (jobs, parts) = (share.device.jobs.to_string(), share.parts.to_string());
    vec![name, jobs, parts, bytes(share.committed_bytes), link, cycles, used, reasons.join(", ")]
}

fn device(device: &DeviceUse) -> Vec<String> {
    let counters = &device.total.counters;
    // What was achieved, beside what the link can do where that is known.
    let link = |words: u64, way: usize| match (device.achieved_bytes_per_second, device.link_bytes_per_second) {
        (None, _) => String::new(),
        (Some(rates), None) => format!("{}, {}/s", bytes(4 * words), bytes(rates[way] as u64)),
        (Some(rates), Some(most)) => {
            format!("{}, {}/s of {}/s", bytes(4 * words), bytes(rates[way] as u64), bytes(most as u64))
        }
    };
    vec![
        device.info.name.clone(),
        device.total.jobs.to_string(),
        device.parts.to_string(),
        seconds(device.total.wall_seconds),
        link(counters.sent_words, 0),
        link(counters.received_words, 1),
        device.utilisation.map_or_else(String::new, percent),
        device.unstalled.map_or_else(String::new, percent),
        device.total.retries.to_string(),
        device.faults.to_string(),
    ]
}

/// Every fault, and what was done about it.
fn faults(page: &mut Page, report: &Report) {
    for entry in &report.ledger {
        let last = entry.faults.len().saturating_sub(1);
        for (i, fault) in entry.faults.iter().enumerate() {
            let name = report.devices.get(fault.device).map_or("?", |device| &device.info.name);
            let then = match fault.then {
                Then::Retried => "retried on the same device",
                Then::Moved if i == last && entry.cost().is_none() => "recomputed on the cpu",
                Then::Moved => "done by another device",
            };
            let (commitment, kernel) = (entry.commitment, entry.shape.kernel);
            page.warning(&format!("  {commitment}, `{kernel}`, device `{name}`: {}; {then}", fault.detail));
        }
    }
}

/// What was recomputed of the answers, what that cost, and what it would have found.
fn checks(page: &mut Page, checks: &CheckReport) {
    let CheckReport { samples, points, cpu_seconds, tallest, .. } = *checks;
    if samples == 0 {
        page.fact("checks", "none of the devices' answers were sampled; the receipt was verified");
        return;
    }
    let cost = seconds(cpu_seconds);
    page.fact("checks", format!("{samples} digests of every layer, {points} points of every extension: {cost} of cpu"));
    let (one, percent_wrong) = (percent(checks.finds_one_digest), percent(checks.finds_one_percent));
    page.fact(
        "they find",
        format!("one wrong digest of {} with {one}, 1 % of them with {percent_wrong}", count(tallest as u64)),
    );
    page.fact("they miss", format!("a wrong extension with less than 2^{:.1}", checks.misses_extension.log2()));
}
