//! Programs under test.

use galena_vm::Program;
use galena_vm::assembler::{Assembler, register::*};
use galena_vm::isa::{Decoded, Opcode::*};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where programs keep their data.
pub(super) const DATA: u32 = 0x2_0000;
const BASE: u32 = 0x1_0000;

/// Operands at which arithmetic changes its mind.
const CORNERS: [u32; 8] = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff];

fn assemble(a: &Assembler) -> Program {
    a.program().expect("the test program assembles")
}

/// Every register form on all pairs of corners, and each aliasing of the registers.
pub(super) fn arithmetic() -> Program {
    let mut a = Assembler::new(BASE);
    let forms = [Add, Sub, Xor, Or, And, Sll, Srl, Sra, Slt, Sltu, Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu];
    for x in CORNERS {
        for y in CORNERS {
            a.li(A0, x).li(A1, y);
            for opcode in forms {
                a.op(opcode, A2, A0, A1);
            }
        }
    }
    for opcode in forms {
        a.li(A0, 0x1234_5678).li(A1, 0x9abc_def1);
        a.op(opcode, ZERO, A0, A1).op(opcode, A3, A0, A0).op(opcode, A0, A0, A1).op(opcode, A1, A1, A1);
        a.op(opcode, A4, ZERO, A1).op(opcode, A5, A1, ZERO);
    }
    for x in CORNERS {
        a.li(A0, x);
        for opcode in [Addi, Xori, Ori, Andi, Slti, Sltiu] {
            for imm in [0, 1, -1, 2047, -2048] {
                a.op_imm(opcode, A2, A0, imm);
            }
        }
    }
    for x in [0x8765_4321, 0x1234_5678, 0xffff_ffff] {
        a.li(A0, x);
        for opcode in [Slli, Srli, Srai] {
            for amount in 0..32 {
                a.op_imm(opcode, A2, A0, amount);
            }
        }
        for opcode in [Sll, Srl, Sra] {
            for amount in [0, 7, 8, 31, 32, 33, 0xff, 0x1234_5688] {
                a.li(A1, amount).op(opcode, A2, A0, A1);
            }
        }
    }
    for imm in [0, 0x1000, 0x8000_0000, 0xffff_f000] {
        a.upper(Lui, A2, imm).upper(Auipc, A3, imm).upper(Lui, ZERO, imm).upper(Auipc, ZERO, imm);
    }
    assemble(a.fence().exit(7))
}

/// Loads and stores of every size at every offset, of bytes with and without sign.
pub(super) fn memory() -> Program {
    let mut a = Assembler::new(BASE);
    a.data(DATA, &[0x80, 0x7f, 0xff, 0x00, 0x01, 0x82, 0x03, 0xc4]);
    a.li(S0, DATA).li(S1, 0xa1b2_c3d4);
    for (opcode, step) in [(Lb, 1), (Lbu, 1), (Lh, 2), (Lhu, 2), (Lw, 4)] {
        for offset in (0..8).step_by(step) {
            a.op_imm(opcode, A0, S0, offset).op_imm(opcode, ZERO, S0, offset);
        }
    }
    for (opcode, step) in [(Sb, 1), (Sh, 2), (Sw, 4)] {
        for offset in (0..8).step_by(step) {
            a.store(opcode, S1, offset, S0).op_imm(Lw, A0, S0, offset & !3);
        }
    }
    // The address from a negative offset, over a carry between halves, and round the top; the same register as address and value.
    a.li(S2, DATA + 0x1_0000).store(Sw, S1, -4, S2).op_imm(Lw, S2, S2, -4);
    a.li(S2, 0x2_ffff).op_imm(Lb, A0, S2, 1);
    a.li(S2, 0xffff_fffc).op_imm(Lw, A0, S2, 8).store(Sw, S0, 0, S0);
    a.li(S2, 0x3fff_fffc).store(Sw, S2, 0, S2).op_imm(Lbu, A0, S2, 3);
    assemble(a.exit(0))
}

/// Every branch, taken and not, on all pairs of corners; jumps near and far, with and without link.
pub(super) fn control() -> Program {
    let mut a = Assembler::new(BASE);
    let mut label = 0;
    for x in CORNERS {
        for y in CORNERS {
            a.li(A0, x).li(A1, y);
            for opcode in [Beq, Bne, Blt, Bge, Bltu, Bgeu] {
                label += 1;
                a.branch(opcode, A0, A1, format!("l{label}")).op_imm(Addi, A2, A2, 1).label(format!("l{label}"));
            }
        }
    }
    a.li(T0, 5).label("again").op_imm(Addi, T0, T0, -1).branch(Bne, T0, ZERO, "again");
    a.jal(RA, "f").jal(ZERO, "end");
    a.label("f").la(T1, "g").op_imm(Jalr, T2, T1, 1).op_imm(Jalr, ZERO, RA, 0);
    a.label("g").op_imm(Jalr, T2, T2, 0);
    a.label("end");
    assemble(a.exit(255))
}

