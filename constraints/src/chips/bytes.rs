//! All pairs of bytes, 2^16 preprocessed rows, as four tables: numbers of 16 bits, pairs, exclusive or, and shifts of a byte.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::bus::{Builder, PAIR, SHIFT, U16, XOR, k};
use crate::columns::columns;
use crate::config::Val;

columns! {
    /// Times each table's entry was looked up.
    u16, pair, xor, shift,
}

/// Preprocessed columns: x, y, x xor y, and for y <= 8 the bytes of x * 2^y (zero above).
pub(crate) const PREPROCESSED: usize = 5;
/// log2 of the rows; row x + 256 y.
pub(crate) const LOG_HEIGHT: usize = 16;

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, fixed: &[AB::Var]) {
    let [x, y, xor, low, high] = core::array::from_fn(|i| fixed[i]);
    U16.table_entry(b, [x + y * k(256)], c.u16);
    PAIR.table_entry(b, [x, y], c.pair);
    XOR.table_entry(b, [x, y, xor], c.xor);
    SHIFT.table_entry(b, [y, x, low, high], c.shift);
}

/// The preprocessed columns.
pub(crate) fn table() -> RowMajorMatrix<Val> {
    let mut values = Vec::with_capacity(PREPROCESSED << LOG_HEIGHT);
    for row in 0..1_u32 << LOG_HEIGHT {
        let (x, y) = (row & 0xff, row >> 8);
        let shifted = if y <= 8 { x << y } else { 0 };
        values.extend([x, y, x ^ y, shifted & 0xff, shifted >> 8].map(Val::from_u32));
    }
    RowMajorMatrix::new(values, PREPROCESSED)
}
