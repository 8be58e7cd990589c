//! The config table: named sets of generator parameters.

use crate::frame::TAG_INDEX_BITS;
use crate::job::Limits;
use crate::{ABI_VERSION, Kernel, frame};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// How words reach the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Link {
    /// A valid/ready stream of words in each direction: `s_*` in, `m_*` out.
    Stream = 0,
    /// Two serial lines, 8N1: `rx` in, `tx` out.
    Uart = 1,
    /// AXI-Stream both ways and AXI-Lite registers, as the Xilinx XDMA IP offers them to user logic.
    Xdma = 2,
}

impl Link {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Link::Stream => "stream",
            Link::Uart => "uart",
            Link::Xdma => "xdma",
        }
    }
}

/// A named set of generator parameters: everything the Verilog of a core follows from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Config {
    /// Name: letters, digits and `-`.
    pub name: Cow<'static, str>,
    /// One sentence.
    pub doc: Cow<'static, str>,
    /// How words reach the core.
    pub link: Link,
    /// Butterflies of the transform, one field multiplier each: one of [`LANES`].
    pub lanes: usize,
    /// Field multipliers of the hasher: one of [`MULTIPLIERS`].
    pub multipliers: usize,
    /// log2 of the rows of the largest transform, at most [`LOG_ROWS_ON_CHIP`].
    pub log_rows_max: usize,
    /// log2 of the largest blow-up, 1 to 3.
    pub log_blowup_max: usize,
    /// Clock in Hz; a simulation counts clocks and does not care.
    pub clock_hz: u32,
    /// Base rate of the uart; zero for other links.
    pub baud: u32,
    /// Bits of the AXI streams of an xdma link: 64, 128, 256 or 512; 32 for other links.
    pub stream_bits: usize,
    /// Words of input stored: the credit of a job that has just begun. A power of two from 2^11 to 2^16.
    pub window: usize,
    /// log2 of the beats of device memory, at most 20; zero for none.
    pub log_memory: usize,
    /// log2 of the clocks after which a job that does not move is ended, 16 to 28.
    pub watchdog: usize,
}

/// log2 of the rows of the smallest job of every config.
pub const LOG_ROWS_MIN: usize = 2;

/// Lanes that the transform can have.
pub const LANES: [usize; 5] = [1, 2, 4, 8, 16];

/// Multipliers that the hasher can have.
pub const MULTIPLIERS: [usize; 10] = [4, 8, 16, 32, 64, 96, 128, 141, 282, 564];

/// log2 of the rows of the largest transform whose data stay on the chip.
pub const LOG_ROWS_ON_CHIP: usize = 16;

/// Multiplies of one permutation: 8 external rounds of 16 S-boxes and 13 internal ones of one, each of 4.
const PERMUTATION_MULTIPLIES: usize = (8 * 16 + 13) * 4;

/// Most multipliers that the link keeps busy: it brings one word a clock, and eight words are a row that becomes 2^`log_blowup` rows, each
/// absorbed by one permutation.
pub const fn multipliers_fed(log_blowup: usize) -> usize {
    (PERMUTATION_MULTIPLIES << log_blowup) / frame::GROUP_COLUMNS
}

/// Most columns of a job of every config: what the group's bits in a chunk's tag can count.
pub const COLUMNS_MAX: usize = frame::GROUP_COLUMNS << frame::TAG_GROUP_BITS;

/// A row of the table: (name, doc), (link, clock_hz, baud, stream_bits), (lanes, multipliers, log_rows_max, log_blowup_max),
/// (window, log_memory, watchdog).
const fn config(
    (name, doc): (&'static str, &'static str),
    (link, clock_hz, baud, stream_bits): (Link, u32, u32, usize),
    (lanes, multipliers, log_rows_max, log_blowup_max): (usize, usize, usize, usize),
    (window, log_memory, watchdog): (usize, usize, usize),
) -> Config {
    let (name, doc) = (Cow::Borrowed(name), Cow::Borrowed(doc));
    Config {
        name,
        doc,
        link,
        lanes,
        multipliers,
        log_rows_max,
        log_blowup_max,
        clock_hz,
        baud,
        stream_bits,
        window,
        log_memory,
        watchdog,
    }
}

