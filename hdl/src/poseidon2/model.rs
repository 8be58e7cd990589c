//! The bit-exact model: permutation, row sponge, compression and tree over plain integers in Montgomery form.

use super::Parameters;
use super::parameters::HALF_EXTERNAL;
use crate::field::{add, mul};

/// Eight words.
pub type Digest = [u32; 8];

/// x^7, by the four products of the circuit.
pub(super) fn sbox(x: u32) -> u32 {
    let x2 = mul(x, x);
    mul(mul(x2, x), mul(x2, x2))
}

/// M_E: M4 = circ(2, 3, 1, 1) on each four words, then every word plus the sum of the words in its place of all fours.
fn external_layer(state: &mut [u32]) {
    for four in state.as_chunks_mut::<4>().0 {
        let [a, b, c, d] = *four;
        let total = add(add(a, b), add(c, d));
        let twice = |x| add(x, x);
        *four = [
            add(total, add(a, twice(b))),
            add(total, add(b, twice(c))),
            add(total, add(c, twice(d))),
            add(total, add(d, twice(a))),
        ];
    }
    let mut sums = [0; 4];
    state.iter().enumerate().for_each(|(i, x)| sums[i % 4] = add(sums[i % 4], *x));
    state.iter_mut().enumerate().for_each(|(i, x)| *x = add(*x, sums[i % 4]));
}

impl Parameters {
    /// Permutes a state of `width` words.
    pub fn permute(&self, state: &mut [u32]) {
        external_layer(state);
        for (round, constants) in self.external.iter().enumerate() {
            if round == HALF_EXTERNAL {
                self.internal_rounds(state);
            }
            state.iter_mut().zip(constants).for_each(|(x, c)| *x = sbox(add(*x, *c)));
            external_layer(state);
        }
    }

    fn internal_rounds(&self, state: &mut [u32]) {
        for constant in &self.internal {
            state[0] = sbox(add(state[0], *constant));
            let sum = state.iter().fold(0, |a, x| add(a, *x));
            state.iter_mut().zip(self.diagonal).for_each(|(x, d)| *x = add(d.apply(*x), sum));
        }
    }
}

/// The row sponge of width 16: rate 8, overwrite, no padding; a short last block leaves the old words in place.
pub fn sponge(parameters: &Parameters, row: &[u32]) -> Digest {
    let mut state = [0; 16];
    for block in row.chunks(8) {
        state[..block.len()].copy_from_slice(block);
        parameters.permute(&mut state);
    }
    digest(&state)
}

/// A node of the tree: the first eight words of the permuted pair.
pub fn compress(parameters: &Parameters, left: &Digest, right: &Digest) -> Digest {
    let mut state = [0; 16];
    state[..8].copy_from_slice(left);
    state[8..].copy_from_slice(right);
    parameters.permute(&mut state);
    digest(&state)
}

/// The levels of the tree over a power of two of leaves: `levels` of them above the leaves, which come first.
pub fn tree(parameters: &Parameters, leaves: &[Digest], levels: usize) -> Vec<Vec<Digest>> {
    let mut all = vec![leaves.to_vec()];
    for level in 0..levels {
        let (pairs, _) = all[level].as_chunks::<2>();
        all.push(pairs.iter().map(|[left, right]| compress(parameters, left, right)).collect());
    }
    all
}

fn digest(state: &[u32; 16]) -> Digest {
    std::array::from_fn(|i| state[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{P, from_montgomery, to_montgomery};
    use p3_baby_bear::{BabyBear, default_babybear_poseidon2_16, default_babybear_poseidon2_24};
    use p3_field::{PrimeCharacteristicRing, PrimeField32};
    use p3_symmetric::{
        CryptographicHasher, PaddingFreeSponge, Permutation, PseudoCompressionFunction, TruncatedPermutation,
    };
    use rand::{Rng, SeedableRng};

    const SEED: u64 = 20;

    fn permuted(parameters: &Parameters, state: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut state: Vec<u32> = state.map(to_montgomery).collect();
        parameters.permute(&mut state);
        state.into_iter().map(from_montgomery).collect()
    }

    /// The known answers of Plonky3 0.8.0 for the states (0, 1, 2, ...).
    #[test]
    fn known_answers() {
        let answer_16 = [
            0x71a73fe7, 0x6788eb7b, 0x74cf6669, 0x29be1dc4, 0x61a2ab2d, 0x3ce48354, 0x66eb36b9, 0x68f8abb0, 0x5c87d280,
            0x18dfc853, 0x0231831d, 0x486e0e38, 0x24a6fbd7, 0x4d87d14f, 0x390f6a6d, 0x122bbc33,
        ];
        let answer_24 = [
            0x03749b66, 0x67dd329b, 0x18679434, 0x186f9efb, 0x5eaeeef3, 0x499d5162, 0x087958aa, 0x6fd43569, 0x1982c73f,
            0x23f08251, 0x616eede2, 0x56fe22eb, 0x52abe730, 0x2160deb5, 0x5e2c6875, 0x39e13a31, 0x0a1f2428, 0x09c2c407,
            0x037241bf, 0x26a70f26, 0x31f670fe, 0x06b4b232, 0x0ea76905, 0x2da85081,
        ];
        assert_eq!(permuted(&Parameters::width_16(), 0..16), answer_16);
        assert_eq!(permuted(&Parameters::width_24(), 0..24), answer_24);
        assert_eq!(permuted(&Parameters::width_16(), std::iter::repeat_n(0, 16))[..2], [0x45acb8c6, 0x07ad1068]);
    }

    #[test]
    fn agrees_with_plonky3_on_random_states() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(SEED);
        let (p16, p24) = (default_babybear_poseidon2_16(), default_babybear_poseidon2_24());
        for _ in 0..200 {
            let a: [u32; 16] = std::array::from_fn(|_| rng.random_range(0..P));
            let b: [u32; 24] = std::array::from_fn(|_| rng.random_range(0..P));
            let stock = p16.permute(a.map(BabyBear::from_u32)).map(|x| x.as_canonical_u32());
            assert_eq!(permuted(&Parameters::width_16(), a.into_iter()), stock, "seed {SEED}");
            let stock = p24.permute(b.map(BabyBear::from_u32)).map(|x| x.as_canonical_u32());
            assert_eq!(permuted(&Parameters::width_24(), b.into_iter()), stock, "seed {SEED}");
        }
    }

    #[test]
    fn sponge_and_compression_are_plonky3s() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(SEED);
        let parameters = Parameters::width_16();
        let permutation = default_babybear_poseidon2_16();
        let stock_sponge = PaddingFreeSponge::<_, 16, 8, 8>::new(permutation.clone());
        let stock_pair = TruncatedPermutation::<_, 2, 8, 16>::new(permutation);
        let stock = |x: &u32| BabyBear::from_u32(from_montgomery(*x));
        let ours = |x: BabyBear| to_montgomery(x.as_canonical_u32());
        for columns in 1..=33 {
            let row: Vec<u32> = (0..columns).map(|_| rng.random_range(0..P)).collect();
            let expected: Digest = stock_sponge.hash_iter(row.iter().map(stock)).map(ours);
            assert_eq!(sponge(&parameters, &row), expected, "{columns} columns, seed {SEED}");
        }
        for _ in 0..20 {
            let [left, right]: [Digest; 2] = std::array::from_fn(|_| std::array::from_fn(|_| rng.random_range(0..P)));
            let expected = stock_pair.compress([left, right].map(|d| d.map(|x| stock(&x)))).map(ours);
            assert_eq!(compress(&parameters, &left, &right), expected, "seed {SEED}");
        }
    }
}
