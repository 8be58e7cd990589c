//! The running totals of the register map.

use galena_target::Register;
use galena_target::register::REGISTER_WORDS;

/// What has been counted since reset. The model's clock is one tick for a word taken, and what it is told has passed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) jobs: u32,
    pub(super) errors: u32,
    pub(super) line_errors: u32,
    pub(super) uptime: u64,
    pub(super) busy: u64,
    pub(super) words_in: u64,
    pub(super) words_out: u64,
    pub(super) stalled_in: u64,
}

impl Totals {
    /// The register map with the totals in their places, added to what stands there.
    pub(super) fn in_map(&self, map: &[u32; REGISTER_WORDS]) -> [u32; REGISTER_WORDS] {
        let totals = [
            (Register::Jobs, self.jobs.into()),
            (Register::Errors, self.errors.into()),
            (Register::LineErrors, self.line_errors.into()),
            (Register::Uptime, self.uptime),
            (Register::Busy, self.busy),
            (Register::WordsIn, self.words_in),
            (Register::WordsOut, self.words_out),
            (Register::StalledIn, self.stalled_in),
        ];
        let mut map = *map;
        for (register, total) in totals {
            let value = register.value(&map).wrapping_add(total);
            let row = register.row();
            for (word, shift) in map[row.index..row.index + row.words].iter_mut().zip([0, 32]) {
                *word = (value >> shift) as u32;
            }
        }
        map
    }
}
