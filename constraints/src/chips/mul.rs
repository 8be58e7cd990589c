//! `mul`: the low word of a product.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{WRITES, normal};
use crate::bus::{Builder, PROGRAM, advance, bytes, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::product::{carries, product};
use crate::word::{at, read_register, register, write_register};

columns! {
    pc, ts, rd, rs1, rs2, a[4], b[4], r[4], old[4],
    since1, gap1, since2, gap2, since3, gap3,
    real,
    /// rd is not x0.
    writes,
    carry[4],
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    b.assert_bools([c.real, c.writes]);
    b.assert_zero((AB::Expr::ONE - c.real) * c.writes);

    let word = |w: [AB::Var; 4]| w.map(Into::<AB::Expr>::into);
    product(b, &word(c.a), &word(c.b), None, &word(c.r), &c.carry);
    bytes(b, &c.r, c.real);
    for carry in c.carry {
        u16(b, carry, c.real);
    }

    let op = c.real * k(Opcode::Mul as u32) + c.writes * k(WRITES);
    let zero = AB::Expr::ZERO;
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), zero.clone(), zero.clone()],
        flag(c.real),
    );
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &c.real.into());

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, c.real);
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, c.real);
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.r.map(Into::into), c.ts, SLOT_RD, c.writes);
    pair(b, c.gap1, c.gap2, c.real);
    pair(b, c.gap3, zero, c.real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let (a, b) = (split(s.rs1.value), split(s.rs2.value));
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, true);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        rs2: n.rs2,
        a,
        b,
        r: split(s.rs1.value.wrapping_mul(s.rs2.value)),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        real: 1,
        writes: n.writes.into(),
        carry: carries(&a, &b, &[0; 4]),
    }
}
