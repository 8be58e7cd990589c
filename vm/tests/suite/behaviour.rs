//! System calls, traps and limits: results, records, and, where the oracle does the same, the oracle.

use galena_vm::assembler::{Assembler, register::*};
use galena_vm::isa::{Decoded, Opcode};
use galena_vm::record::{ADDRESS_LIMIT, Call, TS_LIMIT, TrapKind};
use galena_vm::{ExecuteError, Limits, MAX_SEGMENT_CYCLES, execute, run};

use crate::{Outcome, qemu, run_recorded};

const CODE: u32 = 0x0001_0000;
const DATA: u32 = 0x0002_0000;

/// A program with 64 bytes of data at `DATA`, holding 1, 2, 3, ...
fn program() -> Assembler {
    let mut asm = Assembler::new(CODE);
    asm.data(DATA, &(1..65).collect::<Vec<u8>>());
    asm
}

fn call(asm: &mut Assembler, number: u32, arguments: [u32; 3]) {
    asm.li(A7, number).li(A0, arguments[0]).li(A1, arguments[1]).li(A2, arguments[2]).ecall();
}

/// Stores a0 at `DATA` + 60, writes 64 bytes from `DATA`, and exits with 0.
fn show_a0(asm: &mut Assembler) {
    asm.li(T0, DATA).store(Opcode::Sw, A0, 60, T0);
    call(asm, 64, [1, DATA, 64]);
    asm.exit(0);
}

#[test]
fn system_calls() {
    const INPUT: &[u8] = b"some input";
    let end = ADDRESS_LIMIT;
    // Number, arguments, expected a0, expected call, whether the oracle does the same.
    let cases: [(u32, [u32; 3], i32, Call, bool); 20] = [
        (63, [0, DATA, 4], 4, Call::Read, true),
        (63, [0, DATA + 1, 10], 10, Call::Read, true),
        (63, [0, DATA + 3, 50], 10, Call::Read, true), // what there is
        (63, [0, DATA, 0], 0, Call::Read, true),
        (63, [0, end - 10, 10], 10, Call::Read, false),
        (63, [0, end - 9, 10], -14, Call::Fault, true),
        (63, [0, u32::MAX, 2], -14, Call::Fault, true),
        (63, [0, DATA, end], -14, Call::Fault, false), // though the input would fit
        (63, [0, end, 0], 0, Call::Read, false),
        (63, [0, end + 1, 0], -14, Call::Fault, false),
        (63, [1000, DATA, 4], -9, Call::Unknown, true),
        (63, [1, DATA, 4], -9, Call::Unknown, false),
        (64, [1, DATA + 5, 7], 7, Call::Write, true),
        (64, [2, DATA + 5, 7], 7, Call::Write, true),
        (64, [0, DATA, 4], -9, Call::Unknown, false),
        (64, [1, end - 4, 8], -14, Call::Fault, false),
        (214, [0, 0, 0], 0x0002_1000, Call::Brk, false),
        (214, [0x0003_0000, 0, 0], 0x0003_0000, Call::Brk, true),
        (4000, [1, 2, 3], -38, Call::Unknown, true),
        (u32::MAX, [1, 2, 3], -38, Call::Unknown, true),
    ];
    let oracle = qemu::available("system_calls");
    for (number, arguments, result, kind, same) in cases {
        let mut asm = program();
        call(&mut asm, number, arguments);
        show_a0(&mut asm);
        let (outcome, segment) = run_recorded(&asm.program().expect("a program"), INPUT);
        let name = format!("{number} {arguments:x?}");
        let ecall = segment.ecalls[0];
        assert_eq!((ecall.call, ecall.result.value as i32), (kind, result), "{name}");
        assert_eq!(outcome.exit_code, 0);
        if oracle && same {
            assert_eq!(outcome, qemu::run(&asm.elf().expect("a program"), INPUT), "{name}");
        }
    }
}

#[test]
fn input_comes_in_pieces_and_then_ends() {
    let mut asm = program();
    for (at, expected) in [(0, 4), (4, 4), (8, 2), (10, 0), (10, 0)] {
        call(&mut asm, 63, [0, DATA + at, 4]);
        asm.li(T0, expected).branch(Opcode::Bne, A0, T0, "wrong");
    }
    call(&mut asm, 64, [1, DATA, 12]);
    asm.exit(7).label("wrong").exit(1);
    let (outcome, segment) = run_recorded(&asm.program().expect("a program"), b"0123456789");
    assert_eq!(outcome, Outcome { output: b"0123456789\x0b\x0c".to_vec(), log: vec![], exit_code: 7 });
    assert_eq!(segment.transfers.len(), 22);
}

