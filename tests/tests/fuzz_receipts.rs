//! One hundred thousand hostile receipts through the decoder and the verifier: each ends in a typed error, none panics, none is accepted.
//!
//! The checksum of a receipt catches every kind of damage at once, so most rounds forge it too and reach what lies behind it. A failure
//! prints its seed and round; `GALENA_FUZZ_ROUND=N cargo test --release -p galena-tests --test fuzz_receipts` runs that round alone,
//! `GALENA_FUZZ_ROUNDS=N` runs more of them.

use std::sync::Arc;

use galena_constraints::{Expected, MIN_SECURITY_BITS, Profile, ProgramId, Receipt, verify};
use galena_prover::{Policy, prove};
use galena_tests::samples;
use galena_vm::Program;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

const SEED: u64 = 20_261_120;
const ROUNDS: usize = 100_000;
/// Magic and version.
const HEADER: usize = 12;
const CHECKSUM: usize = 32;

/// An honest receipt and its program's id.
fn honest() -> (ProgramId, Vec<u8>) {
    let sample = samples().into_iter().find(|s| s.name.starts_with("fibonacci-c")).expect("the fibonacci sample");
    let program = Program::from_elf(&std::fs::read(sample.elf).unwrap()).unwrap();
    let standard = Profile::by_name("standard").unwrap();
    let proved = prove(&program, &sample.input, standard, vec![], Policy::default(), Arc::new(|_| ())).unwrap();
    (proved.receipt.program_id(), proved.bytes)
}

fn sealed(mut content: Vec<u8>) -> Vec<u8> {
    let checksum = Sha256::digest(&content);
    content.extend(checksum);
    content
}

/// The hostile bytes of one round. The kinds are mixed by number, so that every prefix of the rounds has all of them.
fn hostile(honest: &[u8], round: usize, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let content = &honest[..honest.len() - CHECKSUM];
    let noise = |rng: &mut ChaCha8Rng, most: usize| {
        let mut bytes = vec![0; rng.random_range(0..most)];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    match round % 50 {
        // Noise, bare and behind a header and under a checksum that are right.
        0..10 => noise(rng, 4096),
        10..25 => sealed([&honest[..HEADER], &noise(rng, 4096)].concat()),
        // The honest beginning, then noise: as deep as the decoder goes before lengths stop making sense.
        25..40 => {
            let kept = rng.random_range(HEADER..HEADER + 4096).min(content.len());
            sealed([&content[..kept], &noise(rng, 2048)].concat())
        }
        // Truncated, with and without a checksum of its own.
        40..43 => sealed(content[..rng.random_range(0..1 << 14)].to_vec()),
        43..45 => honest[..rng.random_range(0..honest.len())].to_vec(),
        // One byte of the file changed.
        45..48 => {
            let mut bytes = honest.to_vec();
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= rng.random_range(1..=255_u8);
            bytes
        }
        // One to three bytes of the content changed under a right checksum: lengths and statement, or anywhere in the proof.
        kind => {
            let mut bytes = content.to_vec();
            let reach = if kind == 48 { HEADER + 2000 } else { content.len() };
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(HEADER..reach);
                bytes[at] ^= rng.random_range(1..=255_u8);
            }
            if bytes == content {
                bytes[HEADER] ^= 1;
            }
            sealed(bytes)
        }
    }
}

#[test]
fn a_hundred_thousand_hostile_receipts_end_in_errors() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let (id, bytes) = honest();
    let expected = Expected { program_id: &id, exit_code: None, public_output: None };
    assert!(verify(&expected, &Receipt::decode(&bytes).unwrap(), MIN_SECURITY_BITS).is_ok(), "the honest control");
    let rounds = match number("GALENA_FUZZ_ROUND") {
        Some(round) => round..round + 1,
        None => 0..number("GALENA_FUZZ_ROUNDS").unwrap_or(ROUNDS),
    };
    // How deep they came: refused by the decoder, refused by the verifier.
    let [decoder, verifier] = rounds
        .clone()
        .into_par_iter()
        .map(|round| {
            let mut rng = ChaCha8Rng::seed_from_u64(SEED);
            rng.set_stream(round as u64);
            let forged = hostile(&bytes, round, &mut rng);
            let outcome = std::panic::catch_unwind(|| match Receipt::decode(&forged) {
                Err(error) => ([1, 0], Some(error.to_string())),
                Ok(receipt) => {
                    ([0, 1], verify(&expected, &receipt, MIN_SECURITY_BITS).err().map(|error| error.to_string()))
                }
            });
            match outcome {
                Ok((depth, Some(reason))) if !reason.is_empty() => depth,
                Ok(_) => panic!("accepted a hostile receipt: seed {SEED}, GALENA_FUZZ_ROUND={round}"),
                Err(_) => panic!("panicked on a hostile receipt: seed {SEED}, GALENA_FUZZ_ROUND={round}"),
            }
        })
        .reduce(|| [0, 0], |a, b| [a[0] + b[0], a[1] + b[1]]);
    println!("{} refused by the decoder, {} by the verifier", decoder, verifier);
    assert_eq!(decoder + verifier, rounds.len());
    assert!(rounds.len() < 1000 || verifier * 50 > rounds.len(), "the verifier itself is reached: {verifier}");
}
