//! Somebody's configuration of Plonky3: BabyBear, a challenge field of degree 4, Poseidon2 of width 16, two-adic FRI.

use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::extension::BinomialExtensionField;
use p3_fri::FriParameters;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

type Val = BabyBear;
type Packing = <Val as p3_field::Field>::Packing;
type Challenge = BinomialExtensionField<Val, 4>;
type Perm = Poseidon2BabyBear<16>;
type Hash = PaddingFreeSponge<Perm, 16, 8, 8>;
type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
type Dft = Radix2DitParallel<Val>;
type Challenger = DuplexChallenger<Val, Perm, 16, 8>;
type ValMmcs = galena_prover::DeviceMmcs;
type ChallengeMmcs = ExtensionMmcs<Val, Challenge, ValMmcs>;
type Pcs = galena_prover::DevicePcs<Challenge>;
pub(crate) type Config = StarkConfig<Pcs, Challenge, Challenger>;

pub(crate) fn config() -> Config {
    let perm = default_babybear_poseidon2_16();
    let val_mmcs = ValMmcs::new(2, super::devices());
    let fri_params = FriParameters {
        log_blowup: 1,
        log_final_poly_len: 0,
        max_log_arity: 3,
        num_queries: 100,
        batch_proof_of_work_bits: 0,
        commit_proof_of_work_bits: 0,
        query_proof_of_work_bits: 0,
        mmcs: ChallengeMmcs::new(val_mmcs.clone()),
    };
    let pcs = Pcs::new(Dft::default(), val_mmcs, fri_params);
    Config::new(pcs, Challenger::new(perm))
}