/// All configs. The first is the one a simulation opens when none is named.
pub static CONFIGS: [Config; 15] = [
    config(
        ("wide", "the simulated default: long columns, a hasher of eight S-boxes"),
        (Link::Stream, 100_000_000, 0, 32),
        // At 2^16 rows a group costs 208 transform multiplies a row: with 8 lanes 26 clocks, less than the 35 of its two permutations.
        (8, 32, 16, 1),
        // The longest a job is quiet is the transform of a group of the largest size: 26 * 2^16 clocks.
        (4096, 0, 22),
    ),
    config(
        ("tiny", "everything there is, as small as it gets: for tests"),
        (Link::Stream, 100_000_000, 0, 32),
        (2, 16, 6, 1),
        (2048, 12, 16),
    ),
    config(
        ("small-uart", "an ECP5-85F board over its serial port"),
        (Link::Uart, 48_000_000, 1_000_000, 32),
        (2, 16, 10, 1),
        // At 3 Mbaud 4096 words are 55 ms on the way: more than a USB adapter's 16 ms, a frame and a late credit together.
        (4096, 0, 24),
    ),
    // The multipliers of an ECP5 are of 18 x 18, four to a field multiplier: 28, 72 and 156 on the three parts.
    config(
        ("ecp5-25f", "a board with an LFE5U-25F over its serial port"),
        (Link::Uart, 40_000_000, 1_000_000, 32),
        // Two lanes would take 59 block memories of 56.
        (1, 4, 7, 1),
        (2048, 0, 24),
    ),
    config(
        ("ecp5-45f", "a board with an LFE5U-45F over its serial port"),
        (Link::Uart, 40_000_000, 1_000_000, 32),
        (2, 16, 9, 1),
        (4096, 0, 24),
    ),
    config(
        ("ecp5-85f", "a board with an LFE5U-85F over its serial port"),
        (Link::Uart, 40_000_000, 1_000_000, 32),
        (4, 32, 9, 1),
        (4096, 0, 24),
    ),
    config(
        ("tiny-uart", "`tiny` behind a serial port: for tests"),
        (Link::Uart, 96_000_000, 1_000_000, 32),
        (2, 16, 6, 1),
        (2048, 0, 22),
    ),
    config(
        ("card", "a PCIe card with large on-chip memories (Alveo U55C, Varium C1100) behind XDMA"),
        (Link::Xdma, 250_000_000, 0, 128),
        (8, 32, 16, 1),
        (32_768, 19, 24),
    ),
    config(
        ("tiny-pcie", "`tiny` behind XDMA's streams: for tests"),
        (Link::Xdma, 250_000_000, 0, 64),
        (2, 16, 6, 1),
        (2048, 12, 22),
    ),
    config(
        ("tiny-blowup", "`tiny` with blow-ups of 4 and 8: for tests"),
        (Link::Stream, 100_000_000, 0, 32),
        (2, 16, 5, 3),
        (2048, 12, 16),
    ),
    config(
        ("mid", "a core of middling size: what the speed of simulation is measured with"),
        (Link::Stream, 100_000_000, 0, 32),
        (2, 16, 12, 1),
        // A group of the largest size is transformed in 77 * 2^12 clocks.
        (4096, 0, 22),
    ),
    config(
        ("card-wide", "a PCIe card whose transform keeps up with a word a clock: 16 lanes, blow-ups to 8"),
        (Link::Xdma, 250_000_000, 0, 512),
        // At 2^14 rows and blow-up 8 a group takes 32 * 2^14 clocks, at blow-up 2 eleven, of which the link needs eight.
        (16, 32, 14, 3),
        (65_536, 17, 24),
    ),
    // A field multiplier is four DSP slices, in every family.
    config(
        ("a7-100t", "a board with an XC7A100T over its serial port"),
        // The fastest rate of an FT2232H, 12 Mbaud, is a fifth of it.
        (Link::Uart, 60_000_000, 1_000_000, 32),
        (4, 32, 10, 1),
        (4096, 0, 24),
    ),
    // With 16 lanes and 141 multipliers a core keeps up with its link at blow-up 2: a word a clock, 1 GB/s. Several cores share a slot, a channel each.
    config(
        ("ku040", "a PCIe card with a KU040 (KCU105) behind XDMA: two cores of a word a clock"),
        (Link::Xdma, 250_000_000, 0, 128),
        (16, 141, 10, 1),
        (16_384, 0, 24),
    ),
    config(
        ("u55n", "a PCIe card with a U55N (Varium C1100) behind XDMA: four cores of a word a clock fill four lanes"),
        (Link::Xdma, 250_000_000, 0, 128),
        (16, 141, 13, 1),
        (32_768, 16, 24),
    ),
];

/// Fewest and most clocks per bit that the kernel `rate` takes.
pub const RATE_DIVISORS: std::ops::RangeInclusive<u32> = 4..=65_535;