#[test]
fn exit_codes_are_the_low_byte() {
    for (number, code) in [(93, 0), (93, 1), (94, 255), (93, 256), (93, 0xffff_ff07)] {
        let mut asm = program();
        call(&mut asm, number, [code, 0, 0]);
        let (outcome, segment) = run_recorded(&asm.program().expect("a program"), b"");
        assert_eq!((outcome.exit_code as u32, segment.halt.trap), (code & 0xff, None));
    }
}

/// Each trap: exit code, pc, and the accesses made before (`records::check` looks at those).
#[test]
fn traps() {
    use Opcode::*;
    type Build = fn(&mut Assembler) -> &mut Assembler;
    let cases: [(&str, TrapKind, bool, Build); 24] = [
        ("zero word", TrapKind::Illegal, true, |asm| asm.word(0)),
        ("all ones", TrapKind::Illegal, true, |asm| asm.word(u32::MAX)),
        ("unimp", TrapKind::Illegal, true, |asm| asm.word(0xc000_1073)),
        ("shift by 32", TrapKind::Illegal, true, |asm| asm.word(0x0205_9513)),
        ("ebreak", TrapKind::Breakpoint, true, |asm| asm.ebreak()),
        ("lw at 1", TrapKind::MisalignedAccess, false, |asm| asm.op_imm(Lw, A0, S0, 1)),
        ("lw at 2", TrapKind::MisalignedAccess, false, |asm| asm.op_imm(Lw, ZERO, S0, 2)),
        ("lh at 3", TrapKind::MisalignedAccess, false, |asm| asm.op_imm(Lh, S0, S0, 3)),
        ("lhu at 1", TrapKind::MisalignedAccess, false, |asm| asm.op_imm(Lhu, A0, S0, 1)),
        ("sw at 3", TrapKind::MisalignedAccess, false, |asm| asm.store(Sw, S0, 3, S0)),
        ("sh at 1", TrapKind::MisalignedAccess, false, |asm| asm.store(Sh, ZERO, 1, S0)),
        ("misaligned before out of range", TrapKind::MisalignedAccess, false, |asm| asm.op_imm(Lw, A0, S1, 1)),
        ("lb above", TrapKind::OutOfRange, true, |asm| asm.op_imm(Lb, A0, S1, 0)),
        ("lw above", TrapKind::OutOfRange, true, |asm| asm.op_imm(Lw, A0, S1, 4)),
        ("sb above", TrapKind::OutOfRange, true, |asm| asm.store(Sb, A0, 1, S1)),
        ("sw at the top", TrapKind::OutOfRange, true, |asm| asm.store(Sw, A0, -4, ZERO)),
        ("jalr to 2", TrapKind::MisalignedJump, false, |asm| asm.op_imm(Jalr, S0, S0, 2)),
        ("jalr to 3", TrapKind::MisalignedJump, false, |asm| asm.op_imm(Jalr, RA, S0, 3)),
        ("jal by 2", TrapKind::MisalignedJump, false, |asm| asm.instruction(raw(Jal, RA, 2))),
        ("taken branch by 6", TrapKind::MisalignedJump, false, |asm| asm.instruction(raw(Beq, 0, 6))),
        ("jump to data", TrapKind::NoCode, true, |asm| asm.op_imm(Jalr, RA, S0, 0)),
        ("jump to the top", TrapKind::NoCode, true, |asm| asm.op_imm(Jalr, RA, ZERO, -4)),
        ("jump to zero", TrapKind::NoCode, true, |asm| asm.op_imm(Jalr, RA, ZERO, 1)),
        ("past the end", TrapKind::NoCode, false, |asm| asm),
    ];
    let oracle = qemu::available("traps");
    for (name, kind, same, build) in cases {
        let mut asm = program();
        asm.li(S0, DATA).li(S1, ADDRESS_LIMIT).li(A0, 5);
        let pc = asm.here();
        build(&mut asm);
        let (outcome, segment) = run_recorded(&asm.program().expect("a program"), b"");
        let trap = segment.trap.expect(name);
        assert_eq!((trap.kind, segment.halt.trap), (kind, Some(kind)), "{name}");
        assert_eq!(outcome.exit_code, i32::from(kind.exit_code()), "{name}");
        if kind == TrapKind::NoCode {
            assert_ne!(segment.halt.pc, pc + 8, "{name}");
        } else {
            assert_eq!((trap.step.pc, segment.halt.pc), (pc, pc), "{name}");
            assert_eq!(trap.step.next_pc == pc, kind != TrapKind::MisalignedJump, "{name}");
        }
        if oracle && same {
            assert_eq!(outcome.exit_code, qemu::run(&asm.elf().expect("a program"), b"").exit_code, "{name}");
        }
    }
}

fn raw(opcode: Opcode, rd: u8, imm: u32) -> Decoded {
    Decoded { opcode, rd, rs1: 0, rs2: 0, imm }
}

