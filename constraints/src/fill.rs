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

/// Height of the one table of so many records, if there are any.
pub(crate) fn one_height(records: usize) -> Vec<usize> {
    if records == 0 { Vec::new() } else { vec![padded(records)] }
}

/// Heights of the tables of a chip that may have two: a second one is worth its openings when it saves 2^15 rows and more.
pub(crate) fn heights(records: usize) -> Vec<usize> {
    let half = padded(records) / 2;
    match records.checked_sub(half).map(padded) {
        Some(rest) if rest + (1 << 15) <= half => vec![half, rest],
        _ => one_height(records),
    }
}

/// One row per record, then rows of zeros.
pub(crate) fn rows<R: Sync>(width: usize, records: &[R], row: impl Fn(&R, &mut [Val]) + Sync) -> RowMajorMatrix<Val> {
    let mut values = Val::zero_vec(padded(records.len()) * width);
    fill(&mut values, width, records, row);
    RowMajorMatrix::new(values, width)
}

/// The same of several lists one after the other, cut into tables of these heights, the last of which may have rows of zeros.
pub(crate) fn joined_rows<R: Sync, const N: usize>(
    width: usize,
    heights: Vec<usize>,
    lists: [&[R]; N],
    row: impl Fn(&R, &mut [Val]) + Sync,
) -> Vec<RowMajorMatrix<Val>> {
    let mut lists = lists.into_iter();
    let mut list: &[R] = &[];
    let mut tables = Vec::with_capacity(heights.len());
    for height in heights {
        let mut values = Val::zero_vec(height * width);
        let mut free = values.as_mut_slice();
        while !free.is_empty() {
            if list.is_empty() {
                match lists.next() {
                    Some(next) => list = next,
                    None => break,
                }
            }
            let (now, later) = list.split_at(list.len().min(free.len() / width));
            let (cells, rest) = free.split_at_mut(now.len() * width);
            fill(cells, width, now, &row);
            (list, free) = (later, rest);
        }
        tables.push(RowMajorMatrix::new(values, width));
    }
    tables
}

fn fill<R: Sync>(cells: &mut [Val], width: usize, records: &[R], row: impl Fn(&R, &mut [Val]) + Sync) {
    cells.par_chunks_exact_mut(width).zip(records.par_iter()).for_each(|(cells, record)| row(record, cells));
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
