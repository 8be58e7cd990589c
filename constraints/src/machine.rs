//! A program made ready to be proved: its preprocessed columns and id, and the traces of an execution of it.

use std::sync::Arc;

use galena_vm::isa::Family;
use galena_vm::record::{ADDRESS_LIMIT, Boundary, TrapKind};
use galena_vm::{Program, Segment};
use p3_commit::UnivariateStarkPcs;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{LogUpGadget, Lookups, check_bus_widths};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_util::log2_strict_usize;

use crate::chips::program::normal;
use crate::chips::{self, CHIPS, Chip, ChipKind, MAX_DEGREE, boundary, bytes, connector, image, output, program};
use crate::config::{Challenge, Challenger, Pcs, StockConfig, StockDft, Val, ValMmcs, stock_config};
use crate::fill::{joined_rows, padded, rows, split};
use crate::profile::Profile;
use crate::statement::{MAX_PUBLIC_OUTPUT, ProgramCommitment, ProgramId, Statement};
use crate::tally::Tally;

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

/// Why an execution cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// It ran into nothing.
    #[error(
        "the program jumped to {pc:#010x}, where there is no code, and ended with exit code {exit_code}; that an address holds no code cannot be proved yet"
    )]
    NoCode {
        /// Where.
        pc: u32,
        /// What it would have been.
        exit_code: u8,
    },
    /// More output than a proof holds.
    #[error(
        "expected at most {MAX_PUBLIC_OUTPUT} bytes of public output, found {0}; write less, or write a digest of it"
    )]
    Output(usize),
    /// A table is too high.
    #[error("expected at most {} rows in table {chip}, found {rows}; execute fewer instructions", 1_usize << MAX_LOG_HEIGHT)]
    TooLong {
        /// Which.
        chip: &'static str,
        /// How many.
        rows: usize,
    },
}

/// A program made ready to be proved.
pub struct Machine {
    program: Program,
    profile: &'static Profile,
    commitment: ProgramCommitment,
    id: ProgramId,
    image: Option<Chip>,
    code: Chip,
    bytes: Chip,
}

/// One chip of a batch: what `p3_batch_stark::StarkInstance` borrows.
pub struct Instance {
    /// The AIR.
    pub air: Chip,
    /// Its main trace, values in Montgomery form, one row after the other.
    pub trace: RowMajorMatrix<Val>,
    /// Its public values: the connector's are the statement, the others have none.
    pub public_values: Vec<Val>,
}

/// The traces of an execution: one instance for each chip with a row, in the order of `CHIPS`.
pub struct Witness {
    /// The batch.
    pub instances: Vec<Instance>,
    /// How the program ended.
    pub exit_code: u8,
    /// What it wrote.
    pub public_output: Vec<u8>,
}

impl Witness {
    /// The AIRs, in order.
    pub fn airs(&self) -> Vec<Chip> {
        self.instances.iter().map(|instance| instance.air.clone()).collect()
    }

    /// The mask of present chips, as a receipt carries it.
    pub fn chips(&self) -> u32 {
        self.instances.iter().fold(0, |mask, instance| mask | 1 << instance.air.kind() as u32)
    }

    /// log2 of each trace's rows, in order.
    pub fn log_heights(&self) -> Vec<usize> {
        self.instances.iter().map(|instance| log2_strict_usize(instance.trace.height())).collect()
    }
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

