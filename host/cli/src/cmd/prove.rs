//! `galena prove`: execute a program, prove it, write the receipt. Nothing is written that did not verify.

use std::process::ExitCode;

use galena_prover::{Options, Place, Report, shares};
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
    let device = drivers::open(&args.device)?;
    let options = Options { require_device: args.require_device };
    let proved = galena_prover::prove(&program, &input, profile, device, &options, bar.listener())?;
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
pub(crate) fn costs(page: &mut Page, report: &Report) {
    page.heading("phases");
    let row = |name: &str, wall: f64, cpu: f64, share: f64| {
        vec![name.to_owned(), seconds(wall), seconds(cpu), if share.is_nan() { String::new() } else { percent(share) }]
    };
    let total: f64 = report.phases.iter().map(|cost| cost.spent.cpu_seconds).sum();
    let rows: Vec<_> = (report.phases.iter())
        .map(|cost| {
            let spent = cost.spent;
            row(cost.phase.name(), spent.wall_seconds, spent.cpu_seconds, spent.cpu_seconds / total)
        })
        .collect();
    page.table(&["phase", ">wall", ">cpu", ">share of cpu"], &rows);
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
    let rows: Vec<_> = shares(&report.ledger)
        .into_iter()
        .map(|(commitment, share)| {
            let name = match commitment {
                galena_prover::Commitment::FriLayer(_) => "fri layers".to_owned(),
                other => other.to_string(),
            };
            vec![name, share.on_device.to_string(), share.on_cpu.to_string()]
        })
        .collect();
    page.table(&["commitment", ">jobs on the device", ">on the cpu"], &rows);
    page.line("");
    let counters = &device.total.counters;
    page.fact("jobs", count(device.total.jobs));
    page.fact("cycles", count(counters.cycles));
    page.fact("permutations", count(counters.permutations));
    if let Some(utilisation) = device.utilisation {
        page.fact("utilisation", format!("{} of {} multipliers", percent(utilisation), device.info.multipliers()));
    }
    page.fact("took", format!("{} (cpu of the simulation included)", seconds(device.total.wall_seconds)));
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for entry in &report.ledger {
        let Place::Cpu(reason) = &entry.place else { continue };
        if entry.fault().is_some() {
            page.warning(&format!("  {} `{}`: {reason}; recomputed on the cpu", entry.commitment, entry.shape.kernel));
            continue;
        }
        let reason = reason.to_string();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, times)) => *times += 1,
            None => reasons.push((reason, 1)),
        }
    }
    for (reason, times) in reasons {
        page.fact("on the cpu", format!("{times} x {reason}"));
    }
}
