//! Temporary software device.
use super::{Compress, Hash, Val, perm};
use galena_prover::device_contract::*;
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::PrimeCharacteristicRing;
use p3_field::PrimeField32;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_matrix::Matrix;
use p3_symmetric::{CryptographicHasher, PseudoCompressionFunction};

pub struct Reference(pub DeviceInfo);

pub fn reference(log_rows_min: usize, log_rows_max: usize, columns_max: usize) -> Box<dyn Device> {
    Box::new(Reference(DeviceInfo {
        name: "reference".into(),
        limits: Limits { log_rows_min, log_rows_max, log_blowup_max: 3, columns_max },
        kernels: vec![Kernel::Lde, Kernel::Commit, Kernel::Hash, Kernel::Tree],
        multipliers: 4,
    }))
}
fn val(w: u32) -> Val { Val::new(w) * Val::new(1 << 16).square().inverse_() }
trait Inv { fn inverse_(self) -> Self; }
impl Inv for Val { fn inverse_(self) -> Self { use p3_field::Field; self.inverse() } }
impl Device for Reference {
    fn info(&self) -> &DeviceInfo { &self.0 }
    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let inv = Val::new(1 << 16).square().inverse_();
        let values: Vec<Val> = job.matrix.iter().map(|&w| Val::new(w) * inv).collect();
        let mut m = RowMajorMatrix::new(values, job.columns);
        if matches!(job.kernel, Kernel::Lde | Kernel::Commit) {
            m = Radix2DitParallel::default().coset_lde_batch(m, job.log_blowup, val(job.shift)).bit_reverse_rows().to_row_major_matrix();
        }
        let words = |d: &[Val; 8]| d.map(|x| x.to_unique_u32());
        let mut layers: Vec<Vec<[Val; 8]>> = vec![];
        if job.kernel == Kernel::Tree {
            layers.push(m.values.chunks(8).map(|c| c.try_into().unwrap()).collect());
        } else if job.kernel != Kernel::Lde {
            let h = Hash::new(perm());
            layers.push((0..m.height()).map(|i| h.hash_iter(m.row(i).unwrap())).collect());
        }
        if job.kernel != Kernel::Lde {
            let c = Compress::new(perm());
            for _ in 0..job.levels {
                let next = layers.last().unwrap().chunks(2).map(|p| c.compress([p[0], p[1]])).collect();
                layers.push(next);
            }
        }
        if job.kernel == Kernel::Tree { layers.remove(0); }
        Ok(Output {
            rows: if job.return_rows { m.values.iter().map(|x| x.to_unique_u32()).collect() } else { vec![] },
            layers: if job.return_digests { layers.iter().map(|l| l.iter().map(words).collect()).collect() } else { vec![] },
            counters: Counters { cycles: 1000, hasher_multiplies: 100, ..Counters::default() },
        })
    }
}
