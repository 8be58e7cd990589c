//! A program made ready to be proved: its preprocessed columns and its id.

use std::sync::Arc;

use galena_vm::Program;
use galena_vm::record::ADDRESS_LIMIT;
use p3_commit::UnivariateStarkPcs;
use p3_lookup::{LogUpGadget, Lookups, check_bus_widths};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_util::log2_strict_usize;

use crate::chips::program::normal;
use crate::chips::{CHIPS, Chip, ChipKind, MAX_DEGREE, bytes, image, program};
use crate::config::{Challenge, Challenger, Pcs, StockConfig, StockDft, Val, ValMmcs, stock_config};
use crate::fill::{padded, rows, split};
use crate::profile::Profile;
use crate::statement::{ProgramCommitment, ProgramId};

/// log2 of the most rows of any table. All timestamps and multiplicities stay below the field's order by this bound.
pub const MAX_LOG_HEIGHT: usize = 22;

/// Why a program cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// Nothing to execute.
    #[error("expected a program with executable words, found none; check that the file has an executable segment")]
    NoCode,
    /// A table would be too high.
    #[error("expected at most {limit} words of {what}, found {found}; a smaller program can be proved")]
    TooLarge {
        /// Code or image.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many fit.
        limit: usize,
    },
    /// Code whose next address would not fit the address space, out of order or misaligned.
    #[error("expected code by ascending address, aligned and below {:#x}, found pc {pc:#010x}; load it elsewhere", ADDRESS_LIMIT - 4)]
    Code {
        /// Where.
        pc: u32,
    },
    /// An image word outside the address space, out of order, misaligned or zero.
    #[error(
        "expected image words that are not zero, by ascending address, aligned and below {ADDRESS_LIMIT:#x}, found one at {addr:#010x}"
    )]
    Image {
        /// Where.
        addr: u32,
    },
    /// Entry outside the code.
    #[error("expected the entry among the executable words, found {entry:#010x}")]
    Entry {
        /// Where.
        entry: u32,
    },
    /// The commitment scheme refused: a bug.
    #[error("the program could not be committed to: {0}; this is a bug in galena")]
    Commit(String),
    /// The chips contradict each other: a bug.
    #[error("the chips' buses do not agree: {0}; this is a bug in galena")]
    Bus(String),
}

/// A program made ready to be proved.
pub struct Machine {
    pub(crate) program: Program,
    profile: &'static Profile,
    commitment: ProgramCommitment,
    id: ProgramId,
    pub(crate) image: Option<Chip>,
    pub(crate) code: Chip,
    pub(crate) bytes: Chip,
}

impl Machine {
    /// Checks the program, lays out its preprocessed columns and commits to them.
    ///
    /// # Errors
    /// When the program does not fit the tables, or the chips' buses do not agree.
    pub fn new(program: &Program, profile: &'static Profile) -> Result<Self, MachineError> {
        check(program)?;
        let all: Vec<_> = CHIPS.iter().map(|row| lookups(&Chip::new(row.kind))).collect();
        check_bus_widths(&all).map_err(|error| MachineError::Bus(error.to_string()))?;

        let image = (!program.image.is_empty()).then(|| Arc::new(image_columns(program)));
        let code = Arc::new(code_columns(program));
        let table = Arc::new(bytes::table());
        let commitment = commit(program, profile, [image.as_ref(), Some(&code), Some(&table)])?;
        Ok(Self {
            program: program.clone(),
            profile,
            id: commitment.id(),
            commitment,
            image: image.map(|columns| Chip::with_preprocessed(ChipKind::Image, columns)),
            code: Chip::with_preprocessed(ChipKind::Program, code),
            bytes: Chip::with_preprocessed(ChipKind::Bytes, table),
        })
    }

    /// The program's id.
    pub fn program_id(&self) -> &ProgramId {
        &self.id
    }

    /// What the id is the hash of.
    pub fn commitment(&self) -> &ProgramCommitment {
        &self.commitment
    }

