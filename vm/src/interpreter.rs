//! The interpreter: one instruction at a time over a `State`, in the access order and timestamps of `record.rs`.

use std::io::Write;

use crate::ecall::{self, Outcome};
use crate::execute::{ExecuteError, Limits, MAX_SEGMENT_CYCLES, Run};
use crate::isa::{Decoded, Opcode};
use crate::program::Program;
use crate::record::{
    ADDRESS_LIMIT, Access, FIRST_TS, Halt, SLOT_MEM, SLOT_RD, SLOT_RS1, SLOT_RS2, Step, TS_LIMIT, TS_STEP,
    TS_STEP_ECALL, TrapKind, TrapRecord,
};
use crate::semantics::{arithmetic, extend, insert, taken};
use crate::state::State;

/// What the program sees of the world.
pub(crate) struct Host<'a> {
    /// Input not read yet.
    pub(crate) input: &'a [u8],
    pub(crate) output: &'a mut dyn Write,
    pub(crate) log: &'a mut dyn Write,
    /// Bytes moved by `read`, and by `write` to each descriptor.
    pub(crate) input_bytes: u64,
    pub(crate) output_bytes: u64,
    pub(crate) log_bytes: u64,
}

impl<'a> Host<'a> {
    pub(crate) fn new(input: &'a [u8], output: &'a mut dyn Write, log: &'a mut dyn Write) -> Self {
        Self { input, output, log, input_bytes: 0, output_bytes: 0, log_bytes: 0 }
    }
}

/// Executes from the entry to the end.
pub(crate) fn interpret<S: State>(
    program: &Program,
    state: &mut S,
    mut host: Host<'_>,
    limits: &Limits,
) -> Result<Run, ExecuteError> {
    let code = program.code.as_slice();
    let (mut pc, mut ts, mut index, mut cycles) = (program.entry, FIRST_TS, 0, 0_u64);
    let budget = if S::RECORDS { limits.max_cycles.min(MAX_SEGMENT_CYCLES) } else { limits.max_cycles };
    // The cycle after which there is no more budget, given the bytes moved so far.
    let mut last_cycle = budget;
    let (exit_code, trap) = loop {
        if code.get(index).is_none_or(|code| code.pc != pc) {
            match program.index_of(pc) {
                Some(found) => index = found,
                None => {
                    let step = Step { next_pc: pc, ..start(pc, ts, Decoded::ILLEGAL) };
                    break stop(state, TrapKind::NoCode, step);
                }
            }
        }
        if cycles >= last_cycle {
            return Err(out_of_cycles::<S>(cycles, limits, pc));
        }
        if S::RECORDS && ts > TS_LIMIT - TS_STEP_ECALL {
            return Err(ExecuteError::TimeLimit { ts: u64::from(ts) + u64::from(TS_STEP_ECALL), pc });
        }
        cycles += 1;
        let decoded = code[index].decoded;
        let next_pc = if decoded.opcode == Opcode::Ecall {
            let allowed = last_cycle_of_bytes(limits, &host).saturating_sub(cycles);
            match ecall::call(state, &mut host, (pc, ts), decoded.imm, (limits, allowed))? {
                Outcome::Continue { next_ts } if S::RECORDS => ts = next_ts,
                Outcome::Continue { .. } => {}
                Outcome::Exit(code) => break (code, None),
            }
            last_cycle = budget.min(last_cycle_of_bytes(limits, &host));
            pc.wrapping_add(4)
        } else {
            let mut step = start(pc, ts, decoded);
            match instruction(state, &mut step) {
                Ok(()) => state.step(decoded.opcode.family(), &step),
                Err(kind) => break stop(state, kind, step),
            }
            if S::RECORDS {
                ts += TS_STEP;
            }
            step.next_pc
        };
        // A guess that holds within one stretch of code, and is checked before it is used.
        index = index.wrapping_add(((next_pc.wrapping_sub(pc) as i32) >> 2) as usize);
        pc = next_pc;
    };
    let halt = Halt { exit_code, ts, pc, trap };
    Ok(Run { halt, cycles, output_bytes: host.output_bytes, input_bytes: host.input_bytes })
}

/// Cycles that the limit leaves for instructions, after the bytes moved so far.
fn last_cycle_of_bytes(limits: &Limits, host: &Host<'_>) -> u64 {
    limits.max_cycles.saturating_sub(host.input_bytes + host.output_bytes + host.log_bytes)
}

