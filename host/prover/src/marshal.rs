//! Matrices to the words of a job, and the words of an answer to matrices and digests. Nothing a device says is trusted:
//! an answer of another shape than the one asked for, or with a word that is no field element, is `None`.

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;

use crate::field::{Layer, Val, digest, elements, word};

/// Row i of all matrices, concatenated in order, for every i: field words, row-major. All have the same height.
pub(crate) fn words<M: Matrix<Val>>(matrices: &[&M]) -> Vec<u32> {
    let width: usize = matrices.iter().map(|m| m.width()).sum();
    let height = matrices.first().map_or(0, |m| m.height());
    let mut words = vec![0; height * width];
    words.par_chunks_exact_mut(width.max(1)).enumerate().for_each(|(i, row)| {
        let values = matrices.iter().flat_map(|m| m.row(i).into_iter().flatten());
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

/// `count` layers of digests, the first of `height` digests, each half as long as the one before.
pub(crate) fn layers(words: &[Vec<[u32; 8]>], height: usize, count: usize) -> Option<Vec<Layer>> {
    if words.len() != count || words.iter().enumerate().any(|(level, layer)| layer.len() != height >> level) {
        return None;
    }
    words.iter().map(|layer| layer.iter().map(digest).collect()).collect()
}
