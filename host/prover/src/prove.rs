//! A program and its input to a receipt that has passed the verifier, and a report.

use std::sync::Arc;

use galena_constraints::config::{StockConfig, StockDft, fri_parameters, stock_challenger};
use galena_constraints::{
    Expected, Instance, MIN_SECURITY_BITS, Machine, MachineError, Profile, Receipt, ReceiptError, Verified,
    VerifyError, Witness, WitnessError, verify,
};
use galena_device::Device;
use galena_vm::{ExecuteError, Limits, Program, execute};
use p3_batch_stark::{BatchProof, ProverData, ProvingError, StarkInstance, prove_batch};
use p3_matrix::Matrix;
use p3_uni_stark::StarkConfig;
use thiserror::Error;

use crate::challenger::SmallestWitness;
use crate::clock::peak_memory_bytes;
use crate::field::Challenge;
use crate::ledger::{Entry, Place, shares};
use crate::mmcs::DeviceMmcs;
use crate::offload::{DeviceLost, Interrupted, Offload};
use crate::pcs::{CommitError, DevicePcs};
use crate::policy::Policy;
use crate::report::{CheckReport, DeviceUse, Report, Table, sums};
use crate::timeline::{Phase, Progress};

/// The configuration of a proof: the verifier's parameters over our commitments and grinder.
pub type Config = StarkConfig<DevicePcs, Challenge, SmallestWitness>;

/// A proof that has passed the verifier.
pub struct Proved {
    /// The receipt as a file: the bytes that were verified.
    pub bytes: Vec<u8>,
    /// The receipt.
    pub receipt: Receipt,
    /// What it cost.
    pub report: Report,
}

/// Why there is no receipt.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The program did not end within one segment.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The program itself cannot be proved.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// This execution cannot be proved.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// A device failed, and its use was required.
    #[error(transparent)]
    Device(#[from] DeviceLost),
    /// The end was asked for.
    #[error("the proof was cancelled; nothing was written")]
    Cancelled,
    /// A commitment or an opening could not be made.
    #[error("{phase}: {source}")]
    Commit {
        /// Which.
        phase: &'static str,
        /// Why.
        source: CommitError,
    },
    /// The devices took no part, and their use was required.
    #[error("device `{device}` could hold nothing of this proof, and its use is required: {reason}")]
    Idle {
        /// Its name, or all names.
        device: String,
        /// Why it did not take the first thing it was offered.
        reason: String,
    },
    /// The proof is not what the stock types can carry: a bug.
    #[error("the proof does not convert to the stock types: {0}; this is a bug in galena")]
    Convert(postcard::Error),
    /// The receipt does not read back: a bug.
    #[error("the receipt does not read back: {0}; this is a bug in galena")]
    Receipt(#[from] ReceiptError),
    /// The finished receipt was refused by the verifier. It was not given to anyone.
    #[error("the finished proof did not verify and was discarded: {source}{}", blame(devices))]
    Verify {
        /// Why.
        source: VerifyError,
        /// The devices that had a part in it.
        devices: Vec<String>,
    },
    /// No threads to drive the device.
    #[error("cannot start the threads that drive the device: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

fn blame(devices: &[String]) -> String {
    match devices {
        [] => "; this is a bug in galena".to_owned(),
        _ => format!("; device `{}` computed part of it: run `galena device selftest`", devices.join("`, `")),
    }
}

impl From<Interrupted> for ProveError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Lost(lost) => Self::Device(lost),
            Interrupted::Cancelled => Self::Cancelled,
        }
    }
}

/// The configuration that proves under `profile`, computing where `offload` says.
pub fn config(profile: &Profile, offload: &Arc<Offload>) -> Config {
    let mmcs = DeviceMmcs::new(profile.cap_height, Arc::clone(offload));
    let pcs = DevicePcs::new(StockDft::default(), mmcs.clone(), fri_parameters(profile, mmcs));
    StarkConfig::new(pcs, SmallestWitness::on(stock_challenger(), Arc::clone(offload)))
        .with_lookup_proof_of_work_bits(profile.lookup_pow_bits)
        .with_ood_proof_of_work_bits(profile.ood_pow_bits)
}

/// Executes `program` on `input`, proves that, verifies the proof, and only then returns the receipt.
///
/// The bytes depend on program, input and profile alone: not on the devices, how many they are, the threads or the time.
/// Without devices everything is computed on the CPU. Runs in the rayon pool of the caller.
///
/// # Errors
/// When the program does not end within one segment or in a way that can be proved; when devices are required and one
/// fails, or all are idle; when the proof does not verify; when it is cancelled. Unless devices are required, the work of
/// one that fails is done by another or the CPU, and reported, and a proof that does not verify is made again without them.
pub fn prove(
    program: &Program,
    input: &[u8],
    profile: &'static Profile,
    devices: Vec<Box<dyn Device>>,
    policy: Policy,
    progress: Progress,
) -> Result<Proved, ProveError> {
    let required = policy.required && !devices.is_empty();
    let cancel = policy.cancel.clone();
    let offload = Offload::new(devices, policy, Arc::clone(&progress))?;
    match attempt(program, input, profile, &offload) {
        Err(ProveError::Verify { source, devices }) if !required && !devices.is_empty() => {
            let why = source.to_string();
            let cpu = Offload::new(vec![], Policy { cancel, ..Policy::default() }, progress)?;
            let mut proved = attempt(program, input, profile, &cpu)?;
            let ledger = offload.ledger();
            proved.report.devices = devices_used(&offload, &ledger);
            proved.report.checks = Some(CheckReport::new(offload.checks(), &ledger));
            proved.report.shares = shares(&ledger);
            proved.report.discarded = Some(why);
            Ok(proved)
        }
        Ok(Proved { report, .. }) if required && report.devices.iter().all(|device| device.total.jobs == 0) => {
            let reason = report.ledger.iter().find_map(|entry| match &entry.place {
                Place::Cpu(reason) => Some(reason.to_string()),
                Place::Device { .. } => None,
            });
            let names: Vec<String> = report.devices.into_iter().map(|device| device.info.name).collect();
            Err(ProveError::Idle { device: names.join("`, `"), reason: reason.unwrap_or_default() })
        }
        other => other,
    }
}

