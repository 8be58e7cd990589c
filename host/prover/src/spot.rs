//! Sampled recomputation of a device's answers, so that a silent error of the hardware is found where it happens.
//!
//! Soundness never rests on these: the finished receipt is verified whatever computed it. What they buy is time, and the
//! name of the device that is wrong. With N samples:
//!
//! * **Digests.** Of every layer that comes back, N positions are drawn uniformly, with replacement, and recomputed: row
//!   digests from the rows, nodes from their two children. If a fraction f of a layer is wrong, that is found with
//!   probability 1 - (1 - f)^N. The least f is one digest in a layer of H, 1/H: about N/H. A layer of at most N digests is
//!   recomputed whole. An error below a node that was computed correctly from its wrong children is that layer's to find.
//! * **Extensions.** Columns (a polynomial of degree < n) and rows (of degree < N' = n * blow-up) are both evaluated at
//!   ceil(N/8) points drawn uniformly from the field. Two different polynomials of degree < N' agree at no more than
//!   N' - 1 of the p points, so a column with any wrong word passes one point with probability < N'/p (Schwartz-Zippel):
//!   2^-14 for 2^17 rows. Points are independent, so ceil(N/8) of them let it pass with probability < (N'/p)^ceil(N/8).
//!   A point costs a pass over all rows; a position costs one row: hence eight of these to one of those.
//!
//! Positions and points come from the operating system's randomness, never from the transcript: nobody can choose an error
//! that avoids them, and nothing of them is in a proof.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_matrix::interpolation::Interpolate;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};
use rand::Rng;
use serde::Serialize;

use crate::field::{Compress, Digest, Hash, Layer, Val};

/// Positions that cost about as much as one point.
const POSITIONS_A_POINT: usize = 8;

/// How much of every answer is recomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// Positions recomputed in every layer of digests; 0: none, and no points either.
    pub samples: usize,
}

impl Checks {
    /// Points at which every extension is compared with what it extends.
    pub fn points(self) -> usize {
        self.samples.div_ceil(POSITIONS_A_POINT)
    }

    /// The probability that one answer is found wrong if a `fraction` of one of its layers is.
    pub fn finds(self, fraction: f64) -> f64 {
        1.0 - (1.0 - fraction.clamp(0.0, 1.0)).powf(self.samples as f64)
    }

    /// The same for one wrong digest among `height`: what is hardest to find.
    pub fn finds_one_in(self, height: usize) -> f64 {
        if height <= self.samples { 1.0 } else { self.finds(1.0 / height as f64) }
    }

    /// An upper bound of the probability that a wrong extension of `height` rows passes.
    pub fn misses_extension(self, height: usize) -> f64 {
        (height as f64 / f64::from(Val::ORDER_U32)).min(1.0).powf(self.points() as f64)
    }

    /// Whether `rows` are the coset extensions of `columns`, matrix by matrix: do both interpolate to the same values?
    pub(crate) fn extends(
        self,
        columns: &[&RowMajorMatrix<Val>],
        rows: &[RowMajorMatrix<Val>],
        shift: Val,
        rng: &mut impl Rng,
    ) -> bool {
        (0..self.points()).all(|_| {
            let point = Val::from_u32(rng.random_range(0..Val::ORDER_U32));
            columns.iter().zip(rows).all(|(columns, rows)| {
                let extended: Vec<Val> = rows.as_view().bit_reverse_rows().interpolate_coset(shift, point);
                extended == columns.interpolate_subgroup::<Val>(point)
            })
        })
    }

    /// Whether sampled `digests` are those of the concatenated rows of `matrices`, from row `first` on.
    pub(crate) fn hashes<M: Matrix<Val>>(
        self,
        hash: &Hash,
        matrices: &[&M],
        first: usize,
        digests: &[Digest],
        rng: &mut impl Rng,
    ) -> bool {
        self.positions(digests.len(), rng).all(|i| row_digest(hash, matrices, first + i) == digests[i])
    }

    /// Whether sampled nodes of `layers` are their children compressed; the first layer's children are `below`.
    pub(crate) fn compresses(
        self,
        compress: &Compress,
        below: &[Digest],
        layers: &[Layer],
        rng: &mut impl Rng,
    ) -> bool {
        let belows = std::iter::once(below).chain(layers.iter().map(Vec::as_slice));
        belows.zip(layers).all(|(below, layer)| {
            let mut positions = self.positions(layer.len(), rng);
            positions.all(|i| compress.compress([below[2 * i], below[2 * i + 1]]) == layer[i])
        })
    }

    /// Positions below `length`: all of them where there are no more than samples.
    pub(crate) fn positions(self, length: usize, rng: &mut impl Rng) -> impl Iterator<Item = usize> {
        let whole = length <= self.samples;
        (0..self.samples.min(length)).map(move |k| if whole { k } else { rng.random_range(0..length) })
    }
}

