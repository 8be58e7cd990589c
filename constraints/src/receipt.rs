//! The receipt: the file a user keeps. A header, the statement and proof in `postcard`, and a checksum, in exactly one encoding.

use p3_batch_stark::BatchProof;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::chips::{ChipKind, kinds};
use crate::config::StockConfig;
use crate::statement::{ProgramCommitment, ProgramId};

/// First bytes of every receipt.
pub const MAGIC: [u8; 8] = *b"GALENA\r\n";
/// Version of the encoding.
pub const RECEIPT_VERSION: u32 = 1;
/// Most bytes of a receipt; a proof of the largest execution is far smaller.
pub const MAX_RECEIPT_BYTES: usize = 64 << 20;

const HEADER: usize = MAGIC.len() + 4;
const CHECKSUM: usize = 32;

/// A claim about an execution, and its proof.
#[derive(Serialize, Deserialize)]
pub struct Receipt {
    /// Number of the profile.
    pub profile: u8,
    /// The program.
    pub program: ProgramCommitment,
    /// How it ended.
    pub exit_code: u8,
    /// What it wrote to descriptor 1.
    pub public_output: Vec<u8>,
    /// The batch: bit k for a table of the chip of that number, bit 20 + k for a second one. `Witness::chips` makes it.
    pub chips: u32,
    /// The proof. Chip heights are its `degree_bits`.
    pub proof: BatchProof<StockConfig>,
}

/// Why bytes are no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Another kind of file.
    #[error(
        "expected a galena receipt, found a file that does not begin like one; give the file that `galena prove` wrote"
    )]
    Magic,
    /// Another version.
    #[error("expected receipt version {RECEIPT_VERSION}, found {0}; verify it with the galena that wrote it")]
    Version(u32),
    /// Too short.
    #[error("expected at least {} bytes of receipt, found {found}; the file was cut off", HEADER + CHECKSUM)]
    Truncated {
        /// Bytes there are.
        found: usize,
    },
    /// Too long.
    #[error("expected at most {MAX_RECEIPT_BYTES} bytes of receipt, found {0}; this is no receipt, or it was damaged")]
    TooLong(usize),
    /// The checksum differs.
    #[error("the receipt is damaged: its checksum does not match; fetch or prove it again")]
    Checksum,
    /// The checksum is right but the content is not.
    #[error("the receipt is malformed: {0}; whoever wrote it is at fault")]
    Malformed(String),
}

impl Receipt {
    /// Id of the program the receipt claims to be about.
    pub fn program_id(&self) -> ProgramId {
        self.program.id()
    }

    /// Chips in the batch with log2 of their rows, as the receipt claims; a chip with two tables is there twice.
    pub fn chip_heights(&self) -> Vec<(ChipKind, usize)> {
        kinds(self.chips).unwrap_or_default().into_iter().zip(self.proof.degree_bits.iter().copied()).collect()
    }

    /// The receipt as a file.
    ///
    /// # Errors
    /// Only if the proof cannot be encoded, which no proof of ours can.
    pub fn encode(&self) -> Result<Vec<u8>, ReceiptError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(RECEIPT_VERSION.to_le_bytes());
        let mut bytes = postcard::to_extend(self, bytes).map_err(|error| ReceiptError::Malformed(error.to_string()))?;
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        Ok(bytes)
    }

    /// Reads a receipt. Accepts exactly what `encode` writes.
    ///
    /// # Errors
    /// Says what is wrong with the bytes; never panics, and allocates in proportion to their length.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLong(bytes.len()));
        }
        let (magic, rest) =
            bytes.split_at_checked(MAGIC.len()).ok_or(ReceiptError::Truncated { found: bytes.len() })?;
        if magic != MAGIC {
            return Err(ReceiptError::Magic);
        }
        let (version, _) = rest.split_first_chunk::<4>().ok_or(ReceiptError::Truncated { found: bytes.len() })?;
        let version = u32::from_le_bytes(*version);
        if version != RECEIPT_VERSION {
            return Err(ReceiptError::Version(version));
        }
        let end = bytes.len().checked_sub(CHECKSUM).filter(|&end| end >= HEADER);
        let (content, checksum) = bytes.split_at(end.ok_or(ReceiptError::Truncated { found: bytes.len() })?);
        if Sha256::digest(content).as_slice() != checksum {
            return Err(ReceiptError::Checksum);
        }
        let malformed = |what: &dyn std::fmt::Display| ReceiptError::Malformed(what.to_string());
        let receipt: Self = postcard::from_bytes(&content[HEADER..]).map_err(|error| malformed(&error))?;
        if receipt.encode()? != bytes {
            return Err(malformed(&"it is not in the canonical encoding"));
        }
        Ok(receipt)
    }
}