    /// The traces of an execution of this program.
    ///
    /// # Errors
    /// When the execution does not fit the tables, or ended in a way that cannot be proved.
    pub fn instances(&self, segment: &Segment) -> Result<Witness, WitnessError> {
        if segment.halt.trap == Some(TrapKind::NoCode) {
            return Err(WitnessError::NoCode { pc: segment.halt.pc, exit_code: segment.halt.exit_code });
        }
        if segment.public_output.len() > MAX_PUBLIC_OUTPUT {
            return Err(WitnessError::Output(segment.public_output.len()));
        }
        let mut instances = instructions(segment, self.program.initial_break);
        if !segment.public_output.is_empty() {
            let trace = output_trace(segment);
            instances.push((Chip::output(&segment.public_output, trace.height()), trace));
        }
        instances.push((Chip::new(ChipKind::Boundary), boundary_trace(&segment.boundaries)));
        instances.push((Chip::new(ChipKind::Connector), connector_trace(segment.halt.ts)));
        let present = instances.iter().map(|(chip, _)| chip.kind());
        let fixed = [ChipKind::Program, ChipKind::Bytes].into_iter().chain(self.image.iter().map(Chip::kind));
        let chips = present.chain(fixed).fold(0, |mask, kind| mask | 1 << kind as u32);

        let statement = Statement {
            profile: self.profile,
            program_id: &self.id,
            entry: self.program.entry,
            exit_code: segment.halt.exit_code,
            public_output: &segment.public_output,
            chips,
        };
        let public = |kind| if kind == ChipKind::Connector { statement.public_values() } else { Vec::new() };
        let tally = Tally::new(&self.program);
        for (chip, trace) in &instances {
            tally.add(chip, trace, &public(chip.kind()));
        }
        if let Some(image) = &self.image {
            let mut sent = vec![Val::ONE; self.program.image.len()];
            sent.resize(padded(sent.len()), Val::ZERO);
            instances.push((image.clone(), RowMajorMatrix::new_col(sent)));
        }
        instances.push((self.code.clone(), tally.program(padded(self.program.code.len()))));
        instances.push((self.bytes.clone(), tally.bytes()));

        if let Some((chip, trace)) = instances.iter().find(|(_, trace)| trace.height() > 1 << MAX_LOG_HEIGHT) {
            return Err(WitnessError::TooLong { chip: chip.name(), rows: trace.height() });
        }
        let instances = instances
            .into_iter()
            .map(|(air, trace)| Instance { public_values: public(air.kind()), air, trace })
            .collect();
        Ok(Witness { instances, exit_code: segment.halt.exit_code, public_output: segment.public_output.clone() })
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

/// Traces of the chips that hold executed instructions and transfers, without those that have no row.
fn instructions(segment: &Segment, initial_break: u32) -> Vec<(Chip, RowMajorMatrix<Val>)> {
    let mut found = Vec::new();
    macro_rules! family {
        ($kind:ident, $module:ident, $records:expr, $row:expr) => {
            let lists = $records;
            if lists.iter().any(|list| !list.is_empty()) {
                let trace = joined_rows(chips::$module::WIDTH, lists, |record, row| $row(record).write(row));
                found.push((Chip::new(ChipKind::$kind), trace));
            }
        };
    }
    // Fences are additions of nothing to x0.
    family!(Alu, alu, [segment.family(Family::Alu), segment.family(Family::System)], chips::alu::fill);
    family!(Compare, compare, [segment.family(Family::Compare)], chips::compare::fill);
    family!(Shift, shift, [segment.family(Family::Shift)], chips::shift::fill);
    family!(Branch, branch, [segment.family(Family::Branch)], chips::branch::fill);
    family!(Jump, jump, [segment.family(Family::Jump)], chips::jump::fill);
    family!(Load, load, [segment.family(Family::Load)], chips::load::fill);
    family!(Store, store, [segment.family(Family::Store)], chips::store::fill);
    family!(Mul, mul, [segment.family(Family::Mul)], chips::mul::fill);
    family!(Mulh, mulh, [segment.family(Family::Mulh)], chips::mulh::fill);
    family!(Divrem, divrem, [segment.family(Family::Divrem)], chips::divrem::fill);
    family!(System, system, [segment.ecalls.as_slice()], |record| chips::system::fill(record, initial_break));
    family!(Transfer, transfer, [segment.transfers.as_slice()], chips::transfer::fill);
    family!(Trap, trap, [segment.trap.as_slice()], chips::trap::fill);
    found
}

fn output_trace(segment: &Segment) -> RowMajorMatrix<Val> {
    let public: Vec<_> = segment.transfers.iter().filter(|transfer| transfer.fd == 1).collect();
    let next = public.iter().skip(1).map(|transfer| Some(transfer.ts)).chain([None]);
    let pairs: Vec<_> = public.iter().zip(next).collect();
    rows(output::WIDTH, &pairs, |(transfer, next), row| {
        let gap = next.map_or(0, |next| next - transfer.ts - 1);
        let columns = output::Columns {
            byte: transfer.byte.into(),
            real: 1,
            ts: transfer.ts,
            gap_lo: gap & 0xffff,
            gap_hi: gap >> 16,
        };
        columns.write(row);
    })
}

/// Memory first, then registers: the order of their keys.
fn boundary_trace(cells: &[Boundary]) -> RowMajorMatrix<Val> {
    let registers = cells.partition_point(|cell| cell.register);
    let (registers, memory) = cells.split_at(registers);
    let ordered: Vec<_> = memory.iter().chain(registers).collect();
    let next = ordered.iter().skip(1).map(|cell| Some(boundary::key(cell))).chain([None]);
    let pairs: Vec<_> = ordered.iter().zip(next).collect();
    rows(boundary::WIDTH, &pairs, |(cell, next), row| boundary::fill(cell, *next).write(row))
}

fn connector_trace(ts: u32) -> RowMajorMatrix<Val> {
    rows(connector::WIDTH, &[ts], |&ts, row| connector::Columns { first: 1, ts, ts_hi: ts >> 16 }.write(row))
}