#[test]
fn a_branch_that_is_not_taken_may_point_anywhere() {
    let mut asm = program();
    asm.instruction(raw(Opcode::Bne, 0, 6)).exit(3);
    assert_eq!(run_recorded(&asm.program().expect("a program"), b"").0.exit_code, 3);
}

/// A store into code changes what loads see, not what is executed.
#[test]
fn code_is_not_modified() {
    let mut asm = program();
    asm.la(S0, "target").store(Opcode::Sw, ZERO, 0, S0).label("target").li(A1, 9);
    asm.op_imm(Opcode::Lw, A0, S0, 0).op(Opcode::Add, A0, A0, A1).li(A7, 93).ecall();
    assert_eq!(run_recorded(&asm.program().expect("a program"), b"").0.exit_code, 9);
}

fn forever() -> Assembler {
    let mut asm = program();
    asm.label("loop").jal(ZERO, "loop");
    asm
}

#[test]
fn cycle_limits() {
    let program = forever().program().expect("a program");
    let limited = |max_cycles| Limits { max_cycles };
    let sink = &mut std::io::sink();
    assert!(matches!(
        run(&program, b"", &limited(1000), sink, &mut std::io::sink()),
        Err(ExecuteError::CycleLimit { limit: 1000, pc: CODE })
    ));
    assert!(matches!(execute(&program, b"", &limited(1000)), Err(ExecuteError::CycleLimit { limit: 1000, pc: CODE })));
    assert!(matches!(execute(&program, b"", &limited(u64::MAX)), Err(ExecuteError::SegmentFull { pc: CODE })));
    // The limit is a number of instructions that may be executed, the last included.
    let three = Assembler::new(CODE).exit(0).program().expect("a program");
    assert_eq!(execute(&three, b"", &limited(3)).expect("three instructions").cycles, 3);
    assert!(execute(&three, b"", &limited(2)).is_err());
}

/// A segment holds `MAX_SEGMENT_CYCLES` instructions, and not one more.
#[test]
fn a_full_segment() {
    for (extra, fits) in [(0, true), (1, false)] {
        let mut asm = program();
        // 2 + 2 * count + extra + 3 instructions
        let count = (MAX_SEGMENT_CYCLES as u32 - 6) / 2;
        asm.li(S0, count).label("loop").op_imm(Opcode::Addi, S0, S0, -1).branch(Opcode::Bne, S0, ZERO, "loop");
        for _ in 0..1 + extra {
            asm.fence();
        }
        asm.exit(0);
        let program = asm.program().expect("a program");
        match execute(&program, b"", &Limits { max_cycles: u64::MAX }) {
            Ok(segment) => assert!(fits && segment.cycles == MAX_SEGMENT_CYCLES, "{}", segment.cycles),
            Err(error) => assert!(!fits && matches!(error, ExecuteError::SegmentFull { .. }), "{error}"),
        }
    }
}

/// Bytes moved count against the limit: one instruction cannot write gigabytes for ever.
#[test]
fn bytes_count_as_cycles() {
    let mut asm = program();
    call(&mut asm, 64, [1, DATA, 64]);
    asm.exit(0);
    let program = asm.program().expect("a program");
    let cycles = 5 + 3;
    assert!(execute(&program, b"", &Limits { max_cycles: cycles + 64 }).is_ok());
    for too_few in [cycles + 63, 10] {
        assert!(matches!(
            execute(&program, b"", &Limits { max_cycles: too_few }),
            Err(ExecuteError::CycleLimit { .. })
        ));
    }
}

/// Timestamps of a segment end before 2^24; a transfer that would pass it is refused before it is recorded.
#[test]
fn time_ends() {
    for (bytes, fits) in [(TS_LIMIT / 4 - 16, true), (TS_LIMIT / 4, false), (ADDRESS_LIMIT, false)] {
        let mut asm = program();
        call(&mut asm, 64, [2, 0, bytes]);
        asm.exit(0);
        let program = asm.program().expect("a program");
        match execute(&program, b"", &Limits { max_cycles: u64::MAX }) {
            Ok(segment) => assert!(fits && segment.halt.ts < TS_LIMIT),
            Err(error) => assert!(!fits && matches!(error, ExecuteError::TimeLimit { .. }), "{error}"),
        }
    }
}

/// A writer that fails ends the run with its error.
#[test]
fn output_that_cannot_be_written() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut asm = program();
    call(&mut asm, 64, [1, DATA, 1]);
    let program = asm.program().expect("a program");
    let result = run(&program, b"", &Limits { max_cycles: 100 }, &mut Closed, &mut std::io::sink());
    assert!(matches!(result, Err(ExecuteError::Output(_))));
}
