//! The proof that everything is done to: a real sample program under the standard profile.

use std::sync::Arc;

use galena_constraints::Profile;
use galena_device::Device;
use galena_prover::{Policy, ProveError, Proved, prove};
use galena_vm::Program;

use crate::samples;

/// The sample that is proved: small, and with most chips in it.
const SAMPLE: &str = "fibonacci-c: largest below 2^32";

/// A program, its input, and the receipt that the CPU makes of them.
pub struct Proof {
    program: Program,
    input: Vec<u8>,
    profile: &'static Profile,
    pool: rayon::ThreadPool,
    /// The receipt's bytes, as the CPU makes them.
    pub receipt: Vec<u8>,
}

impl Proof {
    /// Proves on the CPU.
    ///
    /// # Panics
    /// If the sample or its proof is not as it should be: then there is nothing to test with.
    pub fn new() -> Self {
        let sample = samples().into_iter().find(|sample| sample.name == SAMPLE).expect("the sample of the campaign");
        let elf = std::fs::read(&sample.elf).expect("the sample's program");
        let program = Program::from_elf(&elf).expect("the sample's program");
        let profile = Profile::by_name("standard").expect("the standard profile");
        // One thread for the host and one for the device: times do not depend on how many processors are at work.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        let mut proof = Self { program, input: sample.input, profile, pool, receipt: vec![] };
        proof.receipt = proof.on(vec![], false, 0).expect("a proof on the cpu").bytes;
        proof
    }

    /// Proves with `devices`, which take tables of at most 2^`log_rows` rows.
    ///
    /// # Errors
    /// As the prover's.
    pub fn on(&self, devices: Vec<Box<dyn Device>>, required: bool, log_rows: usize) -> Result<Proved, ProveError> {
        let policy = Policy { required, log_rows_max: Some(log_rows), ..Policy::default() };
        self.pool.install(|| prove(&self.program, &self.input, self.profile, devices, policy, Arc::new(|_| ())))
    }
}

impl Default for Proof {
    fn default() -> Self {
        Self::new()
    }
}
