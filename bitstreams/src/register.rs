//! The register map: what a device says about itself, in one `registers` frame.

use crate::config::Config;
use crate::{ABI_VERSION, KERNELS};

/// First word of the map: the bytes "GLNA".
pub const MAGIC: u32 = 0x414E_4C47;

/// Words of the map. Words without a register are zero.
pub const REGISTER_WORDS: usize = 48;

/// A register: one value of one or several words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)] // the table below documents each
pub enum Register {
    Magic,
    AbiVersion,
    ConfigHash,
    GitHash,
    Dirty,
    Kernels,
    LogRowsMin,
    LogRowsMax,
    LogBlowupMax,
    ColumnsMax,
    Lanes,
    Multipliers,
    Link,
    ClockHz,
    Baud,
    Jobs,
    Errors,
    Window,
    MemoryBeats,
    Watchdog,
    LineErrors,
    Uptime,
    Busy,
    WordsIn,
    WordsOut,
    StalledIn,
    StalledOut,
    Multiplies,
}

/// A row of the register map.
#[derive(Clone, Copy, Debug)]
pub struct RegisterRow {
    /// Which register.
    pub register: Register,
    /// Index of its first word.
    pub index: usize,
    /// Words.
    pub words: usize,
    /// Name.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn row(register: Register, index: usize, words: usize, name: &'static str, doc: &'static str) -> RegisterRow {
    RegisterRow { register, index, words, name, doc }
}

/// The register map, in order of its words. A counter counts since reset and wraps.
pub const REGISTERS: [RegisterRow; 28] = [
    row(Register::Magic, 0, 1, "magic", "the bytes GLNA"),
    row(Register::AbiVersion, 1, 1, "abi_version", "version of ABI.md"),
    row(Register::ConfigHash, 2, 8, "config_hash", "SHA-256 of the config's canonical text, as eight big-endian words"),
    row(Register::GitHash, 10, 5, "git_hash", "commit of the sources, as five big-endian words; zero if not recorded"),
    row(Register::Dirty, 15, 1, "dirty", "1 if the sources differed from the commit"),
    row(Register::Kernels, 16, 1, "kernels", "bit k set: kernel with code k"),
    row(Register::LogRowsMin, 17, 1, "log_rows_min", "smallest log2 of rows"),
    row(Register::LogRowsMax, 18, 1, "log_rows_max", "largest log2 of rows of a transform"),
    row(Register::LogBlowupMax, 19, 1, "log_blowup_max", "largest log2 of the blow-up"),
    row(Register::ColumnsMax, 20, 1, "columns_max", "most columns"),
    row(Register::Lanes, 21, 1, "lanes", "field multipliers of the transform"),
    row(Register::Multipliers, 22, 1, "multipliers", "field multipliers of the hasher"),
    row(Register::Link, 23, 1, "link", "0 stream, 1 uart, 2 xdma"),
    row(Register::ClockHz, 24, 1, "clock_hz", "clock the design was generated for"),
    row(Register::Baud, 25, 1, "baud", "base rate of the uart; zero for other links"),
    row(Register::Jobs, 26, 1, "jobs", "commands accepted"),
    row(Register::Errors, 27, 1, "errors", "jobs that ended with an error"),
    row(Register::Window, 28, 1, "window", "words of input stored: the credit of a job that has just begun"),
    row(Register::MemoryBeats, 29, 1, "memory_beats", "beats of device memory; zero if there is none"),
    row(Register::Watchdog, 30, 1, "watchdog", "log2 of the clocks after which a job that does not move is ended"),
    row(Register::LineErrors, 31, 1, "line_errors", "bytes or beats that the link lost or found damaged"),
    row(Register::Uptime, 32, 2, "uptime", "clocks since reset, low word first"),
    row(Register::Busy, 34, 2, "busy", "clocks in jobs, low word first"),
    row(Register::WordsIn, 36, 2, "words_in", "words taken from the host, low word first"),
    row(Register::WordsOut, 38, 2, "words_out", "words sent to the host, low word first"),
    row(Register::StalledIn, 40, 2, "stalled_in", "clocks that jobs waited for input, low word first"),
    row(Register::StalledOut, 42, 2, "stalled_out", "clocks that jobs waited for the output link, low word first"),
    row(Register::Multiplies, 44, 2, "multiplies", "useful multiplies of transform and hasher, low word first"),
];

