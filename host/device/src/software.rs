//! The CPU as a device: the same kernels with Plonky3's own code, packed and on all threads.

use crate::{Counters, Device, DeviceError, DeviceInfo, Job, Output, Witness, search};
use galena_target::frame::GROUP_COLUMNS;
use galena_target::{ABI_VERSION, FIELD_PRIME, KERNELS, Kernel, Limits, Shape};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::{Field, PackedValue, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use p3_symmetric::{CryptographicHasher, PaddingFreeSponge, PseudoCompressionFunction, TruncatedPermutation};

type Perm = Poseidon2BabyBear<16>;
type Sponge = PaddingFreeSponge<Perm, 16, 8, 8>;
type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
type Packed = <BabyBear as Field>::Packing;
type Digest = [BabyBear; 8];

/// What the CPU accepts: sizes that fit in memory and in the two-adic subgroup.
const LIMITS: Limits =
    Limits { log_rows_min: 0, log_rows_max: 22, log_blowup_max: 3, columns_max: 1 << 16, memory_beats: 0 };

/// The processor of this machine. Counts nothing: its counters are zero.
pub struct SoftwareDevice {
    info: DeviceInfo,
    dft: Radix2DitParallel<BabyBear>,
    sponge: Sponge,
    compress: Compress,
    /// What jobs have kept: beats of 8 field words.
    memory: Vec<[u32; 8]>,
}

impl Default for SoftwareDevice {
    fn default() -> Self {
        Self::new()
    }
}

impl SoftwareDevice {
    /// The processor, with limits that memory sets.
    pub fn new() -> Self {
        Self::with_limits("cpu", LIMITS)
    }

    /// The processor under another name and with the limits of another device, its memory included, which it then stands
    /// in for.
    pub fn with_limits(name: &str, limits: Limits) -> Self {
        let perm = default_babybear_poseidon2_16();
        let has = |kernel: &Kernel| kernel.works() && (*kernel != Kernel::Read || limits.memory_beats > 0);
        let info = DeviceInfo {
            name: name.into(),
            link: "in this process".into(),
            abi_version: ABI_VERSION,
            config: None,
            config_hash: String::new(),
            git_hash: String::new(),
            dirty: false,
            limits,
            kernels: KERNELS.iter().map(|row| row.kernel).filter(has).collect(),
            lanes: 0,
            hasher_multipliers: 0,
            clock_hz: 0,
            window: 0,
        };
        let (sponge, compress) = (Sponge::new(perm.clone()), Compress::new(perm));
        let memory = vec![[0; 8]; limits.memory_beats];
        Self { info, dft: Radix2DitParallel::default(), sponge, compress, memory }
    }

    /// A beat of the memory; addresses wrap around as in a device. `None` where there is no memory.
    pub(crate) fn beat(&mut self, address: usize) -> Option<&mut [u32; 8]> {
        let beats = self.memory.len().max(1);
        self.memory.get_mut(address % beats)
    }

    /// Keeps rows, beat (g, j) at base + g * N + j, the missing columns of the last group as zeros.
    fn keep_rows(&mut self, base: u32, shape: &Shape, rows: &[u32]) {
        for (j, row) in rows.chunks(shape.columns).enumerate() {
            for (g, words) in row.chunks(GROUP_COLUMNS).enumerate() {
                if let Some(beat) = self.beat(base as usize + g * shape.height() + j) {
                    *beat = std::array::from_fn(|lane| words.get(lane).copied().unwrap_or(0));
                }
            }
        }
    }

    /// Keeps one level of digests.
    fn keep_level(&mut self, base: u32, shape: &Shape, level: usize, digests: &[[u32; 8]]) {
        for (index, digest) in digests.iter().enumerate() {
            if let Some(beat) = self.beat(base as usize + shape.digest_beat(level) + index) {
                *beat = *digest;
            }
        }
    }

    /// Row digests, as many rows at once as the machine multiplies field elements at once.
    fn leaves(&self, rows: &[BabyBear], columns: usize) -> Vec<Digest> {
        let height = rows.len() / columns;
        let mut digests = vec![[BabyBear::ZERO; 8]; height];
        digests.par_chunks_mut(Packed::WIDTH).zip(rows.par_chunks(Packed::WIDTH * columns)).for_each(|(out, rows)| {
            if out.len() == Packed::WIDTH {
                let column = |c: usize| Packed::from_fn(|lane| rows[lane * columns + c]);
                let digest: [Packed; 8] = self.sponge.hash_iter((0..columns).map(column));
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = digest.map(|word| word.extract(lane));
                }
            } else {
                for (row, out) in rows.chunks(columns).zip(out) {
                    *out = self.sponge.hash_iter(row.iter().copied());
                }
            }
        });
        digests
    }

    /// The level above.
    fn level(&self, below: &[Digest]) -> Vec<Digest> {
        let mut above = vec![[BabyBear::ZERO; 8]; below.len() / 2];
        above.par_chunks_mut(Packed::WIDTH).zip(below.par_chunks(2 * Packed::WIDTH)).for_each(|(out, pairs)| {
            if out.len() == Packed::WIDTH {
                let side = |s: usize| std::array::from_fn(|w| Packed::from_fn(|lane| pairs[2 * lane + s][w]));
                let digest: [Packed; 8] = self.compress.compress([side(0), side(1)]);
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = digest.map(|word| word.extract(lane));
                }
            } else {
                for (pair, out) in pairs.chunks(2).zip(out) {
                    *out = self.compress.compress([pair[0], pair[1]]);
                }
            }
        });
        above
    }
}

