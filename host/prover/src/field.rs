//! Names of the proof system's types, and field elements as the words a device speaks.

use galena_constraints::config::Perm;
pub(crate) use galena_constraints::config::{
    Challenge, Challenger as StockChallenger, Compress, Hash, Packing as Packed, Val, ValMmcs,
};
use p3_baby_bear::default_babybear_poseidon2_16;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

/// A node of a Merkle tree.
pub(crate) type Digest = [Val; 8];
/// The nodes of a Merkle tree at one height, left to right.
pub(crate) type Layer = Vec<Digest>;

/// Poseidon2 with the published constants.
pub(crate) fn perm() -> Perm {
    default_babybear_poseidon2_16()
}

/// An element as a field word: Montgomery form (R = 2^32), reduced below p.
pub(crate) fn word(value: Val) -> u32 {
    value.to_unique_u32()
}

/// Field words as elements. `None` if a word is not below p.
pub(crate) fn elements(words: &[u32]) -> Option<Vec<Val>> {
    // `Val::new(w)` has the integer w, so the word w * R; one multiplication by 1/R makes the word w.
    let from_montgomery = Val::new(1 << 16).square().inverse();
    words.iter().map(|&w| (w < Val::ORDER_U32).then(|| Val::new(w) * from_montgomery)).collect()
}

/// Eight field words as a digest. `None` if a word is not below p.
pub(crate) fn digest(words: &[u32; 8]) -> Option<Digest> {
    elements(words)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_montgomery_form_and_round_trip() {
        assert_eq!(word(Val::ONE), 0x0fff_fffe); // 2^32 mod p
        let values = [0, 1, 2, 31, 0x7800_0000, 0x1234_5678].map(Val::new);
        let words = values.map(word);
        assert_eq!(elements(&words).unwrap(), values);
        assert!(words.iter().all(|&w| w < 0x7800_0001));
    }

    #[test]
    fn words_at_or_above_p_are_refused() {
        assert_eq!(elements(&[0x7800_0000]).map(|v| v.len()), Some(1));
        assert_eq!(elements(&[0, 0x7800_0001]), None);
        assert_eq!(elements(&[u32::MAX]), None);
        assert_eq!(digest(&[u32::MAX; 8]), None);
    }
}
