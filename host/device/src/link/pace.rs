//! Flow control for links without any: a serial line brings what is sent whether or not the device has room.
//!
//! A device whose output is full stops taking input. What it sends back tells how far it has come, so the host never runs
//! further ahead than the device can hold: two groups of columns where rows come back (one being transformed, one being
//! read out), and [`ROWS_AHEAD`] rows where each row brings a digest. A device sends chunks 64 at a time until the end of
//! the job, so that many may always be on their way: less would stop both sides.

use galena_target::frame::{CHUNKS_MAX, COMMAND_WORDS, GROUP_COLUMNS, HEADER_WORDS, PAYLOAD_MAX};
use galena_target::{Kernel, Shape};

/// Rows sent whose digests have not come yet: a frame of chunks, and 48 rows in the 512 words that a serial core stores.
const ROWS_AHEAD: usize = CHUNKS_MAX + 48;

/// Words of the job's whole stream that may have been sent when this many row chunks, and this many digests of the lowest
/// level that is sent back, have been received.
pub(super) fn allowed(shape: &Shape, rows: usize, digests: usize) -> usize {
    let data = data_allowed(shape, rows, digests);
    let frame = |payload| HEADER_WORDS + payload + 1;
    let part = data % PAYLOAD_MAX;
    match data >= shape.data_words() {
        true => usize::MAX,
        false => {
            let begun = if part > 0 { HEADER_WORDS + part } else { 0 };
            frame(COMMAND_WORDS) + data / PAYLOAD_MAX * frame(PAYLOAD_MAX) + begun
        }
    }
}

fn data_allowed(shape: &Shape, rows: usize, digests: usize) -> usize {
    let group = GROUP_COLUMNS << shape.log_rows;
    let all = shape.data_words();
    match shape.kernel {
        _ if shape.rows_return() => ((rows + CHUNKS_MAX - 1) / shape.height() + 2) * group,
        Kernel::Hash => all.saturating_sub(group) + (digests + ROWS_AHEAD) * GROUP_COLUMNS,
        Kernel::Tree if shape.levels > 0 => (2 * digests + ROWS_AHEAD) * GROUP_COLUMNS,
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_allowed_in_the_end_and_not_before() {
        let shape = |kernel, columns, levels| Shape {
            kernel,
            log_rows: 8,
            log_blowup: usize::from(matches!(kernel, Kernel::Lde | Kernel::Commit)),
            columns,
            levels,
            return_rows: kernel == Kernel::Commit,
            return_digests: true,
        };
        let lde = shape(Kernel::Lde, 30, 0);
        assert_eq!(data_allowed(&lde, 0, 0), 2 * 2048);
        assert_eq!(data_allowed(&lde, 448, 0), 2 * 2048);
        assert_eq!(data_allowed(&lde, 449, 0), 3 * 2048, "the rest of the group waits for a full frame");
        assert_eq!(allowed(&lde, 0, 0), 29 + 4 * 1029);
        let small = Shape { log_rows: 2, ..lde };
        assert_eq!(data_allowed(&small, 0, 0), 9 * 32, "a frame's worth of rows must be on its way");
        let hash = shape(Kernel::Hash, 9, 3);
        assert_eq!(data_allowed(&hash, 0, 0), 2048 + 112 * 8);
        assert_eq!(allowed(&hash, 0, 0), 29 + 2 * 1029 + 4 + 896);
        assert_eq!(allowed(&hash, 0, 256 - 112), usize::MAX);
        let tree = shape(Kernel::Tree, 8, 8);
        assert_eq!(data_allowed(&tree, 0, 0), 112 * 8);
        assert_eq!(allowed(&tree, 0, 128), usize::MAX);
        assert_eq!(allowed(&shape(Kernel::Tree, 8, 0), 0, 0), usize::MAX);
        assert_eq!(allowed(&Shape { return_rows: false, ..shape(Kernel::Commit, 30, 9) }, 0, 0), usize::MAX);
    }
}
