//! `jal jalr`: rd = pc + 4, pc = (a + imm) with bit 0 cleared. For `jal` a is nothing and the immediate is the target.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{CONSTANT, WRITES, normal};
use crate::address::{address, carries};
use crate::bus::{Builder, PROGRAM, advance, bytes, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{hi, read_register, register, word, write_register};

columns! {
    pc, ts, rd, rs1, a[4],
    imm_lo, imm_hi,
    /// pc + 4.
    link[4],
    old[4],
    since1, gap1, since3, gap3,
    real,
    /// `jal`.
    constant,
    /// rd is not x0.
    writes,
    carry0, carry1,
    /// Bit 0 of a + imm.
    odd,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    b.assert_bools([c.real, c.constant, c.writes, c.carry0, c.carry1, c.odd]);
    b.assert_zeros([c.constant, c.writes].map(|x| (AB::Expr::ONE - c.real) * x));
    b.assert_zeros(c.a.map(|x| c.constant * x));

    // Both halves are exact, so the target is below 2^30; a wrong bit 0 makes it odd, which is no pc.
    let [low, high] = address::<AB>(&c.a, [c.imm_lo, c.imm_hi], [c.carry0, c.carry1]);
    let low = low - c.odd;
    u16(b, low.clone(), c.real);
    u16(b, high.clone() * k(4), c.real);
    let next_pc = low + high * k(1 << 16);

    // pc + 4 in bytes, upper half below 2^14: no word that differs from it by p.
    b.assert_eq(word::<AB>(&c.link), c.pc + c.real * k(4));
    bytes(b, &c.link, c.real);
    u16(b, hi::<AB>(&c.link) * k(4), c.real);

    let op = c.real * k(Opcode::Jalr as u32) + c.constant * k(CONSTANT) + c.writes * k(WRITES);
    let fetch = [c.pc.into(), op, c.rd.into(), c.rs1.into(), AB::Expr::ZERO, c.imm_lo.into(), c.imm_hi.into()];
    PROGRAM.lookup_key(b, fetch, flag(c.real));
    advance(b, c.pc, c.ts, next_pc, &c.real.into());

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, c.real - c.constant);
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.link.map(Into::into), c.ts, SLOT_RD, c.writes);
    pair(b, c.gap1, c.gap3, c.real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let a = s.rs1.value;
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, !n.constant);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    let [carry0, carry1] = carries(a, n.imm);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        a: split(a),
        imm_lo: n.imm & 0xffff,
        imm_hi: n.imm >> 16,
        link: split(s.pc + 4),
        old: split(s.rd.prev),
        since1,
        gap1,
        since3,
        gap3,
        real: 1,
        constant: n.constant.into(),
        writes: n.writes.into(),
        carry0,
        carry1,
        odd: a.wrapping_add(n.imm) & 1,
    }
}
