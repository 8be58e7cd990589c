//! The address rules of device memory in plain Rust.

use super::ADDRESS;

/// A beat: eight field words.
pub type Beat = [u32; 8];

/// Where an address of the link lies in a memory of 2^`log` beats.
pub const fn place(address: u32, log: usize) -> usize {
    (address & ((1 << ADDRESS) - 1)) as usize & ((1 << log) - 1)
}

/// The address of digest `index` of `level`, above 2^`log_leaves` leaves, kept at `base`.
pub const fn digest_address(base: u32, log_leaves: usize, level: usize, index: u32) -> u32 {
    let twice = 2u32 << log_leaves;
    base.wrapping_add(twice - (twice >> level)).wrapping_add(index)
}

/// The address of a row of a group, kept at `base`; `height` rows a group.
pub const fn row_address(base: u32, height: u32, group: u32, row: u32) -> u32 {
    base.wrapping_add(group.wrapping_mul(height)).wrapping_add(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_one_another_and_addresses_wrap() {
        // 8 leaves at 100: levels at 100, 108, 112, 114.
        let starts: Vec<u32> = (0..4).map(|level| digest_address(100, 3, level, 0)).collect();
        assert_eq!(starts, [100, 108, 112, 114]);
        // A tree's digests of level 1 lie at its address, eight below which is the base.
        assert_eq!(place(digest_address(5u32.wrapping_sub(8) & 0xf_ffff, 3, 1, 0), 6), 5);
        assert_eq!((place(1 << 20 | 70, 6), place(u32::MAX, 12)), (6, 4095));
        assert_eq!(row_address(10, 32, 2, 3), 77);
    }
}
