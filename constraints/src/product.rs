//! Products of little-endian byte strings, one column of the schoolbook product per constraint. Carries are 16-bit: a column sums at most
//! 8 products of bytes and two small terms, below 2^20, and carry * 256 + byte is below 2^25: no wrap modulo p is possible.

use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, k};

/// For each k < N: sum over i + j = k of x_i y_j, plus `add[k]`, plus the carry from below = `result[k]` + 256 `carry[k]`.
/// That is x y + add = result modulo 256^N. The chip range-checks `result` to bytes and `carry` to 16 bits.
pub(crate) fn product<AB: Builder, const N: usize>(
    b: &mut AB,
    x: &[AB::Expr; N],
    y: &[AB::Expr; N],
    add: Option<&[AB::Expr; N]>,
    result: &[AB::Expr; N],
    carry: &[AB::Var; N],
) {
    for n in 0..N {
        let mut total = AB::Expr::ZERO;
        for i in 0..=n {
            total += x[i].clone() * y[n - i].clone();
        }
        if let Some(add) = add {
            total += add[n].clone();
        }
        if n > 0 {
            total += carry[n - 1].into();
        }
        b.assert_eq(total, result[n].clone() + carry[n] * k(256));
    }
}

/// The carries.
pub(crate) fn carries<const N: usize>(x: &[u32; N], y: &[u32; N], add: &[u32; N]) -> [u32; N] {
    let mut carry = 0;
    core::array::from_fn(|n| {
        let total: u32 = (0..=n).map(|i| x[i] * y[n - i]).sum::<u32>() + add[n] + carry;
        carry = total >> 8;
        carry
    })
}

/// A word extended to 8 bytes with bytes 255 * `sign`.
pub(crate) fn extend<AB: Builder>(w: &[AB::Var; 4], sign: AB::Expr) -> [AB::Expr; 8] {
    core::array::from_fn(|i| if i < 4 { w[i].into() } else { sign.clone() * k(255) })
}
