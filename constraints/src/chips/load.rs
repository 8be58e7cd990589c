//! `lb lh lw lbu lhu`.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_MEM, SLOT_RD, SLOT_RS1, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{WRITES, normal};
use crate::address::{address, carries};
use crate::bus::{Builder, PROGRAM, advance, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{Since, at, memory_key, read, read_register, register, sum, write_register};

columns! {
    pc, ts, rd, rs1, a[4],
    imm_lo, imm_hi,
    /// The memory word.
    m[4],
    /// What rd becomes.
    v[4],
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    lb, lh, lw, lbu, lhu,
    /// rd is not x0.
    writes,
    /// One-hot: the address modulo 4.
    offset[4],
    carry0, carry1,
    /// Sign bit of what was loaded, zero when it is not extended by it.
    sign,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let flags = [c.lb, c.lh, c.lw, c.lbu, c.lhu];
    let real = sum::<AB>(flags);
    b.assert_bools(flags);
    b.assert_bool(real.clone());
    b.assert_bools(c.offset);
    b.assert_bools([c.writes, c.carry0, c.carry1, c.sign]);
    b.assert_zero((AB::Expr::ONE - real.clone()) * c.writes);
    b.assert_eq(sum::<AB>(c.offset), real.clone());

    // The address: aligned by `offset`, below 2^30; see `memory_key` for why the offset cannot be wrong.
    let [low, high] = address::<AB>(&c.a, [c.imm_lo, c.imm_hi], [c.carry0, c.carry1]);
    let low = low - (c.offset[1] + c.offset[2] * k(2) + c.offset[3] * k(3));
    u16(b, low.clone(), real.clone());
    u16(b, high.clone() * k(4), real.clone());
    let key = memory_key::<AB>(low + high * k(1 << 16));

    // Alignment of the access itself.
    let half = c.lh + c.lhu;
    b.assert_zero(c.lw * (AB::Expr::ONE - c.offset[0]));
    b.assert_zero(half.clone() * (c.offset[1] + c.offset[3]));

    // The bytes that were asked for, extended.
    let [m0, m1, m2, m3] = c.m;
    let fill = c.sign * k(255);
    b.assert_zero((c.lw + c.lbu + c.lhu) * c.sign);
    b.assert_eq(c.v[0], c.offset[0] * m0 + c.offset[1] * m1 + c.offset[2] * m2 + c.offset[3] * m3);
    b.assert_eq(c.v[1], c.lw * m1 + half * (c.offset[0] * m1 + c.offset[2] * m3) + c.lb * fill.clone());
    b.assert_eq(c.v[2], c.lw * m2 + fill.clone());
    b.assert_eq(c.v[3], c.lw * m3 + fill);
    // Without its sign bit the top byte is below 128.
    let top = c.lb * c.v[0] + c.lh * c.v[1];
    pair(b, c.gap3, (top - c.sign * k(128)).double(), real.clone());
    pair(b, c.gap1, c.gap2, real.clone());

    let op = c.lb * k(Opcode::Lb as u32)
        + c.lh * k(Opcode::Lh as u32)
        + c.lw * k(Opcode::Lw as u32)
        + c.lbu * k(Opcode::Lbu as u32)
        + c.lhu * k(Opcode::Lhu as u32)
        + c.writes * k(WRITES);
    let fetch = [c.pc.into(), op, c.rd.into(), c.rs1.into(), AB::Expr::ZERO, c.imm_lo.into(), c.imm_hi.into()];
    PROGRAM.lookup_key(b, fetch, flag(real.clone()));
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read(b, key, &c.m, Since { ts: c.since2, gap: c.gap2 }, at::<AB>(c.ts, SLOT_MEM), real);
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.v.map(Into::into), c.ts, SLOT_RD, c.writes);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let addr = s.rs1.value.wrapping_add(n.imm);
    let shifted = s.mem.value >> (8 * (addr & 3));
    let (value, sign) = match n.opcode {
        Opcode::Lb => (shifted as i8 as u32, shifted >> 7 & 1),
        Opcode::Lh => (shifted as i16 as u32, shifted >> 15 & 1),
        Opcode::Lbu => (shifted & 0xff, 0),
        Opcode::Lhu => (shifted & 0xffff, 0),
        _ => (shifted, 0),
    };
    let [carry0, carry1] = carries(s.rs1.value, n.imm);
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.mem, s.ts + SLOT_MEM, true);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        a: split(s.rs1.value),
        imm_lo: n.imm & 0xffff,
        imm_hi: n.imm >> 16,
        m: split(s.mem.value),
        v: split(value),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        lb: flag(Opcode::Lb),
        lh: flag(Opcode::Lh),
        lw: flag(Opcode::Lw),
        lbu: flag(Opcode::Lbu),
        lhu: flag(Opcode::Lhu),
        writes: n.writes.into(),
        offset: core::array::from_fn(|i| u32::from(addr & 3 == i as u32)),
        carry0,
        carry1,
        sign,
    }
}
