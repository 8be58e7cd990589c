//! The shape of a job, its command payload, and the limits a device sets.

use crate::FIELD_PRIME;
use crate::frame::{COMMAND_WORDS, GROUP_COLUMNS, TAG_INDEX_BITS};
use crate::kernel::Kernel;

/// What a device accepts. The same check runs on the host before anything is sent, and in the command decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Limits {
    /// Smallest log2 of rows, for every kernel.
    pub log_rows_min: usize,
    /// Largest log2 of rows of a kernel that transforms.
    pub log_rows_max: usize,
    /// Largest log2 of the blow-up.
    pub log_blowup_max: usize,
    /// Most columns.
    pub columns_max: usize,
    /// Beats of device memory; zero if there is none.
    pub memory_beats: usize,
}

/// Most beats that one `read` fetches.
pub const READ_MAX: usize = 1 << 16;

/// Words of the state of a `grind`: the challenger's sponge.
pub const STATE_WORDS: usize = 16;

/// Most bits of work of a `grind`: 2^bits is below p.
pub const BITS_MAX: usize = 30;

/// What a `grind` searches: candidates in order, the first that passes is the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Bits of work: so many low bits of the sampled value must be zero.
    pub bits: usize,
    /// The first candidate, a field word.
    pub first: u32,
    /// Candidates, one after the other as integers, 1 to p; after p - 1 comes 0.
    pub candidates: u32,
}

/// The shape of a job: everything but its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Which kernel.
    pub kernel: Kernel,
    /// log2 of the rows sent.
    pub log_rows: usize,
    /// log2 of the blow-up; zero for a kernel that does not transform.
    pub log_blowup: usize,
    /// Columns sent; 8 for `tree`; for `read` the number of beats; for `grind` the words absorbed, 1 to 8: the witness is the last of them.
    pub columns: usize,
    /// Tree levels above the leaves.
    pub levels: usize,
    /// `commit` only: whether rows come back. (`lde` always returns rows, the others never.)
    pub return_rows: bool,
    /// Whether digests come back; never for `lde` and `read`.
    pub return_digests: bool,
    /// The lowest level whose digests come back; for `tree` 0 means 1.
    pub first_level: usize,
    /// `commit` only: the beat of device memory where its rows are kept, row 0 of group 0 first.
    pub keep_rows: Option<u32>,
    /// `commit`, `hash`, `tree`: the beat of device memory where the digests are kept, the lowest computed level first.
    pub keep_digests: Option<u32>,
    /// `grind` only: what is searched. Without meaning for the others.
    pub search: Search,
}

/// A shape that a device does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kernel `{kernel}` takes {what} from {min} to {max}, found {found}")]
pub struct LimitError {
    /// The kernel.
    pub kernel: Kernel,
    /// The quantity (`log_rows`, `log_blowup`, `columns`, `levels`, `first_level`, `keep_rows`, `keep_digests`; of a search `bits`, `first`,
    /// `candidates`).
    pub what: &'static str,
    /// Least value.
    pub min: usize,
    /// Greatest value.
    pub max: usize,
    /// The value asked for.
    pub found: usize,
}

impl Limits {
    /// log2 of the tallest matrix of digests: an extension of the largest size.
    pub const fn log_height_max(&self) -> usize {
        self.log_rows_max + self.log_blowup_max
    }

