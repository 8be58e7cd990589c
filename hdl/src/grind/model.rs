//! The bit-exact model: candidates one after the other, through the model of the permutation.

use crate::field::{P, add, from_montgomery};
use crate::poseidon2::Parameters;

/// What is searched. Field words are in Montgomery form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The sponge, pending inputs put in; what stands in the place of the witness is not looked at.
    pub state: [u32; 16],
    /// Which word the witness is, 0 to 7.
    pub place: usize,
    /// Low bits of the sampled value that must be zero, 0 to 30.
    pub bits: usize,
    /// The first candidate, a field word.
    pub first: u32,
    /// Candidates, at least 1.
    pub candidates: u32,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether a candidate passed.
    pub found: bool,
    /// The first that did, a field word; zero if none.
    pub witness: u32,
    /// The sampled value, an integer below p whose low bits are zero; zero if none passed.
    pub value: u32,
    /// Candidates up to and with the witness, or all.
    pub judged: u64,
}

/// Tries the candidates in order: the witness is the first whose permuted state has, as an integer, zeros in the low bits of word 7, which is
/// the word that a challenger of rate 8 samples first.
pub fn search(parameters: &Parameters, search: &Search) -> Answer {
    let mut candidate = search.first;
    for judged in 1..=u64::from(search.candidates) {
        let mut state = search.state;
        state[search.place] = candidate;
        parameters.permute(&mut state);
        let value = from_montgomery(state[7]);
        if value & ((1 << search.bits) - 1) == 0 {
            return Answer { found: true, witness: candidate, value, judged };
        }
        candidate = next(candidate);
    }
    Answer { judged: search.candidates.into(), ..Answer::default() }
}

/// The field word of the next integer; after p - 1 comes 0.
pub fn next(word: u32) -> u32 {
    add(word, STEP)
}

/// 2^32 mod p: the field word of 1.
pub const STEP: u32 = ((1u64 << 32) % P as u64) as u32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::to_montgomery;
    use rand::{Rng, SeedableRng};

    #[test]
    fn candidates_are_integers_in_order_and_wrap() {
        assert_eq!((to_montgomery(1), next(0)), (STEP, STEP));
        let words: Vec<u32> = std::iter::successors(Some(to_montgomery(P - 2)), |&w| Some(next(w))).take(4).collect();
        assert_eq!(words.iter().map(|&w| from_montgomery(w)).collect::<Vec<_>>(), [P - 2, P - 1, 0, 1]);
    }

    /// By definition: the reduction of the circuit, in its own steps, equals the division.
    #[test]
    fn the_steps_of_the_reduction_are_the_division() {
        let seed = 17;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let edges = [0, 1, 31, 32, (1 << 27) - 1, 1 << 27, P - 1, P - 2, 15 << 27, (15 << 27) - 1];
        for x in edges.into_iter().chain((0..20_000).map(|_| rng.random_range(0..P))) {
            let t = i64::from(x >> 27) - 15 * i64::from(x & ((1 << 27) - 1));
            let r = (t >> 5) - 15 * (1 << 22) * (t & 31);
            assert!(r <= 0 && r > -i64::from(P), "x = {x}, seed {seed}");
            assert_eq!((r + if r < 0 { i64::from(P) } else { 0 }) as u32, from_montgomery(x), "x = {x}, seed {seed}");
        }
    }
}