fn start(pc: u32, ts: u32, decoded: Decoded) -> Step {
    let none = Access::default();
    Step { pc, ts, decoded, rs1: none, rs2: none, mem: none, rd: none, next_pc: pc.wrapping_add(4) }
}

#[cold]
fn stop<S: State>(state: &mut S, kind: TrapKind, mut step: Step) -> (u8, Option<TrapKind>) {
    if kind != TrapKind::MisalignedJump {
        step.next_pc = step.pc;
    }
    state.trap(&TrapRecord { kind, step });
    (kind.exit_code(), Some(kind))
}

#[cold]
fn out_of_cycles<S: State>(cycles: u64, limits: &Limits, pc: u32) -> ExecuteError {
    if S::RECORDS && cycles >= MAX_SEGMENT_CYCLES {
        return ExecuteError::SegmentFull { pc };
    }
    ExecuteError::CycleLimit { limit: limits.max_cycles, pc }
}

/// Executes anything but an `ecall`: makes its accesses and fills them, and `next_pc`, into the step.
#[inline(always)]
fn instruction<S: State>(state: &mut S, step: &mut Step) -> Result<(), TrapKind> {
    use Opcode::*;
    let Decoded { opcode, rd, rs1, rs2, imm } = step.decoded;
    let (pc, ts) = (step.pc, step.ts);
    let value = match opcode {
        Add | Sub | Xor | Or | And | Sll | Srl | Sra | Slt | Sltu | Mul | Mulh | Mulhsu | Mulhu | Div | Divu | Rem
        | Remu => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            step.rs2 = state.read_register(rs2, ts + SLOT_RS2);
            arithmetic(opcode, step.rs1.value, step.rs2.value)
        }
        Addi | Xori | Ori | Andi | Slli | Srli | Srai | Slti | Sltiu => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            arithmetic(opcode, step.rs1.value, imm)
        }
        Lui => imm,
        Auipc => pc.wrapping_add(imm),
        Lb | Lh | Lw | Lbu | Lhu => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            let addr = step.rs1.value.wrapping_add(imm);
            check_address(opcode, addr)?;
            step.mem = state.read_word(addr, ts + SLOT_MEM);
            extend(opcode, step.mem.value >> (8 * (addr & 3)))
        }
        Sb | Sh | Sw => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            step.rs2 = state.read_register(rs2, ts + SLOT_RS2);
            let addr = step.rs1.value.wrapping_add(imm);
            check_address(opcode, addr)?;
            let value = step.rs2.value;
            step.mem = state.update_word(addr, ts + SLOT_MEM, |old| insert(opcode, old, value, addr));
            return Ok(());
        }
        Beq | Bne | Blt | Bge | Bltu | Bgeu => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            step.rs2 = state.read_register(rs2, ts + SLOT_RS2);
            if taken(opcode, step.rs1.value, step.rs2.value) {
                return jump(step, pc.wrapping_add(imm));
            }
            return Ok(());
        }
        Jal => {
            jump(step, pc.wrapping_add(imm))?;
            pc.wrapping_add(4)
        }
        Jalr => {
            step.rs1 = state.read_register(rs1, ts + SLOT_RS1);
            jump(step, step.rs1.value.wrapping_add(imm) & !1)?;
            pc.wrapping_add(4)
        }
        Fence => return Ok(()),
        Ebreak => return Err(TrapKind::Breakpoint),
        Ecall | Illegal => return Err(TrapKind::Illegal),
    };
    if rd != 0 {
        step.rd = state.write_register(rd, value, ts + SLOT_RD);
    }
    Ok(())
}

#[inline(always)]
fn jump(step: &mut Step, target: u32) -> Result<(), TrapKind> {
    step.next_pc = target;
    if target & 3 == 0 { Ok(()) } else { Err(TrapKind::MisalignedJump) }
}

#[inline(always)]
fn check_address(opcode: Opcode, addr: u32) -> Result<(), TrapKind> {
    use Opcode::*;
    let size = match opcode {
        Lw | Sw => 4,
        Lh | Lhu | Sh => 2,
        _ => 1,
    };
    if addr & (size - 1) != 0 {
        return Err(TrapKind::MisalignedAccess);
    }
    if addr >= ADDRESS_LIMIT { Err(TrapKind::OutOfRange) } else { Ok(()) }
}
