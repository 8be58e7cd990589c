//! Deterministic execution: `run` for the result alone, `execute` for one segment with the records a proof needs.

use std::io::{self, Write};

use crate::interpreter::{Host, interpret};
use crate::isa::Family;
use crate::program::Program;
use crate::record::{Boundary, EcallRecord, Halt, Step, TS_LIMIT, TransferRecord, TrapRecord};
use crate::state::{Plain, Traced};

/// Most instructions in one segment.
pub const MAX_SEGMENT_CYCLES: u64 = 1 << 20;

/// How long an execution may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most instructions executed plus bytes moved by `read` and `write` (so that one instruction cannot write a gigabyte a billion times).
    pub max_cycles: u64,
}

/// Why an execution has no result. A trap of the program is no error: it ends with an exit code.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// `Limits::max_cycles` was reached.
    #[error(
        "the program has not ended after {limit} cycles (at pc {pc:#010x}); raise the cycle limit if it is meant to take longer"
    )]
    CycleLimit {
        /// The limit.
        limit: u64,
        /// Where it stood.
        pc: u32,
    },
    /// A segment is full. `run` has no such limit.
    #[error(
        "the program has not ended after {MAX_SEGMENT_CYCLES} cycles (at pc {pc:#010x}), the most one proof holds; give it less work, or execute it without a proof"
    )]
    SegmentFull {
        /// Where it stood.
        pc: u32,
    },
    /// Timestamps of a segment are used up: too many bytes were read and written.
    #[error(
        "expected all timestamps below {TS_LIMIT}, reached {ts} at pc {pc:#010x}: 4 per instruction and per byte read or written; read or write less, or execute it without a proof"
    )]
    TimeLimit {
        /// The first timestamp that does not fit.
        ts: u64,
        /// Where it stood.
        pc: u32,
    },
    /// The public output or the log could not be written.
    #[error("the program's output could not be written: {0}")]
    Output(#[from] io::Error),
}

/// The outcome of `run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended. `ts` is zero: `run` keeps no time.
    pub halt: Halt,
    /// Instructions executed, the one that ended it included.
    pub cycles: u64,
    /// Bytes of public output.
    pub output_bytes: u64,
    /// Bytes of input that were read.
    pub input_bytes: u64,
}

/// A recorded execution: everything that becomes trace rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Executed instructions, one list per `Family`, each in order of execution. `System` holds the fences, `Trap` is empty: `ecall`s are
    /// in `ecalls`, the instruction that trapped in `trap`.
    pub steps: [Vec<Step>; Family::COUNT],
    /// All `ecall`s, in order.
    pub ecalls: Vec<EcallRecord>,
    /// All bytes moved, in order.
    pub transfers: Vec<TransferRecord>,
    /// The instruction that trapped, if that is how it ended.
    pub trap: Option<TrapRecord>,
    /// First and last state of every register that was accessed, by number, then of every memory word that is in the image or was
    /// accessed, by address.
    pub boundaries: Vec<Boundary>,
    /// How it ended.
    pub halt: Halt,
    /// Instructions executed, the one that ended it included (a fetch from where there is no code executes nothing).
    pub cycles: u64,
    /// What the program wrote to descriptor 1.
    pub public_output: Vec<u8>,
    /// What the program wrote to descriptor 2.
    pub log: Vec<u8>,
}

impl Segment {
    /// The executed instructions of one family.
    pub fn family(&self, family: Family) -> &[Step] {
        &self.steps[family as usize]
    }
}

/// Executes a program and records everything, as one segment.
///
/// # Errors
/// When the program does not end within the limits, [`MAX_SEGMENT_CYCLES`] and the timestamps of one segment.
pub fn execute(program: &Program, input: &[u8], limits: &Limits) -> Result<Segment, ExecuteError> {
    let mut state = Traced::new(program);
    let (mut public_output, mut log) = (Vec::new(), Vec::new());
    let run = interpret(program, &mut state, Host::new(input, &mut public_output, &mut log), limits)?;
    Ok(state.finish(program, run.halt, run.cycles, public_output, log))
}

/// Executes a program without records, however long it takes; `output` gets what it writes to descriptor 1 and `log` what it writes to
/// descriptor 2, as it happens.
///
/// # Errors
/// When the program does not end within the limits, or a writer fails.
pub fn run(
    program: &Program,
    input: &[u8],
    limits: &Limits,
    output: &mut dyn Write,
    log: &mut dyn Write,
) -> Result<Run, ExecuteError> {
    let mut run = interpret(program, &mut Plain::new(program), Host::new(input, output, log), limits)?;
    run.halt.ts = 0;
    Ok(run)
}