    /// The shape is within the limits, or the first quantity that is not. Kernels that do no work have no shape and always pass.
    pub fn check(&self, shape: &Shape) -> Result<(), LimitError> {
        let row = shape.kernel.row();
        if !shape.kernel.works() {
            return Ok(());
        }
        // A kernel without a matrix.
        let none = shape.kernel == Kernel::Read || row.searches;
        let log_rows_min = if none { 0 } else { self.log_rows_min };
        let log_rows_max = match row.transforms {
            true => self.log_rows_max,
            false if none => 0,
            false => self.log_height_max(),
        };
        let columns = match shape.kernel {
            Kernel::Tree => (8, 8),
            Kernel::Read => (1, READ_MAX),
            Kernel::Grind => (1, GROUP_COLUMNS),
            _ => (1, self.columns_max),
        };
        let last = |from: Option<u32>, beats: usize| from.map_or(0, |from| from as usize + beats);
        // Where nothing can be kept, the end of the area is beyond any memory.
        let kept = |possible: bool| if possible { self.memory_beats } else { 0 };
        let levels_max = if row.compresses { shape.log_rows.saturating_add(shape.log_blowup) } else { 0 };
        let search = if row.searches { shape.search } else { Search { candidates: 1, ..Search::default() } };
        let prime = FIELD_PRIME as usize;
        let ranges = [
            ("log_rows", log_rows_min, log_rows_max, shape.log_rows),
            ("log_blowup", 0, if row.transforms { self.log_blowup_max } else { 0 }, shape.log_blowup),
            ("columns", columns.0, columns.1, shape.columns),
            ("levels", 0, levels_max, shape.levels),
            ("first_level", 0, shape.levels, shape.first_level),
            ("keep_rows", 0, kept(shape.kernel == Kernel::Commit), last(shape.keep_rows, shape.row_beats())),
            ("keep_digests", 0, kept(row.compresses), last(shape.keep_digests, shape.digest_beats())),
            ("bits", 0, BITS_MAX, search.bits),
            ("first", 0, prime - 1, search.first as usize),
            ("candidates", 1, prime, search.candidates as usize),
        ];
        match ranges.into_iter().find(|&(_, min, max, found)| found < min || found > max) {
            None => Ok(()),
            Some((what, min, max, found)) => Err(LimitError { kernel: shape.kernel, what, min, max, found }),
        }
    }
}

impl Shape {
    /// Groups of 8 columns.
    pub const fn groups(&self) -> usize {
        self.columns.div_ceil(GROUP_COLUMNS)
    }

    /// Rows of the extension: the leaves of a tree.
    pub const fn height(&self) -> usize {
        1 << (self.log_rows + self.log_blowup)
    }

    /// Payload words of all data frames.
    pub const fn data_words(&self) -> usize {
        match self.kernel {
            Kernel::Identify | Kernel::Rate | Kernel::Grind => 0,
            Kernel::Read => self.columns,
            _ => (self.groups() * GROUP_COLUMNS) << self.log_rows,
        }
    }

    /// Whether rows come back.
    pub const fn rows_return(&self) -> bool {
        matches!(self.kernel, Kernel::Lde) || matches!(self.kernel, Kernel::Commit) && self.return_rows
    }

    /// The lowest level whose digests are computed: the input of `tree` is not.
    pub const fn computed_level(&self) -> usize {
        if matches!(self.kernel, Kernel::Tree) { 1 } else { 0 }
    }

    /// The tree levels whose digests come back, lowest first.
    pub fn digest_levels(&self) -> std::ops::Range<usize> {
        match self.kernel.row().compresses && self.return_digests {
            true => self.first_level.max(self.computed_level())..self.levels + 1,
            false => 0..0,
        }
    }

    /// Beats of all rows: what `keep_rows` needs.
    pub const fn row_beats(&self) -> usize {
        self.groups() << (self.log_rows + self.log_blowup)
    }

    /// Beats of all computed digests: what `keep_digests` needs.
    pub const fn digest_beats(&self) -> usize {
        self.digest_beat(self.levels + 1)
    }

    /// Where digest 0 of a level lies within the kept digests.
    pub const fn digest_beat(&self, level: usize) -> usize {
        let all = 2 * self.height();
        all - (all >> level) - (all - (all >> self.computed_level()))
    }

    /// Chunks that come back: rows (one a row and group; for `read` the beats, for `grind` the answer), then digests.
    pub fn chunks(&self) -> usize {
        let rows = match self.kernel {
            Kernel::Read => self.columns,
            Kernel::Grind => 1,
            _ if self.rows_return() => self.groups() * self.height(),
            _ => 0,
        };
        rows + self.digest_levels().map(|level| self.height() >> level).sum::<usize>()
    }

