//! A whole proof on a device that a fault strikes: the CPU's receipt, or none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use galena_device::{Device, DeviceError, DeviceInfo, Job, Output};
use galena_prover::{Place, ProveError, Proved};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::proof::Proof;
use super::stand::Stand;
use super::strike::{Outcome, Point, bounded, call, next};
use super::table::Row;
use super::tape::{Piece, Tape, words};

/// Proofs that are tried before a fault counts as one that cannot happen in one.
const ATTEMPTS: usize = 6;

/// What the prover's device shares with the campaign.
struct Shared {
    stand: Stand,
    /// Jobs to go before the fault, while it is not planned yet.
    wait: Option<u64>,
    worst: f64,
    recovery: f64,
    error: Option<String>,
    /// What should not be.
    violation: Option<String>,
}

/// The device that the prover sees.
struct Target {
    shared: Arc<Mutex<Shared>>,
    info: DeviceInfo,
    row: Row,
    piece: Piece,
    /// Where in its job the fault strikes: a share of the words; and any number.
    place: f64,
    draw: u64,
}

/// Proves on `stand` while a fault of `row` strikes at a place drawn from `rng`. Hands the stand back.
///
/// # Errors
/// What should not be: a receipt that is not the CPU's, a call that took too long, a panic, an untyped end, a next job that is not right.
pub fn attack(
    mut stand: Stand,
    tape: &Tape,
    proof: &Proof,
    row: &Row,
    log_rows: usize,
    rng: &mut ChaCha8Rng,
) -> Result<(Stand, Point), String> {
    for attempt in 0..ATTEMPTS {
        // Jobs that a proof has at least; later attempts strike earlier.
        let wait = rng.random_range(0..(tape.len() >> attempt).max(1)) as u64;
        let info = stand.device().info().clone();
        let shared = Shared { stand, wait: Some(wait), worst: 0.0, recovery: 0.0, error: None, violation: None };
        let shared = Arc::new(Mutex::new(shared));
        let (place, draw, required) = (rng.random::<f64>() / (1 << attempt) as f64, rng.random(), rng.random());
        let piece = tape.pick(rng).clone();
        let target = Target { shared: Arc::clone(&shared), info, row: row.clone(), piece, place, draw };
        let result = catch_unwind(AssertUnwindSafe(|| proof.on(vec![Box::new(target)], required, log_rows)));
        let result = result.map_err(|_| "the prover panicked".to_owned())?;
        let Ok(mutex) = Arc::try_unwrap(shared) else { return Err("the prover kept its device".to_owned()) };
        let mut shared = mutex.into_inner().unwrap_or_else(PoisonError::into_inner);
        let happened = shared.stand.happened().is_some();
        shared.stand.heal();
        let outcome = judge(proof, required, result)?;
        if let Some(violation) = shared.violation {
            return Err(format!("{violation}; the proof: {outcome:?}"));
        }
        next(&mut shared.stand, tape.pick(rng), row)
            .map_err(|what| format!("{what}, after {outcome:?}, {:?}", shared.error))?;
        stand = shared.stand;
        if happened {
            return Ok((
                stand,
                Point { outcome, seconds: shared.worst, recovery: shared.recovery, error: shared.error },
            ));
        }
    }
    Err(format!("nothing to strike in {ATTEMPTS} proofs"))
}

/// What came of a proof.
fn judge(proof: &Proof, required: bool, result: Result<Proved, ProveError>) -> Result<Outcome, String> {
    match result {
        Ok(proved) if proved.bytes != proof.receipt => Err("a receipt that is not the cpu's was accepted".to_owned()),
        Ok(Proved { report, .. }) => {
            let faults = || report.ledger.iter().filter(|entry| !entry.faults.is_empty());
            let cpu = faults().any(|entry| matches!(entry.place, Place::Cpu(_)));
            Ok(match (report.discarded.is_some() || cpu, faults().count()) {
                (true, _) => Outcome::Recomputed,
                (false, 0) => Outcome::Harmless,
                (false, _) => Outcome::Retried,
            })
        }
        Err(ProveError::Device(_) | ProveError::Verify { .. }) if required => Ok(Outcome::Refused),
        Err(error) => Err(format!(
            "a proof that {} required to use its device failed: {error}",
            if required { "was" } else { "was not" }
        )),
    }
}

impl Target {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a call on the device comes to. One that ended as it should not is an error that the prover sees, too.
    fn noted<T>(
        &self,
        shared: &mut Shared,
        called: Result<(Result<T, DeviceError>, f64), String>,
        worst: fn(&mut Shared) -> &mut f64,
    ) -> Result<T, DeviceError> {
        match called {
            Ok((result, seconds)) => {
                if shared.stand.happened().is_some() {
                    let worst = worst(shared);
                    *worst = worst.max(seconds);
                }
                if let Err(error) = &result {
                    shared.error.get_or_insert_with(|| error.to_string());
                }
                result
            }
            Err(violation) => {
                let source = violation.clone().into();
                shared.violation = Some(violation);
                Err(DeviceError::Open { selector: self.info.name.clone(), source })
            }
        }
    }
}

impl Device for Target {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        {
            let mut shared = self.shared();
            match shared.wait {
                Some(0) => {
                    shared.wait = None;
                    let words = self.row.words(words(job));
                    shared.stand.plan(&self.row, (words as f64 * self.place) as u64, &self.piece, self.draw);
                }
                Some(wait) => shared.wait = Some(wait - 1),
                None => {}
            }
        }
        let mut shared = self.shared();
        let called = bounded(&mut shared.stand, |stand| stand.device().run(job));
        self.noted(&mut shared, called, |shared| &mut shared.worst)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        let mut shared = self.shared();
        let called = call(&mut shared.stand, |stand| stand.device().recover());
        self.noted(&mut shared, called, |shared| &mut shared.recovery)
    }
}
