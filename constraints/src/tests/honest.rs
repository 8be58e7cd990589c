//! Honest executions.

use p3_matrix::Matrix;

use super::{Case, assert_sound, explain, programs, prove, small, witness};

use crate::check::check;
use crate::chips::ChipKind;
use crate::profile::MIN_SECURITY_BITS;
use crate::receipt::Receipt;
use crate::verify::{Expected, verify};

#[test]
fn arithmetic_checks() {
    assert_sound(&witness(&programs::arithmetic(), b"").1);
}

#[test]
fn memory_checks() {
    assert_sound(&witness(&programs::memory(), b"").1);
}

#[test]
fn control_checks() {
    assert_sound(&witness(&programs::control(), b"").1);
}

#[test]
fn calls_check() {
    let (_, witness) = witness(&programs::calls(), b"0123456789");
    assert_sound(&witness);
    assert_eq!(witness.exit_code, 0x45);
    assert_eq!(witness.public_output, b"hello, world\nworldhel012345rld\n\0\0");
}

#[test]
fn traps_check() {
    for (name, program, code) in programs::traps() {
        let (_, witness) = witness(&program, b"");
        assert_eq!(witness.exit_code, code, "{name}");
        assert_sound(&witness);
    }
}

#[test]
fn a_proof_verifies_from_program_and_from_its_file() {
    let Case { machine, witness, .. } = small();
    assert_sound(witness);
    let receipt = prove(machine, witness);
    let expected =
        Expected { program_id: machine.program_id(), exit_code: Some(3), public_output: Some(&witness.public_output) };
    let verified = verify(&expected, &receipt, MIN_SECURITY_BITS).expect("an honest proof");
    assert!(verified.security_bits >= MIN_SECURITY_BITS);
    let bytes = receipt.encode().expect("a receipt has an encoding");
    let again = Receipt::decode(&bytes).expect("and it is read back");
    assert_eq!(verify(&expected, &again, MIN_SECURITY_BITS), Ok(verified));
}

/// A count of rows just above a power of two is spread over two tables of one chip.
#[test]
fn a_chip_may_have_two_tables() {
    let case = Case::new(programs::long(), b"");
    let alu: Vec<_> =
        case.witness.instances.iter().filter(|i| i.air.kind() == ChipKind::Alu).map(|i| i.trace.height()).collect();
    assert_eq!(alu, [1 << 16, 1 << 12]);
    let receipt = prove(&case.machine, &case.witness);
    let expected = Expected { program_id: case.machine.program_id(), exit_code: Some(0), public_output: Some(b"") };
    verify(&expected, &receipt, MIN_SECURITY_BITS).expect("an honest proof");
    let without = Receipt { chips: receipt.chips & 0xfffff, ..receipt };
    assert!(verify(&expected, &without, MIN_SECURITY_BITS).is_err());
}

#[test]
fn random_programs_check() {
    for seed in 0..8 {
        let (_, witness) = witness(&programs::random(seed, 3000), b"");
        let faults = check(&witness);
        assert!(faults.is_empty(), "programs::random({seed}, 3000):{}", explain(&faults));
    }
}
