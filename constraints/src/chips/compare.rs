//! `slt sltu` and immediate forms: rd = 1 when a < b, else 0.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{IMMEDIATE, WRITES, normal};
use crate::bus::{Builder, PROGRAM, advance, flag, k, pair};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::order::{Order, compare, order};
use crate::word::{at, hi, lo, read_register, register, write_register};

columns! {
    pc, ts, rd, rs1, rs2,
    a[4],
    /// rs2 or the immediate.
    b[4],
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    slt, sltu,
    /// b is the immediate.
    imm,
    /// rd is not x0.
    writes,
    /// The result.
    less,
    borrow,
    /// Sign bits, zero for `sltu`.
    sign_a, sign_b,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = c.slt + c.sltu;
    b.assert_bools([c.slt, c.sltu, c.imm, c.writes]);
    b.assert_bool(real.clone());
    b.assert_zeros([c.imm, c.writes].map(|x| (AB::Expr::ONE - real.clone()) * x));

    let o = Order { less: c.less, borrow: c.borrow, sign_a: c.sign_a, sign_b: c.sign_b };
    compare(b, &c.a, &c.b, &o, &c.slt.into(), &real);

    let op =
        c.slt * k(Opcode::Slt as u32) + c.sltu * k(Opcode::Sltu as u32) + c.imm * k(IMMEDIATE) + c.writes * k(WRITES);
    let (imm_lo, imm_hi) = (c.imm * lo::<AB>(&c.b), c.imm * hi::<AB>(&c.b));
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), imm_lo, imm_hi],
        flag(real.clone()),
    );
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone() - c.imm);
    let result = [c.less.into(), AB::Expr::ZERO, AB::Expr::ZERO, AB::Expr::ZERO];
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), result, c.ts, SLOT_RD, c.writes);

    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, AB::Expr::ZERO, real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let signed = n.opcode == Opcode::Slt;
    let (a, b) = (s.rs1.value, if n.immediate { n.imm } else { s.rs2.value });
    let o = order(a, b, signed);
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
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
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        slt: signed.into(),
        sltu: (!signed).into(),
        imm: n.immediate.into(),
        writes: n.writes.into(),
        less: o.less,
        borrow: o.borrow,
        sign_a: o.sign_a,
        sign_b: o.sign_b,
    }
}
