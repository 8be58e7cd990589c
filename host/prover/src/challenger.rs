//! Fiat-Shamir with the smallest proof-of-work witness, so that a proof does not depend on the number of threads.
//!
//! The stock parallel grinder takes whichever witness some thread finds first. This one searches consecutive blocks of
//! candidates, each block in parallel, and takes the smallest witness of the first block that has one: what the stock
//! sequential grinder returns. The verifier cannot tell the difference.

use p3_challenger::{CanObserve, CanSample, CanSampleBits, FieldChallenger, GrindingChallenger};
use p3_field::{PackedValue, PrimeCharacteristicRing, PrimeField32};
use p3_maybe_rayon::prelude::*;
use p3_symmetric::Permutation;

use crate::field::{Packed, StockChallenger, Val};

/// Width and rate of the challenger's sponge.
const WIDTH: usize = 16;
const RATE: usize = 8;

/// Candidates searched between two looks at the result, the size of one parallel task: about 2 ms of one thread.
const BLOCK: u32 = 1 << 15;
const TASK: u32 = 1 << 11;

/// The stock challenger, with a grinder that returns the smallest witness.
#[derive(Clone, Debug)]
pub struct SmallestWitness(pub StockChallenger);

impl<T> CanObserve<T> for SmallestWitness
where
    StockChallenger: CanObserve<T>,
{
    fn observe(&mut self, value: T) {
        self.0.observe(value);
    }
}

impl<T> CanSample<T> for SmallestWitness
where
    StockChallenger: CanSample<T>,
{
    fn sample(&mut self) -> T {
        self.0.sample()
    }
}

impl CanSampleBits<usize> for SmallestWitness {
    fn sample_bits(&mut self, bits: usize) -> usize {
        self.0.sample_bits(bits)
    }
}

impl FieldChallenger<Val> for SmallestWitness {}

impl GrindingChallenger for SmallestWitness {
    type Witness = Val;

    /// The smallest w (as an integer) whose absorption makes the next `bits` sampled bits zero.
    fn grind(&mut self, bits: usize) -> Val {
        assert!(bits < 31, "a witness of {bits} bits of work may not exist below p");
        if bits == 0 {
            return Val::ZERO; // as the stock challenger does: the transcript is left alone
        }
        let search = Search::new(&self.0, bits);
        let witness = (0..Val::ORDER_U32)
            .step_by(BLOCK as usize)
            .find_map(|start| search.block(start))
            .expect("some witness below p passes, except with probability e^-16 at 27 bits");
        assert!(self.check_witness(bits, witness), "the packed search agrees with the verifier's check");
        witness
    }
}

/// One search: the sponge just before the witness is absorbed, in every lane.
struct Search<'a> {
    challenger: &'a StockChallenger,
    state: [Packed; WIDTH],
    slot: usize,
    mask: u32,
}

impl<'a> Search<'a> {
    fn new(challenger: &'a StockChallenger, bits: usize) -> Self {
        // Absorption overwrites the rate with the pending inputs and the witness, clears the rest of the rate, and
        // adds the number absorbed to the first capacity word.
        let slot = challenger.input_buffer.len();
        let mut state = challenger.sponge_state;
        state[..RATE].fill(Val::ZERO);
        state[..slot].copy_from_slice(&challenger.input_buffer);
        state[RATE] += Val::from_usize(slot + 1);
        Self { challenger, state: state.map(Packed::from), slot, mask: (1 << bits) - 1 }
    }

    /// The smallest witness in `start..start + BLOCK`.
    fn block(&self, start: u32) -> Option<Val> {
        let tasks = (BLOCK / TASK) as usize;
        (0..tasks).into_par_iter().find_map_first(|task| self.task(start + task as u32 * TASK))
    }

    fn task(&self, start: u32) -> Option<Val> {
        let end = start.saturating_add(TASK).min(Val::ORDER_U32);
        (start..end).step_by(Packed::WIDTH).find_map(|base| {
            let mut state = self.state;
            // Lanes past p repeat p - 1, a candidate of its own.
            let candidates = Packed::from_fn(|lane| Val::new((base + lane as u32).min(Val::ORDER_U32 - 1)));
            state[self.slot] = candidates;
            self.challenger.permutation.permute_mut(&mut state);
            // Samples are taken from the end of the rate.
            let sampled = state[RATE - 1].as_slice();
            let passes = |lane: &usize| sampled[*lane].as_canonical_u32() & self.mask == 0;
            (0..Packed::WIDTH).find(passes).map(|lane| candidates.as_slice()[lane])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p3_baby_bear::default_babybear_poseidon2_16;

    fn challenger(observed: u32) -> SmallestWitness {
        let mut c = SmallestWitness(StockChallenger::new(default_babybear_poseidon2_16()));
        (0..observed).for_each(|i| c.observe(Val::new(i * 7 + 1)));
        c
    }

    /// The definition: try 0, 1, 2, ... with the verifier's check.
    fn naive(c: &SmallestWitness, bits: usize) -> Val {
        (0..Val::ORDER_U32).map(Val::new).find(|&w| c.0.clone().check_witness(bits, w)).unwrap()
    }

    #[test]
    fn the_witness_is_the_smallest_at_every_fill_of_the_buffer() {
        for observed in 0..=9 {
            for bits in [1, 5, 12] {
                let mut c = challenger(observed);
                let expected = naive(&c, bits);
                assert_eq!(c.grind(bits), expected, "{observed} observed, {bits} bits");
            }
        }
    }

    #[test]
    fn a_witness_beyond_the_first_block_is_still_the_smallest() {
        // 17 bits: four blocks on average, so some of these transcripts need more than one.
        let beyond = (0..8).filter(|&observed| {
            let mut c = challenger(100 + observed);
            let expected = naive(&c, 17);
            assert_eq!(c.grind(17), expected);
            expected.as_canonical_u32() >= BLOCK
        });
        assert!(beyond.count() > 0);
    }

    #[test]
    fn threads_do_not_change_the_witness_or_the_transcript() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut c = challenger(3);
                let witness = c.grind(16);
                let next: Val = c.sample();
                (witness, next)
            })
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn zero_bits_leave_the_transcript_alone() {
        let (mut a, mut b) = (challenger(5), challenger(5));
        assert_eq!(a.grind(0), Val::ZERO);
        let (x, y): (Val, Val) = (a.sample(), b.sample());
        assert_eq!(x, y);
    }
}
