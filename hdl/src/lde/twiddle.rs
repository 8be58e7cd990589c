//! The one twiddle table of the transform: block constants in bit-reversed order.
//!
//! Block m of a stage with 2^i blocks splits x^(2h) - c into (x^h - t)(x^h + t) with t^2 = c, and the roots nest: with
//! `r[m] = w_(2^(i+1))^bitrev_i(m)` (w_k the subgroup generator of order k) the twiddle of block m is r[m] **whatever the stage**, so a
//! table for the largest size serves every smaller one by its prefix. It follows from the definition that
//! `r[2^k + m] = w_(2^(k+2)) * r[m]` for m < 2^k, which is how the table is built.
//!
//! The inverse needs 1/r[m]. For 2^k <= m < 2^(k+1), `r[m]^-1 = -r[m ^ (2^k - 1)]`: the exponent is odd, and complementing the bits below
//! the leading one of m complements every bit of it but the lowest. So the same table serves the inverse, with the operands of its
//! subtraction exchanged.

use crate::field::{self, P};

/// The generator of the subgroup of order 2^27, canonical: Plonky3's `TwoAdicField::two_adic_generator(27)`.
const ROOT_27: u32 = 0x1a42_7a41;

/// Montgomery form of -1: the factor of block 0 in the inverse, where the exchanged operands make up for the sign.
pub const MINUS_ONE: u32 = P - (((1u64 << 32) % P as u64) as u32);

/// The generator of the subgroup of order 2^`log`, Montgomery form (0 <= `log` <= 27).
pub fn subgroup_generator(log: usize) -> u32 {
    (log..27).fold(field::to_montgomery(ROOT_27), |w, _| field::mul(w, w))
}

/// r[0 .. 2^`log`] in Montgomery form.
pub fn twiddles(log: usize) -> Vec<u32> {
    let mut table = vec![field::to_montgomery(1)];
    for k in 0..log {
        let root = subgroup_generator(k + 2);
        table.extend(table.clone().iter().map(|&r| field::mul(root, r)));
    }
    table
}

/// Where the table holds minus the inverse of r[m]; block 0 has no entry (use [`MINUS_ONE`]).
pub fn inverse_index(m: usize) -> usize {
    match m.checked_ilog2() {
        None => 0,
        Some(k) => m ^ ((1 << k) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_the_bit_reversed_roots() {
        let table = twiddles(8);
        for i in 0..8usize {
            let root = subgroup_generator(i + 1);
            for (m, &r) in table.iter().enumerate().take(1 << i) {
                let exponent = if i == 0 { 0 } else { m.reverse_bits() >> (usize::BITS as usize - i) };
                let expected = (0..exponent).fold(field::to_montgomery(1), |x, _| field::mul(x, root));
                assert_eq!(r, expected, "stage {i} block {m}");
            }
        }
    }

    #[test]
    fn inverses_are_in_the_same_table() {
        let table = twiddles(10);
        let one = field::to_montgomery(1);
        assert_eq!(field::add(MINUS_ONE, one), 0);
        for m in 1..1024 {
            let minus_inverse = table[inverse_index(m)];
            assert_eq!(field::mul(field::mul(table[m], minus_inverse), MINUS_ONE), one, "block {m}");
        }
    }
}