fn devices_used(offload: &Offload, ledger: &[Entry]) -> Vec<DeviceUse> {
    offload.lanes.iter().map(|lane| DeviceUse::new(lane, ledger)).collect()
}

fn attempt(
    program: &Program,
    input: &[u8],
    profile: &'static Profile,
    offload: &Arc<Offload>,
) -> Result<Proved, ProveError> {
    offload.enter(Phase::Execute);
    let segment = execute(program, input, &Limits { max_cycles: u64::MAX })?;
    offload.enter(Phase::Keygen);
    let machine = Machine::new(program, profile)?;
    offload.enter(Phase::Fill);
    let witness = machine.instances(&segment)?;
    let cycles = segment.cycles;
    drop(segment);
    let receipt = receipt(&machine, &witness, offload)?;
    let tables = tables(&witness);
    drop(witness);

    offload.check()?;
    offload.enter(Phase::Verify);
    let bytes = receipt.encode()?;
    let verified = check(&bytes, &receipt, offload)?;
    let phases = offload.finish();

    let ledger = offload.ledger();
    let devices = devices_used(offload, &ledger);
    let checks = offload.has_device().then(|| CheckReport::new(offload.checks(), &ledger));
    let (proving, verifying) = sums(&phases);
    let report = Report {
        program_id: verified.program_id.to_string(),
        exit_code: verified.exit_code,
        public_output: hex::encode(&verified.public_output),
        cycles,
        profile: profile.name,
        security_bits: verified.security_bits,
        security_regime: verified.security_regime,
        receipt_bytes: bytes.len(),
        threads: rayon::current_num_threads(),
        tables,
        phases,
        proving,
        verifying,
        instructions_per_cpu_second: cycles as f64 / proving.cpu_seconds.max(1e-9),
        peak_memory_bytes: peak_memory_bytes(),
        devices,
        checks,
        shares: shares(&ledger),
        ledger,
        discarded: None,
    };
    Ok(Proved { bytes, receipt, report })
}

/// Proves a filled machine.
fn receipt(machine: &Machine, witness: &Witness, offload: &Arc<Offload>) -> Result<Receipt, ProveError> {
    offload.enter(Phase::Keygen);
    let config = config(machine.profile(), offload);
    let keys = ProverData::from_airs_and_degrees(&config, &witness.airs(), &witness.log_heights()).map_err(failed)?;
    let instances: Vec<StarkInstance<'_, Config, _>> = (witness.instances.iter())
        .map(|i| StarkInstance { air: &i.air, trace: &i.trace, public_values: i.public_values.clone() })
        .collect();
    let proof = prove_batch(&config, &instances, &keys).map_err(failed)?;
    // Our types and the stock ones are written alike: through bytes, one becomes the other.
    let bytes = postcard::to_allocvec(&proof).map_err(ProveError::Convert)?;
    let proof: BatchProof<StockConfig> = postcard::from_bytes(&bytes).map_err(ProveError::Convert)?;
    Ok(Receipt {
        profile: machine.profile().id,
        program: machine.commitment().clone(),
        exit_code: witness.exit_code,
        public_output: witness.public_output.clone(),
        chips: witness.chips(),
        proof,
    })
}

/// What a person who is handed the bytes would do.
fn check(bytes: &[u8], receipt: &Receipt, offload: &Offload) -> Result<Verified, ProveError> {
    let read = Receipt::decode(bytes)?;
    let expected = Expected {
        program_id: &receipt.program_id(),
        exit_code: Some(receipt.exit_code),
        public_output: Some(&receipt.public_output),
    };
    verify(&expected, &read, MIN_SECURITY_BITS)
        .map_err(|source| ProveError::Verify { source, devices: offload.took_part() })
}

fn tables(witness: &Witness) -> Vec<Table> {
    let table = |i: &Instance| Table { chip: i.air.name(), columns: i.trace.width(), rows: i.trace.height() };
    witness.instances.iter().map(table).collect()
}

fn failed(error: ProvingError<CommitError>) -> ProveError {
    match error {
        ProvingError::Pcs { source: CommitError::Interrupted(interrupted), .. } => interrupted.into(),
        ProvingError::Pcs { phase, source } => ProveError::Commit { phase, source },
    }
}
