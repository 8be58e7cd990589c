//! What an output is recognised by in a table: the first 8 bytes of a SHA-256 over all of its words.

use galena_device::Output;
use sha2::{Digest, Sha256};

/// The fingerprint of rows and digests: 16 hexadecimal digits.
pub(super) fn of(output: &Output) -> String {
    of_words(output.rows.iter().chain(output.layers.iter().flatten().flatten()))
}

/// The fingerprint of words, each as four little-endian bytes.
pub(super) fn of_words<'a>(words: impl Iterator<Item = &'a u32>) -> String {
    let mut hasher = Sha256::new();
    words.for_each(|word| hasher.update(word.to_le_bytes()));
    hex::encode(hasher.finalize().get(..8).unwrap_or_default())
}
