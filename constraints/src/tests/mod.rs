//! Tests of the whole machine: honest executions must check, prove and verify; every forgery must fail.

mod forgery;
mod honest;
mod hostile;
mod inventory;
mod mutation;
mod programs;
mod shape;

use std::sync::OnceLock;

use galena_vm::{Limits, Program, Segment, execute};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};

use crate::check::{Fault, check};
use crate::config::stock_config;
use crate::machine::Machine;
use crate::profile::STANDARD;
use crate::receipt::Receipt;
use crate::witness::Witness;

/// Executes a program of at most 2^18 cycles.
fn run(program: &Program, input: &[u8]) -> Segment {
    execute(program, input, &Limits { max_cycles: 1 << 18 }).expect("the program ends")
}

/// A program, its machine and the witness of a run.
fn witness(program: &Program, input: &[u8]) -> (Machine, Witness) {
    let machine = Machine::new(program, &STANDARD).expect("the program can be proved");
    let witness = machine.instances(&run(program, input)).expect("the execution can be proved");
    (machine, witness)
}

/// A program with its machine and the witness of an honest run, which tests clone and change.
struct Case {
    program: Program,
    machine: Machine,
    witness: Witness,
}

impl Case {
    fn new(program: Program, input: &[u8]) -> Self {
        let (machine, witness) = witness(&program, input);
        Self { program, machine, witness }
    }
}

/// The case of most tests: every family of instructions, input and output.
fn small() -> &'static Case {
    static CASE: OnceLock<Case> = OnceLock::new();
    CASE.get_or_init(|| Case::new(programs::small(), b"\x12\x87\x56\x78"))
}

/// Proves whatever the witness says, with Plonky3's own prover.
fn prove(machine: &Machine, witness: &Witness) -> Receipt {
    let config = stock_config(machine.profile());
    let airs = witness.airs();
    let data = ProverData::from_airs_and_degrees(&config, &airs, &witness.log_heights()).expect("keygen");
    let instances: Vec<_> = witness
        .instances
        .iter()
        .map(|i| StarkInstance { air: &i.air, trace: &i.trace, public_values: i.public_values.clone() })
        .collect();
    let proof = prove_batch(&config, &instances, &data).expect("a proof, right or wrong");
    Receipt {
        profile: machine.profile().id,
        program: machine.commitment().clone(),
        exit_code: witness.exit_code,
        public_output: witness.public_output.clone(),
        chips: witness.chips(),
        proof,
    }
}

/// The first faults as text, for a panic that explains itself.
fn explain(faults: &[Fault]) -> String {
    faults.iter().take(12).map(|fault| format!("\n  {fault}")).collect()
}

/// Asserts that a witness has no fault.
#[track_caller]
fn assert_sound(witness: &Witness) {
    let faults = check(witness);
    assert!(faults.is_empty(), "{} faults:{}", faults.len(), explain(&faults));
}
