//! A small assembler: builds programs, and the ELF files that hold them, from instructions with labels. For tests and experiments.
//!
//! ```
//! use galena_vm::{assembler::{Assembler, register::*}, execute, isa::Opcode, Limits};
//!
//! let program = Assembler::new(0x1_0000)
//!     .li(A0, 5)
//!     .li(A1, 1)
//!     .label("loop")
//!     .op(Opcode::Mul, A1, A1, A0)
//!     .op_imm(Opcode::Addi, A0, A0, -1)
//!     .branch(Opcode::Bne, A0, ZERO, "loop")
//!     .op(Opcode::Add, A0, A1, ZERO)
//!     .li(A7, 93)
//!     .ecall()
//!     .program()?;
//! let segment = execute(&program, b"", &Limits { max_cycles: 100 })?;
//! assert_eq!(segment.halt.exit_code, 120);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use crate::decode::encode;
use crate::elf::ElfError;
use crate::isa::{Decoded, Opcode};
use crate::program::Program;

/// Register numbers by their names in the calling convention.
#[allow(missing_docs)]
#[rustfmt::skip]
pub mod register {
    pub const ZERO: u8 = 0; pub const RA: u8 = 1; pub const SP: u8 = 2; pub const GP: u8 = 3; pub const TP: u8 = 4;
    pub const T0: u8 = 5; pub const T1: u8 = 6; pub const T2: u8 = 7; pub const S0: u8 = 8; pub const S1: u8 = 9;
    pub const A0: u8 = 10; pub const A1: u8 = 11; pub const A2: u8 = 12; pub const A3: u8 = 13;
    pub const A4: u8 = 14; pub const A5: u8 = 15; pub const A6: u8 = 16; pub const A7: u8 = 17;
    pub const S2: u8 = 18; pub const S3: u8 = 19; pub const S4: u8 = 20; pub const S5: u8 = 21; pub const S6: u8 = 22;
    pub const S7: u8 = 23; pub const S8: u8 = 24; pub const S9: u8 = 25; pub const S10: u8 = 26; pub const S11: u8 = 27;
    pub const T3: u8 = 28; pub const T4: u8 = 29; pub const T5: u8 = 30; pub const T6: u8 = 31;
}

/// Why a program could not be assembled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// A label is used but nowhere defined.
    #[error("expected a label named \"{label}\", found none")]
    UnknownLabel {
        /// Its name.
        label: String,
    },
    /// A label is defined twice.
    #[error("expected one label named \"{label}\", found a second one at {addr:#010x}")]
    DuplicateLabel {
        /// Its name.
        label: String,
        /// Address of the second.
        addr: u32,
    },
    /// An operand does not fit the instruction.
    #[error(
        "expected operands that fit the instruction at {addr:#010x}, found {decoded:?}; use li and op, or a nearer label"
    )]
    Operand {
        /// Address of the instruction.
        addr: u32,
        /// The instruction.
        decoded: Decoded,
    },
    /// The segments do not make a program.
    #[error(transparent)]
    Elf(#[from] ElfError),
}

enum Item {
    Instruction(Decoded),
    Word(u32),
    /// A branch or jump whose immediate is the distance to a label.
    To(Decoded, String),
    /// `lui` or the `addi` after it: the upper or lower part of a label's address.
    Upper(Decoded, String),
    Lower(Decoded, String),
}

/// A program under construction. Every method appends and returns the assembler; mistakes are reported at the end.
pub struct Assembler {
    base: u32,
    items: Vec<Item>,
    labels: BTreeMap<String, u32>,
    duplicate: Option<(String, u32)>,
    data: Vec<(u32, Vec<u8>)>,
}

impl Assembler {
    /// Code from byte address `base`, a multiple of 4, which is also the entry.
    pub fn new(base: u32) -> Self {
        Self { base, items: Vec::new(), labels: BTreeMap::new(), duplicate: None, data: Vec::new() }
    }

    /// Address of the next instruction.
    pub fn here(&self) -> u32 {
        self.base.wrapping_add(4 * self.items.len() as u32)
    }

    fn push(&mut self, item: Item) -> &mut Self {
        self.items.push(item);
        self
    }

    /// Names the next instruction.
    pub fn label(&mut self, name: impl Into<String>) -> &mut Self {
        let (name, addr) = (name.into(), self.here());
        if self.labels.insert(name.clone(), addr).is_some() {
            self.duplicate.get_or_insert((name, addr));
        }
        self
    }

    /// Any instruction, its immediate as the program bus has it.
    pub fn instruction(&mut self, decoded: Decoded) -> &mut Self {
        self.push(Item::Instruction(decoded))
    }

    /// Any word: data in code, or an instruction that does not exist. The loader refuses words that are compressed, atomic or floating-point
    /// code (0 and 0xffff_ffff are fine).
    pub fn word(&mut self, word: u32) -> &mut Self {
        self.push(Item::Word(word))
    }

