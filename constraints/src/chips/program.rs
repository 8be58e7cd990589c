//! The program: a preprocessed row for each executable word, normalised so that the chips need not compute what is constant, with the
//! number of times it was executed. Rows after the last repeat it, with multiplicity zero.

use galena_vm::isa::{Decoded, Opcode};
use galena_vm::record::ADDRESS_LIMIT;

use crate::bus::{Builder, PROGRAM};
use crate::columns::columns;

columns! {
    /// Times executed.
    count,
}

/// Preprocessed columns: the tuple of the program bus.
pub(crate) const PREPROCESSED: usize = 7;

/// Added to the opcode when the second operand is the immediate.
pub(crate) const IMMEDIATE: u32 = 64;
/// Added to the opcode when rd is not x0.
pub(crate) const WRITES: u32 = 128;
/// Added to the opcode when the first operand is nothing, and not read.
pub(crate) const CONSTANT: u32 = 256;

/// Half a jump target that no pc equals: 2^30, the first address that cannot hold code.
const NOWHERE: u32 = ADDRESS_LIMIT;

/// A decoded instruction as the program bus carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Normal {
    /// The register form: `addi` is `add`, `jal` is `jalr` with a constant target, `lui`, `auipc` and `fence` are `add` of a constant.
    pub(crate) opcode: Opcode,
    pub(crate) immediate: bool,
    pub(crate) writes: bool,
    pub(crate) constant: bool,
    pub(crate) rd: u32,
    pub(crate) rs1: u32,
    pub(crate) rs2: u32,
    /// The immediate; for branches and `jal` the target.
    pub(crate) imm: u32,
}

impl Normal {
    /// The tuple of the program bus.
    pub(crate) fn tuple(&self, pc: u32) -> [u32; PREPROCESSED] {
        let op = self.opcode as u32
            + if self.immediate { IMMEDIATE } else { 0 }
            + if self.writes { WRITES } else { 0 }
            + if self.constant { CONSTANT } else { 0 };
        [pc, op, self.rd, self.rs1, self.rs2, self.imm & 0xffff, self.imm >> 16]
    }
}

/// Normalises the instruction at `pc`.
pub(crate) fn normal(pc: u32, d: &Decoded) -> Normal {
    use Opcode::*;
    let (opcode, immediate, constant, imm) = match d.opcode {
        Addi => (Add, true, false, d.imm),
        Xori => (Xor, true, false, d.imm),
        Ori => (Or, true, false, d.imm),
        Andi => (And, true, false, d.imm),
        Slli => (Sll, true, false, d.imm),
        Srli => (Srl, true, false, d.imm),
        Srai => (Sra, true, false, d.imm),
        Slti => (Slt, true, false, d.imm),
        Sltiu => (Sltu, true, false, d.imm),
        Lui => (Add, true, true, d.imm),
        Auipc => (Add, true, true, pc.wrapping_add(d.imm)),
        Fence => (Add, true, true, 0),
        Jal => (Jalr, false, true, target(pc.wrapping_add(d.imm))),
        Beq | Bne | Blt | Bge | Bltu | Bgeu => (d.opcode, false, false, target(pc.wrapping_add(d.imm))),
        _ => (d.opcode, false, false, d.imm),
    };
    let (rd, rs1, rs2) = match d.opcode {
        Fence | Illegal | Ebreak | Ecall => (0, 0, 0),
        Lui | Auipc | Jal => (d.rd, 0, 0),
        Beq | Bne | Blt | Bge | Bltu | Bgeu | Sb | Sh | Sw => (0, d.rs1, d.rs2),
        Add | Sub | Xor | Or | And | Sll | Srl | Sra | Slt | Sltu | Mul | Mulh | Mulhsu | Mulhu | Div | Divu | Rem
        | Remu => (d.rd, d.rs1, d.rs2),
        _ => (d.rd, d.rs1, 0),
    };
    Normal { opcode, immediate, writes: rd != 0, constant, rd: rd.into(), rs1: rs1.into(), rs2: rs2.into(), imm }
}

/// A constant jump target such that, as a field element, it equals a pc only if it is that pc. A misaligned target traps whatever its
/// upper bits, so they are dropped; an aligned one at or above `ADDRESS_LIMIT` holds no code.
fn target(address: u32) -> u32 {
    if !address.is_multiple_of(4) {
        address % ADDRESS_LIMIT
    } else if address >= ADDRESS_LIMIT {
        NOWHERE
    } else {
        address
    }
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, fixed: &[AB::Var]) {
    PROGRAM.table_entry(b, fixed.iter().copied(), c.count);
}
