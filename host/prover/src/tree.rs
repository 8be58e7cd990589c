//! Row digests and Merkle layers on the CPU: packed and parallel, the same functions and the same cost as stock Plonky3.
//!
//! Stock `MerkleTree` hides its layers, and a device returns layers; both must end in one kind of prover data. So the
//! tree is built here, one layer at a time, and each layer may come from either.

use std::ops::Range;

use p3_field::PackedValue;
use p3_matrix::Matrix;
use p3_maybe_rayon::prelude::*;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};

use crate::field::{Compress, Digest, Hash, Layer, Packed, Val};

/// Nodes hashed on the calling thread: a dispatch to the pool costs about as much.
const SERIAL: usize = 256;

/// Matrices of one height, and the part of the tree that rests on their row digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// Rows of each, a power of two.
    pub height: usize,
    /// Which matrices, in input order: the order in which their rows are concatenated.
    pub members: Vec<usize>,
    /// Levels from these digests to the next class's height, or to the cap.
    pub levels: usize,
}

/// The height classes of a commitment under a cap of 2^`cap_height` digests, tallest first.
///
/// A matrix shorter than the cap cannot be bound by it: `None`, as for no matrix or a height that is no power of two.
pub(crate) fn classes(heights: &[usize], cap_height: usize) -> Option<Vec<Class>> {
    let tallest = heights.iter().copied().max()?;
    let cap = 1 << cap_height.min(tallest.checked_ilog2()? as usize);
    if heights.iter().any(|h| !h.is_power_of_two() || *h < cap) {
        return None;
    }
    let mut ladder = heights.to_vec();
    ladder.sort_unstable_by(|a, b| b.cmp(a));
    ladder.dedup();
    let next = |i: usize| ladder.get(i + 1).copied().unwrap_or(cap);
    let class = |(i, &height): (usize, &usize)| Class {
        height,
        members: (0..heights.len()).filter(|&m| heights[m] == height).collect(),
        levels: (height / next(i)).ilog2() as usize,
    };
    Some(ladder.iter().enumerate().map(class).collect())
}

/// Digests of the rows `range` of all `matrices`, concatenated in order. All have the same height, a power of two, and so
/// has the range, which begins at a multiple of its length.
pub(crate) fn row_digests<M: Matrix<Val>>(hash: &Hash, matrices: &[&M], range: Range<usize>) -> Vec<Digest> {
    let mut digests = vec![Digest::default(); range.len()];
    if range.len() < Packed::WIDTH {
        for (i, digest) in range.zip(&mut digests) {
            *digest = hash.hash_iter(matrices.iter().flat_map(|m| m.row(i).into_iter().flatten()));
        }
        return digests;
    }
    each_pack(&mut digests, |i, digests| {
        let first = range.start + i * Packed::WIDTH;
        let packed: [Packed; 8] = match matrices {
            [m] => hash.hash_iter(m.vertically_packed_row::<Packed>(first)),
            _ => hash.hash_iter(matrices.iter().flat_map(|m| m.vertically_packed_row::<Packed>(first))),
        };
        Packed::unpack_into(&packed, digests);
    });
    digests
}

/// `levels` layers above `below`, lowest first: node i of a layer compresses nodes 2i and 2i + 1 of the layer under it.
pub(crate) fn layers_above(compress: &Compress, below: &[Digest], levels: usize) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::with_capacity(levels);
    for _ in 0..levels {
        let layer = layer_above(compress, layers.last().map_or(below, Vec::as_slice));
        layers.push(layer);
    }
    layers
}

fn layer_above(compress: &Compress, below: &[Digest]) -> Vec<Digest> {
    let mut layer = vec![Digest::default(); below.len() / 2];
    if layer.len() < Packed::WIDTH {
        for (node, pair) in layer.iter_mut().zip(below.chunks_exact(2)) {
            *node = compress.compress([pair[0], pair[1]]);
        }
        return layer;
    }
    each_pack(&mut layer, |i, nodes| {
        let first = i * Packed::WIDTH;
        let child = |n: usize| Packed::pack_columns_fn(|lane| below[2 * (first + lane) + n]);
        let packed: [Packed; 8] = compress.compress([child(0), child(1)]);
        Packed::unpack_into(&packed, nodes);
    });
    layer
}

/// `running[0], rows[0], running[1], rows[1], ...`: the layer whose parents are the running digests with the row digests
/// of a shorter class compressed into them.
pub(crate) fn interleave(running: &[Digest], rows: &[Digest]) -> Vec<Digest> {
    running.iter().zip(rows).flat_map(|(&d, &e)| [d, e]).collect()
}

/// Runs `f(i, chunk i)` over chunks of one packing, in parallel where it pays. Lengths are powers of two, so no remainder.
fn each_pack(digests: &mut [Digest], f: impl Fn(usize, &mut [Digest]) + Sync + Send) {
    if digests.len() <= SERIAL {
        digests.chunks_exact_mut(Packed::WIDTH).enumerate().for_each(|(i, chunk)| f(i, chunk));
    } else {
        digests.par_chunks_exact_mut(Packed::WIDTH).enumerate().for_each(|(i, chunk)| f(i, chunk));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_run_from_the_tallest_to_the_cap() {
        let classes = classes(&[8, 64, 8, 64, 16], 2).unwrap();
        let expected = [(64, vec![1, 3], 2), (16, vec![4], 1), (8, vec![0, 2], 1)];
        assert_eq!(classes.len(), expected.len());
        for (class, (height, members, levels)) in classes.iter().zip(expected) {
            assert_eq!((class.height, &class.members, class.levels), (height, &members, levels));
        }
    }

    #[test]
    fn a_cap_taller_than_the_tree_is_the_leaves() {
        assert_eq!(classes(&[2], 5), Some(vec![Class { height: 2, members: vec![0], levels: 0 }]));
        assert_eq!(classes(&[1], 0), Some(vec![Class { height: 1, members: vec![0], levels: 0 }]));
    }

    #[test]
    fn what_a_cap_cannot_bind_is_refused() {
        assert_eq!(classes(&[64, 2], 2), None, "shorter than the cap");
        assert!(classes(&[64, 4], 2).is_some(), "control: as tall as the cap");
        assert_eq!(classes(&[64, 12], 2), None, "no power of two");
        assert_eq!(classes(&[], 2), None);
        assert_eq!(classes(&[0], 2), None);
    }
}
