//! The traces of an execution, one for each chip that has a row.

use galena_vm::Segment;
use galena_vm::isa::Family;
use galena_vm::record::{Boundary, TrapKind};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_util::log2_strict_usize;

use crate::chips::{self, Chip, ChipKind, boundary, connector, mask, output};
use crate::config::Val;
use crate::fill::{heights, joined_rows, one_height, padded, rows};
use crate::machine::{MAX_LOG_HEIGHT, Machine};
use crate::statement::{MAX_PUBLIC_OUTPUT, Statement};
use crate::tally::Tally;

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

/// One chip of a batch: what `p3_batch_stark::StarkInstance` borrows.
#[derive(Clone)]
pub struct Instance {
    /// The AIR.
    pub air: Chip,
    /// Its main trace, values in Montgomery form, one row after the other.
    pub trace: RowMajorMatrix<Val>,
    /// Its public values: the connector's are the statement, the others have none.
    pub public_values: Vec<Val>,
}

/// The traces of an execution: one or two instances for each chip with a row, in the order of `CHIPS`.
#[derive(Clone)]
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

    /// The batch as a receipt carries it; see `Receipt::chips`.
    pub fn chips(&self) -> u32 {
        mask(self.instances.iter().map(|instance| instance.air.kind()))
    }

    /// log2 of each trace's rows, in order.
    pub fn log_heights(&self) -> Vec<usize> {
        self.instances.iter().map(|instance| log2_strict_usize(instance.trace.height())).collect()
    }
}

impl Machine {
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
        let fixed = [&self.code, &self.bytes].into_iter().chain(&self.image).map(Chip::kind);

        let statement = Statement {
            profile: self.profile(),
            program_id: self.program_id(),
            entry: self.program.entry,
            exit_code: segment.halt.exit_code,
            public_output: &segment.public_output,
            chips: mask(present.chain(fixed)),
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

/// Traces of the chips that hold executed instructions and transfers, without those that have no row.
fn instructions(segment: &Segment, initial_break: u32) -> Vec<(Chip, RowMajorMatrix<Val>)> {
    let mut found = Vec::new();
    macro_rules! family {
        ($kind:ident, $module:ident, $records:expr, $row:expr) => {
            let lists = $records;
            let total = lists.iter().map(|list| list.len()).sum();
            let heights = if ChipKind::$kind.splits() { heights(total) } else { one_height(total) };
            let traces = joined_rows(chips::$module::WIDTH, heights, lists, |record, row| $row(record).write(row));
            found.extend(traces.into_iter().map(|trace| (Chip::new(ChipKind::$kind), trace)));
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
