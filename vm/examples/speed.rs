//! speed
use galena_vm::{
    Limits, Program,
    assembler::{Assembler, register::*},
    execute,
    isa::Opcode,
    run,
};
use std::time::Instant;
fn main() {
    let p = match std::env::args().nth(1) {
        Some(f) => Program::from_elf(&std::fs::read(f).unwrap()).unwrap(),
        None => {
            let n: u32 = 20_000_000;
            Assembler::new(0x1_0000)
                .li(S0, n)
                .li(S1, 0x20_0000)
                .label("l")
                .op_imm(Opcode::Lw, A0, S1, 0)
                .op(Opcode::Xor, A1, A0, S0)
                .op_imm(Opcode::Slli, A2, A1, 3)
                .store(Opcode::Sw, A2, 4, S1)
                .op(Opcode::Mul, A3, A2, A1)
                .op_imm(Opcode::Lbu, A4, S1, 5)
                .op_imm(Opcode::Addi, S0, S0, -1)
                .branch(Opcode::Bne, S0, ZERO, "l")
                .exit(0)
                .program()
                .unwrap()
        }
    };
    let input = std::env::args().nth(2).map(|f| std::fs::read(f).unwrap()).unwrap_or_default();
    let t = Instant::now();
    let r = run(&p, &input, &Limits { max_cycles: u64::MAX }, &mut std::io::sink(), &mut std::io::sink()).unwrap();
    let s = t.elapsed().as_secs_f64();
    println!("run {} cycles {:.1} M/s", r.cycles, r.cycles as f64 / s / 1e6);
    let p = if r.cycles > 1 << 20 {
        Assembler::new(0x1_0000)
            .li(S0, 125_000)
            .li(S1, 0x20_0000)
            .label("l")
            .op_imm(Opcode::Lw, A0, S1, 0)
            .op(Opcode::Xor, A1, A0, S0)
            .op_imm(Opcode::Slli, A2, A1, 3)
            .store(Opcode::Sw, A2, 4, S1)
            .op(Opcode::Mul, A3, A2, A1)
            .op_imm(Opcode::Lbu, A4, S1, 5)
            .op_imm(Opcode::Addi, S0, S0, -1)
            .branch(Opcode::Bne, S0, ZERO, "l")
            .exit(0)
            .program()
            .unwrap()
    } else {
        p
    };
    for _ in 0..3 {
        let t = Instant::now();
        let r = execute(&p, &input, &Limits { max_cycles: u64::MAX }).unwrap();
        let s = t.elapsed().as_secs_f64();
        println!("execute {} cycles {:.1} M/s", r.cycles, r.cycles as f64 / s / 1e6);
    }
}
