//! BabyBear, p = 2^31 - 2^27 + 1 = 15 * 2^27 + 1: the arithmetic as plain integers, and its circuits.
//!
//! Elements are 31-bit words in Montgomery form (R = 2^32), reduced below p. The functions of this file are the bit-exact models of
//! the circuits beside them and compute by `% p`, so that they share nothing with the reductions they check.

mod adder;
pub(crate) mod block;
mod multiplier;
mod product;
mod reducer;

pub use adder::{ADD_LATENCY, field_add, field_sub};
pub use multiplier::{MUL_LATENCY, field_mul, small_mul};
pub use product::{Product, with_product};
pub use reducer::{REDUCE_LATENCY, REDUCE_WIDTH, field_reduce};

/// The modulus.
pub const P: u32 = 0x7800_0001;

/// Bits of a field element.
pub const WIDTH: usize = 31;

/// R^-1 = 2^-32 mod p.
const R_INVERSE: u64 = 0x3840_0000;

/// The sum of two elements.
pub fn add(a: u32, b: u32) -> u32 {
    ((a as u64 + b as u64) % P as u64) as u32
}

/// The difference of two elements.
pub fn sub(a: u32, b: u32) -> u32 {
    ((a as u64 + P as u64 - b as u64) % P as u64) as u32
}

/// The Montgomery product a * b / R: the product of two elements in Montgomery form, in Montgomery form.
pub fn mul(a: u32, b: u32) -> u32 {
    (a as u64 * b as u64 % P as u64 * R_INVERSE % P as u64) as u32
}

/// Canonical to Montgomery form; reduces its argument.
pub fn to_montgomery(x: u32) -> u32 {
    (((x as u64) << 32) % P as u64) as u32
}

/// Montgomery to canonical form.
pub fn from_montgomery(x: u32) -> u32 {
    (x as u64 * R_INVERSE % P as u64) as u32
}

/// x * 2^-k for 0 <= k <= 27, in either form: (x >> k) - 15 * 2^(27-k) * (x mod 2^k), because 2^-k = -15 * 2^(27-k) mod p.
pub fn halve(x: u32, k: usize) -> u32 {
    let low = x as u64 & ((1 << k) - 1);
    sub(x >> k, (15 * (low << (27 - k)) % P as u64) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use p3_baby_bear::BabyBear;
    use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
    use rand::{Rng, SeedableRng};

    #[test]
    fn agrees_with_plonky3() {
        let seed = 7;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let edges = [0, 1, 2, P / 2, P - 2, P - 1, 1 << 27, 15 << 27];
        for i in 0..20_000 {
            let mut pick = |j: usize| if i < 64 { edges[(i >> (3 * j)) & 7] } else { rng.random_range(0..P) };
            let (a, b) = (pick(0), pick(1));
            let (x, y) = (BabyBear::from_u32(a), BabyBear::from_u32(b));
            assert_eq!(add(a, b), (x + y).as_canonical_u32(), "seed {seed}");
            assert_eq!(sub(a, b), (x - y).as_canonical_u32(), "seed {seed}");
            let product = mul(to_montgomery(a), to_montgomery(b));
            assert_eq!(from_montgomery(product), (x * y).as_canonical_u32(), "seed {seed}");
            let k = i % 28;
            assert_eq!(halve(a, k), (x * BabyBear::TWO.exp_u64(k as u64).inverse()).as_canonical_u32(), "{a} / 2^{k}");
        }
    }

    #[test]
    fn montgomery_form_is_the_host_memory_format() {
        // p3's BabyBear is a transparent u32 in Montgomery form; its Debug form and casts show only canonical values, but
        // its constants are known: ONE = 0x0ffffffe.
        assert_eq!(to_montgomery(1), 0x0fff_fffe);
        assert_eq!(R_INVERSE * ((1u64 << 32) % P as u64) % P as u64, 1);
    }
}
