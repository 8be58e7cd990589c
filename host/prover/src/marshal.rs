//! Matrices to the words of a job, and the words of an answer to matrices and digests. Nothing a device says is trusted:
//! an answer of another shape than the one asked for, or with a word that is no field element, is `None`.

use std::ops::Range;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;

use crate::field::{Digest, Layer, Val, digest, elements, word};

/// Digests as the rows of a `tree` job.
pub(crate) fn digest_words(digests: &[Digest]) -> Vec<u32> {
    digests.par_iter().flat_map_iter(|digest| digest.iter().map(|&x| word(x))).collect()
}

/// The columns of `range`, as a matrix of their own.
pub(crate) fn columns(m: &RowMajorMatrix<Val>, range: Range<usize>) -> RowMajorMatrix<Val> {
    let width = range.len();
    let mut values = Val::zero_vec(m.height() * width);
    (values.par_chunks_exact_mut(width.max(1)).zip(m.values.par_chunks_exact(m.width.max(1))))
        .for_each(|(part, row)| part.copy_from_slice(&row[range.clone()]));
    RowMajorMatrix::new(values, width)
}

/// Matrices of one height side by side.
pub(crate) fn beside(parts: &[RowMajorMatrix<Val>]) -> RowMajorMatrix<Val> {
    let width: usize = parts.iter().map(|part| part.width).sum();
    let height = parts.first().map_or(0, |part| part.height());
    let mut values = Val::zero_vec(height * width);
    values.par_chunks_exact_mut(width.max(1)).enumerate().for_each(|(i, row)| {
        let mut rest = row;
        for part in parts {
            let (own, others) = rest.split_at_mut(part.width);
            own.copy_from_slice(&part.values[i * part.width..(i + 1) * part.width]);
            rest = others;
        }
    });
    RowMajorMatrix::new(values, width)
}

/// Row i of all matrices, concatenated in order, for every i of `range`: field words, row-major. All have the same height.
pub(crate) fn words<M: Matrix<Val>>(matrices: &[&M], range: Range<usize>) -> Vec<u32> {
    let width: usize = matrices.iter().map(|m| m.width()).sum();
    let mut words = vec![0; range.len() * width];
    words.par_chunks_exact_mut(width.max(1)).enumerate().for_each(|(i, row)| {
        let values = matrices.iter().flat_map(|m| m.row(range.start + i).into_iter().flatten());
        row.iter_mut().zip(values).for_each(|(slot, value)| *slot = word(value));
    });
    words
}

/// Field words of `height` rows, row-major, as one matrix for each of `widths`, side by side.
pub(crate) fn rows(words: &[u32], widths: &[usize], height: usize) -> Option<Vec<RowMajorMatrix<Val>>> {
    let width: usize = widths.iter().sum();
    if words.len() != width * height {
        return None;
    }
    let mut matrices: Vec<Vec<Val>> = widths.iter().map(|w| Vec::with_capacity(w * height)).collect();
    for row in words.chunks_exact(width.max(1)) {
        let mut rest = row;
        for (matrix, &width) in matrices.iter_mut().zip(widths) {
            let (own, others) = rest.split_at(width);
            matrix.extend(elements(own)?);
            rest = others;
        }
    }
    Some(matrices.into_iter().zip(widths).map(|(values, &width)| RowMajorMatrix::new(values, width)).collect())
}

/// `count` beats of a device's memory as digests.
pub(crate) fn beats(words: &[u32], count: usize) -> Option<Vec<Digest>> {
    let (beats, rest) = words.as_chunks::<8>();
    if beats.len() != count || !rest.is_empty() { None } else { beats.iter().map(digest).collect() }
}

/// `count` layers of digests, the first of `height` digests, each half as long as the one before.
pub(crate) fn layers(words: &[Vec<[u32; 8]>], height: usize, count: usize) -> Option<Vec<Layer>> {
    if words.len() != count || words.iter().enumerate().any(|(level, layer)| layer.len() != height >> level) {
        return None;
    }
    words.iter().map(|layer| layer.iter().map(digest).collect()).collect()
}
