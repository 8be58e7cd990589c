//! The proof of work on devices: ranges of candidates, in order, until one has a witness.
//!
//! What an answer can be wrong about, and what finds it:
//!
//! * **A witness that is none**: found always, by one permutation, which also tells whether the sampled value is the one reported.
//! * **A witness that is not the smallest**, or none reported where there is one: no matter of soundness, for the verifier asks for a
//!   witness, not for the smallest; but the bytes of the proof would be others. Of the candidates before the witness (of the whole range,
//!   where none was found) as many as [`Checks`](crate::Checks) says are drawn at random and tried; where there are no more than
//!   that, all. A device that passed over one of w candidates is caught with probability N / w only: certainty costs the search itself.
//!
//! A wrong answer is a fault of the device like any other: the part goes to another one or to the CPU, and the ledger tells.

use galena_device::{Job, Kernel, Output};
use p3_field::PrimeField32;

use crate::challenger::Sponge;
use crate::field::{Val, elements};
use crate::kernels::{MALFORMED, right};
use crate::lane::Lane;
use crate::ledger::{Commitment, Limit, Part, Shape};
use crate::offload::Offload;

const WRONG_WITNESS: &str = "the witness does not pass: a silent error of the hardware or the link";
const NOT_SMALLEST: &str = "a candidate that was passed over is a witness: a silent error of the hardware or the link";

/// log2 of how many times the expected number of candidates one round tries: it fails with probability e^-8.
const LOG_ROUND: usize = 3;

impl Offload {
    /// The smallest witness, a field word, searched on devices. `None`: no device takes it, and the ledger says why.
    ///
    /// One device has a round for itself; of several each has its share of a round, and the first share with a witness counts.
    pub(crate) fn grind(&self, sponge: &Sponge) -> Option<u32> {
        let whole =
            Shape { kernel: Kernel::Grind, log_rows: sponge.bits, log_blowup: 0, columns: sponge.absorbed, levels: 0 };
        let lanes = self.admit_for(Commitment::Grinding, whole, |lane| searches(lane, sponge))?;
        let round = (1u64 << (sponge.bits + LOG_ROUND)).min(Val::ORDER_U32.into());
        let share = round.div_ceil(lanes.len() as u64);
        (0..u64::from(Val::ORDER_U32)).step_by(round as usize).find_map(|start| {
            let range = |k: usize| {
                let from = start + k as u64 * share;
                let end = (from + share).min(start + round).min(Val::ORDER_U32.into());
                (from as u32, end.saturating_sub(from) as u32)
            };
            let of = (0..lanes.len()).take_while(|&k| range(k).1 > 0).count();
            let done = self.desk.run(
                &lanes,
                of,
                |_, _| true,
                |lane, k| {
                    let (first, candidates) = range(k);
                    let job = Job::grind(&sponge.state, sponge.absorbed, sponge.range(first, candidates));
                    lane.perform(&job, answer, |answer| self.passed_over(sponge, first, candidates, *answer))
                },
            );
            let found = done.into_iter().enumerate().map(|(index, done)| {
                let (first, candidates) = range(index);
                match self.settle_for(Commitment::Grinding, whole, Part { index, of }, done) {
                    Some(answer) => answer.map(|(witness, _)| witness),
                    None => sponge.search(first, candidates),
                }
            });
            // All parts enter the ledger; the first witness counts.
            found.collect::<Vec<_>>().into_iter().flatten().next()
        })
    }

    /// Checks an answer as the module says.
    fn passed_over(
        &self,
        sponge: &Sponge,
        first: u32,
        candidates: u32,
        answer: Option<(u32, u32)>,
    ) -> Result<(), &'static str> {
        let before = match answer {
            None => candidates,
            Some((witness, value)) => {
                let at = elements(&[witness]).and_then(|mut w| w.pop()).ok_or(MALFORMED)?.as_canonical_u32();
                let inside = at.checked_sub(first).filter(|&before| before < candidates).ok_or(WRONG_WITNESS)?;
                let range = sponge.range(at, 1);
                let ours = galena_device::search(&sponge.state, sponge.absorbed - 1, &range);
                right(ours.is_some_and(|ours| ours.value == value), WRONG_WITNESS)?;
                inside
            }
        };
        let missed = match before as usize <= self.checks.samples {
            true => before > 0 && sponge.search(first, before).is_some(),
            false => {
                let mut drawn =
                    self.checks.positions(before as usize, &mut rand::rng()).collect::<Vec<_>>().into_iter();
                drawn.any(|at| sponge.search(first + at as u32, 1).is_some())
            }
        };
        right(!missed, NOT_SMALLEST)
    }
}

/// Witness and sampled value, if there is a witness.
fn answer(output: Output) -> Result<Option<(u32, u32)>, &'static str> {
    let witness = output.witness().map_err(|_| MALFORMED)?;
    Ok(witness.map(|witness| (witness.word, witness.value)))
}

/// Why a device does not take such a search.
fn searches(lane: &Lane, sponge: &Sponge) -> Option<Limit> {
    if !lane.info.kernels.contains(&Kernel::Grind) {
        return Some(Limit { quantity: "kernel", least: 0, most: 0, found: 0 });
    }
    let job = Job::grind(&sponge.state, sponge.absorbed, sponge.range(0, 1));
    let own = lane.info.limits.check(&job.shape()).err();
    let own = own.map(|limit| Limit { quantity: limit.what, least: limit.min, most: limit.max, found: limit.found });
    // A search tries about 2^bits candidates, as many permutations as so many rows have.
    own.or_else(|| lane.withheld(sponge.bits).map(|limit| Limit { quantity: "bits", least: 0, ..limit }))
}
