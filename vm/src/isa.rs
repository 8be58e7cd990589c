//! The instruction table: one row per RV32IM instruction. Decoding, execution, trace routing and the documentation iterate it.

/// An RV32IM instruction, or `Illegal` for a word that is none. The discriminant is the opcode word on the program bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
#[rustfmt::skip]
pub enum Opcode {
    Add, Sub, Xor, Or, And, Sll, Srl, Sra, Slt, Sltu,
    Addi, Xori, Ori, Andi, Slli, Srli, Srai, Slti, Sltiu,
    Lb, Lh, Lw, Lbu, Lhu, Sb, Sh, Sw,
    Beq, Bne, Blt, Bge, Bltu, Bgeu,
    Jal, Jalr, Lui, Auipc,
    Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu,
    Ecall, Ebreak, Fence,
    Illegal,
}

/// Where the immediate sits in the instruction word, and which registers it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    R,
    I,
    /// Shift by a 5-bit immediate.
    Shift,
    S,
    B,
    U,
    J,
    /// No operands: `ecall`, `ebreak`, `fence`.
    System,
}

/// The chip that proves an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Family {
    /// `add sub xor or and` and their immediate forms, `lui`, `auipc`.
    Alu,
    /// `slt sltu slti sltiu`.
    Compare,
    /// `sll srl sra` and immediate forms.
    Shift,
    /// `beq bne blt bge bltu bgeu`.
    Branch,
    /// `jal jalr`.
    Jump,
    /// `lb lh lw lbu lhu`.
    Load,
    /// `sb sh sw`.
    Store,
    /// `mul`, low word.
    Mul,
    /// `mulh mulhsu mulhu`.
    Mulh,
    /// `div divu rem remu`.
    Divrem,
    /// `ecall`, and `fence` as a no-op.
    System,
    /// Illegal words, `ebreak`, misaligned or out-of-range accesses and jumps: a provable non-zero exit.
    Trap,
}

impl Family {
    /// How many families there are.
    pub const COUNT: usize = 12;
    /// All of them, in the order of their discriminants.
    #[rustfmt::skip]
    pub const ALL: [Self; Self::COUNT] = [
        Self::Alu, Self::Compare, Self::Shift, Self::Branch, Self::Jump, Self::Load,
        Self::Store, Self::Mul, Self::Mulh, Self::Divrem, Self::System, Self::Trap,
    ];
}

impl Opcode {
    /// Its row of the table; `None` for `Illegal`, which has none.
    pub fn instruction(self) -> Option<&'static Instruction> {
        ISA.get(ROW_OF[self as usize] as usize)
    }

    /// The chip that proves it.
    pub fn family(self) -> Family {
        self.instruction().map_or(Family::Trap, |instruction| instruction.family)
    }
}

/// Row of each opcode in `ISA`, by discriminant.
const ROW_OF: [u8; Opcode::Illegal as usize + 1] = {
    let mut rows = [u8::MAX; Opcode::Illegal as usize + 1];
    let mut row = 0;
    while row < ISA.len() {
        rows[ISA[row].opcode as usize] = row as u8;
        row += 1;
    }
    rows
};

/// One row of the table.
pub struct Instruction {
    /// Assembler mnemonic.
    pub name: &'static str,
    /// Its opcode.
    pub opcode: Opcode,
    /// Operand format.
    pub format: Format,
    /// Bits of the word that identify it.
    pub mask: u32,
    /// Their value.
    pub value: u32,
    /// The chip that proves it.
    pub family: Family,
}

const OP: u32 = 0xfe00_707f; // funct7, funct3, opcode
const F3: u32 = 0x0000_707f; // funct3, opcode
const OC: u32 = 0x0000_007f; // opcode
const ALL: u32 = 0xffff_ffff;

const fn row(name: &'static str, opcode: Opcode, format: Format, mask: u32, value: u32, family: Family) -> Instruction {
    Instruction { name, opcode, format, mask, value, family }
}