/// Why a config cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No config of that name.
    #[error("expected one of the configs {known}, found `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A parameter outside what the generator can do.
    #[error("config `{config}`: expected {parameter} to be {expected}, found {found}")]
    Parameter {
        /// The config.
        config: String,
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

impl Config {
    /// The config of that name.
    pub fn named(name: &str) -> Result<&'static Config, ConfigError> {
        CONFIGS.iter().find(|c| c.name == name).ok_or_else(|| ConfigError::Unknown {
            name: name.into(),
            known: CONFIGS.iter().map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(", "),
        })
    }

    /// What a device of this config accepts.
    pub const fn limits(&self) -> Limits {
        Limits {
            log_rows_min: LOG_ROWS_MIN,
            log_rows_max: self.log_rows_max,
            log_blowup_max: self.log_blowup_max,
            columns_max: COLUMNS_MAX,
            memory_beats: self.memory_beats(),
        }
    }

    /// Beats of device memory.
    pub const fn memory_beats(&self) -> usize {
        if self.log_memory == 0 { 0 } else { 1 << self.log_memory }
    }

    /// Whether a device of this config has the kernel.
    pub const fn has(&self, kernel: Kernel) -> bool {
        match kernel {
            Kernel::Read => self.log_memory > 0,
            Kernel::Rate => matches!(self.link, Link::Uart),
            _ => true,
        }
    }

    /// Words of the longest packet from an xdma card.
    pub const fn packet_words(&self) -> usize {
        self.window / 2
    }

    /// Clocks of one bit on the serial lines at the base rate; zero for other links (and for a uart without a baud, which is not valid).
    pub const fn baud_divisor(&self) -> u32 {
        match self.link {
            Link::Stream | Link::Xdma => 0,
            Link::Uart if self.baud == 0 => 0,
            Link::Uart => ((self.clock_hz as u64 + self.baud as u64 / 2) / self.baud as u64) as u32,
        }
    }

    /// The generator can make this, or the first parameter it cannot.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let refuse = |parameter, expected, found: &dyn ToString| {
            Err(ConfigError::Parameter { config: self.name.to_string(), parameter, expected, found: found.to_string() })
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return refuse("name", "lower-case letters, digits and `-`", &self.name);
        }
        if !LANES.contains(&self.lanes) {
            return refuse("lanes", "1, 2, 4, 8 or 16", &self.lanes);
        }
        if !MULTIPLIERS.contains(&self.multipliers) {
            return refuse("multipliers", "4, 8, 16, 32, 64, 96, 128, 141, 282 or 564", &self.multipliers);
        }
        if !(1..=3).contains(&self.log_blowup_max) {
            return refuse("log_blowup_max", "from 1 to 3 (a command has two bits for it)", &self.log_blowup_max);
        }
        if self.multipliers > multipliers_fed(self.log_blowup_max) {
            let expected = match self.log_blowup_max {
                1 => {
                    "at most 141 at blow-up 2: the link brings one word a clock, which feeds no more (a larger blow-up feeds more)"
                }
                2 => {
                    "at most 282 at blow-up 4: the link brings one word a clock, which feeds no more (a larger blow-up feeds more)"
                }
                _ => "at most 564 at blow-up 8: the link brings one word a clock, which feeds no more",
            };
            return refuse("multipliers", expected, &self.multipliers);
        }
        if !(3..=LOG_ROWS_ON_CHIP).contains(&self.log_rows_max) {
            let expected =
                "from 3 to 16: more rows do not stay on the chip, use the external-memory transform for them";
            return refuse("log_rows_max", expected, &self.log_rows_max);
        }
        if self.clock_hz < 1_000_000 {
            return refuse("clock_hz", "at least 1,000,000", &self.clock_hz);
        }
        let widths: &[usize] = if self.link == Link::Xdma { &[64, 128, 256, 512] } else { &[32] };
        if !widths.contains(&self.stream_bits) {
            return refuse("stream_bits", "64, 128, 256 or 512 for xdma, 32 for other links", &self.stream_bits);
        }
        if !self.window.is_power_of_two() || !(1 << 11..=1 << 16).contains(&self.window) {
            return refuse("window", "a power of two from 2^11 to 2^16", &self.window);
        }
        if self.log_memory != 0 && !(6..=TAG_INDEX_BITS as usize).contains(&self.log_memory) {
            return refuse("log_memory", "0 or from 6 to 20", &self.log_memory);
        }
        if !(16..=28).contains(&self.watchdog) {
            return refuse("watchdog", "from 16 to 28", &self.watchdog);
        }
        match self.link {
            Link::Stream | Link::Xdma if self.baud != 0 => refuse("baud", "0 but for a uart", &self.baud),
            Link::Uart if self.baud == 0 || self.clock_hz / self.baud < 8 => {
                refuse("baud", "at most an eighth of clock_hz, and not 0", &self.baud)
            }
            // A receiver drifts by ten bits' worth of the difference before the stop bit: 2 % is a fifth of a bit.
            Link::Uart
                if u64::from(self.clock_hz.abs_diff(self.baud_divisor() * self.baud)) * 50 > self.clock_hz.into() =>
            {
                refuse("baud", "within 2 % of a whole fraction of clock_hz", &self.baud)
            }
            _ => Ok(()),
        }
    }

    /// The text the hash is over: one `key=value` a line. The doc is not part of it.
    pub fn canonical_text(&self) -> String {
        format!(
            "galena config\nabi_version={ABI_VERSION}\nname={}\nlink={}\nlanes={}\nmultipliers={}\nlog_rows_min={}\n\
             log_rows_max={}\nlog_blowup_max={}\ncolumns_max={}\nclock_hz={}\nbaud={}\n\
             stream_bits={}\nwindow={}\nlog_memory={}\nwatchdog={}\n",
            self.name,
            self.link.name(),
            self.lanes,
            self.multipliers,
            LOG_ROWS_MIN,
            self.log_rows_max,
            self.log_blowup_max,
            COLUMNS_MAX,
            self.clock_hz,
            self.baud,
            self.stream_bits,
            self.window,
            self.log_memory,
            self.watchdog
        )
    }

    /// SHA-256 of [`Config::canonical_text`]: in the register map, so that a host knows what it talks to.
    pub fn config_hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical_text()).into()
    }
}