impl Device for SoftwareDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let shape = job.check(&self.info)?;
        Ok(self.compute(job, &shape))
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        Ok(())
    }
}

impl SoftwareDevice {
    /// Computes a job that was checked. What is kept may be anywhere: addresses wrap around.
    pub(crate) fn compute(&mut self, job: &Job<'_>, shape: &Shape) -> Output {
        if job.kernel == Kernel::Read {
            let beats = job.matrix.iter().filter_map(|&address| self.beat(address as usize).copied());
            return Output { rows: beats.flatten().collect(), ..Output::default() };
        }
        if let (Kernel::Grind, Some(state)) = (job.kernel, job.matrix.first_chunk()) {
            let found = search(state, job.columns.saturating_sub(1), &job.search);
            return Output { rows: Witness::answer(found).to_vec(), ..Output::default() };
        }
        let mut rows = elements(job.matrix);
        if job.kernel.row().transforms {
            let matrix = RowMajorMatrix::new(rows, job.columns);
            let shift = elements(&[job.shift])[0];
            let extension = self.dft.coset_lde_batch(matrix, job.log_blowup, shift);
            rows = extension.bit_reverse_rows().to_row_major_matrix().values;
        }
        let wanted = shape.digest_levels();
        let computed = if shape.keep_digests.is_some() { shape.levels + 1 } else { wanted.end };
        let mut layers: Vec<Vec<Digest>> = vec![];
        if computed > 0 {
            layers.push(match job.kernel {
                Kernel::Tree => rows.chunks_exact(8).map(|d| std::array::from_fn(|i| d[i])).collect(),
                _ => self.leaves(&rows, job.columns),
            });
            for level in 1..computed {
                layers.push(self.level(&layers[level - 1]));
            }
        }
        let words = |layer: &Vec<Digest>| -> Vec<[u32; 8]> {
            layer.iter().map(|digest| digest.map(|x| x.to_unique_u32())).collect()
        };
        let kept_rows = shape.keep_rows.is_some();
        let rows: Vec<u32> = match shape.rows_return() || kept_rows {
            true => rows.par_iter().map(|x| x.to_unique_u32()).collect(),
            false => vec![],
        };
        if let Some(base) = shape.keep_rows {
            self.keep_rows(base, shape, &rows);
        }
        if let Some(base) = shape.keep_digests {
            for (level, layer) in layers.iter().enumerate().skip(shape.computed_level()) {
                self.keep_level(base, shape, level, &words(layer));
            }
        }
        let layers = layers.get(wanted).unwrap_or_default().iter().map(words).collect();
        let rows = if shape.rows_return() { rows } else { vec![] };
        Output { rows, layers, counters: Counters::default() }
    }
}

/// Field words as elements. `BabyBear::new(w)` holds the word w * R; a product with 1/R holds w.
fn elements(words: &[u32]) -> Vec<BabyBear> {
    debug_assert!(words.iter().all(|&w| w < FIELD_PRIME), "checked by the job");
    let r_inverse = BabyBear::new(1 << 16).square().inverse();
    words.par_iter().map(|&w| BabyBear::new(w) * r_inverse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Box<dyn Device> {
        Box::new(SoftwareDevice::new())
    }

    crate::device_conformance!(open, largest = 8);

    #[test]
    fn stands_in_for_a_device_with_its_limits() {
        let limits = galena_target::CONFIGS[1].limits();
        let mut device = SoftwareDevice::with_limits("tiny", limits);
        assert_eq!(device.info().limits, limits);
        let matrix = vec![0; 8 << 7];
        let job = Job { log_blowup: 1, ..Job::of(Kernel::Lde, 7, 8, &matrix) };
        assert!(matches!(device.run(&job), Err(DeviceError::Limits(_))));
    }
}
