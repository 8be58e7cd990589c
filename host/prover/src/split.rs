//! How work is cut into parts that devices take: columns in whole groups of 8, rows in subtrees.
//!
//! Where work is cut never shows in the bytes of a proof: columns are extended one by one, and a Merkle tree is its
//! subtrees and the tree over their roots.

use std::ops::Range;

/// Columns of a group: what a device transforms and absorbs together.
const GROUP: usize = 8;

/// Words below which a part is not cut further: one data frame.
const PART_WORDS: usize = 1024;

/// Parts for each device where several share: the one that ends last is then late by half of its share at most.
const PARTS_EACH: usize = 2;

/// log2 of the parts that a device's height limit may make of one tree. Taller ones stay on the CPU.
pub(crate) const LOG_PARTS_MAX: usize = 4;

/// The column ranges that matrices of `height` rows and these widths are cut into, for `devices` devices that take
/// `columns_max` columns: (which matrix, its columns), in order. Every range begins at a multiple of 8.
pub(crate) fn columns(
    widths: &[usize],
    height: usize,
    devices: usize,
    columns_max: usize,
) -> Vec<(usize, Range<usize>)> {
    let groups: usize = widths.iter().map(|w| w.div_ceil(GROUP)).sum();
    let shared = if devices > 1 { groups.div_ceil(PARTS_EACH * devices) } else { usize::MAX };
    let least = PART_WORDS.div_ceil(GROUP * height.max(1));
    let most = (columns_max / GROUP).max(1);
    let size = GROUP.saturating_mul(shared.max(least).min(most));
    let cut = |(matrix, &width): (usize, &usize)| {
        // As even as groups allow: the last part is not a remainder.
        let parts = width.div_ceil(size).max(1);
        let groups = width.div_ceil(GROUP);
        (0..parts)
            .map(move |k| (matrix, GROUP * (k * groups / parts)..(GROUP * ((k + 1) * groups / parts)).min(width)))
            .collect::<Vec<_>>()
    };
    widths.iter().enumerate().flat_map(cut).collect()
}

/// log2 of the rows of each subtree that a tree over 2^`log_rows` rows of `columns` columns is cut into, for devices that
/// take 2^`limits[i]` rows each, at least 2^`log_rows_min`. `None`: too tall for every device.
pub(crate) fn subtrees(log_rows: usize, columns: usize, limits: &[usize], log_rows_min: usize) -> Option<usize> {
    let needed = |limit: usize| log_rows.saturating_sub(limit);
    // The smallest device sets the size, unless that would cut too finely; then the next one does.
    let limit = limits.iter().copied().filter(|&limit| needed(limit) <= LOG_PARTS_MAX).min()?;
    let shared = if limits.len() > 1 { (PARTS_EACH * limits.len()).next_power_of_two().ilog2() as usize } else { 0 };
    let least = (PART_WORDS.div_ceil(columns.max(1))).next_power_of_two().ilog2() as usize;
    let wanted = log_rows.saturating_sub(shared).max(least.min(log_rows)).max(log_rows_min);
    Some(wanted.min(limit).min(log_rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_evenly_in_whole_groups_and_each_once() {
        for devices in 1..=4 {
            for columns_max in [8, 24, 100, 4096] {
                for widths in [vec![1], vec![8, 3], vec![17, 40, 1], vec![300]] {
                    let parts = columns(&widths, 1 << 10, devices, columns_max);
                    let mut expected = 0..0;
                    let mut matrix = 0;
                    for (m, range) in &parts {
                        if *m != matrix {
                            assert_eq!((*m, expected.end), (matrix + 1, widths[matrix]));
                            (matrix, expected) = (*m, 0..0);
                        }
                        assert_eq!((range.start, range.start % GROUP), (expected.end, 0), "{widths:?} {parts:?}");
                        assert!(!range.is_empty() && range.len() <= columns_max.max(8), "{widths:?} {parts:?}");
                        expected = range.clone();
                    }
                    assert_eq!((matrix, expected.end), (widths.len() - 1, widths[matrix]));
                }
            }
        }
    }

    #[test]
    fn one_device_takes_columns_whole_and_several_share_them() {
        assert_eq!(columns(&[300], 1 << 10, 1, 4096).len(), 1);
        assert_eq!(columns(&[300], 1 << 10, 1, 100).len(), 4, "as many as the limit needs");
        assert_eq!(columns(&[300], 1 << 10, 2, 4096).len(), 4);
        assert_eq!(columns(&[8], 1 << 10, 2, 4096).len(), 1, "a group is not cut");
        assert_eq!(columns(&[64], 4, 2, 4096).len(), 1, "less than a frame each");
    }

    #[test]
    fn trees_are_cut_to_what_devices_hold() {
        assert_eq!(subtrees(10, 8, &[12], 2), Some(10), "one device that holds it takes it whole");
        assert_eq!(subtrees(10, 8, &[7], 2), Some(7));
        assert_eq!(subtrees(12, 8, &[7], 2), None, "32 parts");
        assert_eq!(subtrees(10, 8, &[12, 12], 2), Some(8), "four parts for two");
        assert_eq!(subtrees(10, 8, &[12, 12, 12], 2), Some(7));
        assert_eq!(subtrees(12, 8, &[7, 17], 2), Some(10), "the smaller one would cut too finely");
        assert_eq!(subtrees(11, 8, &[7, 17], 2), Some(7), "here both take part");
        assert_eq!(subtrees(8, 8, &[12, 12], 2), Some(7), "no part is less than a frame");
        assert_eq!(subtrees(3, 8, &[12, 12], 2), Some(3));
        assert_eq!(subtrees(3, 4096, &[12, 12, 12, 12], 2), Some(2), "nor below the least rows");
    }
}
