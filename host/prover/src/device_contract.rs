//! Stand-in for galena_device until it lands; same names as its brief.
#![allow(missing_docs)]

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel { Lde, Commit, Hash, Tree }

#[derive(Clone, Debug)]
pub struct Limits { pub log_rows_min: usize, pub log_rows_max: usize, pub log_blowup_max: usize, pub columns_max: usize }

#[derive(Clone, Debug)]
pub struct DeviceInfo { pub name: String, pub limits: Limits, pub kernels: Vec<Kernel>, pub multipliers: u64 }

#[derive(Clone, Debug)]
pub struct Job<'a> {
    pub kernel: Kernel,
    pub log_rows: usize,
    pub log_blowup: usize,
    pub shift: u32,
    pub matrix: &'a [u32],
    pub columns: usize,
    pub levels: usize,
    pub return_rows: bool,
    pub return_digests: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counters { pub cycles: u64, pub transform_multiplies: u64, pub hasher_multiplies: u64, pub stalled_in: u64, pub stalled_out: u64, pub permutations: u64 }

#[derive(Clone, Debug, Default)]
pub struct Output { pub rows: Vec<u32>, pub layers: Vec<Vec<[u32; 8]>>, pub counters: Counters }

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DeviceError(pub String);

pub trait Device: Send {
    fn info(&self) -> &DeviceInfo;
    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError>;
}