    /// The command payload. `powers` are s^k / 2^n for k = 0..15 and `step` is s^16, field words; zero for a kernel that
    /// does not transform. For `grind` `powers` are the state.
    pub fn command(&self, step: u32, powers: &[u32; 16]) -> [u32; COMMAND_WORDS] {
        let mut words = [0; COMMAND_WORDS];
        if self.kernel.works() {
            let levels = self.digest_levels();
            let first_level = if levels.is_empty() { 0 } else { levels.start };
            words[0] = self.log_rows as u32
                | (self.log_blowup as u32) << 8
                | u32::from(self.rows_return()) << 16
                | u32::from(!levels.is_empty()) << 17
                | u32::from(self.keep_rows.is_some()) << 18
                | u32::from(self.keep_digests.is_some()) << 19
                | (first_level as u32) << 24;
            // The device counts from level 0, whose digests a tree does not keep.
            let skipped = if self.computed_level() == 0 { 0 } else { self.height() as u32 };
            words[5] = self.keep_rows.unwrap_or(0);
            words[6] = self.keep_digests.map_or(0, |beat| beat.wrapping_sub(skipped) & ((1 << TAG_INDEX_BITS) - 1));
            words[1] = self.columns as u32;
            words[2] = self.levels as u32;
            words[3] = self.data_words() as u32;
            words[4] = step;
            words[8..].copy_from_slice(powers);
        }
        if self.kernel.row().searches {
            (words[2], words[4], words[5]) = (self.search.bits as u32, self.search.first, self.search.candidates);
        }
        words
    }

