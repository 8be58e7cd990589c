//! The verifier: from a receipt and what one expects of it, to what it proves. It trusts nothing the receipt says about shape.

use p3_batch_stark::common::{GlobalPreprocessed, PreprocessedInstanceMeta};
use p3_batch_stark::{CommonData, verify_batch};

use crate::chips::{CHIPS, Chip, ChipKind, bytes, kinds};
use crate::config::{StockConfig, stock_config};
use crate::fill::{MIN_LOG_HEIGHT, padded};
use crate::machine::{MAX_LOG_HEIGHT, lookups};
use crate::profile::{MIN_SECURITY_BITS, Profile};
use crate::receipt::Receipt;
use crate::security::{Security, security};
use crate::statement::{MAX_PUBLIC_OUTPUT, ProgramId, Statement};

/// What the verifier's user holds for true before; the receipt must agree.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The program. A receipt proves nothing of interest about a program that nobody named, so this is not optional.
    pub program_id: &'a ProgramId,
    /// The exit code, if any particular one.
    pub exit_code: Option<u8>,
    /// The public output, if any particular one.
    pub public_output: Option<&'a [u8]>,
}

/// What a receipt has proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The program that ran.
    pub program_id: ProgramId,
    /// How it ended.
    pub exit_code: u8,
    /// What it wrote to descriptor 1.
    pub public_output: Vec<u8>,
    /// The parameters.
    pub profile: &'static str,
    /// Proven bits of security.
    pub security_bits: u32,
    /// The regime in which they are proven.
    pub security_regime: String,
}

/// Why a receipt was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Unknown parameters.
    #[error("expected a known profile, found number {0}; verify with the galena that wrote the receipt")]
    Profile(u8),
    /// Another program.
    #[error("expected program {expected}, found a receipt for {found}; give the program that was proved")]
    Program {
        /// As asked.
        expected: ProgramId,
        /// As found.
        found: ProgramId,
    },
    /// Another exit code.
    #[error("expected exit code {expected}, found a receipt for exit code {found}")]
    ExitCode {
        /// As asked.
        expected: u8,
        /// As found.
        found: u8,
    },
    /// Another output.
    #[error("expected {expected} bytes of public output, found {found} that differ from byte {at} on")]
    Output {
        /// Bytes asked for.
        expected: usize,
        /// Bytes found.
        found: usize,
        /// First difference.
        at: usize,
    },
    /// Impossible shape.
    #[error("expected a proof of this machine's shape, found {0}; the receipt was not made by galena")]
    Shape(String),
    /// Not secure enough.
    #[error(
        "expected at least {least} bits of proven security, found {found} ({regime}); prove it again under a stronger profile"
    )]
    Security {
        /// As asked.
        least: u32,
        /// As found.
        found: u32,
        /// The regime.
        regime: String,
    },
    /// The proof system says no.
    #[error("the proof is wrong: {0}; the claim may be false, or the receipt was tampered with")]
    Proof(String),
}

/// Checks a receipt.
///
/// # Errors
/// When anything differs from what was expected, when the proof has fewer proven bits of security than `min_bits` (never less than
/// `MIN_SECURITY_BITS`), or when it is wrong.
pub fn verify(expected: &Expected<'_>, receipt: &Receipt, min_bits: u32) -> Result<Verified, VerifyError> {
    let profile = Profile::by_id(receipt.profile).ok_or(VerifyError::Profile(receipt.profile))?;
    agree(expected, receipt)?;
    let batch = batch(profile, receipt)?;
    let Security { bits, regime, .. } = security(profile, &batch);
    let least = min_bits.max(MIN_SECURITY_BITS);
    if bits < least {
        return Err(VerifyError::Security { least, found: bits, regime });
    }

    let program_id = receipt.program_id();
    let statement = Statement {
        profile,
        program_id: &program_id,
        entry: receipt.program.entry,
        exit_code: receipt.exit_code,
        public_output: &receipt.public_output,
        chips: receipt.chips,
    };
    let public_values: Vec<_> = batch
        .iter()
        .map(|(chip, _)| if chip.kind() == ChipKind::Connector { statement.public_values() } else { Vec::new() })
        .collect();
    let common = common(receipt, &batch);
    let airs: Vec<Chip> = batch.into_iter().map(|(chip, _)| chip).collect();
    verify_batch(&stock_config(profile), &airs, &receipt.proof, &public_values, &common)
        .map_err(|error| VerifyError::Proof(error.to_string()))?;
    Ok(Verified {
        program_id,
        exit_code: receipt.exit_code,
        public_output: receipt.public_output.clone(),
        profile: profile.name,
        security_bits: bits,
        security_regime: regime,
    })
}