/// Every outcome of `ecall`.
pub(super) fn calls() -> Program {
    let mut a = Assembler::new(BASE);
    a.data(DATA, b"hello, world\n");
    let mut call = |number: u32, args: [u32; 3]| {
        a.li(A7, number).li(A0, args[0]).li(A1, args[1]).li(A2, args[2]).ecall();
    };
    call(64, [1, DATA, 13]);
    call(64, [2, DATA + 1, 6]);
    call(64, [1, DATA + 7, 5]);
    call(64, [1, DATA, 0]);
    call(63, [0, DATA + 3, 6]);
    call(64, [1, DATA, 13]);
    call(63, [0, DATA + 5, 1000]); // more than there is left
    call(63, [0, DATA, 4]); // nothing left
    call(63, [0, DATA, 0]);
    for (number, fd) in [(63, 1), (63, 0x100), (63, 0xffff_ffff), (64, 0), (64, 3), (64, 0x101), (64, 0x0200_0000)] {
        call(number, [fd, DATA, 4]); // EBADF
    }
    for (addr, length) in [
        (0x3fff_ffff, 2),
        (0x4000_0000, 1),
        (0x4000_0001, 0),
        (0xffff_ffff, 0xffff_ffff),
        (0, 0x4000_0001),
        (0xffff_0000, 0x1_0000),
        (0x3fff_8001, 0x8000),
    ] {
        call(63, [0, addr, length]); // EFAULT
        call(64, [1, addr, length]);
    }
    call(64, [1, 0x3fff_fffe, 2]);
    call(64, [2, 0x4000_0000, 0]);
    for wanted in [0, 1, DATA, 0xffff_ffff] {
        call(214, [wanted, 0, 0]);
    }
    for number in [0, 1, 62, 65, 92, 95, 213, 215, 255, 256, 63 + 256, 64 << 8, 93 << 24, 0x7800_0001 + 63, 0xffff_ffff]
    {
        call(number, [1, DATA, 4]); // ENOSYS
    }
    call(94, [0x1_2345, 0, 0]);
    assemble(&a)
}

/// One program for each way to trap, with the exit code it must have.
pub(super) fn traps() -> Vec<(&'static str, Program, u8)> {
    let mut all = Vec::new();
    let mut add = |name, code, build: &dyn Fn(&mut Assembler)| {
        let mut a = Assembler::new(BASE);
        a.li(S0, DATA).li(S1, 0x4000_0000).li(S2, 0xffff_fff0).li(A0, 5).li(A1, 0xffff_fffb);
        build(&mut a);
        all.push((name, assemble(a.exit(0)), code));
    };
    let branch = |opcode, rs1, rs2| Decoded { opcode, rd: 0, rs1, rs2, imm: 6 };
    add("illegal word", 132, &|a| {
        a.word(0xffff_ffff);
    });
    add("zero word", 132, &|a| {
        a.word(0);
    });
    add("ebreak", 133, &|a| {
        a.ebreak();
    });
    for (name, opcode, offset) in [("lh", Lh, 1), ("lhu", Lhu, 3), ("lw", Lw, 2), ("lw odd", Lw, 1), ("lw 3", Lw, 3)] {
        add(name, 135, &|a| {
            a.op_imm(opcode, T0, S0, offset);
        });
    }
    for (name, opcode, offset) in [("sh", Sh, 1), ("sw", Sw, 2)] {
        add(name, 135, &|a| {
            a.store(opcode, A0, offset, S0);
        });
    }
    add("misaligned before out of range", 135, &|a| {
        a.op_imm(Lw, T0, S1, 1);
    });
    for opcode in [Lb, Lbu, Lh, Lhu, Lw] {
        add("load out of range", 139, &|a| {
            a.op_imm(opcode, T0, S1, 0);
        });
        add("load far out of range", 139, &|a| {
            a.op_imm(opcode, ZERO, S2, 4);
        });
    }
    for opcode in [Sb, Sh, Sw] {
        add("store out of range", 139, &|a| {
            a.store(opcode, A0, 0, S1);
        });
    }
    add("sb at an odd address out of range", 139, &|a| {
        a.store(Sb, A0, 3, S2);
    });
    add("jal", 135, &|a| {
        a.instruction(Decoded { opcode: Jal, rd: RA, rs1: 0, rs2: 0, imm: 6 });
    });
    add("jal below zero", 135, &|a| {
        a.instruction(Decoded { opcode: Jal, rd: 0, rs1: 0, rs2: 0, imm: -0x2_0002_i32 as u32 });
    });
    add("jalr", 135, &|a| {
        a.op_imm(Jalr, RA, S0, 3);
    });
    add("jalr far", 135, &|a| {
        a.op_imm(Jalr, RA, S2, 2);
    });
    for (name, opcode, rs1, rs2) in [
        ("beq", Beq, A0, A0),
        ("bne", Bne, A0, A1),
        ("blt", Blt, A1, A0),
        ("bge", Bge, A0, A1),
        ("bltu", Bltu, A0, A1),
        ("bgeu", Bgeu, A1, A0),
    ] {
        add(name, 135, &|a| {
            a.instruction(branch(opcode, rs1, rs2));
        });
    }
    add("a branch not taken does not trap", 0, &|a| {
        a.instruction(branch(Beq, A0, A1));
    });
    all
}

