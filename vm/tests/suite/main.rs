//! Tests of the whole machine: against `qemu-riscv32`, against its own records, and of the sample programs.

mod behaviour;
mod instructions;
mod programs;
mod qemu;
mod random;
mod records;
mod samples;

use galena_vm::{Limits, Program, Segment, execute, run};

const LIMITS: Limits = Limits { max_cycles: 50_000_000 };

/// What a program did: public output, log and exit code.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    output: Vec<u8>,
    log: Vec<u8>,
    exit_code: i32,
}

/// Runs a program without records.
fn run_plain(program: &Program, input: &[u8]) -> (Outcome, u64) {
    let (mut output, mut log) = (Vec::new(), Vec::new());
    let run = run(program, input, &LIMITS, &mut output, &mut log).expect("the program ends");
    assert_eq!(run.output_bytes, output.len() as u64);
    (Outcome { output, log, exit_code: i32::from(run.halt.exit_code) }, run.cycles)
}

/// Runs a program with records, checks that these are consistent and that `run` agrees.
fn run_recorded(program: &Program, input: &[u8]) -> (Outcome, Segment) {
    let segment = execute(program, input, &LIMITS).expect("the program ends");
    records::check(program, &segment);
    let outcome = outcome_of(&segment);
    assert_eq!(run_plain(program, input), (outcome_of(&segment), segment.cycles));
    (outcome, segment)
}

fn outcome_of(segment: &Segment) -> Outcome {
    Outcome {
        output: segment.public_output.clone(),
        log: segment.log.clone(),
        exit_code: i32::from(segment.halt.exit_code),
    }
}

/// Compares with what was expected; names the first difference, not kilobytes of output.
fn assert_same(found: &Outcome, expected: &Outcome, what: &str) {
    let differs = found.output.iter().zip(&expected.output).position(|(found, expected)| found != expected);
    if let Some(at) = differs {
        panic!(
            "{what}: output differs first at byte {at}: found {:#04x}, expected {:#04x}",
            found.output[at], expected.output[at]
        );
    }
    assert_eq!(found.output.len(), expected.output.len(), "{what}: length of the output");
    assert_eq!(found.exit_code, expected.exit_code, "{what}: exit code");
    assert_eq!(found.log, expected.log, "{what}: log");
}
