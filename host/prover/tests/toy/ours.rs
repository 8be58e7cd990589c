//! Our schemes over the toy machine, and the CPU as a device of any size.

use galena_device::{Device, Limits, SoftwareDevice};
use galena_prover::{DeviceMmcs, DevicePcs, Offload, Policy, Progress, SmallestWitness};
use p3_dft::Radix2DitParallel;
use std::sync::Arc;

use super::{Challenge, Knobs, challenger, config, fri};

pub(crate) type Ours = p3_uni_stark::StarkConfig<DevicePcs, Challenge, SmallestWitness>;

pub(crate) fn ours(knobs: Knobs, offload: Arc<Offload>) -> Ours {
    let mmcs = DeviceMmcs::new(knobs.cap_height, offload);
    config(
        DevicePcs::new(Radix2DitParallel::default(), mmcs.clone(), fri(knobs, mmcs)),
        SmallestWitness::new(challenger()),
    )
}

/// The CPU as a device of these limits: rows of a transform, columns.
pub(crate) fn device(log_rows_min: usize, log_rows_max: usize, columns_max: usize) -> Box<dyn Device> {
    let limits = Limits { log_rows_min, log_rows_max, log_blowup_max: 3, columns_max, memory_beats: 0 };
    Box::new(SoftwareDevice::with_limits("toy", limits))
}

/// Devices must do what they can, and no fault is hidden.
pub(crate) fn required() -> Policy {
    Policy { required: true, ..Policy::default() }
}

pub(crate) fn quiet() -> Progress {
    Arc::new(|_| ())
}

pub(crate) fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}
