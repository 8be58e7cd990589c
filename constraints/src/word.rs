//! Words in constraints: four bytes, low first, used through their 16-bit halves, which cannot overflow the field; and the accesses that
//! move them over the memory bus.

use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, MEMORY, flag, k, u16};

/// Bytes 0 and 1 as a number.
pub(crate) fn lo<AB: Builder>(w: &[AB::Var; 4]) -> AB::Expr {
    w[0] + w[1] * k(1 << 8)
}

/// Bytes 2 and 3 as a number.
pub(crate) fn hi<AB: Builder>(w: &[AB::Var; 4]) -> AB::Expr {
    w[2] + w[3] * k(1 << 8)
}

/// The whole word in the field: two words that differ by p are the same. Only for words known to be below p.
pub(crate) fn word<AB: Builder>(w: &[AB::Var; 4]) -> AB::Expr {
    lo::<AB>(w) + hi::<AB>(w) * k(1 << 16)
}

/// Sum of the bytes: zero exactly when the word is.
pub(crate) fn byte_sum<AB: Builder>(w: &[AB::Var; 4]) -> AB::Expr {
    w[0] + w[1] + w[2] + w[3]
}

/// Registers and memory share one bus, and one space of keys: the memory word at byte address 4w is key w < 2^28, register r is
/// `REGISTER_KEY + r`.
pub(crate) const REGISTER_KEY: u32 = 1 << 28;

/// 1/4 in the field: 3p + 1 is a multiple of 4.
const QUARTER: u32 = ((3 * 0x7800_0001_u64 + 1) / 4) as u32;

/// Key of the memory word at byte address `aligned` < 2^30. Were that not a multiple of 4, the key would lie at least (p + 3) / 4 above a
/// word's number and below p, so above every key that the boundary chip can give a first value (less than 2^28 + 2^16), and the access
/// could not balance: alignment needs no other constraint. (With memory above the registers such keys would wrap round onto them.)
pub(crate) fn memory_key<AB: Builder>(aligned: AB::Expr) -> AB::Expr {
    aligned * k(QUARTER)
}

/// Key of a register whose number came from the program bus.
pub(crate) fn register_key<AB: Builder>(number: AB::Var) -> AB::Expr {
    number + AB::Expr::from(k(REGISTER_KEY))
}

/// 2^-16 in the field: p = 30720 * 2^16 + 1.
pub(crate) const HALF_INVERSE: u32 = 0x7800_0001 - 30720;

/// When the cell was last accessed, and bits 16 to 23 of the time since then less one. The chip must range-check `gap` to a byte.
#[derive(Clone, Copy)]
pub(crate) struct Since<T> {
    pub(crate) ts: T,
    pub(crate) gap: T,
}

/// One access at time `ts` when `count` is 1: receives the old word, sends the new one, and checks that time moved forwards by 1 to 2^24.
pub(crate) fn access<AB: Builder>(
    b: &mut AB,
    key: AB::Expr,
    (old, new): (&[AB::Var; 4], [AB::Expr; 4]),
    since: Since<AB::Var>,
    ts: AB::Expr,
    count: AB::Expr,
) {
    let [o0, o1, o2, o3] = old.map(Into::into);
    let [n0, n1, n2, n3] = new;
    MEMORY.receive(b, [key.clone(), o0, o1, o2, o3, since.ts.into()], flag(count.clone()));
    MEMORY.send(b, [key, n0, n1, n2, n3, ts.clone()], flag(count.clone()));
    u16(b, ts - since.ts - AB::Expr::ONE - since.gap * k(1 << 16), count);
}

/// A read: the word stays as it is.
pub(crate) fn read<AB: Builder>(
    b: &mut AB,
    key: AB::Expr,
    value: &[AB::Var; 4],
    since: Since<AB::Var>,
    ts: AB::Expr,
    count: AB::Expr,
) {
    access(b, key, (value, value.map(Into::into)), since, ts, count);
}

/// A write of another word, each byte of which must be known to be a byte.
pub(crate) fn write<AB: Builder>(
    b: &mut AB,
    key: AB::Expr,
    values: (&[AB::Var; 4], &[AB::Var; 4]),
    since: Since<AB::Var>,
    ts: AB::Expr,
    count: AB::Expr,
) {
    access(b, key, (values.0, values.1.map(Into::into)), since, ts, count);
}

/// Columns that an instruction's register accesses use.
pub(crate) struct Register<'a, V> {
    /// Its number.
    pub(crate) number: V,
    /// Its value before.
    pub(crate) old: &'a [V; 4],
    /// The access before.
    pub(crate) since: Since<V>,
}

/// Read of a register at `ts + slot`.
pub(crate) fn read_register<AB: Builder>(
    b: &mut AB,
    r: &Register<'_, AB::Var>,
    ts: AB::Var,
    slot: u32,
    count: impl Into<AB::Expr>,
) {
    read(b, register_key::<AB>(r.number), r.old, r.since, at::<AB>(ts, slot), count.into());
}

/// Write of a register at `ts + slot`.
pub(crate) fn write_register<AB: Builder>(
    b: &mut AB,
    r: &Register<'_, AB::Var>,
    new: [AB::Expr; 4],
    ts: AB::Var,
    slot: u32,
    count: impl Into<AB::Expr>,
) {
    access(b, register_key::<AB>(r.number), (r.old, new), r.since, at::<AB>(ts, slot), count.into());
}

/// The columns of a register access.
pub(crate) fn register<V>(number: V, old: &[V; 4], ts: V, gap: V) -> Register<'_, V> {
    Register { number, old, since: Since { ts, gap } }
}

/// `ts + slot`.
pub(crate) fn at<AB: Builder>(ts: AB::Var, slot: u32) -> AB::Expr {
    ts + AB::Expr::from(k(slot))
}

/// Sum of expressions.
pub(crate) fn sum<AB: Builder>(terms: impl IntoIterator<Item = AB::Var>) -> AB::Expr {
    terms.into_iter().fold(AB::Expr::ZERO, |total, term| total + term)
}
