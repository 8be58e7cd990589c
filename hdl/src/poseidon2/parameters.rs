//! The constants of Poseidon2 as Plonky3 0.8 uses it over BabyBear: S-box x^7, 4 + 4 external rounds, 13 or 21 internal rounds.
//!
//! Round constants come from Plonky3's public tables. The internal matrix is J + diag(V) with entries of V that are small
//! multiples or negative powers of two, so that a product by one of them is shifts and adds (p3-baby-bear, `poseidon2.rs`).

use crate::field::{self, P};
use p3_baby_bear::{
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL, BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
    BABYBEAR_POSEIDON2_RC_16_INTERNAL, BABYBEAR_POSEIDON2_RC_24_EXTERNAL_FINAL,
    BABYBEAR_POSEIDON2_RC_24_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_24_INTERNAL, BabyBear,
};
use p3_field::PrimeField32;

/// External rounds before the internal ones, and again after them.
pub const HALF_EXTERNAL: usize = 4;

/// An entry of the internal diagonal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagonal {
    /// n, 1 to 4.
    Times(usize),
    /// -n, 1 to 4.
    MinusTimes(usize),
    /// 2^-k, 1 to 27.
    Half(usize),
    /// -2^-k, 1 to 27.
    MinusHalf(usize),
}
use Diagonal::{Half, MinusHalf, MinusTimes, Times};

impl Diagonal {
    /// The product of an element (either form) and this entry.
    pub fn apply(self, x: u32) -> u32 {
        let times = |n: usize| (x as u64 * n as u64 % P as u64) as u32;
        match self {
            Times(n) => times(n),
            MinusTimes(n) => field::sub(0, times(n)),
            Half(k) => field::halve(x, k),
            MinusHalf(k) => field::sub(0, field::halve(x, k)),
        }
    }
}

const DIAGONAL_16: [Diagonal; 16] = [
    MinusTimes(2),
    Times(1),
    Times(2),
    Half(1),
    Times(3),
    Times(4),
    MinusHalf(1),
    MinusTimes(3),
    MinusTimes(4),
    Half(8),
    Half(2),
    Half(3),
    Half(27),
    MinusHalf(8),
    MinusHalf(4),
    MinusHalf(27),
];

const DIAGONAL_24: [Diagonal; 24] = [
    MinusTimes(2),
    Times(1),
    Times(2),
    Half(1),
    Times(3),
    Times(4),
    MinusHalf(1),
    MinusTimes(3),
    MinusTimes(4),
    Half(8),
    Half(2),
    Half(3),
    Half(4),
    Half(7),
    Half(9),
    Half(27),
    MinusHalf(8),
    MinusHalf(2),
    MinusHalf(3),
    MinusHalf(4),
    MinusHalf(5),
    MinusHalf(6),
    MinusHalf(7),
    MinusHalf(27),
];

/// The constants of one width. Field elements are in Montgomery form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// State words: 16 or 24.
    pub width: usize,
    /// Constants of the 8 external rounds, `width` words each; the internal rounds stand between rounds 3 and 4.
    pub external: Vec<Vec<u32>>,
    /// Constant of word 0 in each internal round.
    pub internal: Vec<u32>,
    /// V of the internal matrix J + diag(V).
    pub diagonal: &'static [Diagonal],
}

impl Parameters {
    /// Width 16: 13 internal rounds, 141 S-boxes.
    pub fn width_16() -> Self {
        Self::new(
            &[BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL],
            &BABYBEAR_POSEIDON2_RC_16_INTERNAL,
            &DIAGONAL_16,
        )
    }

    /// Width 24: 21 internal rounds, 213 S-boxes.
    pub fn width_24() -> Self {
        Self::new(
            &[BABYBEAR_POSEIDON2_RC_24_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_24_EXTERNAL_FINAL],
            &BABYBEAR_POSEIDON2_RC_24_INTERNAL,
            &DIAGONAL_24,
        )
    }

    /// Those of a width of 16 or 24.
    pub(super) fn of(width: usize) -> Self {
        if width == 24 { Self::width_24() } else { Self::width_16() }
    }

    fn new<const W: usize>(
        external: &[[[BabyBear; W]; HALF_EXTERNAL]; 2],
        internal: &[BabyBear],
        diagonal: &'static [Diagonal],
    ) -> Self {
        let word = |x: &BabyBear| field::to_montgomery(x.as_canonical_u32());
        Self {
            width: W,
            external: external.iter().flatten().map(|round| round.iter().map(word).collect()).collect(),
            internal: internal.iter().map(word).collect(),
            diagonal,
        }
    }

    /// S-boxes of one permutation.
    pub fn sboxes(&self) -> usize {
        self.external.len() * self.width + self.internal.len()
    }
}
