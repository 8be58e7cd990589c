//! Waves for people: a small natural job of a kernel on a config's core, or of a block of the table of blocks, recorded signal by signal, with the
//! places that matter marked.
//!
//! | file | does |
//! |---|---|
//! | `job` | the natural job of each kernel, as words on the link |
//! | `view` | which signals are looked at, from the netlist |
//! | `recording` | reads the FST file back |
//! | `save` | the save file for GTKWave |
//! | `drawing` | the clocks around the first beats of every stream |
//! | `svg` | those as a picture |
//! | `identity` | the hash of all that a wave depends on |
//!
//! Nothing here knows a circuit by name but for the core's shell, whose words on the link say where a job's result begins.

mod drawing;
mod error;
mod identity;
mod job;
mod recording;
mod save;
mod svg;
mod view;

pub use drawing::{Drawing, Row, Shown, Window};
pub use error::WaveError;
pub use identity::{block_identity, kernel_identity};
pub use recording::{Recording, Values, beats};
pub use save::save_file;
pub use svg::svg;
pub use view::{Channel, Scope, Signal, scopes};

use crate::verify::{Runner, driven};
use crate::verilated::{Model, StallPattern};
use crate::{SimError, SimTransport, device};
use galena_hdl::block::{BLOCKS, Block, Face, Job, Point, Size};
use galena_hdl::core::{SHELL, core_module};
use galena_hdl::netlist::{Direction, Port};
use galena_target::{CONFIGS, Config, KERNELS, Kernel};
use job::LinkJob;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::path::{Path, PathBuf};

/// What blocks' jobs are drawn from, and how many are: the one with the most results has the most to show.
const SEED: u64 = 4;
const DRAWN: usize = 8;

/// Clocks before the job and after it.
const MARGIN: u64 = 4;

const NO_STALLS: [StallPattern; 2] = [StallPattern::NONE; 2];

/// A job whose waves have been written. All clocks are those of the simulation; two time units of the waves are a clock.
#[derive(Debug)]
pub struct Wave {
    /// `KERNEL-CONFIG` or `BLOCK-POINT`: what its files are called.
    pub name: String,
    /// What it is, for people.
    pub what: String,
    /// The FST file.
    pub fst: PathBuf,
    /// What is looked at.
    pub scopes: Vec<Scope>,
    /// How far below the top the streams are that tell the job: the top's own, and for a core those between its parts.
    depth: usize,
    /// The first clock of the job.
    pub start: u64,
    /// The clock of the first result.
    pub result: u64,
    /// The first clock after the job.
    pub end: u64,
}

/// The kernel of that name.
pub fn kernel_named(name: &str) -> Result<Kernel, WaveError> {
    let found = KERNELS.iter().find(|row| row.name == name).map(|row| row.kernel);
    found.ok_or_else(|| unknown("kernels", KERNELS.iter().map(|row| row.name.to_owned()), name))
}

/// The block of that name.
pub fn block_named(name: &str) -> Result<&'static Block, WaveError> {
    galena_hdl::block::block(name).ok_or_else(|| unknown("blocks", BLOCKS.iter().map(|b| b.name.to_owned()), name))
}

/// The point of a block with that name; the first, which is the smallest, if the name is empty.
pub fn point_named(block: &Block, name: &str) -> Result<Point, WaveError> {
    let mut points = (block.points)();
    match points.iter().position(|p| name.is_empty() || p.name == name) {
        Some(at) => Ok(points.swap_remove(at)),
        None => Err(unknown(&format!("points of `{}`", block.name), points.into_iter().map(|p| p.name), name)),
    }
}

fn unknown(what: &str, known: impl Iterator<Item = String>, name: &str) -> WaveError {
    let known = known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    WaveError::Unknown { what: what.into(), known, name: name.into() }
}

/// The config has the kernel, or the error that says which have it.
pub fn has(config: &Config, kernel: Kernel) -> Result<(), WaveError> {
    if config.has(kernel) {
        return Ok(());
    }
    let having = CONFIGS.iter().filter(|c| c.has(kernel)).map(|c| format!("`{}`", c.name)).collect::<Vec<_>>();
    let (config, kernel) = (config.name.to_string(), kernel.name());
    Err(WaveError::Lacks { config, kernel, having: having.join(", ") })
}

