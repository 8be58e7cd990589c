//! Comparison of two words, shared by the compare, branch and trap chips.

use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, k, u16};
use crate::word::{hi, lo};

/// Columns of a comparison. `less` is a < b.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<T> {
    pub(crate) less: T,
    pub(crate) borrow: T,
    pub(crate) sign_a: T,
    pub(crate) sign_b: T,
}

/// Constrains `less` when `real` is 1 (`signed` is a flag not above it): with A and B the values, two's complement if signed,
/// A - B + 2^32 less has two halves of 16 bits, so it is not negative and below 2^32. Returns those halves, the difference modulo 2^32.
pub(crate) fn compare<AB: Builder>(
    b: &mut AB,
    x: &[AB::Var; 4],
    y: &[AB::Var; 4],
    o: &Order<AB::Var>,
    signed: &AB::Expr,
    real: &AB::Expr,
) -> [AB::Expr; 2] {
    b.assert_bools([o.less, o.borrow, o.sign_a, o.sign_b]);
    b.assert_zeros([o.sign_a, o.sign_b].map(|s| (AB::Expr::ONE - signed.clone()) * s));
    // The sign is bit 15 of the upper half: what remains without it is below 2^15.
    for (w, sign) in [(x, o.sign_a), (y, o.sign_b)] {
        u16(b, (hi::<AB>(w) - sign * k(1 << 15)).double(), signed.clone());
    }
    let low = lo::<AB>(x) - lo::<AB>(y) + o.borrow * k(1 << 16);
    let high = hi::<AB>(x) - hi::<AB>(y) - o.borrow + (o.less + o.sign_b - o.sign_a) * k(1 << 16);
    u16(b, low.clone(), real.clone());
    u16(b, high.clone(), real.clone());
    [low, high]
}

/// The columns for two words.
pub(crate) fn order(a: u32, b: u32, signed: bool) -> Order<u32> {
    let less = if signed { (a as i32) < (b as i32) } else { a < b };
    let sign = |x: u32| if signed { x >> 31 } else { 0 };
    Order { less: less.into(), borrow: ((a & 0xffff) < (b & 0xffff)).into(), sign_a: sign(a), sign_b: sign(b) }
}