/// THE instruction table.
#[rustfmt::skip]
pub const ISA: [Instruction; 48] = [
    row("add",    Opcode::Add,    Format::R,      OP,  0x0000_0033, Family::Alu),
    row("sub",    Opcode::Sub,    Format::R,      OP,  0x4000_0033, Family::Alu),
    row("xor",    Opcode::Xor,    Format::R,      OP,  0x0000_4033, Family::Alu),
    row("or",     Opcode::Or,     Format::R,      OP,  0x0000_6033, Family::Alu),
    row("and",    Opcode::And,    Format::R,      OP,  0x0000_7033, Family::Alu),
    row("sll",    Opcode::Sll,    Format::R,      OP,  0x0000_1033, Family::Shift),
    row("srl",    Opcode::Srl,    Format::R,      OP,  0x0000_5033, Family::Shift),
    row("sra",    Opcode::Sra,    Format::R,      OP,  0x4000_5033, Family::Shift),
    row("slt",    Opcode::Slt,    Format::R,      OP,  0x0000_2033, Family::Compare),
    row("sltu",   Opcode::Sltu,   Format::R,      OP,  0x0000_3033, Family::Compare),
    row("addi",   Opcode::Addi,   Format::I,      F3,  0x0000_0013, Family::Alu),
    row("xori",   Opcode::Xori,   Format::I,      F3,  0x0000_4013, Family::Alu),
    row("ori",    Opcode::Ori,    Format::I,      F3,  0x0000_6013, Family::Alu),
    row("andi",   Opcode::Andi,   Format::I,      F3,  0x0000_7013, Family::Alu),
    row("slli",   Opcode::Slli,   Format::Shift,  OP,  0x0000_1013, Family::Shift),
    row("srli",   Opcode::Srli,   Format::Shift,  OP,  0x0000_5013, Family::Shift),
    row("srai",   Opcode::Srai,   Format::Shift,  OP,  0x4000_5013, Family::Shift),
    row("slti",   Opcode::Slti,   Format::I,      F3,  0x0000_2013, Family::Compare),
    row("sltiu",  Opcode::Sltiu,  Format::I,      F3,  0x0000_3013, Family::Compare),
    row("lb",     Opcode::Lb,     Format::I,      F3,  0x0000_0003, Family::Load),
    row("lh",     Opcode::Lh,     Format::I,      F3,  0x0000_1003, Family::Load),
    row("lw",     Opcode::Lw,     Format::I,      F3,  0x0000_2003, Family::Load),
    row("lbu",    Opcode::Lbu,    Format::I,      F3,  0x0000_4003, Family::Load),
    row("lhu",    Opcode::Lhu,    Format::I,      F3,  0x0000_5003, Family::Load),
    row("sb",     Opcode::Sb,     Format::S,      F3,  0x0000_0023, Family::Store),
    row("sh",     Opcode::Sh,     Format::S,      F3,  0x0000_1023, Family::Store),
    row("sw",     Opcode::Sw,     Format::S,      F3,  0x0000_2023, Family::Store),
    row("beq",    Opcode::Beq,    Format::B,      F3,  0x0000_0063, Family::Branch),
    row("bne",    Opcode::Bne,    Format::B,      F3,  0x0000_1063, Family::Branch),
    row("blt",    Opcode::Blt,    Format::B,      F3,  0x0000_4063, Family::Branch),
    row("bge",    Opcode::Bge,    Format::B,      F3,  0x0000_5063, Family::Branch),
    row("bltu",   Opcode::Bltu,   Format::B,      F3,  0x0000_6063, Family::Branch),
    row("bgeu",   Opcode::Bgeu,   Format::B,      F3,  0x0000_7063, Family::Branch),
    row("jal",    Opcode::Jal,    Format::J,      OC,  0x0000_006f, Family::Jump),
    row("jalr",   Opcode::Jalr,   Format::I,      F3,  0x0000_0067, Family::Jump),
    row("lui",    Opcode::Lui,    Format::U,      OC,  0x0000_0037, Family::Alu),
    row("auipc",  Opcode::Auipc,  Format::U,      OC,  0x0000_0017, Family::Alu),
    row("mul",    Opcode::Mul,    Format::R,      OP,  0x0200_0033, Family::Mul),
    row("mulh",   Opcode::Mulh,   Format::R,      OP,  0x0200_1033, Family::Mulh),
    row("mulhsu", Opcode::Mulhsu, Format::R,      OP,  0x0200_2033, Family::Mulh),
    row("mulhu",  Opcode::Mulhu,  Format::R,      OP,  0x0200_3033, Family::Mulh),
    row("div",    Opcode::Div,    Format::R,      OP,  0x0200_4033, Family::Divrem),
    row("divu",   Opcode::Divu,   Format::R,      OP,  0x0200_5033, Family::Divrem),
    row("rem",    Opcode::Rem,    Format::R,      OP,  0x0200_6033, Family::Divrem),
    row("remu",   Opcode::Remu,   Format::R,      OP,  0x0200_7033, Family::Divrem),
    row("ecall",  Opcode::Ecall,  Format::System, ALL, 0x0000_0073, Family::System),
    row("ebreak", Opcode::Ebreak, Format::System, ALL, 0x0010_0073, Family::Trap),
    row("fence",  Opcode::Fence,  Format::System, OC,  0x0000_000f, Family::System),
];

/// A decoded instruction: what the program bus carries for one pc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Which instruction.
    pub opcode: Opcode,
    /// Destination register, 0 when there is none (a write to x0 is no write).
    pub rd: u8,
    /// First source register, 0 when there is none.
    pub rs1: u8,
    /// Second source register, 0 when there is none.
    pub rs2: u8,
    /// Immediate, sign-extended to 32 bits; for `lui` and `auipc` already shifted left by 12; for shifts the amount.
    pub imm: u32,
}
