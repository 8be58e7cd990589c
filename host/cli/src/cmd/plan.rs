//! `galena board plan`: what a proof would take with a board, before there is one.
//!
//! The program is proved twice here: on the processor alone, and with a device in its place whose answers are the processor's and whose clocks are
//! computed (`galena_sim::plan`). So every job is one that the prover would send, and the host's share is measured on this machine, phase by phase.

mod page;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use galena_device::Device;
use galena_prover::{Entry, Phase, Place, Policy, Progress, Report};
use galena_sim::plan::{Jobs, Line, Planned, PlannedDevice};
use galena_target::flow::{MANIFESTS, Manifest, manifest_path};
use galena_target::{Board, Config};
use galena_vm::Program;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

use crate::args::BoardPlan;
use crate::failure::Failure;
use crate::files;
use crate::progress::Bar;

/// What was asked, and what came out.
#[derive(Serialize)]
struct Plans {
    name: String,
    cycles: u64,
    threads: usize,
    /// The proof on this machine alone.
    alone_seconds: f64,
    alone_peak_memory_bytes: Option<u64>,
    plans: Vec<Plan>,
}

/// A proof with a board.
#[derive(Serialize)]
struct Plan {
    /// None for a config that was asked for by itself.
    board: Option<String>,
    config: String,
    /// Cores of the config on the board; one is planned with.
    cores: usize,
    /// The core's clock.
    mhz: f64,
    /// A manifest says that it was placed and meets this clock.
    placed: bool,
    line: String,
    jobs: usize,
    /// All of it: host and board do not overlap, for the transcript waits for every root.
    seconds: f64,
    host_seconds: f64,
    board_seconds: f64,
    /// Of the board's: what its core would take behind a line of a word a clock; what the words take on the line, the busier way; what jobs wait besides.
    core_seconds: f64,
    line_seconds: f64,
    turn_seconds: f64,
    /// Of the words that kernel calls were about, those of calls that went to the board.
    offloaded_share: f64,
    bound: Bound,
    device_memory_bytes: usize,
    phases: Vec<PhasePlan>,
    kernels: Vec<KernelPlan>,
}

/// What more of would make the proof faster first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    Host,
    Line,
    Core,
    Turns,
}

/// A phase: seconds of the host, and of the board.
#[derive(Serialize)]
struct PhasePlan {
    phase: Phase,
    host_seconds: f64,
    board_seconds: f64,
}

/// The jobs of a kernel.
#[derive(Default, Serialize)]
struct KernelPlan {
    kernel: String,
    jobs: usize,
    clocks: u64,
    core_clocks: u64,
    sent_words: u64,
    received_words: u64,
}

/// What is planned for.
struct Target {
    board: Option<Board>,
    config: &'static Config,
    line: Line,
}