    /// `add rd, rs1, rs2` and the other instructions on three registers.
    pub fn op(&mut self, opcode: Opcode, rd: u8, rs1: u8, rs2: u8) -> &mut Self {
        self.instruction(Decoded { opcode, rd, rs1, rs2, imm: 0 })
    }

    /// `addi rd, rs1, imm` and the other instructions with an immediate: shifts, `jalr`, and loads (`imm` is the offset).
    pub fn op_imm(&mut self, opcode: Opcode, rd: u8, rs1: u8, imm: i32) -> &mut Self {
        self.instruction(Decoded { opcode, rd, rs1, rs2: 0, imm: imm as u32 })
    }

    /// `sw rs2, offset(rs1)` and the other stores.
    pub fn store(&mut self, opcode: Opcode, rs2: u8, offset: i32, rs1: u8) -> &mut Self {
        self.instruction(Decoded { opcode, rd: 0, rs1, rs2, imm: offset as u32 })
    }

    /// `lui` or `auipc`; `imm` is the value added, its low 12 bits zero.
    pub fn upper(&mut self, opcode: Opcode, rd: u8, imm: u32) -> &mut Self {
        self.instruction(Decoded { opcode, rd, rs1: 0, rs2: 0, imm })
    }

    /// `beq rs1, rs2, label` and the other branches.
    pub fn branch(&mut self, opcode: Opcode, rs1: u8, rs2: u8, label: impl Into<String>) -> &mut Self {
        self.push(Item::To(Decoded { opcode, rd: 0, rs1, rs2, imm: 0 }, label.into()))
    }

    /// `jal rd, label`.
    pub fn jal(&mut self, rd: u8, label: impl Into<String>) -> &mut Self {
        self.push(Item::To(Decoded { opcode: Opcode::Jal, rd, rs1: 0, rs2: 0, imm: 0 }, label.into()))
    }

    /// Loads a constant, in one or two instructions.
    pub fn li(&mut self, rd: u8, value: u32) -> &mut Self {
        let (upper, lower) = split(value);
        if upper == 0 {
            return self.op_imm(Opcode::Addi, rd, register::ZERO, lower);
        }
        self.upper(Opcode::Lui, rd, upper);
        if lower == 0 { self } else { self.op_imm(Opcode::Addi, rd, rd, lower) }
    }

    /// Loads the address of a label, in two instructions.
    pub fn la(&mut self, rd: u8, label: impl Into<String>) -> &mut Self {
        let label = label.into();
        let blank = Decoded { rd, ..Decoded::ILLEGAL };
        self.push(Item::Upper(Decoded { opcode: Opcode::Lui, ..blank }, label.clone()));
        self.push(Item::Lower(Decoded { opcode: Opcode::Addi, rs1: rd, ..blank }, label))
    }

    /// `ecall`.
    pub fn ecall(&mut self) -> &mut Self {
        self.instruction(Decoded { opcode: Opcode::Ecall, ..Decoded::ILLEGAL })
    }

    /// `ebreak`.
    pub fn ebreak(&mut self) -> &mut Self {
        self.instruction(Decoded { opcode: Opcode::Ebreak, ..Decoded::ILLEGAL })
    }

    /// `fence`.
    pub fn fence(&mut self) -> &mut Self {
        self.instruction(Decoded { opcode: Opcode::Fence, ..Decoded::ILLEGAL })
    }

    /// Ends the program with `code`: sets a0 and a7.
    pub fn exit(&mut self, code: u8) -> &mut Self {
        self.li(register::A0, u32::from(code)).li(register::A7, 93).ecall()
    }

    /// Bytes loaded at `addr`, in a segment of their own, readable and writable.
    pub fn data(&mut self, addr: u32, bytes: &[u8]) -> &mut Self {
        self.data.push((addr, bytes.to_vec()));
        self
    }

    /// The instruction words.
    ///
    /// # Errors
    /// For labels that are missing or defined twice, and operands that do not fit.
    pub fn words(&self) -> Result<Vec<u32>, AssembleError> {
        if let Some((label, addr)) = self.duplicate.clone() {
            return Err(AssembleError::DuplicateLabel { label, addr });
        }
        let resolve = |label: &String| {
            self.labels.get(label).copied().ok_or_else(|| AssembleError::UnknownLabel { label: label.clone() })
        };
        let word = |(index, item): (u32, &Item)| {
            let addr = self.base.wrapping_add(4 * index);
            let decoded = match item {
                Item::Word(word) => return Ok(*word),
                Item::Instruction(decoded) => *decoded,
                Item::To(decoded, label) => Decoded { imm: resolve(label)?.wrapping_sub(addr), ..*decoded },
                Item::Upper(decoded, label) => Decoded { imm: split(resolve(label)?).0, ..*decoded },
                Item::Lower(decoded, label) => Decoded { imm: split(resolve(label)?).1 as u32, ..*decoded },
            };
            encode(&decoded).ok_or(AssembleError::Operand { addr, decoded })
        };
        (0..).zip(&self.items).map(word).collect()
    }

