//! What execution leaves behind: plain-integer records, one list per chip, that the chips' fillers turn into trace rows.
//!
//! Time. Every instruction owns a window of timestamps that starts at its `ts`; register and memory accesses happen at fixed
//! offsets in it (below). A window is 4 long, 8 for `ecall`; byte transfers of `read` and `write` take 4 per byte after it.
//! The first instruction has `ts` = `FIRST_TS`; initial memory has timestamp 0.

use crate::isa::Decoded;

/// Timestamp of the first instruction.
pub const FIRST_TS: u32 = 4;
/// Every timestamp of a segment is below this, so that a difference of two is a 24-bit number.
pub const TS_LIMIT: u32 = 1 << 24;
/// Length of the window of an ordinary instruction.
pub const TS_STEP: u32 = 4;
/// Length of the window of an `ecall`.
pub const TS_STEP_ECALL: u32 = 8;
/// Offset of the read of rs1, of rs2, of the memory access, and of the write of rd in an instruction's window.
pub const SLOT_RS1: u32 = 0;
#[allow(missing_docs)]
pub const SLOT_RS2: u32 = 1;
#[allow(missing_docs)]
pub const SLOT_MEM: u32 = 2;
#[allow(missing_docs)]
pub const SLOT_RD: u32 = 3;

/// One access to a register or to a memory word: what was there, since when, and what is there now (equal for a read).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Word-aligned byte address, or register number.
    pub addr: u32,
    /// Value before.
    pub prev: u32,
    /// Timestamp of the access before.
    pub prev_ts: u32,
    /// Value after.
    pub value: u32,
}

/// One executed instruction. Accesses that an instruction does not make are zero. An instruction with rd = x0 makes no rd access.
/// Reads of x0 are real accesses (value 0). Immediate forms make no rs2 access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Address of the instruction.
    pub pc: u32,
    /// Start of its window.
    pub ts: u32,
    /// The instruction.
    pub decoded: Decoded,
    /// Read of rs1 at `ts + SLOT_RS1`.
    pub rs1: Access,
    /// Read of rs2 at `ts + SLOT_RS2`.
    pub rs2: Access,
    /// Memory word of a load or store at `ts + SLOT_MEM`.
    pub mem: Access,
    /// Write of rd at `ts + SLOT_RD`.
    pub rd: Access,
    /// Address of the next instruction.
    pub next_pc: u32,
}

/// What an `ecall` asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// 93 (and 94): end with the low byte of a0.
    Exit,
    /// 63: up to a2 bytes of input to address a1, when a0 is descriptor 0. a0 becomes the number of bytes.
    Read,
    /// 64: a2 bytes from address a1 to the public output (a0 = 1) or the log (a0 = 2). a0 becomes a2.
    Write,
    /// 214: a0 = 0 asks for the initial break (the end of the image, which the program bus carries as the `imm` of every `ecall`); any other
    /// a0 is returned as it is: all memory below `ADDRESS_LIMIT` is always there.
    Brk,
    /// Any other number, and `read` or `write` with another descriptor: a0 becomes -38 (ENOSYS) or -9 (EBADF).
    Unknown,
    /// `read` or `write` with a good descriptor and a1 + a2 > `ADDRESS_LIMIT` (as integers, the length not clipped to what is left of the
    /// input): nothing is moved, a0 becomes -14 (EFAULT), as Linux does.
    Fault,
}

/// One `ecall`. Registers are read at `ts` + 0 (a7), + 1 (a0), + 2 (a1), + 3 (a2); a0 is written at `ts` + 4 (not by `Exit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcallRecord {
    /// Address of the `ecall`.
    pub pc: u32,
    /// Start of its window.
    pub ts: u32,
    /// What was asked for.
    pub call: Call,
    /// a7, the call number.
    pub a7: Access,
    /// a0, first argument.
    pub a0: Access,
    /// a1, address.
    pub a1: Access,
    /// a2, length.
    pub a2: Access,
    /// The write of the result to a0.
    pub result: Access,
}

/// One byte moved by `read` or `write`. Byte k of a transfer has `ts` = ts of the ecall + 8 + 4k and makes one access to the memory word that
/// holds it, at that `ts`. Control returns to pc + 4 at ts of the ecall + 8 + 4 * (bytes moved).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferRecord {
    /// `Call::Read` or `Call::Write`.
    pub call: Call,
    /// Descriptor: 0 input, 1 public output, 2 log.
    pub fd: u8,
    /// Timestamp.
    pub ts: u32,
    /// Byte address.
    pub addr: u32,
    /// Bytes left, this one included (>= 1).
    pub remaining: u32,
    /// The byte.
    pub byte: u8,
    /// Address control returns to.
    pub next_pc: u32,
    /// The access to the word that holds the byte.
    pub mem: Access,
}

/// Why a program was stopped. The exit code is 128 + the number of the signal that Linux would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapKind {
    /// Not an RV32IM instruction: 132.
    Illegal,
    /// `ebreak`: 133.
    Breakpoint,
    /// Load or store of 2 or 4 bytes at an address that is not a multiple of it, whatever the address: 135.
    MisalignedAccess,
    /// Jump or taken branch to an address that is not a multiple of 4: 135.
    MisalignedJump,
    /// Load or store at or above `ADDRESS_LIMIT`, and not misaligned (that comes first): 139.
    OutOfRange,
    /// Fetch from an address that holds no code: 139. Executed and reported; proving it is refused (non-membership is not proved yet).
    NoCode,
}

impl TrapKind {
    /// Exit code of a program stopped for this reason: 128 + the signal that Linux would send.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Illegal => 132,
            Self::Breakpoint => 133,
            Self::MisalignedAccess | Self::MisalignedJump => 135,
            Self::OutOfRange | Self::NoCode => 139,
        }
    }
}

/// First byte address above the field-safe address space (2^30; p is just under 2^31).
pub const ADDRESS_LIMIT: u32 = 1 << 30;

/// The instruction that trapped. `Step` holds the accesses made before the trap was known: rs1 and, for stores and branches, rs2. No memory access, no rd.
/// `next_pc` is the refused target of a misaligned jump, otherwise the pc of the instruction itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrapRecord {
    /// Why.
    pub kind: TrapKind,
    /// What was executed. For `NoCode` only `pc` and `ts` mean anything.
    pub step: Step,
}

/// How a segment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Exit code, 0 to 255.
    pub exit_code: u8,
    /// Timestamp at which the halting instruction began.
    pub ts: u32,
    /// pc of the halting instruction.
    pub pc: u32,
    /// Set when it was a trap.
    pub trap: Option<TrapKind>,
}

/// First and last state of one memory word or register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// True for a register, whose `addr` is its number; false for memory, whose `addr` is a word-aligned byte address.
    pub register: bool,
    /// Address.
    pub addr: u32,
    /// Value in the loaded image, 0 outside it.
    pub initial: u32,
    /// Value at the end.
    pub last: u32,
    /// Timestamp of the last access, 0 if there was none.
    pub last_ts: u32,
}
