//! Fiat-Shamir with the smallest proof-of-work witness, so that a proof does not depend on the number of threads, nor on who searched.
//!
//! The stock parallel grinder takes whichever witness some thread finds first. This one takes the smallest: what the stock sequential
//! grinder returns. The verifier cannot tell the difference. A device searches where there is one, else the CPU.

use std::sync::Arc;

use p3_challenger::{CanObserve, CanSample, CanSampleBits, FieldChallenger, GrindingChallenger};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::field::{StockChallenger, Val, elements, word};
use crate::offload::Offload;

/// Rate of the challenger's sponge.
const RATE: usize = 8;

/// The stock challenger, with a grinder that returns the smallest witness.
#[derive(Clone)]
pub struct SmallestWitness {
    stock: StockChallenger,
    offload: Option<Arc<Offload>>,
}

impl SmallestWitness {
    /// Searches on the CPU.
    pub fn new(stock: StockChallenger) -> Self {
        Self { stock, offload: None }
    }

    /// Searches on the devices of `offload` where their limits and the policy allow, else on the CPU.
    pub fn on(stock: StockChallenger, offload: Arc<Offload>) -> Self {
        Self { stock, offload: Some(offload) }
    }
}

impl std::fmt::Debug for SmallestWitness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SmallestWitness").field(&self.stock).finish()
    }
}

impl<T> CanObserve<T> for SmallestWitness
where
    StockChallenger: CanObserve<T>,
{
    fn observe(&mut self, value: T) {
        self.stock.observe(value);
    }
}

impl<T> CanSample<T> for SmallestWitness
where
    StockChallenger: CanSample<T>,
{
    fn sample(&mut self) -> T {
        self.stock.sample()
    }
}

impl CanSampleBits<usize> for SmallestWitness {
    fn sample_bits(&mut self, bits: usize) -> usize {
        self.stock.sample_bits(bits)
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
        let sponge = Sponge::new(&self.stock, bits);
        let offered = self.offload.as_ref().and_then(|offload| offload.grind(&sponge));
        let witness = offered
            .or_else(|| sponge.search(0, Val::ORDER_U32))
            .and_then(|word| elements(&[word])?.pop())
            .expect("some witness below p passes, except with probability e^-16 at 27 bits");
        assert!(self.check_witness(bits, witness), "the search agrees with the verifier's check");
        witness
    }
}

/// The sponge just before the witness is absorbed: what a search is about.
pub(crate) struct Sponge {
    /// Field words, the pending inputs put in; the witness's place is zero.
    pub state: [u32; 16],
    /// Words absorbed with the witness, which is the last of them.
    pub absorbed: usize,
    pub bits: usize,
}

impl Sponge {
    fn new(challenger: &StockChallenger, bits: usize) -> Self {
        // Absorption overwrites the rate with the pending inputs and the witness, clears the rest of the rate, and
        // adds the number absorbed to the first capacity word.
        let pending = challenger.input_buffer.len();
        let mut state = challenger.sponge_state;
        state[..RATE].fill(Val::ZERO);
        state[..pending].copy_from_slice(&challenger.input_buffer);
        state[RATE] += Val::from_usize(pending + 1);
        Self { state: state.map(word), absorbed: pending + 1, bits }
    }

    /// The first witness from `first` (an integer) on among so many candidates, a field word: on the CPU.
    pub(crate) fn search(&self, first: u32, candidates: u32) -> Option<u32> {
        galena_device::search(&self.state, self.absorbed - 1, &self.range(first, candidates))
            .map(|witness| witness.word)
    }

    /// So many candidates from `first` on.
    pub(crate) fn range(&self, first: u32, candidates: u32) -> galena_device::Search {
        galena_device::Search { bits: self.bits, first: word(Val::new(first)), candidates }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p3_baby_bear::default_babybear_poseidon2_16;

    fn challenger(observed: u32) -> SmallestWitness {
        let mut c = SmallestWitness::new(StockChallenger::new(default_babybear_poseidon2_16()));
        (0..observed).for_each(|i| c.observe(Val::new(i * 7 + 1)));
        c
    }

    /// The definition: try 0, 1, 2, ... with the verifier's check.
    fn naive(c: &SmallestWitness, bits: usize) -> Val {
        (0..Val::ORDER_U32).map(Val::new).find(|&w| c.stock.clone().check_witness(bits, w)).unwrap()
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
            expected.as_canonical_u32() >= 1 << 15
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
