//! `add sub xor or and`, their immediate forms, `lui`, `auipc` and `fence`: `a op b`, where b is rs2 or the immediate.
//!
//! `lui` and `auipc` load a constant that the program chip has computed (op `add`, a = 0 without an access); `fence` is such a load into x0.
//! Addition works on 16-bit halves with carries as expressions; the result's bytes are range-checked. For bitwise operations
//! z = a xor b comes from the table, and a + b = xor + 2 and = 2 or - xor byte by byte.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use super::program::{CONSTANT, IMMEDIATE, WRITES, normal};
use crate::bus::{Builder, PROGRAM, XOR, advance, flag, k, pair};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{HALF_INVERSE, at, hi, lo, read_register, register, sum, write_register};

columns! {
    pc, ts, rd, rs1, rs2,
    /// First operand; zero for a constant.
    a[4],
    /// Second operand: rs2 or the immediate.
    b[4],
    /// a xor b in a bitwise row.
    z[4],
    /// Result.
    r[4],
    /// rd before.
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    add, sub, xor, or, and,
    /// b is the immediate.
    imm,
    /// a is nothing.
    constant,
    /// rd is not x0.
    writes,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = sum::<AB>([c.add, c.sub, c.xor, c.or, c.and]);
    b.assert_bools([c.add, c.sub, c.xor, c.or, c.and, c.imm, c.constant, c.writes]);
    b.assert_bool(real.clone());
    // Padding is inert: these flags count accesses.
    b.assert_zeros([c.imm, c.constant, c.writes].map(|x| (AB::Expr::ONE - real.clone()) * x));

    // a + b = r, or r + b = a for a subtraction; a carry is 0 or 1.
    let (a, bb, r) =
        ([lo::<AB>(&c.a), hi::<AB>(&c.a)], [lo::<AB>(&c.b), hi::<AB>(&c.b)], [lo::<AB>(&c.r), hi::<AB>(&c.r)]);
    let shrink = k(HALF_INVERSE);
    for (on, x, y) in [(c.add, &a, &r), (c.sub, &r, &a)] {
        let c0 = (x[0].clone() + bb[0].clone() - y[0].clone()) * shrink;
        let c1 = (x[1].clone() + bb[1].clone() + c0.clone() - y[1].clone()) * shrink;
        b.when(on).assert_bool(c0);
        b.when(on).assert_bool(c1);
    }
    for i in 0..4 {
        let r2 = c.r[i].into().double();
        let ab = c.a[i] + c.b[i];
        b.assert_zero(
            c.xor * (c.r[i] - c.z[i]) + c.or * (r2.clone() - ab.clone() - c.z[i]) + c.and * (r2 - ab + c.z[i]),
        );
        b.assert_zero(c.constant * c.a[i]);
    }

    let op = c.add * k(Opcode::Add as u32)
        + c.sub * k(Opcode::Sub as u32)
        + c.xor * k(Opcode::Xor as u32)
        + c.or * k(Opcode::Or as u32)
        + c.and * k(Opcode::And as u32)
        + c.imm * k(IMMEDIATE)
        + c.writes * k(WRITES)
        + c.constant * k(CONSTANT);
    let fetch =
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), c.imm * bb[0].clone(), c.imm * bb[1].clone()];
    PROGRAM.lookup_key(b, fetch, flag(real.clone()));
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone() - c.constant);
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone() - c.imm);
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.r.map(Into::into), c.ts, SLOT_RD, c.writes);

    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, AB::Expr::ZERO, real);
    pair(b, c.r[0], c.r[1], c.add + c.sub);
    pair(b, c.r[2], c.r[3], c.add + c.sub);
    for i in 0..4 {
        XOR.lookup_key(b, [c.a[i], c.b[i], c.z[i]], flag(c.xor + c.or + c.and));
    }
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let (a, b) = (s.rs1.value, if n.immediate { n.imm } else { s.rs2.value });
    let result = match n.opcode {
        Opcode::Sub => a.wrapping_sub(b),
        Opcode::Xor => a ^ b,
        Opcode::Or => a | b,
        Opcode::And => a & b,
        _ => a.wrapping_add(b),
    };
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, !n.constant);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, !n.immediate);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(a),
        b: split(b),
        z: split(a ^ b),
        r: split(result),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        add: flag(Opcode::Add),
        sub: flag(Opcode::Sub),
        xor: flag(Opcode::Xor),
        or: flag(Opcode::Or),
        and: flag(Opcode::And),
        imm: n.immediate.into(),
        constant: n.constant.into(),
        writes: n.writes.into(),
    }
}
