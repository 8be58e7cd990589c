//! From records to rows: plain integers, in parallel, in the order of execution.

use galena_vm::record::Access;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;

use crate::config::Val;

/// log2 of the fewest rows of a table.
pub(crate) const MIN_LOG_HEIGHT: usize = 4;

/// Rows of a table that holds `records`: a power of two.
pub(crate) fn padded(records: usize) -> usize {
    records.next_power_of_two().max(1 << MIN_LOG_HEIGHT)
}

/// One row per record, then rows of zeros.
pub(crate) fn rows<R: Sync>(width: usize, records: &[R], row: impl Fn(&R, &mut [Val]) + Sync) -> RowMajorMatrix<Val> {
    joined_rows(width, [records], row)
}

/// The same, of several lists one after the other.
pub(crate) fn joined_rows<R: Sync, const N: usize>(
    width: usize,
    lists: [&[R]; N],
    row: impl Fn(&R, &mut [Val]) + Sync,
) -> RowMajorMatrix<Val> {
    let total = lists.iter().map(|list| list.len()).sum();
    let mut values = Val::zero_vec(padded(total) * width);
    let mut rest = values.as_mut_slice();
    for list in lists {
        let (now, later) = rest.split_at_mut(list.len() * width);
        now.par_chunks_exact_mut(width).zip(list.par_iter()).for_each(|(cells, record)| row(record, cells));
        rest = later;
    }
    RowMajorMatrix::new(values, width)
}

/// The bytes of a word, low first.
pub(crate) fn split(x: u32) -> [u32; 4] {
    x.to_le_bytes().map(u32::from)
}

/// Time of the access before and bits 16 to 23 of the gap, of an access at `ts`; zeros when there was no access.
pub(crate) fn since(access: &Access, ts: u32, made: bool) -> (u32, u32) {
    if made { (access.prev_ts, ts.wrapping_sub(access.prev_ts).wrapping_sub(1) >> 16 & 0xff) } else { (0, 0) }
}

/// 1/x mod p, 0 for 0.
pub(crate) fn inverse(x: u32) -> u32 {
    Val::new(x).try_inverse().map_or(0, |y| y.as_canonical_u32())
}
