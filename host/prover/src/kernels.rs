//! The kernels one by one, as the commitment scheme asks for them: work in, results out, cut into parts and given to the
//! devices. Fused commitments are in `fused.rs`.
//!
//! `None` means: no device takes it; why is in the ledger. Once a device takes it there is a result, for a part that no
//! device finished is computed here on the CPU.

use std::borrow::Cow;
use std::ops::Range;

use galena_device::{Job, Kernel, Output};
use p3_dft::TwoAdicSubgroupDft;
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::PseudoCompressionFunction;

use crate::field::{Digest, Layer, Val, word};
use crate::lane::{Lane, job};
use crate::ledger::{Limit, Part, Reason, Shape};
use crate::marshal;
use crate::memory::Region;
use crate::offload::Offload;
use crate::resident::{Layers, keeping};
use crate::split::{self, LOG_PARTS_MAX};
use crate::spot::row_digest;
use crate::tree::{layers_above, row_digests};

// What can be wrong with an answer.
pub(crate) const MALFORMED: &str = "the answer has another shape than the job, or words that are no field elements";
pub(crate) const WRONG_EXTENSION: &str =
    "the extended columns are not the columns sent: a silent error of the hardware or the link";
const WRONG_DIGESTS: &str = "recomputed digests differ: a silent error of the hardware or the link";

/// The digests that came back from a job, and where the others are: which device, which beats.
pub(crate) struct Digests {
    pub layers: Vec<Layer>,
    pub room: Option<(usize, Region)>,
}

impl Offload {
    /// Coset extension of one matrix: rows of the extension in bit-reversed order.
    pub(crate) fn lde(&self, m: &RowMajorMatrix<Val>, log_blowup: usize, shift: Val) -> Option<RowMajorMatrix<Val>> {
        self.extend(&[m], log_blowup, shift)?.pop()
    }

    /// Coset extension of matrices of one height. Columns are shared out among the devices.
    pub(crate) fn extend(
        &self,
        matrices: &[&RowMajorMatrix<Val>],
        log_blowup: usize,
        shift: Val,
    ) -> Option<Vec<RowMajorMatrix<Val>>> {
        let height = matrices.first()?.height();
        let widths: Vec<usize> = matrices.iter().map(|m| m.width()).collect();
        let of_width = |columns| Shape { log_blowup, ..shape(Kernel::Lde, height, columns) };
        let group = widths.iter().copied().max()?.min(8);
        let lanes = self.admit(of_width(widths.iter().sum()), |_| of_width(group))?;
        let columns_max = lanes.iter().map(|lane| lane.info.limits.columns_max).min()?;
        let cuts = split::columns(&widths, height, lanes.len(), columns_max);
        let parts: Vec<Cow<'_, RowMajorMatrix<Val>>> = (cuts.iter())
            .map(|(m, range)| match range.len() == widths[*m] {
                true => Cow::Borrowed(matrices[*m]),
                false => Cow::Owned(marshal::columns(matrices[*m], range.clone())),
            })
            .collect();
        let shape = |k: usize| of_width(parts[k].width());
        let done = self.desk.run(
            &lanes,
            parts.len(),
            |lane, k| lane.refusal(&shape(k)).is_none(),
            |lane, k| {
                let part: &RowMajorMatrix<Val> = &parts[k];
                let matrix = lane.install(|| marshal::words(&[part], 0..height));
                let job = Job { shift: word(shift), ..job(&shape(k), &matrix) };
                lane.perform(
                    &job,
                    |output| {
                        let rows = marshal::rows(&output.rows, &[part.width()], height << log_blowup);
                        rows.ok_or(MALFORMED)
                    },
                    |rows| right(self.checks.extends(&[part], rows, shift, &mut rand::rng()), WRONG_EXTENSION),
                )
            },
        );
        let of = parts.len();
        let mut extended = done.into_iter().zip(&parts).enumerate().map(|(index, (done, part))| {
            let rows = self.settle(shape(index), Part { index, of }, done).and_then(|mut rows| rows.pop());
            rows.unwrap_or_else(|| self.extend_on_cpu(part, log_blowup, shift))
        });
        let own = |m: usize| cuts.iter().filter(move |(matrix, _)| *matrix == m).count();
        let joined = (0..matrices.len()).filter_map(|m| {
            let mut parts: Vec<_> = extended.by_ref().take(own(m)).collect();
            if parts.len() == 1 { parts.pop() } else { Some(marshal::beside(&parts)) }
        });
        Some(joined.collect())
    }

