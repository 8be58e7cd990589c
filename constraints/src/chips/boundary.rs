//! First and last state of every register and memory word that the program touched or that its image holds: one row each, by ascending key.
//! A row sends the first value at time 0 and receives the last one. Keys ascend strictly, so that no cell has two histories.

use galena_vm::record::Boundary;
use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, IMAGE, MEMORY, flag, k, u16};
use crate::columns::columns;
use crate::fill::split;
use crate::word::REGISTER_KEY;

columns! {
    key,
    /// Upper part of the key, in steps of 2^12: keys are below 2^28 + 2^16.
    key_hi,
    first[4],
    last[4],
    last_ts,
    real,
    /// The first value is the image's; otherwise it is zero.
    image,
    /// The next row's key less this one's less 1: lower and upper part, as of the key.
    gap_lo, gap_hi,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, next: &Columns<AB::Var>) {
    b.assert_bools([c.real, c.image]);
    b.assert_zero((AB::Expr::ONE - c.real) * c.image);
    b.assert_zeros(c.first.map(|byte| (AB::Expr::ONE - c.image) * byte));

    // Keys are integers below 2^28 + 2^16, and so are their gaps: no sum of a key and a gap reaches p.
    u16(b, c.key_hi, c.real);
    u16(b, c.key - c.key_hi * k(1 << 12), c.real);
    u16(b, c.gap_lo, c.real);
    u16(b, c.gap_hi, c.real);
    // Padding comes last, and a real row lies above the one before it.
    let gap = c.gap_lo + c.gap_hi * k(1 << 12);
    b.when_transition().assert_zero((AB::Expr::ONE - c.real) * next.real);
    b.when_transition().assert_zero((next.key - c.key - AB::Expr::ONE - gap) * next.real);

    let tuple = |w: &[AB::Var; 4], ts: AB::Expr| [c.key.into(), w[0].into(), w[1].into(), w[2].into(), w[3].into(), ts];
    MEMORY.send(b, tuple(&c.first, AB::Expr::ZERO), flag(c.real));
    MEMORY.receive(b, tuple(&c.last, c.last_ts.into()), flag(c.real));
    IMAGE.receive(b, [c.key, c.first[0], c.first[1], c.first[2], c.first[3]], flag(c.image));
}

/// The key of a cell.
pub(crate) fn key(cell: &Boundary) -> u32 {
    if cell.register { REGISTER_KEY + cell.addr } else { cell.addr >> 2 }
}

/// Row of a cell, given the key after it.
pub(crate) fn fill(cell: &Boundary, next: Option<u32>) -> Columns<u32> {
    let key = key(cell);
    let gap = next.map_or(0, |next| next.wrapping_sub(key).wrapping_sub(1));
    // Parts in steps of 2^12, of which the upper one must fit 16 bits.
    let upper = |x: u32| (x >> 12).min(0xffff);
    Columns {
        key,
        key_hi: upper(key),
        first: split(cell.initial),
        last: split(cell.last),
        last_ts: cell.last_ts,
        real: 1,
        image: u32::from(cell.initial != 0),
        gap_lo: gap - (upper(gap) << 12),
        gap_hi: upper(gap),
    }
}