    /// The profile.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }
}

/// The id of a program under a profile.
///
/// # Errors
/// When the program cannot be proved.
pub fn program_id(program: &Program, profile: &'static Profile) -> Result<ProgramId, MachineError> {
    Machine::new(program, profile).map(|machine| machine.id)
}

/// A chip's lookup columns, packed as `ProverData` packs them: messages of one bus share a column up to the degree of the constraints.
pub(crate) fn lookups(chip: &Chip) -> Lookups<Val> {
    let gadget = LogUpGadget::new();
    Lookups::from_air::<Challenge, _>(chip).pack_same_bus_with_degree(MAX_DEGREE, |lookup| {
        gadget.constraint_degree_with_transition(lookup, 0) // a two-adic domain's transition selector has no degree
    })
}

fn check(program: &Program) -> Result<(), MachineError> {
    let limit = 1_usize << MAX_LOG_HEIGHT;
    if program.code.is_empty() {
        return Err(MachineError::NoCode);
    }
    for (what, found) in [("code", program.code.len()), ("image", program.image.len())] {
        if found > limit {
            return Err(MachineError::TooLarge { what, found, limit });
        }
    }
    // pc + 4 must be an address, and its bytes must have room below 2^30.
    let mut least = 0;
    for code in &program.code {
        if code.pc < least || !code.pc.is_multiple_of(4) || code.pc >= ADDRESS_LIMIT - 4 {
            return Err(MachineError::Code { pc: code.pc });
        }
        least = code.pc + 4;
    }
    let mut least = 0;
    for &(addr, value) in &program.image {
        if addr < least || !addr.is_multiple_of(4) || addr >= ADDRESS_LIMIT || value == 0 {
            return Err(MachineError::Image { addr });
        }
        least = addr + 4;
    }
    if program.index_of(program.entry).is_none() {
        return Err(MachineError::Entry { entry: program.entry });
    }
    Ok(())
}

fn image_columns(program: &Program) -> RowMajorMatrix<Val> {
    rows(image::PREPROCESSED, &program.image, |&(addr, value), row| {
        let [b0, b1, b2, b3] = split(value);
        row.copy_from_slice(&[addr >> 2, b0, b1, b2, b3, 1].map(Val::new));
    })
}

/// Rows after the last repeat it: they say nothing new.
fn code_columns(program: &Program) -> RowMajorMatrix<Val> {
    let mut code = program.code.clone();
    if let Some(&last) = code.last() {
        code.resize(padded(code.len()), last);
    }
    rows(program::PREPROCESSED, &code, |code, row| {
        row.copy_from_slice(&normal(code.pc, &code.decoded).tuple(code.pc).map(Val::new));
    })
}

fn commit(
    program: &Program,
    profile: &Profile,
    columns: [Option<&Arc<RowMajorMatrix<Val>>>; 3],
) -> Result<ProgramCommitment, MachineError> {
    type StockPcs = Pcs<StockDft, ValMmcs>;
    let config: StockConfig = stock_config(profile);
    let pcs: &StockPcs = p3_uni_stark::StarkGenericConfig::pcs(&config);
    let log = |matrix: &Arc<RowMajorMatrix<Val>>| log2_strict_usize(matrix.height()) as u8;
    let matrices: Vec<_> = columns
        .into_iter()
        .flatten()
        .map(|matrix| {
            let domain =
                <StockPcs as p3_commit::Pcs<Challenge, Challenger>>::natural_domain_for_degree(pcs, matrix.height());
            (domain, matrix.as_ref().clone())
        })
        .collect();
    let (cap, _) = <StockPcs as UnivariateStarkPcs<Challenge, Challenger>>::commit_preprocessing(pcs, matrices)
        .map_err(|error| MachineError::Commit(error.to_string()))?;
    Ok(ProgramCommitment {
        entry: program.entry,
        initial_break: program.initial_break,
        image_log: columns[0].map_or(0, log),
        program_log: columns[1].map_or(0, log),
        cap,
    })
}
