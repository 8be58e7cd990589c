//! Beats from port values.

/// Port values one after another as a beat: (bits of the port, its words, low first), each port padded to whole 32-bit words.
pub fn beat(ports: &[(usize, &[u32])]) -> Vec<u32> {
    let port = |&(bits, words): &(usize, &[u32])| {
        let mut padded = words.to_vec();
        padded.resize(bits.div_ceil(32), 0);
        padded
    };
    ports.iter().flat_map(port).collect()
}

/// Field elements as the bus of 31 bits each that they share, in 32-bit words.
pub fn bus(elements: &[u32]) -> Vec<u32> {
    let mut words = vec![0u32; (31 * elements.len()).div_ceil(32)];
    for (k, &element) in elements.iter().enumerate() {
        let wide = u64::from(element) << (31 * k % 32);
        words[31 * k / 32] |= wide as u32;
        if let Some(next) = words.get_mut(31 * k / 32 + 1) {
            *next |= (wide >> 32) as u32;
        }
    }
    words
}

/// The elements of a bus.
pub fn elements(words: &[u32], count: usize) -> Vec<u32> {
    let word = |k: usize| u64::from(words.get(k).copied().unwrap_or(0));
    (0..count)
        .map(|k| ((word(31 * k / 32) | word(31 * k / 32 + 1) << 32) >> (31 * k % 32)) as u32 & 0x7fff_ffff)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_gives_its_elements_back() {
        let some: Vec<u32> = (0..24).map(|k| (k * 0x0765_4321) & 0x7fff_ffff).collect();
        for count in 1..=24 {
            assert_eq!(elements(&bus(&some[..count]), count), &some[..count]);
        }
        assert_eq!(beat(&[(1, &[1]), (62, &[2]), (31, &[3])]), [1, 2, 0, 3]);
    }
}
