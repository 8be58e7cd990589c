//! `galena prove`: execute a program, prove it, write the receipt. Nothing is written that did not verify.

use std::process::ExitCode;

use galena_prover::{Commitment, Policy, Report, Share, shares};
use serde::Serialize;

use crate::args::Prove;
use crate::drivers;
use crate::failure::Failure;
use crate::files;
use crate::progress::Bar;
use crate::table::{Page, bytes, count, percent, quoted, seconds};

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
    let device = drivers::open(&args.device, &args.opening)?.pop();
    let policy = Policy { required: args.require_device, log_rows_max: args.offload_rows.map(usize::from) };
    let proved = galena_prover::prove(&program, &input, profile, device, policy, bar.listener())?;
    drop(bar);
    files::write(&args.output, &proved.bytes)?;
    let report = &proved.report;
    if args.json {
        let receipt = args.output.display().to_string();
        files::print_json(&Named { name, receipt, device_selector: &args.device, report })?;
    } else {
        files::print(&text(&name, args, report))?;
    }
    Ok(ExitCode::SUCCESS)
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

/// What the device did and what it did not, by commitment.
fn offload(page: &mut Page, report: &Report) {
    let Some(device) = &report.device else { return };
    page.heading(&format!("device {}", device.info.name));
    if let Some(why) = &report.discarded {
        page.warning(&format!("  its proof did not verify and was made again on the cpu: {why}"));
    }
    let multipliers = device.info.multipliers();
    let row = |name: String, device: &galena_prover::Cost, cpu: String| {
        let used = device.counters.utilisation(multipliers).map_or_else(String::new, percent);
        vec![name, device.jobs.to_string(), count(device.counters.cycles), used, cpu]
    };
    let mut rows: Vec<_> =
        (shares(&report.ledger).iter()).map(|share| row(commitment(share), &share.device, reasons(share))).collect();
    rows.push(row("all".to_owned(), &device.total, String::new()));
    page.table(&["commitment", ">jobs", ">cycles", ">utilisation", "on the cpu"], &rows);
    for entry in &report.ledger {
        if let Some(fault) = entry.fault() {
            page.warning(&format!("  {}, `{}`: {fault}; recomputed on the cpu", entry.commitment, entry.shape.kernel));
        }
    }
    page.line("");
    page.fact("multipliers", format!("{}, transform and hasher", count(multipliers)));
    page.fact("permutations", count(device.total.counters.permutations));
    page.fact("took", seconds(device.total.wall_seconds));
}

fn commitment(share: &Share) -> String {
    match share.commitment {
        Commitment::FriLayer(_) => "fri layers".to_owned(),
        other => other.to_string(),
    }
}

/// `3 above 2^6 rows, 1 below 2^2 rows`.
fn reasons(share: &Share) -> String {
    let reasons: Vec<String> = share.cpu.iter().map(|(reason, times)| format!("{times} {reason}")).collect();
    reasons.join(", ")
}