fn agree(expected: &Expected<'_>, receipt: &Receipt) -> Result<(), VerifyError> {
    let found = receipt.program_id();
    if found != *expected.program_id {
        return Err(VerifyError::Program { expected: *expected.program_id, found });
    }
    if let Some(code) = expected.exit_code.filter(|&code| code != receipt.exit_code) {
        return Err(VerifyError::ExitCode { expected: code, found: receipt.exit_code });
    }
    if let Some(output) = expected.public_output.filter(|&output| output != receipt.public_output) {
        let at = output.iter().zip(&receipt.public_output).take_while(|(a, b)| a == b).count();
        return Err(VerifyError::Output { expected: output.len(), found: receipt.public_output.len(), at });
    }
    Ok(())
}

/// The chips of the batch with log2 of their rows, every one of them checked.
pub(crate) fn batch(profile: &Profile, receipt: &Receipt) -> Result<Vec<(Chip, usize)>, VerifyError> {
    let shape = |what: String| Err(VerifyError::Shape(what));
    let program = &receipt.program;
    let output = &receipt.public_output;
    if output.len() > MAX_PUBLIC_OUTPUT {
        return shape(format!("{} bytes of public output", output.len()));
    }
    // The commitment is to a table of 2^16 rows at least, so its cap is full.
    if program.cap.roots().len() != 1 << profile.cap_height {
        return shape(format!("a commitment of {} digests", program.cap.roots().len()));
    }
    let Some(kinds) = kinds(receipt.chips) else {
        return shape(format!("the chips {:#010x}", receipt.chips));
    };
    if kinds.len() != receipt.proof.degree_bits.len() {
        return shape(format!("{} heights of {} chips", receipt.proof.degree_bits.len(), kinds.len()));
    }
    // The height that a chip must have, where the statement fixes it; none where it must be absent.
    let exact = |kind: ChipKind| match kind {
        ChipKind::Program => Some(usize::from(program.program_log)),
        ChipKind::Image => Some(usize::from(program.image_log)).filter(|&log| log != 0),
        ChipKind::Bytes => Some(bytes::LOG_HEIGHT),
        ChipKind::Output => (!output.is_empty()).then(|| padded(output.len()).ilog2() as usize),
        _ => None,
    };
    let fixed = |kind| matches!(kind, ChipKind::Program | ChipKind::Image | ChipKind::Bytes | ChipKind::Output);
    for row in CHIPS {
        let (kind, present) = (row.kind, kinds.contains(&row.kind));
        let required = kind.always() || (fixed(kind) && exact(kind).is_some());
        if required && !present || !required && present && fixed(kind) {
            return shape(format!("chip {} {}", row.name, if present { "present" } else { "absent" }));
        }
    }
    let mut batch = Vec::with_capacity(kinds.len());
    for (kind, &log_height) in kinds.into_iter().zip(&receipt.proof.degree_bits) {
        let wrong = exact(kind).is_some_and(|exact| exact != log_height);
        if wrong || !(MIN_LOG_HEIGHT..=MAX_LOG_HEIGHT).contains(&log_height) {
            return shape(format!("chip {} of 2^{log_height} rows", kind.name()));
        }
        let chip = if kind == ChipKind::Output { Chip::output(output, 1 << log_height) } else { Chip::new(kind) };
        batch.push((chip, log_height));
    }
    Ok(batch)
}

/// What keygen would have made of the program, from its commitment alone.
pub(crate) fn common(receipt: &Receipt, batch: &[(Chip, usize)]) -> CommonData<StockConfig> {
    let mut instances = Vec::with_capacity(batch.len());
    let mut matrix_to_instance = Vec::new();
    for (index, (chip, log_height)) in batch.iter().enumerate() {
        let width = chip.kind().row().preprocessed_width;
        instances.push((width > 0).then_some(PreprocessedInstanceMeta {
            matrix_index: matrix_to_instance.len(),
            width,
            degree_bits: *log_height,
        }));
        if width > 0 {
            matrix_to_instance.push(index);
        }
    }
    let preprocessed = GlobalPreprocessed { commitment: receipt.program.cap.clone(), instances, matrix_to_instance };
    CommonData::new(Some(preprocessed), batch.iter().map(|(chip, _)| lookups(chip)).collect())
}
