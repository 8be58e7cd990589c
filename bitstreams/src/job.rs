//! The shape of a job, its command payload, and the limits a device sets.

use crate::frame::{COMMAND_WORDS, GROUP_COLUMNS};
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
    /// Columns sent; 8 for `tree`.
    pub columns: usize,
    /// Tree levels above the leaves.
    pub levels: usize,
    /// `commit` only: whether rows come back. (`lde` always returns rows, the others never.)
    pub return_rows: bool,
    /// `commit` only: whether digests come back. (`hash` and `tree` always return digests, `lde` never.)
    pub return_digests: bool,
}

/// A shape that a device does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kernel `{kernel}` takes {what} from {min} to {max}, found {found}")]
pub struct LimitError {
    /// The kernel.
    pub kernel: Kernel,
    /// The quantity (`log_rows`, `log_blowup`, `columns`, `levels`).
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

    /// The shape is within the limits, or the first quantity that is not. `identify` has no shape and always passes.
    pub fn check(&self, shape: &Shape) -> Result<(), LimitError> {
        let row = shape.kernel.row();
        if shape.kernel == Kernel::Identify {
            return Ok(());
        }
        let log_rows_max = if row.transforms { self.log_rows_max } else { self.log_height_max() };
        let columns = if shape.kernel == Kernel::Tree { (8, 8) } else { (1, self.columns_max) };
        let levels_max = if row.compresses { shape.log_rows.saturating_add(shape.log_blowup) } else { 0 };
        let ranges = [
            ("log_rows", self.log_rows_min, log_rows_max, shape.log_rows),
            ("log_blowup", 0, if row.transforms { self.log_blowup_max } else { 0 }, shape.log_blowup),
            ("columns", columns.0, columns.1, shape.columns),
            ("levels", 0, levels_max, shape.levels),
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
            Kernel::Identify => 0,
            _ => (self.groups() * GROUP_COLUMNS) << self.log_rows,
        }
    }

    /// Whether rows come back.
    pub const fn rows_return(&self) -> bool {
        matches!(self.kernel, Kernel::Lde) || matches!(self.kernel, Kernel::Commit) && self.return_rows
    }

    /// The tree levels whose digests come back, lowest first.
    pub fn digest_levels(&self) -> std::ops::Range<usize> {
        match self.kernel {
            Kernel::Commit if self.return_digests => 0..self.levels + 1,
            Kernel::Hash => 0..self.levels + 1,
            Kernel::Tree => 1..self.levels + 1,
            _ => 0..0,
        }
    }

    /// Chunks that come back: rows (one a row and group), then digests.
    pub fn chunks(&self) -> usize {
        let rows = if self.rows_return() { self.groups() * self.height() } else { 0 };
        rows + self.digest_levels().map(|level| self.height() >> level).sum::<usize>()
    }

    /// The command payload. `powers` are s^k / 2^n for k = 0..15 and `step` is s^16, field words; zero for a kernel that
    /// does not transform.
    pub fn command(&self, step: u32, powers: &[u32; 16]) -> [u32; COMMAND_WORDS] {
        let mut words = [0; COMMAND_WORDS];
        if self.kernel != Kernel::Identify {
            let digests = !self.digest_levels().is_empty();
            words[0] = self.log_rows as u32
                | (self.log_blowup as u32) << 8
                | u32::from(self.rows_return()) << 16
                | u32::from(digests) << 17;
            words[1] = self.columns as u32;
            words[2] = self.levels as u32;
            words[3] = self.data_words() as u32;
            words[4] = step;
            words[8..].copy_from_slice(powers);
        }
        words
    }

    /// Reads the shape back from a command payload; bits without a meaning are ignored.
    pub fn from_command(kernel: Kernel, words: &[u32; COMMAND_WORDS]) -> Self {
        Self {
            kernel,
            log_rows: (words[0] & 31) as usize,
            log_blowup: (words[0] >> 8 & 3) as usize,
            columns: words[1] as usize,
            levels: words[2] as usize,
            return_rows: words[0] >> 16 & 1 == 1,
            return_digests: words[0] >> 17 & 1 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { log_rows_min: 2, log_rows_max: 6, log_blowup_max: 1, columns_max: 64 };
    const COMMIT: Shape = Shape {
        kernel: Kernel::Commit,
        log_rows: 4,
        log_blowup: 1,
        columns: 11,
        levels: 5,
        return_rows: true,
        return_digests: true,
    };

    #[test]
    fn limits_are_checked_by_name_at_both_ends() {
        LIMITS.check(&COMMIT).unwrap();
        let cases: [(&str, Shape); 8] = [
            ("log_rows", Shape { log_rows: 1, levels: 0, ..COMMIT }),
            ("log_rows", Shape { log_rows: 7, ..COMMIT }),
            ("log_blowup", Shape { log_blowup: 2, ..COMMIT }),
            ("log_blowup", Shape { kernel: Kernel::Hash, ..COMMIT }),
            ("columns", Shape { columns: 0, ..COMMIT }),
            ("columns", Shape { columns: 65, ..COMMIT }),
            ("columns", Shape { kernel: Kernel::Tree, log_blowup: 0, columns: 9, levels: 1, ..COMMIT }),
            ("levels", Shape { levels: 6, ..COMMIT }),
        ];
        for (what, shape) in cases {
            assert_eq!(LIMITS.check(&shape).unwrap_err().what, what, "{shape:?}");
        }
        // Hashing has the height of the largest extension.
        LIMITS.check(&Shape { kernel: Kernel::Hash, log_rows: 7, log_blowup: 0, ..COMMIT }).unwrap();
    }

    #[test]
    fn counts_follow_the_abi() {
        assert_eq!((COMMIT.groups(), COMMIT.height(), COMMIT.data_words()), (2, 32, 2 * 8 * 16));
        assert_eq!(COMMIT.chunks(), 2 * 32 + 32 + 16 + 8 + 4 + 2 + 1);
        assert_eq!(Shape { return_digests: false, ..COMMIT }.chunks(), 2 * 32);
        assert_eq!(Shape { kernel: Kernel::Lde, levels: 0, ..COMMIT }.digest_levels(), 0..0);
        assert_eq!(
            Shape { kernel: Kernel::Tree, columns: 8, log_blowup: 0, levels: 4, ..COMMIT }.digest_levels(),
            1..5
        );
        let words = COMMIT.command(7, &[9; 16]);
        assert_eq!(Shape::from_command(Kernel::Commit, &words), COMMIT);
        assert_eq!((words[3], words[4], words[7], words[8]), (256, 7, 0, 9));
    }
}
