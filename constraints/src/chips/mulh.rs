//! `mulh mulhsu mulhu`: the high word of a product, from the product of the operands extended to 64 bits, modulo 2^64.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{WRITES, normal};
use crate::bus::{Builder, PROGRAM, advance, bytes, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::product::{carries, extend, product};
use crate::word::{at, read_register, register, sum, write_register};

columns! {
    pc, ts, rd, rs1, rs2, a[4], b[4],
    low[4],
    /// Result.
    r[4],
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    mulh, mulhsu, mulhu,
    /// rd is not x0.
    writes,
    /// Top bits of the operands.
    top_a, top_b,
    /// The same where the operand is signed.
    sign_a, sign_b,
    carry[8],
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = sum::<AB>([c.mulh, c.mulhsu, c.mulhu]);
    b.assert_bools([c.mulh, c.mulhsu, c.mulhu, c.writes, c.top_a, c.top_b]);
    b.assert_bool(real.clone());
    b.assert_zero((AB::Expr::ONE - real.clone()) * c.writes);
    b.assert_eq(c.sign_a, (c.mulh + c.mulhsu) * c.top_a);
    b.assert_eq(c.sign_b, c.mulh * c.top_b);
    pair(b, (c.a[3] - c.top_a * k(128)).double(), (c.b[3] - c.top_b * k(128)).double(), real.clone());

    let result = core::array::from_fn(|i| if i < 4 { c.low[i] } else { c.r[i - 4] }.into());
    product(b, &extend::<AB>(&c.a, c.sign_a.into()), &extend::<AB>(&c.b, c.sign_b.into()), None, &result, &c.carry);
    bytes(b, &c.low, real.clone());
    bytes(b, &c.r, real.clone());
    for carry in c.carry {
        u16(b, carry, real.clone());
    }

    let op = c.mulh * k(Opcode::Mulh as u32)
        + c.mulhsu * k(Opcode::Mulhsu as u32)
        + c.mulhu * k(Opcode::Mulhu as u32)
        + c.writes * k(WRITES);
    let zero = AB::Expr::ZERO;
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), zero.clone(), zero.clone()],
        flag(real.clone()),
    );
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone());
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.r.map(Into::into), c.ts, SLOT_RD, c.writes);
    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, zero, real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let (a, b) = (s.rs1.value, s.rs2.value);
    let sign_a = if n.opcode == Opcode::Mulhu { 0 } else { a >> 31 };
    let sign_b = if n.opcode == Opcode::Mulh { b >> 31 } else { 0 };
    let wide = |x: u32, sign: u32| u64::from(x) | if sign == 1 { 0xffff_ffff_0000_0000 } else { 0 };
    let (wide_a, wide_b) = (wide(a, sign_a), wide(b, sign_b));
    let value = wide_a.wrapping_mul(wide_b);
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, true);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    let limbs = |x: u64| x.to_le_bytes().map(u32::from);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(a),
        b: split(b),
        low: split(value as u32),
        r: split((value >> 32) as u32),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        mulh: flag(Opcode::Mulh),
        mulhsu: flag(Opcode::Mulhsu),
        mulhu: flag(Opcode::Mulhu),
        writes: n.writes.into(),
        top_a: a >> 31,
        top_b: b >> 31,
        sign_a,
        sign_b,
        carry: carries(&limbs(wide_a), &limbs(wide_b), &[0; 8]),
    }
}
