//! Field words of 31 bits in the wide ports of a circuit, and random field words.

#![allow(dead_code)] // each test file uses a part

use galena_hdl::field::P;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Packs 31-bit words, the first in the low bits, into port words of 32 bits.
pub(crate) fn pack(words: &[u32]) -> Vec<u32> {
    let mut port = vec![0; (31 * words.len()).div_ceil(32)];
    for (i, &word) in words.iter().enumerate() {
        let (at, shift) = (31 * i / 32, 31 * i % 32);
        port[at] |= word << shift;
        if shift > 1 {
            port[at + 1] |= word >> (32 - shift);
        }
    }
    port
}

/// The inverse of [`pack`]: `count` words.
pub(crate) fn unpack(port: &[u32], count: usize) -> Vec<u32> {
    let bit = |k: usize| port[k / 32] >> (k % 32) & 1;
    (0..count).map(|i| (0..31).fold(0, |w, b| w | bit(31 * i + b) << b)).collect()
}

/// A random element; one in eight is at an edge of the field.
pub(crate) fn element(rng: &mut ChaCha8Rng) -> u32 {
    const EDGES: [u32; 6] = [0, 1, P - 1, P - 2, 1 << 27, 15 << 27];
    if rng.random_range(0..8) == 0 { EDGES[rng.random_range(0..EDGES.len())] } else { rng.random_range(0..P) }
}
