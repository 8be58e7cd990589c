//! USB-serial chips: what they are called and how fast they go.

/// A USB-serial chip.
#[derive(Debug, PartialEq, Eq)]
pub struct Chip {
    /// Its name.
    pub name: &'static str,
    /// USB vendor.
    pub vendor: u16,
    /// USB product.
    pub product: u16,
    /// Fastest rate in bits per second. The kernel's driver may do less with an older part: the rate is read back after it is set.
    pub fastest: u32,
}

const fn chip(name: &'static str, vendor: u16, product: u16, fastest: u32) -> Chip {
    Chip { name, vendor, product, fastest }
}

/// The chips, by vendor and product. Rates are those of the data sheets: the fastest part where several share a number.
pub static CHIPS: [Chip; 15] = [
    chip("FTDI FT232R", 0x0403, 0x6001, 3_000_000),
    chip("FTDI FT2232H", 0x0403, 0x6010, 12_000_000),
    chip("FTDI FT4232H", 0x0403, 0x6011, 12_000_000),
    chip("FTDI FT232H", 0x0403, 0x6014, 12_000_000),
    chip("FTDI FT231X", 0x0403, 0x6015, 3_000_000),
    chip("FTDI FT4232HA", 0x0403, 0x6048, 12_000_000),
    chip("Silicon Labs CP210x", 0x10c4, 0xea60, 3_000_000),
    chip("Silicon Labs CP2105", 0x10c4, 0xea70, 2_000_000),
    chip("Silicon Labs CP2108", 0x10c4, 0xea71, 2_000_000),
    chip("WCH CH341", 0x1a86, 0x5523, 2_000_000),
    chip("WCH CH340", 0x1a86, 0x7523, 2_000_000),
    chip("WCH CH342", 0x1a86, 0x55d2, 3_000_000),
    chip("WCH CH343", 0x1a86, 0x55d3, 6_000_000),
    chip("WCH CH9102", 0x1a86, 0x55d4, 4_000_000),
    chip("WCH CH344", 0x1a86, 0x55d5, 6_000_000),
];

/// Fastest rate tried on a USB chip that is not in the table, CDC-ACM devices among them, unless `max_baud` says more.
pub const UNKNOWN_FASTEST: u32 = 3_000_000;

/// Fastest rate tried on a pseudo-terminal, which takes any.
pub const PTY_FASTEST: u32 = 12_000_000;

/// The chip of that vendor and product.
pub fn chip_of(vendor: u16, product: u16) -> Option<&'static Chip> {
    CHIPS.iter().find(|chip| (chip.vendor, chip.product) == (vendor, product))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chip_is_there_once_and_takes_the_base_rate() {
        for chip in &CHIPS {
            assert_eq!(chip_of(chip.vendor, chip.product), Some(chip));
            assert!((1_000_000..=12_000_000).contains(&chip.fastest), "{}", chip.name);
        }
        assert_eq!(chip_of(0x1d6b, 2), None);
    }
}