/// A short program that uses the chips of most interest, for forgeries: reads its input, computes, stores, loads, writes.
pub(super) fn small() -> Program {
    let mut a = Assembler::new(BASE);
    a.data(DATA, b"abcd");
    a.li(A7, 63).li(A0, 0).li(A1, DATA).li(A2, 4).ecall();
    a.li(S0, DATA).op_imm(Lw, S1, S0, 0).op_imm(Lb, S2, S0, 1).op_imm(Lhu, S3, S0, 2);
    a.op(Add, T0, S1, S2).op(Sub, T1, S1, S2).op(Xor, T2, S1, S3).op(And, T3, S1, S3).op(Or, T4, S1, S3);
    a.op(Sll, T5, S1, S2).op_imm(Srai, T6, T1, 3).op(Slt, S4, T0, T1).op(Sltu, S5, T0, T1);
    a.op(Mul, S6, S1, S3).op(Mulh, S7, T1, T5).op(Div, S8, T1, S2).op(Remu, S9, T1, S3);
    a.store(Sw, S6, 0, S0).store(Sb, S7, 1, S0).store(Sh, S8, 2, S0);
    a.branch(Beq, S4, S5, "same").op_imm(Addi, S10, S10, 1).label("same").branch(Bltu, S9, T1, "less").ebreak();
    a.label("less").jal(RA, "f").li(A7, 64).li(A0, 1).li(A1, DATA).li(A2, 4).ecall();
    a.li(A0, 3).li(A7, 93).ecall();
    a.label("f").op_imm(Jalr, ZERO, RA, 0);
    assemble(&a)
}

/// A loop of 17,000 times 4 additions.
pub(super) fn long() -> Program {
    let mut a = Assembler::new(BASE);
    a.li(T0, 17_000).label("again");
    a.op(Add, T1, T1, T0).op(Xor, T2, T1, T0).op(Sub, T3, T2, T1).op_imm(Addi, T0, T0, -1);
    assemble(a.branch(Bne, T0, ZERO, "again").exit(0))
}

/// Random straight-line code over all registers but s0, which points at data: every instruction that falls through.
pub(super) fn random(seed: u64, length: usize) -> Program {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut a = Assembler::new(BASE);
    let bytes: Vec<u8> = (0..64).map(|_| rng.random()).collect();
    a.data(DATA, &bytes).li(S0, DATA + 32);
    let register = |rng: &mut ChaCha8Rng| match rng.random_range(0..32) {
        S0 => T0,
        other => other,
    };
    for _ in 0..length {
        let (rd, rs1, rs2) = (register(&mut rng), register(&mut rng), register(&mut rng));
        match rng.random_range(0..10) {
            0..4 => {
                let forms =
                    [Add, Sub, Xor, Or, And, Sll, Srl, Sra, Slt, Sltu, Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu];
                a.op(forms[rng.random_range(0..forms.len())], rd, rs1, rs2);
            }
            4..6 => {
                let forms = [Addi, Xori, Ori, Andi, Slti, Sltiu];
                a.op_imm(forms[rng.random_range(0..forms.len())], rd, rs1, rng.random_range(-2048..2048));
            }
            6 => {
                a.op_imm([Slli, Srli, Srai][rng.random_range(0..3)], rd, rs1, rng.random_range(0..32));
            }
            7 => {
                let (form, size) = [(Lb, 1), (Lbu, 1), (Lh, 2), (Lhu, 2), (Lw, 4)][rng.random_range(0..5)];
                a.op_imm(form, rd, S0, rng.random_range(-32 / size..32 / size) * size);
            }
            8 => {
                let (form, size) = [(Sb, 1), (Sh, 2), (Sw, 4)][rng.random_range(0..3)];
                a.store(form, rs2, rng.random_range(-32 / size..32 / size) * size, S0);
            }
            _ => {
                a.li(rd, if rng.random() { rng.random() } else { CORNERS[rng.random_range(0..CORNERS.len())] });
            }
        }
    }
    assemble(a.exit(0))
}
