//! Hostile receipts: whatever the bytes, decoding and verifying end with a typed error, and nothing but the honest receipt is accepted.

use std::sync::OnceLock;

use p3_batch_stark::verify_batch;
use p3_field::PrimeCharacteristicRing;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::{Case, programs, prove, small, witness};
use crate::chips::{Chip, ChipKind};
use crate::config::{Cap, Challenge, Val, stock_config};
use crate::profile::{MIN_SECURITY_BITS, STANDARD};
use crate::receipt::{Receipt, ReceiptError};
use crate::statement::{PUBLIC, ProgramId, Statement};
use crate::verify::{Expected, VerifyError, batch, common, verify};

/// An honest receipt as bytes, and its program's id.
fn honest() -> (ProgramId, Vec<u8>) {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let Case { machine, witness, .. } = small();
    let bytes = BYTES.get_or_init(|| prove(machine, witness).encode().expect("an encoding"));
    (*machine.program_id(), bytes.clone())
}

fn check(id: &ProgramId, receipt: &Receipt) -> Result<(), VerifyError> {
    let expected = Expected { program_id: id, exit_code: None, public_output: None };
    verify(&expected, receipt, MIN_SECURITY_BITS).map(|_| ())
}

fn shorten<T>(list: &mut Vec<T>) {
    list.pop();
}

#[test]
fn damage_is_named() {
    let (id, bytes) = honest();
    assert!(check(&id, &Receipt::decode(&bytes).expect("honest")).is_ok());
    for at in (0..bytes.len()).step_by(bytes.len() / 997) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let error = Receipt::decode(&damaged).err().expect("damage is seen");
        let expected = match at {
            0..8 => matches!(error, ReceiptError::Magic),
            8..12 => matches!(error, ReceiptError::Version(_)),
            _ => error == ReceiptError::Checksum,
        };
        assert!(expected, "byte {at}: {error}");
    }
    for length in [0, 1, 7, 8, 11, 12, 43, 44, 100, bytes.len() - 1] {
        assert!(Receipt::decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(Receipt::decode(&longer).is_err());
}

/// Damage under a right checksum: the forger is no fool. Seeded; the seed is in the message of a failure.
#[test]
fn a_forged_checksum_does_not_help() {
    const SEED: u64 = 20261120;
    let (id, bytes) = honest();
    let content = bytes.len() - 32;
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut verified = 0;
    for round in 0..2000 {
        let mut forged = bytes[..content].to_vec();
        // Lengths and headers are near the front: look there more often.
        let reach = if round % 2 == 0 { 12 + 2000 } else { content };
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(12..reach);
            match rng.random_range(0..4) {
                0 => forged[at] = rng.random(),
                1 => forged[at] ^= 1 << rng.random_range(0..8),
                2 => drop(forged.remove(at)),
                _ => forged.insert(at, rng.random()),
            }
        }
        if forged == bytes[..content] {
            continue;
        }
        let checksum = Sha256::digest(&forged);
        forged.extend(checksum);
        if let Ok(receipt) = Receipt::decode(&forged) {
            verified += 1;
            assert!(check(&id, &receipt).is_err(), "seed {SEED}, round {round}: a forged receipt was accepted");
        }
    }
    assert!(verified > 300, "only {verified} forgeries reached the verifier");
}

#[test]
fn shapes_that_the_proof_claims_are_checked() {
    let (id, bytes) = honest();
    let decode = || Receipt::decode(&bytes).expect("honest");
    let refused = |name: &str, forge: &dyn Fn(&mut Receipt)| {
        let mut receipt = decode();
        forge(&mut receipt);
        let error = check(&id, &receipt).err().unwrap_or_else(|| panic!("{name} was accepted"));
        assert!(!matches!(error, VerifyError::Security { .. }), "{name}: {error}");
    };
    for log in [0, 3, 15, 23, 27, 31, 63, 64, usize::MAX] {
        refused("a height", &|r| r.proof.degree_bits[0] = log);
        let last = decode().proof.degree_bits.len() - 1;
        refused("a table's height", &|r| r.proof.degree_bits[last] = log);
    }
    for kind in
        [ChipKind::Boundary, ChipKind::Connector, ChipKind::Program, ChipKind::Bytes, ChipKind::Image, ChipKind::Output]
    {
        refused("a chip left out", &|r| r.chips &= !(1 << kind as u32));
    }
    refused("a chip more", &|r| r.chips |= 1 << ChipKind::Trap as u32);
    refused("an unknown chip", &|r| r.chips |= 1 << 31);
    refused("an instance less", &|r| shorten(&mut r.proof.opened_values.instances));
    refused("two instances exchanged", &|r| r.proof.opened_values.instances.swap(0, 1));
    refused("no terminal", &|r| r.proof.lookup_terminals[0] = None);
    refused("a terminal less", &|r| shorten(&mut r.proof.lookup_terminals));
    refused("no lookup commitment", &|r| r.proof.commitments.permutation = None);
    refused("a random commitment", &|r| r.proof.commitments.random = Some(r.proof.commitments.main.clone()));
    refused("a lookup witness", &|r| r.proof.lookup_pow_witness = None);
    refused("another lookup witness", &|r| r.proof.lookup_pow_witness = Some(Val::ONE));
    refused("another out-of-domain witness", &|r| r.proof.ood_pow_witness = Val::ONE);
    refused("a query less", &|r| shorten(&mut r.proof.opening_proof.commit_phase_commits));
    refused("a longer final polynomial", &|r| r.proof.opening_proof.final_poly.push(Challenge::ONE));
    for digests in [1, 8, 32] {
        let cap = || Cap::new(vec![[Val::ONE; 8]; digests]);
        refused("a commitment of another size", &|r| r.proof.commitments.main = cap());
        refused("a quotient commitment of another size", &|r| r.proof.commitments.quotient_chunks = cap());
        refused("a lookup commitment of another size", &|r| r.proof.commitments.permutation = Some(cap()));
        refused("a program commitment of another size", &|r| r.program.cap = cap());
    }
    for i in 0..decode().proof.opened_values.instances.len() {
        refused("a column less", &|r| shorten(&mut r.proof.opened_values.instances[i].base_opened_values.trace_local));
        refused("a lookup column less", &|r| shorten(&mut r.proof.opened_values.instances[i].permutation_local));
        refused("no next row", &|r| {
            let next = &mut r.proof.opened_values.instances[i].base_opened_values.trace_next;
            *next = if next.is_some() { None } else { Some(Vec::new()) };
        });
        refused("a quotient chunk less", &|r| {
            shorten(&mut r.proof.opened_values.instances[i].base_opened_values.quotient_chunks)
        });
        refused("no preprocessed values", &|r| {
            let fixed = &mut r.proof.opened_values.instances[i].base_opened_values.preprocessed;
            if fixed.take().is_none() {
                *fixed =
                    decode().proof.opened_values.instances.pop().and_then(|last| last.base_opened_values.preprocessed);
            }
        });
    }
}

