//! Receipts are ordinary Plonky3 proofs: `p3_batch_stark::verify_batch` accepts them under a configuration written out here
//! from Plonky3's own parts. Nothing of our prover and nothing of our verifier is called; the receipts come from the
//! `galena` binary.

use std::path::PathBuf;
use std::process::Command;

use galena_constraints::{Machine, Profile};
use galena_tests::{Sample, samples};
use galena_vm::{Limits, Program, execute};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_batch_stark::{BatchProof, ProverData, verify_batch};
use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::Field;
use p3_field::extension::BinomialExtensionField;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

type Val = BabyBear;
type Challenge = BinomialExtensionField<Val, 5>;
type Perm = Poseidon2BabyBear<16>;
type Packing = <Val as Field>::Packing;
type Hash = PaddingFreeSponge<Perm, 16, 8, 8>;
type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
type Mmcs = MerkleTreeMmcs<Packing, Packing, Hash, Compress, 2, 8>;
type Pcs = TwoAdicFriPcs<Val, Radix2DitParallel<Val>, Mmcs, ExtensionMmcs<Val, Challenge, Mmcs>>;
type Stock = StarkConfig<Pcs, Challenge, DuplexChallenger<Val, Perm, 16, 8>>;

fn stock(profile: &Profile) -> Stock {
    let perm = default_babybear_poseidon2_16();
    let mmcs = Mmcs::new(Hash::new(perm.clone()), Compress::new(perm.clone()), profile.cap_height);
    let fri = FriParameters {
        log_blowup: profile.log_blowup,
        log_final_poly_len: profile.log_final_poly_len,
        max_log_arity: profile.max_log_arity,
        num_queries: profile.num_queries,
        batch_proof_of_work_bits: profile.batch_pow_bits,
        commit_proof_of_work_bits: profile.commit_pow_bits,
        query_proof_of_work_bits: profile.query_pow_bits,
        mmcs: ExtensionMmcs::new(mmcs.clone()),
    };
    StarkConfig::new(Pcs::new(Radix2DitParallel::default(), mmcs, fri), DuplexChallenger::new(perm))
        .with_lookup_proof_of_work_bits(profile.lookup_pow_bits)
        .with_ood_proof_of_work_bits(profile.ood_pow_bits)
}

/// The `galena` binary beside this test, built if it is not up to date.
fn galena() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let folder = this.ancestors().nth(2).unwrap(); // target/<profile>/deps/<this>
    let profile = match folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let built =
        Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "galena", "--profile", profile]).status().unwrap();
    assert!(built.success(), "the galena binary does not build");
    folder.join("galena")
}

/// The proof in a receipt that `galena prove` wrote, as the stock type.
fn proof(galena: &PathBuf, sample: &Sample) -> BatchProof<Stock> {
    let folder = tempfile::tempdir().unwrap();
    let [input, receipt] = ["input", "receipt"].map(|name| folder.path().join(name));
    std::fs::write(&input, &sample.input).unwrap();
    let status = Command::new(galena)
        .arg("prove")
        .arg(&sample.elf)
        .arg("--input")
        .arg(&input)
        .arg("-o")
        .arg(&receipt)
        .arg("--json")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{}", sample.name);
    let receipt = galena_constraints::Receipt::decode(&std::fs::read(receipt).unwrap()).unwrap();
    postcard::from_bytes(&postcard::to_allocvec(&receipt.proof).unwrap()).unwrap()
}

#[test]
fn the_stock_verifier_accepts_every_sample_and_refuses_another_statement() {
    let (galena, standard) = (galena(), Profile::by_name("standard").unwrap());
    let mut cases = samples();
    cases.dedup_by(|a, b| a.elf == b.elf);
    for (number, sample) in cases.into_iter().enumerate() {
        let proof = proof(&galena, &sample);
        // The statement, from the program and the execution: chips, public values, preprocessed columns.
        let program = Program::from_elf(&std::fs::read(&sample.elf).unwrap()).unwrap();
        let segment = execute(&program, &sample.input, &Limits { max_cycles: u64::MAX }).unwrap();
        let witness = Machine::new(&program, standard).unwrap().instances(&segment).unwrap();
        let airs = witness.airs();
        let mut public: Vec<Vec<Val>> = witness.instances.iter().map(|i| i.public_values.clone()).collect();
        let config = stock(standard);
        let keys = ProverData::from_airs_and_degrees(&config, &airs, &witness.log_heights()).unwrap();

        verify_batch(&config, &airs, &proof, &public, &keys.common)
            .unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        // The statement is the same list for every program: one is enough to show that each of its values is bound.
        for i in 0..if number == 0 { public.len() } else { 0 } {
            for j in 0..public[i].len() {
                public[i][j] += Val::new(1);
                let accepted = verify_batch(&config, &airs, &proof, &public, &keys.common).is_ok();
                assert!(!accepted, "{}: public value {j} of chip {i} is not bound", sample.name);
                public[i][j] -= Val::new(1);
            }
        }
    }
}
