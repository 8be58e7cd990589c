//! One fault at one place: what came of it, how long that took, and whether the next job was right.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use galena_device::DeviceError;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::clock::thread_cpu;
use super::stand::Stand;
use super::table::{Means, Meddle, Row};
use super::tape::{Piece, Tape};

/// Seconds within which a job that a fault struck must end.
pub const SECONDS: f64 = 2.0;

/// Places that are tried before a fault counts as one that cannot happen here.
const ATTEMPTS: usize = 40;

/// What came of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The answer was right all the same, or so was the receipt.
    Harmless,
    /// A typed error; the second try was right.
    Retried,
    /// A typed error; the second try failed, too, since the fault lasted. Right as soon as it was gone. In a proof: right by the CPU.
    Recomputed,
    /// No error and a wrong answer: nothing on the link shows it. In a proof, the prover's checks must.
    Silent,
    /// A typed error in place of a receipt, as `--require-device` asks.
    Refused,
}

/// A fault that was struck.
#[derive(Clone, Debug)]
pub struct Point {
    /// What came of it.
    pub outcome: Outcome,
    /// From the fault to the end of the job it struck, or the longest job under it.
    pub seconds: f64,
    /// The longest recovery.
    pub recovery: f64,
    /// The first error.
    pub error: Option<String>,
}

/// Strikes a piece of `tape` with a fault of `row`, at a place drawn from `rng`.
///
/// # Errors
/// What should not be: a wrong answer accepted, a call that took too long, a panic, a next job that is not right.
pub fn strike(stand: &mut Stand, tape: &Tape, row: &Row, rng: &mut ChaCha8Rng) -> Result<Point, String> {
    for attempt in 0..ATTEMPTS {
        let piece = tape.pick_for(row, rng);
        let words = row.words(piece.words());
        // Anywhere at first; nearer and nearer to the beginning of some job if there was nothing to be struck.
        let after = rng.random_range(0..(words >> attempt).max(1));
        let (second, draw) = (tape.pick(rng).clone(), rng.random());
        stand.plan(row, if row.of_registers() { 0 } else { after }, &second, draw);
        let result = struck(stand, piece, row);
        let happened = stand.happened().is_some();
        stand.heal();
        next(stand, tape.pick(rng), row).map_err(|what| format!("{what}, after {result:?}"))?;
        let point = result?;
        if happened {
            return Ok(point);
        }
    }
    Err(format!("nothing to strike in {ATTEMPTS} jobs"))
}

/// The job after a fault: right at once; after a fault of the circuit, which may have left any state behind, by a recovery at most.
///
/// # Errors
/// If it is not.
pub fn next(stand: &mut Stand, piece: &Piece, row: &Row) -> Result<(), String> {
    let mut run = || catch_unwind(AssertUnwindSafe(|| piece.run(stand.device())));
    match run() {
        Ok(Ok(true)) => Ok(()),
        Ok(Err(error)) if row.of_circuit() => match (stand.device().recover(), piece.run(stand.device())) {
            (Ok(()), Ok(true)) => Ok(()),
            other => Err(format!("the next job failed: {error}; then the recovery and the same job: {other:?}")),
        },
        Ok(Ok(false)) => Err("the next job was wrong".to_owned()),
        Ok(Err(error)) => Err(format!("the next job failed: {error}")),
        Err(_) => Err("the next job panicked".to_owned()),
    }
}

/// A job on the device: its result, and how long it took, from the fault if that happened within it.
///
/// # Errors
/// If that was too long, or the job panicked.
pub fn bounded<T>(stand: &mut Stand, work: impl FnOnce(&mut Stand) -> T) -> Result<(T, f64), String> {
    let (result, seconds) = call(stand, work)?;
    if seconds > SECONDS {
        return Err(format!("a job took {seconds:.2} s, {SECONDS} s at most are allowed"));
    }
    Ok((result, seconds))
}

/// A call on the device: its result, and how long it took, from the fault if that happened within it.
///
/// # Errors
/// If it panicked.
pub fn call<T>(stand: &mut Stand, work: impl FnOnce(&mut Stand) -> T) -> Result<(T, f64), String> {
    let (start, cpu) = (Instant::now(), thread_cpu());
    let result = catch_unwind(AssertUnwindSafe(|| work(stand))).map_err(|_| "a panic".to_owned())?;
    let end = Instant::now();
    let from = stand.happened().map_or(start, |happened| happened.max(start));
    // Nothing here sleeps: where the wall says more than the processor, the machine was busy with something else.
    let seconds = end.saturating_duration_since(from).as_secs_f64().min(thread_cpu() - cpu);
    Ok((result, seconds))
}

/// Runs `piece` under the fault, and once more if it failed, as the prover does.
fn struck(stand: &mut Stand, piece: &Piece, row: &Row) -> Result<Point, String> {
    let (first, mut seconds) = bounded(stand, |stand| ask(stand, piece, row))?;
    let point = |outcome, seconds, recovery, error| Ok(Point { outcome, seconds, recovery, error });
    let error = match first {
        Ok(true) => return point(Outcome::Harmless, seconds, 0.0, None),
        Ok(false) if row.silent() => return point(Outcome::Silent, seconds, 0.0, None),
        Ok(false) => return Err("a wrong answer was accepted".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    if row.means_kill() {
        stand.reopen().map_err(|error| format!("a new host cannot open the device: {error}"))?;
    }
    let (recovered, recovery) = call(stand, |stand| stand.device().recover())?;
    if recovered.is_ok() {
        let (second, took) = bounded(stand, |stand| piece.run(stand.device()))?;
        seconds = seconds.max(took);
        match second {
            Ok(true) => return point(Outcome::Retried, seconds, recovery, error),
            Ok(false) if row.silent() => return point(Outcome::Silent, seconds, recovery, error),
            Ok(false) => return Err(format!("a wrong answer was accepted at the second try, after {error:?}")),
            Err(_) => {}
        }
    }
    if !row.lasting() {
        return Err(format!("the second try failed although the fault was over: {recovered:?}, after {error:?}"));
    }
    point(Outcome::Recomputed, seconds, recovery, error)
}

/// The call that the fault is to strike.
fn ask(stand: &mut Stand, piece: &Piece, row: &Row) -> Result<bool, DeviceError> {
    if row.of_registers() { stand.device().registers().map(|_| true) } else { piece.run(stand.device()) }
}

impl Row {
    fn means_kill(&self) -> bool {
        matches!(self.means, Means::Meddle(Meddle::Kill))
    }
}