/// Runs a small job of a kernel on a config's core and writes its waves into `folder`.
pub fn kernel(kernel: Kernel, config: &Config, folder: &Path) -> Result<Wave, WaveError> {
    has(config, kernel)?;
    let generate = |reason: String| WaveError::Generate { what: config.name.to_string(), reason };
    let top = core_module(config).map_err(|e| generate(e.to_string()))?;
    let name = format!("{}-{}", kernel.name(), config.name);
    let fst = folder.join(format!("{name}.fst"));
    let job = LinkJob::new(config, kernel);
    let model = device::build(config, false)?.waves(true).open()?;
    let mut transport = SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE)?;
    job.prepare(&mut transport, config)?;
    begin(transport.model_mut(), &fst)?;
    let start = transport.cycles();
    let answered = job.run(&mut transport, config)?;
    let end = transport.cycles();
    transport.model_mut().steps(MARGIN)?;
    // The file is complete when its writer is gone.
    drop(transport);
    let words = ["valid", "ready"].map(|port| format!("TOP.{}.{SHELL}.m_{port}", top.name));
    let values = Recording::open(&fst)?.read(&words.each_ref().map(String::as_str))?;
    let (first, _) = beats(&values.iter().collect::<Vec<_>>(), start, end, answered.first_result + 1);
    let result = first.get(answered.first_result).copied().unwrap_or(end);
    let what = format!("{} on {}: {}", kernel.name(), config.name, job.what);
    Ok(Wave { name, what, fst, scopes: scopes(&top, 2), depth: 1, start, result, end })
}

/// Runs a small job of a block and writes its waves into `folder`.
pub fn block(block: &Block, point: &Point, folder: &Path) -> Result<Wave, WaveError> {
    let title = format!("{} {}", block.name, point.name);
    let wrong = |source| WaveError::Block { block: title.clone(), source: Box::new(source) };
    let name = format!("{}-{}", block.name, point.name);
    let fst = folder.join(format!("{name}.fst"));
    let job = shown(point);
    let mut runner = Runner::open_with(point, |build| build.waves(true))?;
    // Once before it is looked at: tables fill after a reset.
    runner.run(&job, NO_STALLS).map_err(wrong)?;
    begin(runner.model(), &fst)?;
    let start = runner.model().cycles();
    let ran = runner.run(&job, NO_STALLS).map_err(wrong)?;
    // What the runner waits afterwards, until counters stand still, is not the job's.
    let end = start + ran.setup + ran.clocks;
    runner.model().steps(MARGIN)?;
    drop(runner);
    let top = driven(point);
    // Where a count stands around the circuit, its parts are one further down.
    let around = usize::from(point.harness.as_ref().unwrap_or(&point.module).name != top.name);
    let scopes = scopes(&top, 1 + around);
    let result = match &point.face {
        Face::Fixed { latency } => start + *latency as u64 + unseen(point, &job),
        Face::Streams { outputs, .. } => first_output(&fst, &scopes, outputs, start, end)?,
    };
    let what = format!("{title}: {}", job.what);
    Ok(Wave { name, what, fst, scopes, depth: 0, start, result, end })
}

/// The small job of a block whose wave is recorded.
fn shown(point: &Point) -> Job {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut most = (point.job)(&mut rng, Size::Small);
    for _ in 1..DRAWN {
        let job = (point.job)(&mut rng, Size::Small);
        if job.results > most.results {
            most = job;
        }
    }
    most
}

/// Clocks whose results a job behind a fixed latency does not look at: those of the beats by which fewer come out than go in.
fn unseen(point: &Point, job: &Job) -> u64 {
    let top = driven(point);
    let ports = top.ports.iter().filter(|p| p.name != "clk" && p.name != "rst");
    let (inputs, outputs): (Vec<_>, Vec<_>) = ports.partition(|p| p.direction == Direction::Input);
    let beats = |ports: &[&Port], words: &[Vec<u32>]| {
        let width = ports.iter().map(|p| p.width.div_ceil(32)).sum::<usize>().max(1);
        words.first().map_or(0, |words| words.len() / width) as u64
    };
    beats(&inputs, &job.inputs).saturating_sub(beats(&outputs, &job.model))
}

/// Lets the circuit rest and writes waves from here on.
fn begin(model: &mut Model, fst: &Path) -> Result<(), SimError> {
    model.waves(fst)?;
    model.steps(MARGIN)
}

/// The clock of the first beat on one of these streams of the top.
fn first_output(fst: &Path, scopes: &[Scope], prefixes: &[&str], start: u64, end: u64) -> Result<u64, WaveError> {
    let mut recording = Recording::open(fst)?;
    let mut first = end;
    for channel in scopes.iter().filter(|s| s.depth == 0).flat_map(|s| &s.channels) {
        if prefixes.contains(&channel.name.as_str()) {
            let values = recording.read(&[&channel.valid.path, &channel.ready.path])?;
            let (found, _) = beats(&values.iter().collect::<Vec<_>>(), start, end, 1);
            first = found.first().map_or(first, |clock| first.min(*clock));
        }
    }
    Ok(first)
}
