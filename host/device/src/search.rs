//! The search for a proof-of-work witness on the CPU: packed, on all threads, and the smallest whatever their number.

use crate::device::Witness;
use crate::field;
use galena_target::job::STATE_WORDS;
use galena_target::{FIELD_PRIME, Search};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_field::{Field, PackedValue, PrimeField32};
use p3_maybe_rayon::prelude::*;
use p3_symmetric::Permutation;

type Packed = <BabyBear as Field>::Packing;

/// The word that a challenger of rate 8 samples first.
const SAMPLED: usize = 7;

/// Candidates searched between two looks at the result, and of one parallel task: about 2 ms of one thread.
const BLOCK: u64 = 1 << 15;
const TASK: u64 = 1 << 11;

/// The first of the candidates that passes: with it at `place` (0 to 7) of the state (field words), the permuted state has zeros in the low
/// bits of word 7 as an integer. That is what `GrindingChallenger::check_witness` of a `DuplexChallenger` of width 16 and rate 8 asks, if the
/// state is its sponge with the pending inputs put in, the rest of the rate cleared and the number absorbed added to word 8.
///
/// Blocks of candidates are searched one after the other, each in parallel; of the first that has a witness, the first counts.
pub fn search(state: &[u32; STATE_WORDS], place: usize, search: &Search) -> Option<Witness> {
    let from_word = |&word: &u32| BabyBear::new(field::canonical(word));
    let state: [Packed; STATE_WORDS] = std::array::from_fn(|k| Packed::from(from_word(&state[k])));
    let scan = Scan {
        permutation: default_babybear_poseidon2_16(),
        state,
        place: place.min(SAMPLED),
        mask: ((1u64 << search.bits.min(31)) - 1) as u32,
        first: field::canonical(search.first).into(),
        candidates: search.candidates.into(),
    };
    (0..scan.candidates).step_by(BLOCK as usize).find_map(|start| scan.block(start))
}

/// One search: the sponge just before the witness is absorbed, in every lane.
struct Scan {
    permutation: Poseidon2BabyBear<16>,
    state: [Packed; STATE_WORDS],
    place: usize,
    mask: u32,
    first: u64,
    candidates: u64,
}

impl Scan {
    /// The first witness of a block, by the number of its candidate.
    fn block(&self, start: u64) -> Option<Witness> {
        let tasks = (BLOCK / TASK) as usize;
        (0..tasks).into_par_iter().find_map_first(|task| self.task(start + task as u64 * TASK))
    }

    fn task(&self, start: u64) -> Option<Witness> {
        let end = (start + TASK).min(self.candidates);
        (start..end).step_by(Packed::WIDTH).find_map(|base| {
            let candidate = |lane: usize| ((self.first + base + lane as u64) % u64::from(FIELD_PRIME)) as u32;
            let mut state = self.state;
            state[self.place] = Packed::from_fn(|lane| BabyBear::new(candidate(lane)));
            self.permutation.permute_mut(&mut state);
            let sampled = state[SAMPLED].as_slice();
            // Lanes past the end are no candidates.
            let lanes = Packed::WIDTH.min((end - base) as usize);
            let value = |lane: usize| sampled[lane].as_canonical_u32();
            let lane = (0..lanes).find(|&lane| value(lane) & self.mask == 0)?;
            Some(Witness { word: field::word(candidate(lane)), value: value(lane) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: [u32; STATE_WORDS] = [0, 7, 2, 3, 0, 0, 0, 0, 99, 1, 2, 3, 4, 5, 6, FIELD_PRIME - 1];

    fn passing(bits: usize, first: u32, candidates: u32) -> Option<Witness> {
        search(&STATE, 3, &Search { bits, first: field::word(first), candidates })
    }

    /// Searches that begin behind each witness find all of them, none twice and none between.
    #[test]
    fn a_search_from_anywhere_finds_the_next_witness() {
        let (mut at, mut found) = (0, vec![]);
        while let Some(witness) = passing(9, at, 1 << 14) {
            found.push(field::canonical(witness.word));
            at = found[found.len() - 1] + 1;
            if at > 1 << 14 {
                break;
            }
        }
        let one = |w: &u32| passing(9, *w, 1).is_some();
        let all: Vec<u32> = (0..=found[found.len() - 1]).filter(one).collect();
        assert!(found == all && found.len() > 16, "{} of {}", found.len(), all.len());
    }

    #[test]
    fn a_range_ends_where_it_ends_and_wraps() {
        let first = passing(9, 0, 1 << 14).unwrap();
        let at = field::canonical(first.word);
        assert_eq!((passing(9, 0, at), passing(9, 0, at + 1)), (None, Some(first)));
        assert_eq!(passing(9, FIELD_PRIME - 1, at + 2).map(|w| field::canonical(w.word) <= at), Some(true));
        assert_eq!(passing(0, 5, 1).map(|w| w.word), Some(field::word(5)), "no bits: the first");
        let beyond = (0..60).filter_map(|k| passing(15, k << 20, 1 << 19)).count();
        assert_eq!(beyond, 60, "a witness beyond the first block is found");
    }
}
