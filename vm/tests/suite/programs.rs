//! Random programs that end: straight code, counted loops, calls, forward branches, and loads and stores of all widths. Each writes all
//! its registers and its memory to the public output and exits with a byte of them.

use galena_vm::assembler::{Assembler, register::*};
use galena_vm::isa::{Decoded, Family, Format, ISA, Opcode};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where programs begin; code, memory and the dump lie far apart, at addresses that differ in all bytes.
const CODE: u32 = 0x0001_0000;
const MEMORY: u32 = 0x1234_5000;
const MEMORY_BYTES: usize = 4096;
const DUMP: u32 = 0x0300_0000;
const DUMP_BYTES: usize = 31 * 4;

/// Registers that anything may be computed into; the rest are pointers, counters and links.
const FREE: [u8; 22] = [SP, GP, TP, T0, T1, T2, A0, A1, A2, A3, A4, A5, A6, A7, S2, S3, S4, S5, S6, T3, T4, T5];
/// Middle of the memory, a computed address, a loop's counter, the dump.
const BASE: u8 = S0;
const ADDRESS: u8 = S8;
const COUNTER: u8 = S10;
const DUMPED: u8 = S11;

struct Generator {
    asm: Assembler,
    rng: ChaCha8Rng,
    functions: usize,
    labels: usize,
}

impl Generator {
    fn destination(&mut self) -> u8 {
        if self.rng.random_ratio(1, 12) { ZERO } else { FREE[self.rng.random_range(0..FREE.len())] }
    }

    fn source(&mut self) -> u8 {
        if self.rng.random_ratio(1, 12) { ZERO } else { FREE[self.rng.random_range(0..FREE.len())] }
    }

    /// A fresh label.
    fn fresh(&mut self) -> String {
        self.labels += 1;
        format!("label {}", self.labels)
    }

    fn value(&mut self) -> u32 {
        const CORNERS: [u32; 8] = [0, 1, u32::MAX, 1 << 31, i32::MAX as u32, 0xff, 0x8000, 0xffff_8000];
        if self.rng.random_ratio(1, 3) { CORNERS[self.rng.random_range(0..8)] } else { self.rng.next_u32() }
    }

    /// One instruction that computes, loads or stores.
    fn operation(&mut self) {
        let row = &ISA[self.rng.random_range(0..ISA.len())];
        let (rd, rs1, rs2) = (self.destination(), self.source(), self.source());
        let imm = self.rng.random_range(-2048..2048);
        match (row.family, row.format) {
            (Family::Load | Family::Store, _) => self.memory(row.opcode, rd, rs1, rs2),
            (_, Format::R) => {
                self.asm.op(row.opcode, rd, rs1, rs2);
            }
            (Family::Alu | Family::Compare, Format::I) => {
                self.asm.op_imm(row.opcode, rd, rs1, imm);
            }
            (_, Format::Shift) => {
                self.asm.op_imm(row.opcode, rd, rs1, imm & 31);
            }
            (_, Format::U) => {
                let imm = self.rng.next_u32() & 0xffff_f000;
                self.asm.upper(row.opcode, rd, imm);
            }
            _ if row.opcode == Opcode::Fence => {
                self.asm.fence();
            }
            _ => {
                let value = self.value();
                self.asm.li(rd, value);
            }
        }
    }

    /// A load or store: at a constant place, or at one computed from a register.
    fn memory(&mut self, opcode: Opcode, rd: u8, rs1: u8, rs2: u8) {
        let alignment = match opcode {
            Opcode::Lw | Opcode::Sw => !3,
            Opcode::Lh | Opcode::Lhu | Opcode::Sh => !1,
            _ => !0,
        };
        let (base, offset) = if self.rng.random() {
            (BASE, self.rng.random_range(-2048..2048) & alignment)
        } else {
            self.asm.op_imm(Opcode::Andi, ADDRESS, rs1, 0x7ff & alignment).op(Opcode::Add, ADDRESS, ADDRESS, BASE);
            (ADDRESS, [0, -1024, -4, -2048][self.rng.random_range(0..4)])
        };
        if opcode.family() == Family::Load {
            self.asm.op_imm(opcode, rd, base, offset);
        } else {
            self.asm.store(opcode, rs2, offset, base);
        }
    }

    fn straight(&mut self) {
        for _ in 0..self.rng.random_range(1..16) {
            self.operation();
        }
    }

    fn block(&mut self) {
        const BRANCHES: [Opcode; 6] = [Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];
        match self.rng.random_range(0..5) {
            0 => self.straight(),
            1 => {
                let (top, count) = (self.fresh(), self.rng.random_range(1..8));
                self.asm.li(COUNTER, count).label(top.as_str());
                self.straight();
                self.asm.op_imm(Opcode::Addi, COUNTER, COUNTER, -1).branch(Opcode::Bne, COUNTER, ZERO, top);
            }
            2 => {
                let function = format!("function {}", self.rng.random_range(0..self.functions));
                self.asm.jal(RA, function);
            }
            3 => {
                let function = format!("function {}", self.rng.random_range(0..self.functions));
                self.asm.la(RA, function).op_imm(Opcode::Jalr, RA, RA, 0);
            }
            _ => {
                let (past, opcode) = (self.fresh(), BRANCHES[self.rng.random_range(0..6)]);
                let (rs1, rs2) = (self.source(), self.source());
                self.asm.branch(opcode, rs1, rs2, past.as_str());
                self.straight();
                self.asm.label(past);
            }
        }
    }

    /// Writes x1 to x31, then the memory, and exits.
    fn finish(&mut self) {
        self.asm.li(DUMPED, DUMP);
        for register in 1..32 {
            self.asm.store(Opcode::Sw, register, 4 * i32::from(register - 1), DUMPED);
        }
        for (addr, bytes) in [(DUMP, DUMP_BYTES), (MEMORY, MEMORY_BYTES)] {
            self.asm.li(A0, 1).li(A1, addr).li(A2, bytes as u32).li(A7, 64).ecall();
        }
        self.asm.op_imm(Opcode::Lbu, A0, DUMPED, 4 * i32::from(T0 - 1)).li(A7, 93).ecall();
    }
}

/// The program of a seed.
pub(crate) fn random(seed: u64) -> Assembler {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let functions = rng.random_range(1..5);
    let mut memory = vec![0; MEMORY_BYTES];
    rng.fill_bytes(&mut memory);
    let mut generator = Generator { asm: Assembler::new(CODE), rng, functions, labels: 0 };
    generator.asm.data(MEMORY, &memory).data(DUMP, &[0; DUMP_BYTES]);
    generator.asm.li(BASE, MEMORY + MEMORY_BYTES as u32 / 2);
    for register in FREE.into_iter().chain([ADDRESS, COUNTER, RA, S1, S7, S9, T6]) {
        let value = generator.value();
        generator.asm.li(register, value);
    }
    for _ in 0..generator.rng.random_range(10..60) {
        generator.block();
    }
    generator.finish();
    for function in 0..functions {
        generator.asm.label(format!("function {function}"));
        generator.straight();
        generator.asm.instruction(Decoded { opcode: Opcode::Jalr, rd: ZERO, rs1: RA, rs2: 0, imm: 0 });
    }
    generator.asm
}
