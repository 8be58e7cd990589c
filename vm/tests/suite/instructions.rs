//! Each instruction of the table on corner operands and register patterns, against the oracle.

use galena_vm::assembler::{Assembler, register::*};
use galena_vm::isa::{Family, Format, ISA, Instruction, Opcode};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{assert_same, qemu, run_recorded};

const SEED: u64 = 3;
const CODE: u32 = 0x0001_0000;
/// Results, one word per case; `S11` points to the next.
const RESULTS: u32 = 0x0100_0000;
const RESULT_BYTES: usize = 0x8000;
/// Memory that loads and stores work on.
const DATA: u32 = 0x0200_0000;
const DATA_BYTES: usize = 64;

/// A program of many cases, each leaving words in the results.
struct Cases {
    asm: Assembler,
    names: Vec<String>,
    rng: ChaCha8Rng,
}

impl Cases {
    fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut asm = Assembler::new(CODE);
        let mut data = vec![0; DATA_BYTES];
        rng.fill_bytes(&mut data);
        asm.data(RESULTS, &vec![0; RESULT_BYTES]).data(DATA, &data).li(S11, RESULTS);
        Self { asm, names: Vec::new(), rng }
    }

    /// Keeps a register as the result of a case.
    fn keep(&mut self, register: u8, name: String) {
        self.asm.store(Opcode::Sw, register, 0, S11).op_imm(Opcode::Addi, S11, S11, 4);
        self.names.push(name);
    }

    fn operands(&mut self) -> Vec<u32> {
        vec![0, 1, u32::MAX, 1 << 31, i32::MAX as u32, 7, self.rng.next_u32(), self.rng.next_u32() >> 20]
    }

    /// Compares all results with the oracle's and checks the records.
    fn check(mut self, what: &str) {
        let bytes = 4 * self.names.len();
        assert!(bytes <= RESULT_BYTES && bytes > 0, "{what}: {bytes}");
        self.asm.li(A0, 1).li(A1, RESULTS).li(A2, bytes as u32).li(A7, 64).ecall().exit(0);
        let program = self.asm.program().expect("a program");
        let (outcome, _) = run_recorded(&program, b"");
        let expected = qemu::run(&self.asm.elf().expect("a program"), b"");
        assert_eq!(outcome.output.len(), bytes);
        for ((name, found), expected) in self.names.iter().zip(outcome.output.chunks(4)).zip(expected.output.chunks(4))
        {
            assert_eq!(found, expected, "{what}, {name}, little-endian bytes (seed {SEED})");
        }
        assert_same(&outcome, &expected, what);
    }
}

/// Register patterns (rd, rs1, rs2): all different, rd in place of each source, both sources one, all one, x0 in each place.
const PATTERNS: [(u8, u8, u8); 8] = [
    (A0, A1, A2),
    (A1, A1, A2),
    (A2, A1, A2),
    (A0, A1, A1),
    (A1, A1, A1),
    (ZERO, A1, A2),
    (A0, ZERO, A2),
    (A0, A1, ZERO),
];

fn three_registers(row: &Instruction, cases: &mut Cases) {
    for a in cases.operands() {
        for b in cases.operands() {
            for (rd, rs1, rs2) in PATTERNS {
                cases.asm.li(A0, 99).li(A1, a).li(A2, b).op(row.opcode, rd, rs1, rs2);
                cases.keep(rd, format!("{a:#x} and {b:#x} as x{rd} <- x{rs1}, x{rs2}"));
            }
        }
    }
}

fn immediate(row: &Instruction, cases: &mut Cases) {
    let immediates: Vec<i32> =
        if row.format == Format::Shift { (0..32).collect() } else { vec![0, 1, -1, 5, 2047, -2048, 1365] };
    for a in cases.operands() {
        for &imm in &immediates {
            for (rd, rs1, _) in [PATTERNS[0], PATTERNS[1], PATTERNS[5], PATTERNS[6]] {
                cases.asm.li(A0, 99).li(A1, a).op_imm(row.opcode, rd, rs1, imm);
                cases.keep(rd, format!("{a:#x} and {imm} as x{rd} <- x{rs1}"));
            }
        }
    }
}

fn size(opcode: Opcode) -> i32 {
    match opcode {
        Opcode::Lw | Opcode::Sw => 4,
        Opcode::Lh | Opcode::Lhu | Opcode::Sh => 2,
        _ => 1,
    }
}

/// Every aligned place in the data, reached with positive and negative offsets, by rd != rs1, rd == rs1 and rd == x0.
fn load(row: &Instruction, cases: &mut Cases) {
    for place in (0..DATA_BYTES as i32).step_by(size(row.opcode) as usize) {
        for offset in [0, 1, -1, 3, 2047, -2048] {
            for (rd, base) in [(A0, A1), (A1, A1), (ZERO, A1)] {
                cases.asm.li(A1, (DATA as i32 + place - offset) as u32).op_imm(row.opcode, rd, base, offset);
                cases.keep(rd, format!("byte {place} by offset {offset} into x{rd}"));
            }
        }
    }
}

