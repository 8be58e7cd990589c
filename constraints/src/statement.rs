//! What a proof says, in field elements: the program's id, and the public values that are absorbed before the first challenge.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::CryptographicHasher;
use serde::{Deserialize, Serialize};

use crate::chips::connector::PUBLIC_VALUES;
use crate::config::{Cap, Val, stock_hash};
use crate::profile::Profile;

/// Version of everything that is hashed or proved: chips, buses, encodings. Part of the program id and of the transcript.
pub const FORMAT: u32 = 1;

/// Most bytes of public output in one proof.
pub const MAX_PUBLIC_OUTPUT: usize = 1 << 20;

/// Canonical identity of a program: 8 words below p, printed as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProgramId(pub [u32; 8]);

impl std::fmt::Display for ProgramId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:08x}"))
    }
}

/// Why a text is no program id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramIdError {
    /// Wrong length or alphabet.
    #[error("expected a program id of 64 hexadecimal digits, found {0:?}; `galena inspect` prints the id of a receipt")]
    Syntax(String),
    /// A word is not a field element.
    #[error("expected 8 words below the field's order in the program id, found {0:08x}; it was not printed by galena")]
    Range(u32),
}

impl std::str::FromStr for ProgramId {
    type Err = ProgramIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || ProgramIdError::Syntax(text.chars().take(80).collect());
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| syntax())?;
        let mut words = [0; 8];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_be_bytes(chunk.try_into().map_err(|_| syntax())?);
            if *word >= Val::ORDER_U32 {
                return Err(ProgramIdError::Range(*word));
            }
        }
        Ok(Self(words))
    }
}

/// What a program id is the hash of: all that a verifier who has not got the program needs of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramCommitment {
    /// First pc, below 2^30.
    pub entry: u32,
    /// What `brk(0)` returns. (The program chip holds it too; here it is for reports.)
    pub initial_break: u32,
    /// log2 of the rows of the image chip, 0 when the image has no word.
    pub image_log: u8,
    /// log2 of the rows of the program chip.
    pub program_log: u8,
    /// Commitment to the preprocessed columns of image (if there), program and bytes, in that order.
    pub cap: Cap,
}

impl ProgramCommitment {
    /// The id.
    pub fn id(&self) -> ProgramId {
        let head = [
            FORMAT,
            self.entry & 0xffff,
            self.entry >> 16,
            self.initial_break & 0xffff,
            self.initial_break >> 16,
            self.image_log.into(),
            self.program_log.into(),
        ];
        let digests = self.cap.roots().iter().flatten().copied();
        let words: Vec<Val> = head.into_iter().map(Val::new).chain(digests).collect();
        ProgramId(digest(Domain::Program, &words).map(|x| x.as_canonical_u32()))
    }
}

/// First word of what is hashed, so that no hash of one kind is one of another.
#[derive(Clone, Copy)]
enum Domain {
    Program = 0x4750_5247, // "GPRG"
    Output = 0x474f_5554,  // "GOUT"
}

/// Poseidon2 sponge of the domain, the length and the words: the length makes the unpadded sponge injective.
fn digest(domain: Domain, words: &[Val]) -> [Val; 8] {
    let head = [Val::new(domain as u32), Val::from_usize(words.len())];
    stock_hash().hash_iter(head.into_iter().chain(words.iter().copied()))
}

/// Digest of the public output: its length, then 3 bytes to a word.
pub fn output_digest(output: &[u8]) -> [Val; 8] {
    let words = output.chunks(3).map(|bytes| bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)));
    let words: Vec<Val> = std::iter::once(Val::from_usize(output.len())).chain(words.map(Val::new)).collect();
    digest(Domain::Output, &words)
}

/// The connector's public values in order, with how many field elements each has: all that is absorbed besides commitments and heights.
pub const PUBLIC: &[(&str, usize)] = &[
    ("entry", 1),
    ("exit code", 1),
    ("format", 1),
    ("profile", 1),
    ("chips", 1),
    ("output length", 1),
    ("output digest", 8),
    ("program id", 8),
];

/// Everything a verifier knows before it looks at a proof.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) program_id: &'a ProgramId,
    pub(crate) entry: u32,
    pub(crate) exit_code: u8,
    pub(crate) public_output: &'a [u8],
    /// The batch; see `Receipt::chips`.
    pub(crate) chips: u32,
}

impl Statement<'_> {
    /// The values of `PUBLIC`: entry and exit code are used by the connector's constraints, the rest binds the transcript.
    pub(crate) fn public_values(&self) -> Vec<Val> {
        let mut values = Vec::with_capacity(PUBLIC_VALUES);
        values.extend([self.entry, self.exit_code.into(), FORMAT, self.profile.id.into(), self.chips].map(Val::new));
        values.push(Val::from_usize(self.public_output.len()));
        values.extend(output_digest(self.public_output));
        values.extend(self.program_id.0.map(Val::new));
        values
    }
}