    /// An ELF executable with the code in one segment and each `data` in another.
    ///
    /// # Errors
    /// As [`Assembler::words`].
    pub fn elf(&self) -> Result<Vec<u8>, AssembleError> {
        let code: Vec<u8> = self.words()?.into_iter().flat_map(u32::to_le_bytes).collect();
        let mut segments = vec![(self.base, 5, code)];
        segments.extend(self.data.iter().map(|(addr, bytes)| (*addr, 6, bytes.clone())));
        Ok(write_elf(self.base, &segments))
    }

    /// The program, as loaded from [`Assembler::elf`].
    ///
    /// # Errors
    /// As [`Assembler::words`], and when a segment is out of range or overlaps another.
    pub fn program(&self) -> Result<Program, AssembleError> {
        Ok(Program::from_elf(&self.elf()?)?)
    }
}

/// What `lui` loads and what `addi` then adds.
fn split(value: u32) -> (u32, i32) {
    let lower = (value << 20) as i32 >> 20;
    (value.wrapping_sub(lower as u32), lower)
}

/// Linux maps a segment only where its address and its file offset are equal modulo the page.
const PAGE: u32 = 4096;

/// An ELF32 RISC-V executable of segments (address, flags, bytes), without sections. What Linux wants is kept, so that other emulators
/// run it too.
fn write_elf(entry: u32, segments: &[(u32, u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let half = |file: &mut Vec<u8>, value: u16| file.extend(value.to_le_bytes());
    let word = |file: &mut Vec<u8>, value: u32| file.extend(value.to_le_bytes());
    half(&mut file, 2); // executable
    half(&mut file, 243); // RISC-V
    for value in [1, entry, 52, 0, 0] {
        word(&mut file, value); // version, entry, program headers, section headers, flags
    }
    for value in [52, 32, segments.len() as u16, 40, 0, 0] {
        half(&mut file, value); // sizes and counts of headers
    }
    let mut end = 52 + 32 * segments.len() as u32;
    let mut offsets = Vec::new();
    for (addr, flags, bytes) in segments {
        let (offset, size) = (end + (addr.wrapping_sub(end) & (PAGE - 1)), bytes.len() as u32);
        for value in [1, offset, *addr, *addr, size, size, *flags, PAGE] {
            word(&mut file, value);
        }
        offsets.push(offset as usize);
        end = offset + size;
    }
    for ((_, _, bytes), offset) in segments.iter().zip(offsets) {
        file.resize(offset, 0);
        file.extend(bytes);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::{register::*, *};
    use crate::decode::decode;

    #[test]
    fn constants_of_every_shape() {
        for value in [
            0,
            1,
            0x7ff,
            0x800,
            0xfff,
            0x1000,
            0x7fff_ffff,
            0x7fff_f800,
            0x8000_0000,
            0xffff_f7ff,
            0xffff_f800,
            u32::MAX,
        ] {
            let words = Assembler::new(0).li(A0, value).words().expect("assembles");
            let loaded = words.iter().map(|&word| decode(word).imm).fold(0, u32::wrapping_add);
            assert_eq!(loaded, value, "{value:#x}");
            assert!(words.len() <= 2);
        }
    }

    #[test]
    fn labels_in_both_directions() {
        let mut asm = Assembler::new(0x1000);
        asm.label("top").branch(Opcode::Beq, A0, A1, "end").jal(ZERO, "top").la(A2, "end").label("end").ebreak();
        let words = asm.words().expect("assembles");
        let decoded: Vec<Decoded> = words.into_iter().map(decode).collect();
        assert_eq!((decoded[0].imm, decoded[1].imm as i32), (16, -4));
        assert_eq!(decoded[2].imm.wrapping_add(decoded[3].imm), 0x1010);
        assert_eq!(asm.here(), 0x1014);
    }

    #[test]
    fn mistakes_are_reported_at_the_end() {
        let unknown = Assembler::new(0).jal(RA, "nowhere").words();
        assert_eq!(unknown, Err(AssembleError::UnknownLabel { label: "nowhere".to_owned() }));
        let duplicate = Assembler::new(0).label("x").ebreak().label("x").ebreak().words();
        assert_eq!(duplicate, Err(AssembleError::DuplicateLabel { label: "x".to_owned(), addr: 4 }));
        let too_far = Assembler::new(0).fence().op_imm(Opcode::Addi, A0, A0, 2048).words();
        assert!(matches!(too_far, Err(AssembleError::Operand { addr: 4, .. })));
        let overlap = Assembler::new(0).exit(0).data(4, &[1]).program();
        assert!(matches!(overlap, Err(AssembleError::Elf(ElfError::Overlap { .. }))));
    }
}