pub(crate) fn run(args: &BoardPlan) -> Result<ExitCode, Failure> {
    let profile = super::profile(&args.profile)?;
    let targets = targets(args)?;
    let program = files::program(&args.guest.program)?;
    let input = files::input(args.guest.input.as_ref())?;
    let name = files::name(&args.guest.program);
    let bar = Bar::new(&name);
    bar.say("on this machine alone");
    let alone = galena_prover::prove(&program, &input, profile, vec![], Policy::default(), bar.listener())?.report;
    let plan = |target: &Target| plan(&program, &input, profile, target, &bar);
    let mut plans = targets.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
    drop(bar);
    plans.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let plans = Plans {
        name,
        cycles: alone.cycles,
        threads: alone.threads,
        alone_seconds: alone.proving.wall_seconds,
        alone_peak_memory_bytes: alone.peak_memory_bytes,
        plans,
    };
    match args.json {
        true => files::print_json(&plans)?,
        false => files::print(&page::text(&plans))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The boards and configs asked for: all of the table if none is named.
fn targets(args: &BoardPlan) -> Result<Vec<Target>, Failure> {
    let target = |board: Option<Board>, config: &'static Config| {
        let line =
            Line::of(config, args.baud).map_err(|source| Failure::Line { config: config.name.to_string(), source })?;
        Ok::<_, Failure>(Target { board, config, line })
    };
    match (&args.board, &args.config) {
        (Some(board), config) => {
            let board = Board::named(board).map_err(Failure::board)?;
            let config = board.config(config.as_deref()).map_err(Failure::board)?;
            Ok(vec![target(Some(board), config)?])
        }
        (None, Some(config)) => {
            Ok(vec![target(None, Config::named(config).map_err(|source| Failure::Config(Box::new(source)))?)?])
        }
        (None, None) => {
            let mut all = vec![];
            for board in Board::all().map_err(Failure::board)? {
                for config in board.configs.clone() {
                    let config = board.config(Some(&config)).map_err(Failure::board)?;
                    all.push(target(Some(board.clone()), config)?);
                }
            }
            Ok(all)
        }
    }
}

/// How many jobs there were when each phase began, in order.
type Marks = Arc<Mutex<Vec<(Phase, usize)>>>;

fn plan(
    program: &Program,
    input: &[u8],
    profile: &'static galena_constraints::Profile,
    target: &Target,
    bar: &Bar,
) -> Result<Plan, Failure> {
    let Target { board, config, line } = target;
    let core = |source| Failure::Core { config: config.name.to_string(), source };
    let device = PlannedDevice::new(config, line).map_err(core)?;
    let jobs = device.jobs();
    let marks = Marks::default();
    bar.say(format!("with {}", config.name));
    let policy = Policy { check_samples: 0, ..Policy::default() };
    let devices: Vec<Box<dyn Device>> = vec![Box::new(device)];
    let listener = marking(&marks, &jobs, bar.listener());
    let report = galena_prover::prove(program, input, profile, devices, policy, listener)?.report;
    let marks = marks.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let manifest = board.as_ref().map(|b| Manifest::read(&manifest_path(Path::new(MANIFESTS), &b.name, &config.name)));
    let manifest = manifest.transpose()?.flatten().filter(|m| m.config_hash == hex::encode(config.config_hash()));
    Ok(sum(target, &report, &jobs.all(), &marks, manifest.as_ref()))
}

/// Notes the number of jobs at the beginning of each phase.
fn marking(marks: &Marks, jobs: &Jobs, then: Progress) -> Progress {
    let (marks, jobs) = (Arc::clone(marks), jobs.clone());
    Arc::new(move |phase| {
        marks.lock().unwrap_or_else(PoisonError::into_inner).push((phase, jobs.count()));
        then(phase);
    })
}

/// The sums of a planned proof.
fn sum(
    target: &Target,
    report: &Report,
    jobs: &[Planned],
    marks: &[(Phase, usize)],
    manifest: Option<&Manifest>,
) -> Plan {
    let Target { board, config, line } = target;
    let hz = f64::from(config.clock_hz);
    let board_time = |j: &Planned| (j.clocks.job + j.clocks.around) / hz + line.turn_seconds;
    // Jobs and their wall time here, by phase.
    let mut by_phase: BTreeMap<Phase, (f64, f64)> = BTreeMap::new();
    for (k, &(phase, first)) in marks.iter().enumerate() {
        let end = marks.get(k + 1).map_or(jobs.len(), |next| next.1);
        for job in jobs.get(first..end).unwrap_or_default() {
            let sums = by_phase.entry(phase).or_default();
            *sums = (sums.0 + job.wall_seconds, sums.1 + board_time(job));
        }
    }
    let phases: Vec<PhasePlan> = (report.phases.iter().filter(|cost| cost.phase != Phase::Verify))
        .map(|cost| {
            let (here, there) = by_phase.get(&cost.phase).copied().unwrap_or_default();
            let host_seconds = (cost.spent.wall_seconds - here).max(0.0);
            PhasePlan { phase: cost.phase, host_seconds, board_seconds: there }
        })
        .collect();
    let host_seconds: f64 = phases.iter().map(|p| p.host_seconds).sum();
    let board_seconds: f64 = phases.iter().map(|p| p.board_seconds).sum();
    let mut kernels: BTreeMap<&str, KernelPlan> = BTreeMap::new();
    for job in jobs {
        let one = kernels.entry(job.shape.kernel.name()).or_default();
        one.kernel = job.shape.kernel.name().to_owned();
        one.jobs += 1;
        one.clocks += (job.clocks.job + job.clocks.around) as u64;
        one.core_clocks += job.core as u64;
        one.sent_words += job.clocks.sent_words;
        one.received_words += job.clocks.received_words;
    }
    let words = |of: fn(&KernelPlan) -> u64| kernels.values().map(of).sum::<u64>() as f64;
    let line_seconds = words(|k| k.sent_words).max(words(|k| k.received_words)) * line.word_clocks / hz;
    let core_seconds = jobs.iter().map(|j| j.core).sum::<f64>() / hz;
    let turn_seconds = jobs.len() as f64 * line.turn_seconds;
    let bound = match [core_seconds, line_seconds, turn_seconds] {
        _ if host_seconds >= board_seconds => Bound::Host,
        [core, line, turns] if turns >= core.max(line) => Bound::Turns,
        [core, line, _] if line > core => Bound::Line,
        _ => Bound::Core,
    };
    let weight = |entry: &Entry| {
        (entry.shape.columns as f64) * f64::from(2u32).powi((entry.shape.log_rows + entry.shape.log_blowup) as i32)
    };
    let all: f64 = report.ledger.iter().map(weight).sum();
    let offloaded: f64 = report.ledger.iter().filter(|e| matches!(e.place, Place::Device { .. })).map(weight).sum();
    Plan {
        board: board.as_ref().map(|b| b.name.clone()),
        config: config.name.to_string(),
        cores: board.as_ref().map_or(1, |b| b.cores(config)),
        mhz: hz / 1e6,
        placed: manifest.is_some_and(|m| m.clock.fmax_mhz >= hz / 1e6),
        line: line.to_string(),
        jobs: jobs.len(),
        seconds: host_seconds + board_seconds,
        host_seconds,
        board_seconds,
        core_seconds,
        line_seconds,
        turn_seconds,
        offloaded_share: offloaded / all.max(1.0),
        bound,
        device_memory_bytes: 32 * config.memory_beats(),
        phases,
        kernels: kernels.into_values().collect(),
    }
}
