//! Cheap checks of a device's answer, so that a silent error of the hardware is found where it happens.
//!
//! Soundness never rests on these: the finished receipt is verified whatever computed it.

use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_matrix::interpolation::Interpolate;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};

use crate::field::{Compress, Digest, Hash, Layer, Val};

/// Digests recomputed in each layer, the first and the last among them.
const SAMPLES: usize = 8;

/// Whether `rows` are the coset extensions of `columns`, matrix by matrix: do both interpolate to the same values at `point`?
///
/// A wrong extension passes for at most 2^(n+b) of the points in the field (Schwartz-Zippel); the cost is linear in its size.
pub(crate) fn extends(columns: &[&RowMajorMatrix<Val>], rows: &[RowMajorMatrix<Val>], shift: Val, point: Val) -> bool {
    columns.iter().zip(rows).all(|(columns, rows)| {
        let extended: Vec<Val> = rows.as_view().bit_reverse_rows().interpolate_coset(shift, point);
        extended == columns.interpolate_subgroup::<Val>(point)
    })
}

/// Whether sampled digests are those of the concatenated rows of `matrices`.
pub(crate) fn hashes<M: Matrix<Val>>(hash: &Hash, matrices: &[&M], digests: &[Digest]) -> bool {
    samples(digests.len())
        .all(|i| hash.hash_iter(matrices.iter().flat_map(|m| m.row(i).into_iter().flatten())) == digests[i])
}

/// Whether sampled nodes of `layers` are their children compressed; the first layer's children are `below`.
pub(crate) fn compresses(compress: &Compress, below: &[Digest], layers: &[Layer]) -> bool {
    let belows = std::iter::once(below).chain(layers.iter().map(Vec::as_slice));
    belows.zip(layers).all(|(below, layer)| {
        samples(layer.len()).all(|i| compress.compress([below[2 * i], below[2 * i + 1]]) == layer[i])
    })
}

/// Positions below `length`, a power of two: both ends, and some between that no period of the hardware divides.
fn samples(length: usize) -> impl Iterator<Item = usize> {
    // The golden ratio's multiples are spread as evenly as any sequence's.
    let spread = move |k: usize| (k as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize & length.saturating_sub(1);
    (0..SAMPLES.min(length)).map(move |k| if k == 1 { length - 1 } else { spread(k) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{layers_above, row_digests};
    use p3_baby_bear::default_babybear_poseidon2_16;
    use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
    use p3_field::{Field, PrimeCharacteristicRing};

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
            let point = Val::new(123_456_789);
            assert!(extends(&[&columns], &rows, shift, point));
            for i in 0..rows[0].values.len() {
                rows[0].values[i] += Val::ONE;
                assert!(!extends(&[&columns], &rows, shift, point), "word {i}");
                rows[0].values[i] -= Val::ONE;
            }
            assert!(height == 1 || !extends(&[&columns], &rows, shift.square(), point), "another coset");
        }
    }

    #[test]
    fn digests_pass_and_a_wrong_layer_does_not() {
        let perm = default_babybear_poseidon2_16();
        let (hash, compress) = (Hash::new(perm.clone()), Compress::new(perm));
        let (a, b) = (matrix(32, 5), matrix(32, 9));
        let mut digests = row_digests(&hash, &[&a, &b]);
        assert!(hashes(&hash, &[&a, &b], &digests));
        assert!(!hashes(&hash, &[&b, &a], &digests), "the order of matrices matters");
        let mut layers = layers_above(&compress, &digests, 3);
        assert!(compresses(&compress, &digests, &layers));
        layers[1].rotate_left(1);
        assert!(!compresses(&compress, &digests, &layers));
        digests.rotate_left(1);
        assert!(!hashes(&hash, &[&a, &b], &digests));
    }

    #[test]
    fn samples_are_positions_and_take_in_both_ends() {
        for log in 0..12 {
            let length = 1 << log;
            let positions: Vec<usize> = samples(length).collect();
            assert!(positions.iter().all(|&i| i < length));
            assert!(positions.contains(&0) && positions.contains(&(length - 1)), "{positions:?}");
        }
    }
}