    /// Reads the shape back from a command payload; bits without a meaning are ignored.
    pub fn from_command(kernel: Kernel, words: &[u32; COMMAND_WORDS]) -> Self {
        let keep = |bit: u32, beat: u32| (words[0] >> bit & 1 == 1).then_some(beat);
        let log_height = (words[0] & 31) + (words[0] >> 8 & 3);
        let skipped = if kernel == Kernel::Tree { 1u32 << log_height.min(31) } else { 0 };
        let searches = kernel.row().searches;
        let search = Search { bits: words[2] as usize, first: words[4], candidates: words[5] };
        Self {
            kernel,
            log_rows: (words[0] & 31) as usize,
            log_blowup: (words[0] >> 8 & 3) as usize,
            columns: words[1] as usize,
            levels: if searches { 0 } else { words[2] as usize },
            return_rows: words[0] >> 16 & 1 == 1,
            return_digests: words[0] >> 17 & 1 == 1,
            first_level: (words[0] >> 24 & 31) as usize,
            keep_rows: keep(18, words[5]),
            keep_digests: keep(19, words[6].wrapping_add(skipped) & ((1 << TAG_INDEX_BITS) - 1)),
            search: if searches { search } else { Search::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { log_rows_min: 2, log_rows_max: 6, log_blowup_max: 1, columns_max: 64, memory_beats: 256 };
    const COMMIT: Shape = Shape {
        kernel: Kernel::Commit,
        log_rows: 4,
        log_blowup: 1,
        columns: 11,
        levels: 5,
        return_rows: true,
        return_digests: true,
        first_level: 0,
        keep_rows: None,
        keep_digests: None,
        search: Search { bits: 0, first: 0, candidates: 0 },
    };
    const GRIND: Shape = Shape {
        kernel: Kernel::Grind,
        log_rows: 0,
        log_blowup: 0,
        columns: 8,
        levels: 0,
        return_rows: false,
        return_digests: false,
        search: Search { bits: 30, first: FIELD_PRIME - 1, candidates: FIELD_PRIME },
        ..COMMIT
    };

    #[test]
    fn limits_are_checked_by_name_at_both_ends() {
        LIMITS.check(&COMMIT).unwrap();
        let search = GRIND.search;
        let cases: [(&str, Shape); 19] = [
            ("log_rows", Shape { log_rows: 1, levels: 0, ..COMMIT }),
            ("log_rows", Shape { log_rows: 7, ..COMMIT }),
            ("log_blowup", Shape { log_blowup: 2, ..COMMIT }),
            ("log_blowup", Shape { kernel: Kernel::Hash, ..COMMIT }),
            ("columns", Shape { columns: 0, ..COMMIT }),
            ("columns", Shape { columns: 65, ..COMMIT }),
            ("columns", Shape { kernel: Kernel::Tree, log_blowup: 0, columns: 9, levels: 1, ..COMMIT }),
            ("levels", Shape { levels: 6, ..COMMIT }),
            ("first_level", Shape { first_level: 6, ..COMMIT }),
            ("keep_rows", Shape { keep_rows: Some(193), ..COMMIT }),
            ("keep_rows", Shape { keep_rows: Some(0), kernel: Kernel::Hash, log_blowup: 0, levels: 0, ..COMMIT }),
            ("keep_digests", Shape { keep_digests: Some(194), ..COMMIT }),
            (
                "columns",
                Shape { kernel: Kernel::Read, log_rows: 0, log_blowup: 0, levels: 0, columns: READ_MAX + 1, ..COMMIT },
            ),
            ("log_rows", Shape { log_rows: 1, ..GRIND }),
            ("columns", Shape { columns: 9, ..GRIND }),
            ("bits", Shape { search: Search { bits: 31, ..search }, ..GRIND }),
            ("first", Shape { search: Search { first: FIELD_PRIME, ..search }, ..GRIND }),
            ("candidates", Shape { search: Search { candidates: 0, ..search }, ..GRIND }),
            ("candidates", Shape { search: Search { candidates: FIELD_PRIME + 1, ..search }, ..GRIND }),
        ];
        LIMITS.check(&GRIND).unwrap();
        for (what, shape) in cases {
            assert_eq!(LIMITS.check(&shape).unwrap_err().what, what, "{shape:?}");
        }
        // What is kept ends with the memory: 64 beats of rows, 63 of digests.
        LIMITS.check(&Shape { keep_rows: Some(192), keep_digests: Some(193), ..COMMIT }).unwrap();
        // Hashing has the height of the largest extension.
        LIMITS.check(&Shape { kernel: Kernel::Hash, log_rows: 7, log_blowup: 0, ..COMMIT }).unwrap();
    }

    #[test]
    fn counts_follow_the_abi() {
        assert_eq!((COMMIT.groups(), COMMIT.height(), COMMIT.data_words()), (2, 32, 2 * 8 * 16));
        assert_eq!(COMMIT.chunks(), 2 * 32 + 32 + 16 + 8 + 4 + 2 + 1);
        assert_eq!(Shape { return_digests: false, ..COMMIT }.chunks(), 2 * 32);
        assert_eq!(Shape { kernel: Kernel::Lde, levels: 0, ..COMMIT }.digest_levels(), 0..0);
        let tree = Shape { kernel: Kernel::Tree, columns: 8, log_blowup: 0, levels: 4, ..COMMIT };
        assert_eq!((tree.digest_levels(), tree.digest_beats(), tree.digest_beat(2)), (1..5, 15, 8));
        assert_eq!((COMMIT.digest_beats(), COMMIT.digest_beat(1), COMMIT.row_beats()), (63, 32, 64));
        let kept = Shape { keep_digests: Some(3), first_level: 2, return_rows: false, ..tree };
        let words = kept.command(0, &[0; 16]);
        assert_eq!((words[0] >> 24, words[6]), (2, (1 << 20) + 3 - 16), "the device counts from level 0");
        assert_eq!(Shape::from_command(Kernel::Tree, &words), kept);
        let read = Shape { kernel: Kernel::Read, log_rows: 0, log_blowup: 0, columns: 5, levels: 0, ..COMMIT };
        assert_eq!((read.data_words(), read.chunks(), read.rows_return()), (5, 5, false));
        let words = COMMIT.command(7, &[9; 16]);
        assert_eq!(Shape::from_command(Kernel::Commit, &words), COMMIT);
        assert_eq!((words[3], words[4], words[7], words[8]), (256, 7, 0, 9));
        let words = GRIND.command(7, &[9; 16]);
        assert_eq!(words[..9], [0, 8, 30, 0, FIELD_PRIME - 1, FIELD_PRIME, 0, 0, 9]);
        assert_eq!(Shape::from_command(Kernel::Grind, &words), GRIND);
        assert_eq!((GRIND.data_words(), GRIND.chunks()), (0, 1));
    }
}
