//! `beq bne blt bge bltu bgeu`. The program bus carries the target, not the offset.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::normal;
use crate::bus::{Builder, PROGRAM, advance, flag, k, pair};
use crate::columns::columns;
use crate::fill::{inverse, since, split};
use crate::order::{Order, compare, order};
use crate::word::{read_register, register, sum};

columns! {
    pc, ts, rs1, rs2, a[4], b[4],
    /// Halves of the target.
    target_lo, target_hi,
    since1, gap1, since2, gap2,
    beq, bne, blt, bge, bltu, bgeu,
    less, borrow, sign_a, sign_b,
    /// a differs from b.
    differ,
    /// 1 / sum of the halves of a - b.
    inverse,
    taken, next_pc,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let flags = [c.beq, c.bne, c.blt, c.bge, c.bltu, c.bgeu];
    let real = sum::<AB>(flags);
    b.assert_bools(flags);
    b.assert_bool(real.clone());

    let o = Order { less: c.less, borrow: c.borrow, sign_a: c.sign_a, sign_b: c.sign_b };
    let [low, high] = compare(b, &c.a, &c.b, &o, &(c.blt + c.bge), &real);
    // Two halves below 2^16: their sum is zero only if both are, only if a = b.
    let difference = low + high;
    b.assert_eq(difference.clone() * c.inverse, c.differ);
    b.assert_zero(difference * (AB::Expr::ONE - c.differ));

    let not = |x: AB::Var| AB::Expr::ONE - x;
    let condition =
        c.beq * not(c.differ) + c.bne * c.differ + (c.blt + c.bltu) * c.less + (c.bge + c.bgeu) * not(c.less);
    b.assert_eq(c.taken, condition);
    let fall = real.clone() * k(4) + c.pc;
    let target = c.target_lo + c.target_hi * k(1 << 16);
    b.assert_eq(c.next_pc, fall.clone() + c.taken * (target - fall));

    let op = c.beq * k(Opcode::Beq as u32)
        + c.bne * k(Opcode::Bne as u32)
        + c.blt * k(Opcode::Blt as u32)
        + c.bge * k(Opcode::Bge as u32)
        + c.bltu * k(Opcode::Bltu as u32)
        + c.bgeu * k(Opcode::Bgeu as u32);
    let fetch = [c.pc.into(), op, AB::Expr::ZERO, c.rs1.into(), c.rs2.into(), c.target_lo.into(), c.target_hi.into()];
    PROGRAM.lookup_key(b, fetch, flag(real.clone()));
    advance(b, c.pc, c.ts, c.next_pc, &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone());
    pair(b, c.gap1, c.gap2, real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let (a, b) = (s.rs1.value, s.rs2.value);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let o = order(a, b, matches!(n.opcode, Opcode::Blt | Opcode::Bge));
    let difference = a.wrapping_sub(b);
    let taken = match n.opcode {
        Opcode::Beq => a == b,
        Opcode::Bne => a != b,
        Opcode::Blt | Opcode::Bltu => o.less == 1,
        _ => o.less == 0,
    };
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, true);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(a),
        b: split(b),
        target_lo: n.imm & 0xffff,
        target_hi: n.imm >> 16,
        since1,
        gap1,
        since2,
        gap2,
        beq: flag(Opcode::Beq),
        bne: flag(Opcode::Bne),
        blt: flag(Opcode::Blt),
        bge: flag(Opcode::Bge),
        bltu: flag(Opcode::Bltu),
        bgeu: flag(Opcode::Bgeu),
        less: o.less,
        borrow: o.borrow,
        sign_a: o.sign_a,
        sign_b: o.sign_b,
        differ: u32::from(a != b),
        inverse: inverse((difference & 0xffff) + (difference >> 16)),
        taken: taken.into(),
        next_pc: s.next_pc,
    }
}