impl Register {
    /// Its row of the map.
    pub const fn row(self) -> &'static RegisterRow {
        &REGISTERS[self as usize]
    }

    /// Index of its first word.
    pub const fn index(self) -> usize {
        self.row().index
    }

    /// Its words in a register map.
    pub fn of(self, map: &[u32; REGISTER_WORDS]) -> &[u32] {
        let row = self.row();
        &map[row.index..row.index + row.words]
    }

    /// Whether its value follows from the config; the others belong to the build or count.
    pub const fn fixed(self) -> bool {
        let index = self as usize;
        index <= Register::ConfigHash as usize
            || (index >= Register::Kernels as usize && index <= Register::Baud as usize)
            || (index >= Register::Window as usize && index <= Register::Watchdog as usize)
    }

    /// Its value in a register map, if it has at most two words.
    pub fn value(self, map: &[u32; REGISTER_WORDS]) -> u64 {
        self.of(map).iter().rev().fold(0, |value, &word| value << 32 | u64::from(word))
    }

    /// Its first word in a register map.
    pub const fn word(self, map: &[u32; REGISTER_WORDS]) -> u32 {
        map[self.index()]
    }
}

/// The map of a config as far as the generator knows it: git hash and dirty bit come from parameters of the top module,
/// counters from the design; both are zero here.
pub fn register_map(config: &Config) -> [u32; REGISTER_WORDS] {
    let mut map = [0; REGISTER_WORDS];
    let limits = config.limits();
    let mut set = |register: Register, values: &[u32]| {
        let row = register.row();
        map[row.index..row.index + row.words].copy_from_slice(values);
    };
    set(Register::Magic, &[MAGIC]);
    set(Register::AbiVersion, &[ABI_VERSION]);
    set(Register::ConfigHash, &hash_words(&config.config_hash()));
    let kernels = KERNELS.iter().filter(|row| config.has(row.kernel));
    set(Register::Kernels, &[kernels.fold(0, |bits, row| bits | row.kernel.bit())]);
    set(Register::LogRowsMin, &[limits.log_rows_min as u32]);
    set(Register::LogRowsMax, &[limits.log_rows_max as u32]);
    set(Register::LogBlowupMax, &[limits.log_blowup_max as u32]);
    set(Register::ColumnsMax, &[limits.columns_max as u32]);
    set(Register::Lanes, &[config.lanes as u32]);
    set(Register::Multipliers, &[config.multipliers as u32]);
    set(Register::Link, &[config.link as u32]);
    set(Register::ClockHz, &[config.clock_hz]);
    set(Register::Baud, &[config.baud]);
    set(Register::Window, &[config.window as u32]);
    set(Register::MemoryBeats, &[config.memory_beats() as u32]);
    set(Register::Watchdog, &[config.watchdog as u32]);
    map
}

/// A SHA-256 as it stands in the map.
pub fn hash_words(hash: &[u8; 32]) -> [u32; 8] {
    std::array::from_fn(|i| u32::from_be_bytes([hash[4 * i], hash[4 * i + 1], hash[4 * i + 2], hash[4 * i + 3]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CONFIGS;

    #[test]
    fn registers_follow_one_another_and_fit() {
        let mut next = 0;
        for (position, row) in REGISTERS.iter().enumerate() {
            assert_eq!((row.index, row.register as usize), (next, position), "{}", row.name);
            next += row.words;
        }
        assert!(next <= REGISTER_WORDS);
        assert_eq!(&MAGIC.to_le_bytes(), b"GLNA");
    }

    #[test]
    fn the_map_of_a_config_says_its_limits() {
        let map = register_map(&CONFIGS[0]);
        assert_eq!(Register::Kernels.word(&map), 0b1001_1111, "no memory, no serial line");
        assert_eq!(Register::Window.value(&map), CONFIGS[0].window as u64);
        assert!(
            Register::Baud.fixed()
                && !Register::Jobs.fixed()
                && !Register::GitHash.fixed()
                && !Register::Uptime.fixed()
        );
        assert_eq!(Register::LogRowsMax.word(&map) as usize, CONFIGS[0].log_rows_max);
        assert_eq!(Register::ConfigHash.of(&map), hash_words(&CONFIGS[0].config_hash()));
        assert_eq!(Register::GitHash.of(&map), [0; 5]);
    }
}