    pub(crate) fn extend_on_cpu(&self, m: &RowMajorMatrix<Val>, log_blowup: usize, shift: Val) -> RowMajorMatrix<Val> {
        self.dft.coset_lde_batch(m.clone(), log_blowup, shift).bit_reverse_rows().to_row_major_matrix()
    }

    /// Row digests of matrices of one height, and `levels` layers of tree over them, on devices or the CPU.
    pub(crate) fn layers<M: Matrix<Val>>(&self, matrices: &[&M], levels: usize) -> Layers {
        self.hash(matrices, levels).unwrap_or_else(|| {
            let height = matrices.first().map_or(0, |m| m.height());
            Layers::here(self.hash_on_cpu(matrices, 0..height, levels))
        })
    }

    /// `levels` layers of tree over `below`, on devices or the CPU.
    pub(crate) fn compress(&self, below: &[Digest], levels: usize) -> Layers {
        self.tree(below, levels).unwrap_or_else(|| Layers::here(layers_above(&self.compress, below, levels)))
    }

    fn hash<M: Matrix<Val>>(&self, matrices: &[&M], levels: usize) -> Option<Layers> {
        let height = matrices.first()?.height();
        let columns = matrices.iter().map(|m| m.width()).sum();
        self.forest(
            Shape { levels, ..shape(Kernel::Hash, height, columns) },
            |rows| marshal::words(matrices, rows),
            |rows, layers| self.hashed(matrices, rows.start, layers),
            |i| row_digest(&self.hash, matrices, i),
            |rows, levels| self.hash_on_cpu(matrices, rows, levels),
        )
    }

    fn tree(&self, below: &[Digest], levels: usize) -> Option<Layers> {
        self.forest(
            Shape { levels, ..shape(Kernel::Tree, below.len(), 8) },
            |nodes| marshal::digest_words(&below[nodes]),
            |nodes, layers| {
                let below = &below[nodes];
                right(self.checks.compresses(&self.compress, below, layers, &mut rand::rng()), WRONG_DIGESTS)
            },
            |i| self.compress.compress([below[2 * i], below[2 * i + 1]]),
            |nodes, levels| layers_above(&self.compress, &below[nodes], levels),
        )
    }