/// The tallest extension, or digests of it, fit the index of a chunk's tag.
const _: () = assert!(LOG_ROWS_ON_CHIP + 3 <= TAG_INDEX_BITS as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_config_is_valid_and_named_once() {
        for config in &CONFIGS {
            config.validate().unwrap();
            assert_eq!(Config::named(&config.name).unwrap(), config);
            assert_eq!(CONFIGS.iter().filter(|c| c.config_hash() == config.config_hash()).count(), 1);
        }
        assert_eq!(
            Config::named("huge").unwrap_err().to_string(),
            "expected one of the configs `wide`, `tiny`, `small-uart`, `ecp5-25f`, `ecp5-45f`, `ecp5-85f`, `tiny-uart`, `card`, `tiny-pcie`, `tiny-blowup`, `mid`, \
             `card-wide`, `a7-100t`, `ku040`, `u55n`, found `huge`"
        );
    }

    #[test]
    fn illegal_parameters_are_refused_by_name() {
        let uart = CONFIGS[2].clone();
        let cases: [(&str, Config); 15] = [
            ("name", Config { name: "A b".into(), ..uart.clone() }),
            ("lanes", Config { lanes: 3, ..uart.clone() }),
            ("multipliers", Config { multipliers: 63, ..uart.clone() }),
            ("log_blowup_max", Config { log_blowup_max: 0, ..uart.clone() }),
            ("log_blowup_max", Config { log_blowup_max: 4, ..uart.clone() }),
            ("log_rows_max", Config { log_rows_max: 2, ..uart.clone() }),
            ("log_rows_max", Config { log_rows_max: 17, ..uart.clone() }),
            ("clock_hz", Config { clock_hz: 0, ..uart.clone() }),
            ("baud", Config { baud: 12_000_000, ..uart.clone() }),
            ("baud", Config { baud: 5_700_000, ..uart.clone() }),
            ("baud", Config { link: Link::Stream, ..uart.clone() }),
            ("stream_bits", Config { stream_bits: 64, ..uart.clone() }),
            ("window", Config { window: 3000, ..uart.clone() }),
            ("log_memory", Config { log_memory: 21, ..uart.clone() }),
            ("watchdog", Config { watchdog: 8, ..uart.clone() }),
        ];
        for (name, config) in cases {
            match config.validate() {
                Err(ConfigError::Parameter { parameter, .. }) => assert_eq!(parameter, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_link_feeds_so_many_multipliers() {
        assert_eq!([1, 2, 3].map(multipliers_fed), [141, 282, 564]);
    }

    #[test]
    fn the_hash_follows_the_parameters_and_not_the_doc() {
        let tiny = CONFIGS[1].clone();
        assert_eq!(Config { doc: "other".into(), ..tiny.clone() }.config_hash(), tiny.config_hash());
        assert_ne!(Config { lanes: 4, ..tiny.clone() }.config_hash(), tiny.config_hash());
        assert_eq!(CONFIGS[2].baud_divisor(), 48);
    }
}
