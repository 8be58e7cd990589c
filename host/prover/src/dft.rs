//! The low-degree extension on a device where it fits, on the CPU otherwise. `Default` is the CPU.

use std::sync::Arc;

use p3_dft::{Layout, Radix2DitParallel, TwoAdicSubgroupDft};
use p3_matrix::Matrix;
use p3_matrix::bitrev::{BitReversedMatrixView, BitReversibleMatrix};
use p3_matrix::dense::{RowMajorMatrix, RowMajorMatrixViewMut};

use crate::field::Val;
use crate::offload::Offload;

/// Plonky3's parallel radix-2 transform, whose coset extensions go to a device if there is one.
///
/// Clones share twiddles and device.
#[derive(Clone, Default)]
pub struct DeviceDft {
    cpu: Radix2DitParallel<Val>,
    offload: Option<Arc<Offload>>,
}

impl DeviceDft {
    /// A transform that asks `offload` first, and does with `cpu` what the devices do not take.
    pub fn new(cpu: Radix2DitParallel<Val>, offload: Arc<Offload>) -> Self {
        Self { cpu, offload: Some(offload) }
    }

    /// The extension as plain rows: row j at the point that stands at bitrev(j) in the extended domain.
    pub(crate) fn extend(&self, m: RowMajorMatrix<Val>, added_bits: usize, shift: Val) -> RowMajorMatrix<Val> {
        self.coset_lde_batch(m, added_bits, shift).bit_reverse_rows().to_row_major_matrix()
    }
}

impl TwoAdicSubgroupDft<Val> for DeviceDft {
    /// Rows lie in bit-reversed order, so that the commitment scheme's own bit reversal is free.
    type Evaluations = BitReversedMatrixView<RowMajorMatrix<Val>>;

    fn dft_batch(&self, m: RowMajorMatrix<Val>) -> Self::Evaluations {
        self.cpu.dft_batch(m)
    }

    fn coset_dft_batch(&self, m: RowMajorMatrix<Val>, shift: Val) -> Self::Evaluations {
        self.cpu.coset_dft_batch(m, shift)
    }

    fn idft_batch(&self, m: RowMajorMatrix<Val>) -> RowMajorMatrix<Val> {
        self.cpu.idft_batch(m)
    }

    fn coset_lde_batch(&self, m: RowMajorMatrix<Val>, added_bits: usize, shift: Val) -> Self::Evaluations {
        match self.offload.as_ref().and_then(|offload| offload.lde(&m, added_bits, shift)) {
            Some(rows) => rows.bit_reverse_rows(),
            None => self.cpu.coset_lde_batch(m, added_bits, shift),
        }
    }

    fn coset_lde_batch_with_transform<T>(
        &self,
        m: RowMajorMatrix<Val>,
        added_bits: usize,
        shift: Val,
        transform: T,
    ) -> Self::Evaluations
    where
        T: FnOnce(&mut RowMajorMatrixViewMut<'_, Val>, Layout),
    {
        self.cpu.coset_lde_batch_with_transform(m, added_bits, shift, transform)
    }
}