    /// Layers of tree as a forest of subtrees, which are shared out, and a tree over their roots.
    ///
    /// `words` are the data of some rows, `check` looks at the layers over them, `lowest` computes one digest of the lowest,
    /// `cpu` computes all of them.
    fn forest(
        &self,
        whole: Shape,
        words: impl Fn(Range<usize>) -> Vec<u32> + Sync,
        check: impl Fn(Range<usize>, &[Layer]) -> Result<(), &'static str> + Sync,
        lowest: impl Fn(usize) -> Digest,
        cpu: impl Fn(Range<usize>, usize) -> Vec<Layer>,
    ) -> Option<Layers> {
        let limit = |lane: &Lane| lane.info.limits.log_height_max();
        let of_height = |log_rows: usize| Shape { log_rows, levels: whole.levels.min(log_rows), ..whole };
        let lanes = self.admit(whole, |lane| of_height(whole.log_rows.min(limit(lane))))?;
        let limits: Vec<usize> = lanes.iter().map(|lane| limit(lane)).collect();
        let least = lanes.iter().map(|lane| lane.info.limits.log_rows_min).max()?;
        let Some(log_part) = split::subtrees(whole.log_rows, whole.columns, &limits, least) else {
            let most = limits.iter().max()? + LOG_PARTS_MAX;
            let limit = Limit { quantity: "log_rows", least, most, found: whole.log_rows };
            self.decline(whole, Reason::Limits(limit));
            return None;
        };
        let part = of_height(log_part);
        let of = 1 << (whole.log_rows - log_part);
        let rows = |index: usize| index << log_part..(index + 1) << log_part;
        let done = self.desk.run(
            &lanes,
            of,
            |lane, _| lane.refusal(&part).is_none(),
            |lane, index| {
                let matrix = lane.install(|| words(rows(index)));
                // One tree may stay where it is; subtrees are put together here.
                let room = if of == 1 && part.levels > 0 { lane.room(&part) } else { None };
                let job = keeping(job(&part, &matrix), room.as_ref());
                lane.perform(
                    &job,
                    |output| digests(lane, &part, &output, room),
                    |digests| if digests.room.is_some() { Ok(()) } else { check(rows(index), &digests.layers) },
                )
            },
        );
        let mut joined: Vec<Layer> = Vec::new();
        for (index, done) in done.into_iter().enumerate() {
            let own = match self.settle(part, Part { index, of }, done) {
                Some(Digests { layers, room: Some(room) }) => {
                    let layers = Layers::of_job(&part, layers, Some(room));
                    if self.sampled(part, &layers, &lowest) {
                        return Some(layers);
                    }
                    None
                }
                done => done.map(|digests| digests.layers),
            };
            let own = own.unwrap_or_else(|| cpu(rows(index), part.levels));
            joined.resize(own.len(), Layer::new());
            joined.iter_mut().zip(own).for_each(|(layer, own)| layer.extend(own));
        }
        let mut layers = Layers::here(joined);
        if whole.levels > part.levels {
            let above = self.compress(&layers.top, whole.levels - part.levels);
            layers.stack(above);
        }
        Some(layers)
    }

    pub(crate) fn hash_on_cpu<M: Matrix<Val>>(&self, matrices: &[&M], rows: Range<usize>, levels: usize) -> Vec<Layer> {
        let mut layers = vec![row_digests(&self.hash, matrices, rows)];
        layers.extend(layers_above(&self.compress, &layers[0], levels));
        layers
    }

    /// Samples of layers over rows of `matrices`, from row `first` on.
    pub(crate) fn hashed<M: Matrix<Val>>(
        &self,
        matrices: &[&M],
        first: usize,
        layers: &[Layer],
    ) -> Result<(), &'static str> {
        let rng = &mut rand::rng();
        let (digests, above) = layers.split_first().ok_or(MALFORMED)?;
        let hashes = self.checks.hashes(&self.hash, matrices, first, digests, rng);
        right(hashes && self.checks.compresses(&self.compress, digests, above, rng), WRONG_DIGESTS)
    }
}

/// The digests of a job's answer: all levels, or the last one if the others stayed in `room`.
pub(crate) fn digests(
    lane: &Lane,
    shape: &Shape,
    output: &Output,
    room: Option<Region>,
) -> Result<Digests, &'static str> {
    let height = 1 << (shape.log_rows + shape.log_blowup);
    // A tree's lowest layer is the one above what was sent.
    let lowest = usize::from(shape.kernel == Kernel::Tree);
    let first = if room.is_some() { shape.levels } else { lowest };
    let layers = marshal::layers(&output.layers, height >> first, shape.levels + 1 - first).ok_or(MALFORMED)?;
    Ok(Digests { layers, room: room.map(|room| (lane.index, room)) })
}

pub(crate) fn right(right: bool, fault: &'static str) -> Result<(), &'static str> {
    if right { Ok(()) } else { Err(fault) }
}

/// Work on `height` rows, a power of two.
pub(crate) fn shape(kernel: Kernel, height: usize, columns: usize) -> Shape {
    Shape { kernel, log_rows: height.max(1).ilog2() as usize, log_blowup: 0, columns, levels: 0 }
}
