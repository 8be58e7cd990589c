//! The proof system: field, hash, commitment scheme and transcript, as released by Plonky3 0.8.0, under one set of names.

use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::{Field, extension::BinomialExtensionField};
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_merkle_tree::{MerkleCap, MerkleTreeMmcs};
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

use crate::profile::Profile;

/// The base field, p = 15 * 2^27 + 1.
pub type Val = BabyBear;
/// The challenge field, `Val[X] / (X^5 - 2)`. Degree 4 could not give 100 proven bits at 2^18 rows.
pub type Challenge = BinomialExtensionField<Val, 5>;
/// Packed base field elements.
pub type Packing = <Val as Field>::Packing;
/// Poseidon2 of width 16, with the published constants.
pub type Perm = Poseidon2BabyBear<16>;
/// Row hash: overwrite sponge of rate 8. It has no padding: safe because the verifier fixes every row's width.
pub type Hash = PaddingFreeSponge<Perm, 16, 8, 8>;
/// Tree node: permute(left || right), truncated to 8 words.
pub type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
/// Merkle tree over base field rows.
pub type ValMmcs = MerkleTreeMmcs<Packing, Packing, Hash, Compress, 2, 8>;
/// Its commitment: the layer `cap_height` below the root, or the leaves of a shorter tree.
pub type Cap = MerkleCap<Val, [Val; 8]>;
/// The transcript.
pub type Challenger = DuplexChallenger<Val, Perm, 16, 8>;
/// The CPU transform.
pub type StockDft = Radix2DitParallel<Val>;
/// Two-adic FRI over any transform and tree.
pub type Pcs<Dft, M> = TwoAdicFriPcs<Val, Dft, M, ExtensionMmcs<Val, Challenge, M>>;
/// A STARK configuration over any transform, tree and transcript that speak these types.
pub type Config<Dft, M, C = Challenger> = StarkConfig<Pcs<Dft, M>, Challenge, C>;
/// What the verifier uses, and the prover on the CPU.
pub type StockConfig = Config<StockDft, ValMmcs>;

/// The row hash.
pub fn stock_hash() -> Hash {
    Hash::new(default_babybear_poseidon2_16())
}

/// The tree of a profile.
pub fn stock_mmcs(profile: &Profile) -> ValMmcs {
    ValMmcs::new(stock_hash(), Compress::new(default_babybear_poseidon2_16()), profile.cap_height)
}

/// A fresh transcript.
pub fn stock_challenger() -> Challenger {
    Challenger::new(default_babybear_poseidon2_16())
}

/// The FRI parameters of a profile, over any tree.
pub fn fri_parameters<M>(profile: &Profile, mmcs: M) -> FriParameters<ExtensionMmcs<Val, Challenge, M>> {
    FriParameters {
        log_blowup: profile.log_blowup,
        log_final_poly_len: profile.log_final_poly_len,
        max_log_arity: profile.max_log_arity,
        num_queries: profile.num_queries,
        batch_proof_of_work_bits: profile.batch_pow_bits,
        commit_proof_of_work_bits: profile.commit_pow_bits,
        query_proof_of_work_bits: profile.query_pow_bits,
        mmcs: ExtensionMmcs::new(mmcs),
    }
}

/// The configuration of a profile over any transform, tree and transcript.
pub fn config_with<Dft: Clone, M: Clone, C: Clone>(
    profile: &Profile,
    dft: Dft,
    mmcs: M,
    challenger: C,
) -> Config<Dft, M, C> {
    let fri = fri_parameters(profile, mmcs.clone());
    StarkConfig::new(TwoAdicFriPcs::new(dft, mmcs, fri), challenger)
        .with_lookup_proof_of_work_bits(profile.lookup_pow_bits)
        .with_ood_proof_of_work_bits(profile.ood_pow_bits)
}

/// The configuration the verifier uses.
pub fn stock_config(profile: &Profile) -> StockConfig {
    config_with(profile, StockDft::default(), stock_mmcs(profile), stock_challenger())
}