/// The digest of row `i` of all matrices, concatenated in order.
pub(crate) fn row_digest<M: Matrix<Val>>(hash: &Hash, matrices: &[&M], i: usize) -> Digest {
    hash.hash_iter(matrices.iter().flat_map(|m| m.row(i).into_iter().flatten()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{layers_above, row_digests};
    use p3_baby_bear::default_babybear_poseidon2_16;
    use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
    use p3_field::Field;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// As many samples as any test has digests: everything is recomputed.
    const ALL: Checks = Checks { samples: 64 };

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(20)
    }

    fn matrix(height: usize, width: usize) -> RowMajorMatrix<Val> {
        RowMajorMatrix::new((0..height * width).map(|i| Val::from_usize(i * i + 3)).collect(), width)
    }

    #[test]
    fn an_extension_passes_and_one_wrong_word_anywhere_does_not() {
        for (height, width, added) in [(1, 1, 1), (16, 3, 1), (32, 9, 2)] {
            let columns = matrix(height, width);
            let shift = Val::GENERATOR;
            let lde = Radix2DitParallel::default().coset_lde_batch(columns.clone(), added, shift);
            let mut rows = [lde.bit_reverse_rows().to_row_major_matrix()];
            let one_point = Checks { samples: 1 };
            let mut rng = rng();
            assert!(ALL.extends(&[&columns], &rows, shift, &mut rng));
            for i in 0..rows[0].values.len() {
                rows[0].values[i] += Val::ONE;
                assert!(!one_point.extends(&[&columns], &rows, shift, &mut rng), "word {i}");
                assert!(Checks { samples: 0 }.extends(&[&columns], &rows, shift, &mut rng), "nothing is checked");
                rows[0].values[i] -= Val::ONE;
            }
            assert!(height == 1 || !ALL.extends(&[&columns], &rows, shift.square(), &mut rng), "another coset");
        }
    }

    #[test]
    fn digests_pass_and_a_wrong_layer_does_not() {
        let perm = default_babybear_poseidon2_16();
        let (hash, compress) = (Hash::new(perm.clone()), Compress::new(perm));
        let (a, b) = (matrix(32, 5), matrix(32, 9));
        let mut rng = rng();
        let mut digests = row_digests(&hash, &[&a, &b], 0..32);
        assert!(ALL.hashes(&hash, &[&a, &b], 0, &digests, &mut rng));
        assert!(ALL.hashes(&hash, &[&a, &b], 8, &digests[8..24], &mut rng), "some rows only");
        assert!(!ALL.hashes(&hash, &[&b, &a], 0, &digests, &mut rng), "the order of matrices matters");
        let mut layers = layers_above(&compress, &digests, 3);
        assert!(ALL.compresses(&compress, &digests, &layers, &mut rng));
        layers[1].rotate_left(1);
        assert!(!ALL.compresses(&compress, &digests, &layers, &mut rng));
        digests[31][7] += Val::ONE;
        assert!(!ALL.hashes(&hash, &[&a, &b], 0, &digests, &mut rng));
    }

    /// What the module says about probabilities is what happens.
    #[test]
    fn errors_are_found_as_often_as_promised() {
        let hash = Hash::new(default_babybear_poseidon2_16());
        let m = matrix(64, 8);
        let mut digests = row_digests(&hash, &[&m], 0..64);
        digests[..8].reverse(); // one digest in eight is wrong
        let checks = Checks { samples: 4 };
        let mut rng = rng();
        let found = (0..1000).filter(|_| !checks.hashes(&hash, &[&m], 0, &digests, &mut rng)).count();
        let expected = checks.finds(1.0 / 8.0); // 0.414; one sigma of a thousand tries is 0.016
        assert!((found as f64 / 1000.0 - expected).abs() < 0.08, "{found} of 1000, expected {expected}");
        assert_eq!((checks.finds_one_in(4), checks.finds(1.0), checks.finds(0.0)), (1.0, 1.0, 0.0));
        let bound = Checks { samples: 16 }.misses_extension(1 << 17).log2();
        assert!((-28.0..-27.0).contains(&bound), "two points: {bound}");
    }

    #[test]
    fn positions_are_within_and_all_of_a_short_layer() {
        let mut rng = rng();
        for log in 0..12 {
            let length = 1 << log;
            let positions: Vec<usize> = ALL.positions(length, &mut rng).collect();
            assert!(positions.iter().all(|&i| i < length));
            assert_eq!(positions.len(), length.min(64));
            assert!(length > 64 || positions == (0..length).collect::<Vec<_>>());
        }
    }
}
