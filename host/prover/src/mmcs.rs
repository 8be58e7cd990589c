//! Merkle commitments whose digests may come from a device. Verification is stock Plonky3's.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_matrix::{Dimensions, Matrix};
use p3_merkle_tree::{MerkleTreeError, PrunedMerklePaths};
use p3_symmetric::MerkleCap;

use crate::field::{Compress, Digest, Hash, Val, ValMmcs, perm};
use crate::ledger::Commitment;
use crate::offload::Offload;
use crate::resident::{Layers, Level};
use crate::tree::{Class, classes, interleave, layers_above};

/// Digests that a fused job has already computed: by height of the matrices, the row digests and the layers above them.
pub(crate) type Known = BTreeMap<usize, Layers>;

/// Committed matrices and their digests: what openings are answered from.
pub struct Tree<M> {
    leaves: Vec<M>,
    /// Row digests of the tallest matrices first, the cap on top; each layer half as long as the one below.
    layers: Layers,
    commitment: Commitment,
    /// The layers once more, computed on the CPU, if a device did not give back what it holds.
    again: OnceLock<Layers>,
}

impl<M: Matrix<Val>> Tree<M> {
    /// Rows of the tallest matrix.
    fn height(&self) -> usize {
        self.layers.top.len() << self.layers.below.len()
    }

    /// Row `index` of the tallest matrix, and the rows of the shorter ones on the same path.
    fn rows(&self, index: usize) -> Vec<Vec<Val>> {
        let height = self.height();
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
        let commitment = self.offload.commitment();
        let layers = stack(
            &classes,
            |class| match known.remove(&class.height) {
                Some(layers) => layers,
                None => self.offload.layers(&members(&leaves, class), class.levels),
            },
            |below, levels| self.offload.compress(below, levels),
        );
        let cap = MerkleCap::new(layers.top.clone());
        (cap, Tree { leaves, layers, commitment, again: OnceLock::new() })
    }

    /// All layers of a tree, computed on the CPU.
    fn on_cpu<M: Matrix<Val>>(&self, leaves: &[M]) -> Layers {
        let heights: Vec<usize> = leaves.iter().map(|m| m.height()).collect();
        stack(
            &classes(&heights, self.cap_height()).unwrap_or_default(),
            |class| Layers::here(self.offload.hash_on_cpu(&members(leaves, class), 0..class.height, class.levels)),
            |below, levels| Layers::here(layers_above(&self.offload.compress, below, levels)),
        )
    }

    /// The digests at (level, index), in the order asked.
    ///
    /// What comes from a device is checked: `agrees` says whether the digests lead to the commitment. If they do not, or
    /// do not come, the layers are computed again.
    fn digests<M: Matrix<Val>>(
        &self,
        tree: &Tree<M>,
        wanted: &[(usize, usize)],
        agrees: impl Fn(&[Digest]) -> bool,
    ) -> Vec<Digest> {
        let Tree { layers, commitment, .. } = tree;
        if let (Some(device), None) = (layers.holder(), tree.again.get()) {
            match self.offload.fetch(*commitment, layers, wanted) {
                Some(digests) if agrees(&digests) => return digests,
                Some(_) => self.offload.condemn_read(*commitment, wanted.len(), device),
                None => {}
            }
            // Not under the cell's lock: a worker that computes in parallel may take up another opening of this tree.
            let again = self.on_cpu(&tree.leaves);
            let _already = tree.again.set(again);
        }
        let layers = tree.again.get().unwrap_or(layers);
        let digest = |&(level, index): &(usize, usize)| match layers.below.get(level) {
            Some(Level::Here(layer)) => layer[index],
            _ => layers.top[index],
        };
        wanted.iter().map(digest).collect()
    }
}

/// The matrices of a class.
fn members<'a, M>(leaves: &'a [M], class: &Class) -> Vec<&'a M> {
    class.members.iter().map(|&m| &leaves[m]).collect()
}

/// The layers of a tree over classes of matrices, the tallest first. `rows` gives the row digests of a class and as many
/// levels above them as the class has, `above` the levels above given digests.
fn stack(
    classes: &[Class],
    mut rows: impl FnMut(&Class) -> Layers,
    above: impl Fn(&[Digest], usize) -> Layers,
) -> Layers {
    let mut stacked: Option<Layers> = None;
    for class in classes {
        match &mut stacked {
            // The tallest matrices: their row digests are the leaves.
            None => stacked = Some(rows(class)),
            // Shorter ones: their row digests join the running digests, whose layer is replaced by the result.
            Some(layers) => {
                let own = rows(&Class { levels: 0, ..class.clone() });
                layers.raise(above(&interleave(&layers.top, &own.top), 1 + class.levels));
            }
        }
    }
    stacked.unwrap_or_else(|| Layers::here(vec![]))
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
        let wanted: Vec<_> = (0..tree.layers.below.len()).map(|level| (level, (index >> level) ^ 1)).collect();
        let rows = tree.rows(index);
        let path = self.digests(tree, &wanted, |path| {
            let path = path.to_vec();
            let opening = BatchOpeningRef::new(&rows, &path);
            self.stock.verify_batch(&cap(tree), &dimensions(tree), index, opening).is_ok()
        });
        BatchOpening::new(rows, path)
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
        let mut wanted = Vec::new();
        for level in 0..tree.layers.below.len() {
            nodes.dedup();
            let lonely = nodes.iter().filter(|&&node| nodes.binary_search(&(node ^ 1)).is_err());
            wanted.extend(lonely.map(|&node| (level, node ^ 1)));
            nodes.iter_mut().for_each(|node| *node >>= 1);
        }
        let rows: Vec<Vec<Vec<Val>>> = indices.iter().map(|&index| tree.rows(index)).collect();
        let sibling_hashes = self.digests(tree, &wanted, |digests| {
            let proof = PrunedMerklePaths { sibling_hashes: digests.to_vec() };
            self.stock.verify_multi_batch(&cap(tree), &dimensions(tree), indices, &rows, &proof).is_ok()
        });
        (rows, PrunedMerklePaths { sibling_hashes })
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

fn cap<M>(tree: &Tree<M>) -> MerkleCap<Val, Digest> {
    MerkleCap::new(tree.layers.top.clone())
}

fn dimensions<M: Matrix<Val>>(tree: &Tree<M>) -> Vec<Dimensions> {
    tree.leaves.iter().map(|m| m.dimensions()).collect()
}
