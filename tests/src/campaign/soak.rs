//! The soak: jobs back to back with faults at random, and what the process holds before and after.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::clock::Holdings;
use super::stand::Stand;
use super::strike::strike;
use super::table::{Row, rows};
use super::tape::Tape;

/// Jobs of a long soak.
pub const JOBS: u64 = 1000;

/// Memory that a long soak may gain, in bytes: what allocators keep for themselves, a kilobyte a job.
pub const BYTES: u64 = 1 << 20;

/// Jobs before the first look: caches fill, pools start.
const WARM: u64 = 40;

/// One job in so many is struck.
const STRUCK: u32 = 3;

/// What a soak found.
#[derive(Clone, Copy, Debug)]
pub struct Soaked {
    /// Jobs that ran, those under faults included.
    pub jobs: u64,
    /// Of these, struck by a fault.
    pub struck: u64,
    /// What the process held after the first jobs.
    pub before: Holdings,
    /// What it held at the end.
    pub after: Holdings,
}

/// Runs `jobs` jobs of `tape`; one in three is struck by a fault of the table, drawn from `seed`.
///
/// # Errors
/// If a job is not right, or a fault ends as it should not: see [`strike`].
pub fn soak(stand: &mut Stand, tape: &Tape, jobs: u64, seed: u64) -> Result<Soaked, String> {
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.strikes(stand.kind)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut before, mut struck) = (Holdings::now(), 0);
    for job in 0..jobs {
        if job == WARM.min(jobs / 2) {
            before = Holdings::now();
        }
        if rng.random_ratio(1, STRUCK) {
            let row = &rows[rng.random_range(0..rows.len())];
            strike(stand, tape, row, &mut rng)
                .map_err(|what| format!("job {job}, `{}`, {}: {what}", row.name, row.place))?;
            struck += 1;
        } else {
            match tape.pick(&mut rng).run(stand.device()) {
                Ok(true) => {}
                other => return Err(format!("job {job}, with no fault: {other:?}")),
            }
        }
    }
    Ok(Soaked { jobs, struck, before, after: Holdings::now() })
}

impl Soaked {
    /// What grew that should not.
    ///
    /// # Errors
    /// Descriptors or threads that are more; memory that grew by more than `bytes`.
    pub fn grew(&self, bytes: u64) -> Result<(), String> {
        let Self { before, after, .. } = self;
        let more = after.resident.saturating_sub(before.resident);
        if after.descriptors > before.descriptors || after.threads > before.threads || more > bytes {
            return Err(format!("the process grew in {} jobs: {before:?} to {after:?}", self.jobs));
        }
        Ok(())
    }
}