fn store(row: &Instruction, cases: &mut Cases) {
    for place in (0..DATA_BYTES as i32).step_by(size(row.opcode) as usize) {
        for offset in [0, 1, -1, 2047, -2048] {
            let value = cases.rng.next_u32();
            for (source, base) in [(A0, A1), (A1, A1), (ZERO, A1)] {
                cases.asm.li(A0, value).li(A1, (DATA as i32 + place - offset) as u32);
                cases.asm.store(row.opcode, source, offset, base).li(A2, DATA);
                cases.asm.op_imm(Opcode::Lw, A0, A2, place & !3);
                cases.keep(A0, format!("{value:#x} to byte {place} by offset {offset} from x{source}"));
            }
        }
    }
}

fn branch(row: &Instruction, cases: &mut Cases) {
    for a in cases.operands() {
        for b in cases.operands() {
            for (rs1, rs2) in [(A1, A2), (A1, A1), (ZERO, A2), (A1, ZERO)] {
                let label = format!("past {}", cases.names.len());
                cases.asm.li(A0, 1).li(A1, a).li(A2, b);
                cases.asm.branch(row.opcode, rs1, rs2, label.as_str()).li(A0, 2).label(label);
                cases.keep(A0, format!("{a:#x} and {b:#x} as x{rs1}, x{rs2}"));
            }
        }
    }
}

fn upper(row: &Instruction, cases: &mut Cases) {
    for imm in [0, 0x1000, 0xffff_f000, 0x8000_0000, 0x7fff_f000, 0x1234_5000] {
        for rd in [A0, ZERO] {
            cases.asm.li(A0, 99).upper(row.opcode, rd, imm);
            cases.keep(rd, format!("{imm:#x} into x{rd}"));
        }
    }
}

/// Forwards and backwards, linking or not.
fn jal(_: &Instruction, cases: &mut Cases) {
    for rd in [RA, A0, ZERO] {
        let name = |what: &str, n: usize| format!("{what} {n}");
        let n = cases.names.len();
        cases.asm.li(rd, 5).jal(ZERO, name("forth", n));
        cases.asm.label(name("back", n)).op_imm(Opcode::Addi, A1, rd, 1).jal(ZERO, name("done", n));
        cases.asm.label(name("forth", n)).li(A1, 7).jal(rd, name("back", n)).li(A1, 9).label(name("done", n));
        cases.keep(A1, format!("x{rd}"));
        cases.keep(rd, format!("link in x{rd}"));
    }
}

/// To each target with offsets and an odd address, rd other than, equal to, and without rs1.
fn jalr(row: &Instruction, cases: &mut Cases) {
    for offset in [0, 1, 4, 5, -4, -3, 2044, -2048] {
        for (rd, rs1) in [(RA, A1), (A1, A1), (ZERO, A1)] {
            let label = format!("target {}", cases.names.len());
            cases.asm.la(A1, label.as_str()).op_imm(Opcode::Addi, A1, A1, -(offset & !1).max(-2047)).li(A2, 1);
            if offset == -2048 {
                cases.asm.op_imm(Opcode::Addi, A1, A1, 1);
            }
            cases.asm.op_imm(row.opcode, rd, rs1, offset).li(A2, 2).label(label);
            cases.keep(A2, format!("offset {offset} by x{rs1}, link x{rd}"));
            cases.keep(rd, format!("link in x{rd}, offset {offset}"));
        }
    }
}

fn fence(_: &Instruction, cases: &mut Cases) {
    // fence, fence rw,rw, fence.tso, fence.i: all no-ops here.
    cases.asm.li(A0, 3).fence().word(0x0330_000f).word(0x8330_000f).word(0x0000_100f);
    cases.keep(A0, "after fences".to_owned());
}

#[test]
fn instructions_agree_with_the_oracle() {
    if !qemu::available("instructions_agree_with_the_oracle") {
        return;
    }
    let mut tested = 0;
    for row in &ISA {
        let generate: fn(&Instruction, &mut Cases) = match (row.opcode, row.format) {
            (Opcode::Ecall | Opcode::Ebreak, _) => continue, // in behaviour.rs
            (Opcode::Jalr, _) => jalr,
            (Opcode::Fence, _) => fence,
            (_, Format::R) => three_registers,
            (_, Format::I) if row.family == Family::Load => load,
            (_, Format::I | Format::Shift) => immediate,
            (_, Format::S) => store,
            (_, Format::B) => branch,
            (_, Format::U) => upper,
            (_, Format::J) => jal,
            (_, Format::System) => panic!("{} has no cases", row.name),
        };
        let mut cases = Cases::new();
        generate(row, &mut cases);
        cases.check(row.name);
        tested += 1;
    }
    assert_eq!(tested, ISA.len() - 2);
}
