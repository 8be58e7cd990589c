//! Merkle commitments whose digests may come from a device. Verification is stock Plonky3's.

use std::collections::BTreeMap;
use std::sync::Arc;

use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::{MerkleTreeError, PrunedMerklePaths};
use p3_symmetric::MerkleCap;

use crate::field::{Compress, Digest, Hash, Layer, Val, ValMmcs, perm};
use crate::offload::Offload;
use crate::tree::{classes, interleave};

/// Digests that a fused job has already computed: by height of the matrices, the row digests and the layers above them.
pub(crate) type Known = BTreeMap<usize, Vec<Layer>>;

/// Committed matrices and their digests: what openings are answered from.
pub struct Tree<M> {
    leaves: Vec<M>,
    /// Row digests of the tallest matrices first, the cap last; each layer half as long as the one before.
    layers: Vec<Layer>,
}

impl<M: Matrix<Val>> Tree<M> {
    /// Row `index` of the tallest matrix, and the rows of the shorter ones on the same path.
    fn rows(&self, index: usize) -> Vec<Vec<Val>> {
        let height = self.layers[0].len();
        self.leaves.iter().map(|m| m.row(index / (height / m.height())).into_iter().flatten().collect()).collect()
    }
}

/// A commitment to matrices of mixed heights, digest for digest that of the stock `MerkleTreeMmcs`.
#[derive(Clone)]
pub struct DeviceMmcs {
    stock: ValMmcs,
    offload: Arc<Offload>,
}

impl DeviceMmcs {
    /// With a cap of 2^`cap_height` digests.
    pub fn new(cap_height: usize, offload: Arc<Offload>) -> Self {
        Self { stock: ValMmcs::new(Hash::new(perm()), Compress::new(perm()), cap_height), offload }
    }

    pub(crate) fn offload(&self) -> &Arc<Offload> {
        &self.offload
    }

    pub(crate) fn cap_height(&self) -> usize {
        self.stock.cap_height()
    }

    /// The tree over `leaves`, reusing the digests that are `known`.
    ///
    /// # Panics
    /// As the stock scheme does on heights it cannot commit to, and on matrices shorter than the cap, which the stock
    /// scheme would leave unbound. Heights are the caller's own, never read from outside.
    pub(crate) fn build<M: Matrix<Val>>(&self, leaves: Vec<M>, mut known: Known) -> (MerkleCap<Val, Digest>, Tree<M>) {
        let heights: Vec<usize> = leaves.iter().map(|m| m.height()).collect();
        let Some(classes) = classes(&heights, self.cap_height()) else {
            panic!("no tree with a cap of height {} over matrices of heights {heights:?}", self.cap_height());
        };
        let mut layers: Vec<Layer> = Vec::new();
        for class in &classes {
            let matrices: Vec<&M> = class.members.iter().map(|&m| &leaves[m]).collect();
            let known = known.remove(&class.height);
            match layers.pop() {
                // The tallest matrices: their row digests are the leaves.
                None => layers = known.unwrap_or_else(|| self.offload.layers(&matrices, class.levels)),
                // Shorter ones: their row digests join the running digests, whose layer is replaced by the result.
                Some(running) => {
                    let rows = known.unwrap_or_else(|| self.offload.layers(&matrices, 0)).swap_remove(0);
                    layers.extend(self.offload.compress(&interleave(&running, &rows), 1 + class.levels));
                }
            }
        }
        let cap = MerkleCap::new(layers[layers.len() - 1].clone());
        (cap, Tree { leaves, layers })
    }
}

impl Mmcs<Val> for DeviceMmcs {
    type ProverData<M> = Tree<M>;
    type Commitment = MerkleCap<Val, Digest>;
    type Proof = Vec<Digest>;
    type MultiProof = PrunedMerklePaths<Val, 8>;
    type Error = MerkleTreeError;

    fn commit<M: Matrix<Val>>(&self, inputs: Vec<M>) -> (Self::Commitment, Tree<M>) {
        self.offload.enter_layer();
        self.build(inputs, Known::new())
    }

    fn open_batch<M: Matrix<Val>>(&self, index: usize, tree: &Tree<M>) -> BatchOpening<Val, Self> {
        let below_cap = &tree.layers[..tree.layers.len() - 1];
        let path = below_cap.iter().enumerate().map(|(level, layer)| layer[(index >> level) ^ 1]).collect();
        BatchOpening::new(tree.rows(index), path)
    }

    fn get_matrices<'a, M: Matrix<Val>>(&self, tree: &'a Tree<M>) -> Vec<&'a M> {
        tree.leaves.iter().collect()
    }

    fn verify_batch(
        &self,
        commit: &Self::Commitment,
        dimensions: &[Dimensions],
        index: usize,
        opening: BatchOpeningRef<'_, Val, Self>,
    ) -> Result<(), Self::Error> {
        let opening = BatchOpeningRef::new(opening.opened_values, opening.opening_proof);
        self.stock.verify_batch(commit, dimensions, index, opening)
    }

    /// The rows of every index, in the order asked, and the digests that cannot be computed from them: from the leaves
    /// up, in ascending order, the siblings of nodes on a path that are themselves on none.
    fn open_multi_batch<M: Matrix<Val>>(
        &self,
        indices: &[usize],
        tree: &Tree<M>,
    ) -> (Vec<Vec<Vec<Val>>>, Self::MultiProof) {
        let mut nodes = indices.to_vec();
        nodes.sort_unstable();
        let mut sibling_hashes = Vec::new();
        for layer in &tree.layers[..tree.layers.len() - 1] {
            nodes.dedup();
            let lonely = nodes.iter().filter(|&&node| nodes.binary_search(&(node ^ 1)).is_err());
            sibling_hashes.extend(lonely.map(|&node| layer[node ^ 1]));
            nodes.iter_mut().for_each(|node| *node >>= 1);
        }
        (indices.iter().map(|&index| tree.rows(index)).collect(), PrunedMerklePaths { sibling_hashes })
    }

    fn verify_multi_batch<R: AsRef<[Val]> + PartialEq>(
        &self,
        commit: &Self::Commitment,
        dimensions: &[Dimensions],
        indices: &[usize],
        opened_values: &[Vec<R>],
        proof: &Self::MultiProof,
    ) -> Result<(), Self::Error> {
        self.stock.verify_multi_batch(commit, dimensions, indices, opened_values, proof)
    }
}
