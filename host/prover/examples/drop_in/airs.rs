//! Three AIRs that are not ours, with traces of random inputs, proved with `p3-uni-stark`.

use p3_baby_bear::{
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16, BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_16_INTERNAL, BABYBEAR_S_BOX_DEGREE, BabyBear,
    GenericPoseidon2LinearLayersBabyBear,
};
use p3_poseidon2_air::{Poseidon2Air, RoundConstants};

/// Poseidon2 of width 16 with one register for each S-box: constraints of degree 3.
pub(crate) type Poseidon2 = Poseidon2Air<
    BabyBear,
    GenericPoseidon2LinearLayersBabyBear,
    16,
    BABYBEAR_S_BOX_DEGREE,
    1,
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS,
    BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16,
>;

/// The permutation that the device computes, as an AIR.
pub(crate) fn poseidon2() -> Poseidon2 {
    Poseidon2::new(RoundConstants::new(
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
        BABYBEAR_POSEIDON2_RC_16_INTERNAL,
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    ))
}

/// Proves `$air` under the stock configuration and under the device's, compares the bytes, and has the stock verifier look
/// at the device's proof. Gives the bytes and the seconds of each.
#[macro_export]
macro_rules! prove_both {
    ($air:expr, $permutations:expr) => {{
        let air = $air;
        let trace = air.generate_random_trace_rows($permutations, 1);
        let start = std::time::Instant::now();
        let expected = p3_uni_stark::prove(&stock::config(), &air, trace.clone(), &[]).expect("the stock prover");
        let stock_seconds = start.elapsed().as_secs_f64();
        let start = std::time::Instant::now();
        let found = p3_uni_stark::prove(&device::config(), &air, trace, &[]).expect("the same prover on the device");
        let device_seconds = start.elapsed().as_secs_f64();
        let expected = postcard::to_allocvec(&expected).expect("a proof is serialised");
        let found = postcard::to_allocvec(&found).expect("a proof is serialised");
        assert!(found == expected, "the bytes differ");
        let proof: p3_uni_stark::Proof<stock::Config> = postcard::from_bytes(&found).expect("a stock proof");
        p3_uni_stark::verify(&stock::config(), &air, &proof, &[]).expect("the stock verifier");
        (found.len(), stock_seconds, device_seconds)
    }};
}
