//! scratch
use super::*;
use galena_vm::assembler::{Assembler, register::*};
use galena_vm::isa::Opcode::*;
use std::time::Instant;
#[test]
fn timing() {
    let mut a = Assembler::new(0x10000);
    a.li(S0, 0x20000).li(T0, 60000).label("l");
    for i in 0..2 {
        a.op_imm(Lw, A0, S0, 4 * i)
            .op(Add, A1, A0, T0)
            .op(Xor, A2, A1, A0)
            .op_imm(Slli, A3, A2, 5)
            .op(Or, A4, A3, A2)
            .op_imm(Addi, A5, A4, 77)
            .store(Sw, A5, 4 * i, S0);
    }
    a.op_imm(Addi, T0, T0, -1).branch(Bne, T0, ZERO, "l").exit(0);
    let p = a.program().unwrap();
    let t = Instant::now();
    let seg = execute(&p, b"", &Limits { max_cycles: 1 << 20 }).unwrap();
    println!("cycles {} execute {:?}", seg.cycles, t.elapsed());
    let t = Instant::now();
    let m = Machine::new(&p, &STANDARD).unwrap();
    println!("machine {:?}", t.elapsed());
    let t = Instant::now();
    let w = m.instances(&seg).unwrap();
    println!("witness {:?}", t.elapsed());
    for i in &w.instances {
        println!("{} {}", i.air.name(), i.trace.values.len() / i.trace.width);
    }
    let t = Instant::now();
    let r = prove(&m, &w);
    println!("prove {:?}", t.elapsed());
    println!("receipt {}", r.encode().unwrap().len());
    let t = Instant::now();
    let e = crate::verify::Expected { program_id: m.program_id(), exit_code: None, public_output: None };
    println!("{:?}", crate::verify::verify(&e, &r, 100).unwrap().security_bits);
    println!("verify {:?}", t.elapsed());
    let t = Instant::now();
    println!("{:?}", crate::verify::verify(&e, &r, 100).unwrap().security_bits);
    println!("verify {:?}", t.elapsed());
}
