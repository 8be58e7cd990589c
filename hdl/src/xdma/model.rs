//! The link in plain Rust: what a host's beats mean, and what packets the card makes of its words.

use super::words::lanes;

/// A beat of a stream: its words, and which of its bytes are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// All lanes, the lowest first.
    pub words: Vec<u32>,
    /// Bit k: byte k is there.
    pub keep: u64,
    /// The packet ends here.
    pub last: bool,
}

/// Byte enables of the first `count` words.
pub fn keep(count: usize) -> u64 {
    if count >= 16 { u64::MAX } else { (1 << (4 * count)) - 1 }
}

/// The words of a beat, or none if its byte enables are not those of leading whole words.
pub fn words(beat: &Beat) -> Option<&[u32]> {
    (0..=beat.words.len()).find(|&count| keep(count) == beat.keep).map(|count| &beat.words[..count])
}

/// A packet, or what a host writes in one transfer, as beats of `bits`. Empty lanes are zero.
pub fn beats(packet: &[u32], bits: usize) -> Vec<Beat> {
    let count = lanes(bits);
    let end = packet.len().div_ceil(count);
    let beat = |(k, part): (usize, &[u32])| {
        let mut words = part.to_vec();
        words.resize(count, 0);
        Beat { words, keep: keep(part.len()), last: k + 1 == end }
    };
    packet.chunks(count).enumerate().map(beat).collect()
}

/// Words, each with whether it ends a frame that ends a packet, as packets of at most `longest` words. What is left over is not a packet yet.
pub fn packets(words: &[(u32, bool)], longest: usize) -> Vec<Vec<u32>> {
    let mut packets = vec![];
    let mut packet = vec![];
    for &(word, last) in words {
        packet.push(word);
        if last || packet.len() == longest {
            packets.push(std::mem::take(&mut packet));
        }
    }
    packets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_hold_leading_words() {
        let two = beats(&[1, 2, 3, 4, 5], 128);
        assert_eq!(two.len(), 2);
        assert_eq!((two[1].words.as_slice(), two[1].keep, two[1].last), ([5, 0, 0, 0].as_slice(), 0xf, true));
        assert_eq!((words(&two[0]), words(&two[1])), (Some([1, 2, 3, 4].as_slice()), Some([5].as_slice())));
        for keep in [0xff0, 0x0ff1, 0x1, 0xf0f, 0xf_ffff] {
            assert_eq!(words(&Beat { keep, ..two[0].clone() }), None, "{keep:x}");
        }
        assert_eq!(words(&Beat { keep: 0, ..two[0].clone() }), Some([].as_slice()));
        assert_eq!(beats(&[7; 16], 512)[0].keep, u64::MAX);
    }

    #[test]
    fn packets_end_with_a_frame_or_at_the_longest() {
        let stream: Vec<(u32, bool)> = (0..10).map(|k| (k, k == 5 || k == 7)).collect();
        assert_eq!(packets(&stream, 4), [vec![0, 1, 2, 3], vec![4, 5], vec![6, 7]], "8 and 9 wait");
    }
}
