//! BabyBear in Montgomery form as plain integers: what the host itself computes for a command, and nothing more.
//!
//! A field word is x * R mod p with R = 2^32, reduced below p = 15 * 2^27 + 1.

use galena_target::FIELD_PRIME;

const P: u64 = FIELD_PRIME as u64;

/// R mod p: the field word of one.
pub const ONE: u32 = ((1u64 << 32) % P) as u32;

/// R^-1 mod p. (p - 1 = 15 * 2^27 makes 2^27 = -1/15; checked by test.)
const R_INVERSE: u64 = 943_718_400;

/// The product of two field words.
pub const fn mul(a: u32, b: u32) -> u32 {
    ((a as u64 * b as u64 % P) * R_INVERSE % P) as u32
}

/// The power of a field word.
pub const fn pow(mut base: u32, mut exponent: u64) -> u32 {
    let mut result = ONE;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul(result, base);
        }
        base = mul(base, base);
        exponent >>= 1;
    }
    result
}

/// The inverse of a field word; zero for zero.
pub const fn inverse(a: u32) -> u32 {
    pow(a, P - 2)
}

/// The field word of an integer below p.
pub const fn word(canonical: u32) -> u32 {
    (((canonical as u64) << 32) % P) as u32
}

/// The integer of a field word.
pub const fn canonical(word: u32) -> u32 {
    (word as u64 * R_INVERSE % P) as u32
}

/// What a command carries about a shift s and 2^n rows: s^16, and s^k / 2^n for k = 0..15.
pub fn shift_powers(shift: u32, log_rows: usize) -> (u32, [u32; 16]) {
    let scale = inverse(pow(word(2), log_rows as u64));
    let mut next = scale;
    let powers = std::array::from_fn(|_| {
        let power = next;
        next = mul(next, shift);
        power
    });
    (pow(shift, 16), powers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use p3_baby_bear::BabyBear;
    use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

    #[test]
    fn agrees_with_plonky3() {
        assert_eq!((1u64 << 32) % P * R_INVERSE % P, 1);
        let values = [0, 1, 2, 31, 0x1234_5678, FIELD_PRIME - 1];
        for a in values {
            let x = BabyBear::new(a);
            assert_eq!((word(a), canonical(word(a))), (x.to_unique_u32(), a));
            assert_eq!(pow(word(a), 19), x.exp_u64(19).to_unique_u32());
            if a != 0 {
                assert_eq!(inverse(word(a)), x.inverse().to_unique_u32());
            }
            for b in values {
                assert_eq!(mul(word(a), word(b)), (x * BabyBear::new(b)).to_unique_u32());
            }
        }
        let (step, powers) = shift_powers(word(31), 3);
        assert_eq!(canonical(mul(powers[2], word(8))), 31 * 31);
        assert_eq!(step, mul(powers[15], mul(word(8), word(31))));
    }
}
