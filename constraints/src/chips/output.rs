//! The public output, as periodic columns that the verifier computes itself, matched in order with the bytes that were written.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, OUTPUT, flag, k, pair, u16};
use crate::columns::columns;

columns! {
    byte, real,
    /// When the byte was written.
    ts,
    /// The next row's time less this one's less 1, in 16 and 8 bits: the order is the order of writing.
    gap_lo, gap_hi,
}

/// Periodic columns: byte, real. Their period is the height.
pub(crate) const PERIODIC: usize = 2;

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, next: &Columns<AB::Var>) {
    let (byte, real): (AB::Expr, AB::Expr) = (b.periodic_values()[0].into(), b.periodic_values()[1].into());
    b.assert_eq(c.byte, byte);
    b.assert_eq(c.real, real);
    let gap = c.gap_lo + c.gap_hi * k(1 << 16);
    b.when_transition().assert_zero((next.ts - c.ts - AB::Expr::ONE - gap) * next.real);
    u16(b, c.gap_lo, c.real);
    pair(b, c.gap_hi, AB::Expr::ZERO, c.real);
    OUTPUT.receive(b, [c.ts, c.byte], flag(c.real));
}
