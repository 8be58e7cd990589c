//! `galena run`: execute a program. Its public output is stdout, and nothing else is.

use std::io::Write;
use std::process::ExitCode;

use galena_prover::Moment;
use galena_vm::isa::Family;
use galena_vm::record::TrapKind;
use galena_vm::{Limits, Program};
use serde::Serialize;

use crate::args::Run;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count, percent, seconds};

/// What is reported. `public_output` is hex.
#[derive(Serialize)]
struct Report {
    name: String,
    exit_code: u8,
    /// Why the program was stopped, if it was.
    trap: Option<String>,
    cycles: u64,
    public_output: String,
    output_bytes: u64,
    input_bytes: u64,
    wall_seconds: f64,
    instructions_per_cpu_second: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
}

/// Where the cycles went, the most expensive first.
#[derive(Serialize)]
struct Profile {
    functions: Vec<Part>,
    chips: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    name: String,
    cycles: u64,
}

/// Rows of a profile that are printed; JSON has all of them.
const SHOWN: usize = 12;

/// Passes the program's output on to stdout, and keeps it if the report is to show it.
struct Tee {
    kept: Option<Vec<u8>>,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::io::stdout().write_all(bytes)?;
        self.kept.iter_mut().for_each(|kept| kept.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

pub(crate) fn run(args: &Run) -> Result<ExitCode, Failure> {
    let program = files::program(&args.guest.program)?;
    let input = files::input(args.guest.input.as_ref())?;
    let mut output = Tee { kept: (args.json || args.report.is_some()).then(Vec::new) };
    let start = Moment::now();
    let limits = Limits { max_cycles: args.max_cycles };
    let log = &mut std::io::stderr();
    let result = match args.profile {
        false => galena_vm::run(&program, &input, &limits, &mut output, log).map(|run| (run, None)),
        true => galena_vm::profile(&program, &input, &limits, &mut output, log)
            .map(|(run, profile)| (run, Some(parts(&profile)))),
    };
    output.flush().map_err(|source| Failure::Write { path: "stdout".into(), source })?;
    let (run, profile) = result?;
    let spent = start.elapsed();
    let report = Report {
        name: files::name(&args.guest.program),
        exit_code: run.halt.exit_code,
        trap: run.halt.trap.map(|kind| trap(kind, run.halt.pc, &program)),
        cycles: run.cycles,
        public_output: output.kept.map(hex::encode).unwrap_or_default(),
        output_bytes: run.output_bytes,
        input_bytes: run.input_bytes,
        wall_seconds: spent.wall_seconds,
        instructions_per_cpu_second: run.cycles as f64 / spent.cpu_seconds.max(1e-6),
        profile,
    };
    match (&args.report, args.json) {
        (Some(path), _) => files::write(path, files::json(&report)?.as_bytes())?,
        (None, true) => eprint!("{}", files::json(&report)?),
        (None, false) => eprint!("{}", text(&report)),
    }
    Ok(ExitCode::from(run.halt.exit_code))
}

fn parts(profile: &galena_vm::Profile) -> Profile {
    let functions = profile.functions.iter().map(|function| Part {
        name: match function.name.as_str() {
            "" => "(no symbol)".to_owned(),
            mangled => format!("{:#}", rustc_demangle::demangle(mangled)), // a C name stays as it is
        },
        cycles: function.cycles,
    });
    let cycles = |family: &Family| profile.families.get(*family as usize).copied().unwrap_or(0);
    let mut chips: Vec<Part> = (Family::ALL.iter().filter(|family| cycles(family) > 0))
        .map(|family| Part { name: format!("{family:?}").to_lowercase(), cycles: cycles(family) })
        .collect();
    chips.sort_by_key(|part| std::cmp::Reverse(part.cycles));
    Profile { functions: functions.collect(), chips }
}

/// Why a program was stopped, and where: the function too, where the file names it.
pub(crate) fn trap(kind: TrapKind, pc: u32, program: &Program) -> String {
    let what = match kind {
        TrapKind::Illegal => "an instruction that is not RV32IM",
        TrapKind::Breakpoint => "a breakpoint",
        TrapKind::MisalignedAccess => "a misaligned load or store",
        TrapKind::MisalignedJump => "a jump to a misaligned address",
        TrapKind::OutOfRange => "an access above the address space",
        TrapKind::NoCode => "a jump to where there is no code",
    };
    match program.symbol_at(pc) {
        Some(symbol) => format!("{what} at pc {pc:#010x}, in `{}`", symbol.name),
        None => format!("{what} at pc {pc:#010x}"),
    }
}

fn text(report: &Report) -> String {
    let mut page = Page::stderr();
    page.heading(&report.name);
    page.fact("exit code", report.exit_code);
    if let Some(trap) = &report.trap {
        page.fact("stopped by", trap);
    }
    page.fact("cycles", count(report.cycles));
    page.fact("read", format!("{} bytes of input", count(report.input_bytes)));
    page.fact("wrote", format!("{} bytes of public output", count(report.output_bytes)));
    page.fact("took", seconds(report.wall_seconds));
    for (name, parts) in report.profile.iter().flat_map(|p| [("function", &p.functions), ("chip", &p.chips)]) {
        let row = |part: &Part| {
            vec![part.name.clone(), count(part.cycles), percent(part.cycles as f64 / report.cycles.max(1) as f64)]
        };
        page.line("");
        page.table(&[name, ">cycles", ">share"], &parts.iter().take(SHOWN).map(row).collect::<Vec<_>>());
    }
    page.text().to_owned()
}