#[test]
fn the_statement_is_bound() {
    let (id, bytes) = honest();
    let decode = || Receipt::decode(&bytes).expect("honest");
    let honest = decode();
    let output = honest.public_output.clone();
    let all = Expected { program_id: &id, exit_code: Some(3), public_output: Some(&output) };
    assert!(verify(&all, &honest, MIN_SECURITY_BITS).is_ok());

    // What was expected differs.
    let other = ProgramId([1; 8]);
    let wrong = [
        Expected { program_id: &other, ..all },
        Expected { exit_code: Some(0), ..all },
        Expected { public_output: Some(b""), ..all },
        Expected { public_output: Some(&output[..3]), ..all },
    ];
    for expected in wrong {
        assert!(verify(&expected, &honest, MIN_SECURITY_BITS).is_err(), "{expected:?}");
    }
    // What the receipt says differs from what was proved.
    for code in [0, 2, 4, 255] {
        let receipt = Receipt { exit_code: code, ..decode() };
        assert!(matches!(check(&id, &receipt), Err(VerifyError::Proof(_))), "exit code {code}");
    }
    for i in 0..output.len() {
        let mut receipt = decode();
        receipt.public_output[i] ^= 0x80;
        assert!(matches!(check(&id, &receipt), Err(VerifyError::Proof(_))), "output byte {i}");
    }
    let shorter = Receipt { public_output: output[..output.len() - 1].to_vec(), ..decode() };
    assert!(check(&id, &shorter).is_err());
    let longer = Receipt { public_output: [&output[..], b"\0"].concat(), ..decode() };
    assert!(check(&id, &longer).is_err());
    // A receipt for one program under another's name, or with another's entry.
    let mut moved = decode();
    moved.program.entry += 4;
    let found = moved.program_id();
    assert!(matches!(check(&id, &moved), Err(VerifyError::Program { .. })));
    assert!(matches!(check(&found, &moved), Err(VerifyError::Proof(_))));
    let mut stolen = decode();
    stolen.program = witness(&programs::control(), b"").0.commitment().clone();
    let found = stolen.program_id();
    assert!(check(&found, &stolen).is_err());
    // More security than there is.
    assert!(matches!(verify(&all, &honest, 200), Err(VerifyError::Security { .. })));
}

/// Most public values appear in no constraint: only the transcript binds them. (That a change of each is seen, whatever the proof, would
/// be shown by replaying recorded challenges; this shows that each is absorbed.)
#[test]
fn every_public_value_is_absorbed() {
    let (id, bytes) = honest();
    let receipt = Receipt::decode(&bytes).expect("honest");
    let batch = batch(&STANDARD, &receipt).expect("its shape");
    let common = common(&receipt, &batch);
    let airs: Vec<Chip> = batch.iter().map(|(chip, _)| chip.clone()).collect();
    let statement = Statement {
        profile: &STANDARD,
        program_id: &id,
        entry: receipt.program.entry,
        exit_code: receipt.exit_code,
        public_output: &receipt.public_output,
        chips: receipt.chips,
    };
    let values = statement.public_values();
    assert_eq!(values.len(), PUBLIC.iter().map(|(_, n)| n).sum::<usize>());
    let accepts = |values: &[Val]| {
        let of = |chip: &Chip| if chip.kind() == ChipKind::Connector { values.to_vec() } else { Vec::new() };
        let public: Vec<_> = airs.iter().map(of).collect();
        verify_batch(&stock_config(&STANDARD), &airs, &receipt.proof, &public, &common).is_ok()
    };
    assert!(accepts(&values));
    for i in 0..values.len() {
        let mut other = values.clone();
        other[i] += Val::ONE;
        assert!(!accepts(&other), "public value {i}");
    }
}
