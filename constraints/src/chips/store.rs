//! `sb sh sw`: a read-modify-write of one memory word.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_MEM, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::normal;
use crate::address::{address, carries};
use crate::bus::{Builder, PROGRAM, advance, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{Since, at, memory_key, read_register, register, sum, write};

columns! {
    pc, ts, rs1, rs2, a[4],
    /// What is stored.
    b[4],
    imm_lo, imm_hi,
    /// The memory word before.
    m[4],
    /// And after.
    n[4],
    since1, gap1, since2, gap2, since3, gap3,
    sb, sh, sw,
    /// One-hot: the address modulo 4.
    offset[4],
    carry0, carry1,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = sum::<AB>([c.sb, c.sh, c.sw]);
    b.assert_bools([c.sb, c.sh, c.sw, c.carry0, c.carry1]);
    b.assert_bool(real.clone());
    b.assert_bools(c.offset);
    b.assert_eq(sum::<AB>(c.offset), real.clone());

    let [low, high] = address::<AB>(&c.a, [c.imm_lo, c.imm_hi], [c.carry0, c.carry1]);
    let low = low - (c.offset[1] + c.offset[2] * k(2) + c.offset[3] * k(3));
    u16(b, low.clone(), real.clone());
    u16(b, high.clone() * k(4), real.clone());
    let key = memory_key::<AB>(low + high * k(1 << 16));

    b.assert_zero(c.sw * (AB::Expr::ONE - c.offset[0]));
    b.assert_zero(c.sh * (c.offset[1] + c.offset[3]));

    // Offset 1 and 3 are bytes, 2 is a byte or a half.
    let [w0, w1, w2, w3] = c.offset;
    let [b0, b1, b2, b3] = c.b;
    let [m0, m1, m2, m3] = c.m;
    b.assert_eq(c.n[0] - m0, w0 * (b0 - m0));
    b.assert_eq(c.n[1] - m1, (c.sw + c.sh * w0) * (b1 - m1) + w1 * (b0 - m1));
    b.assert_eq(c.n[2] - m2, c.sw * (b2 - m2) + w2 * (b0 - m2));
    b.assert_eq(c.n[3] - m3, c.sw * (b3 - m3) + c.sh * w2 * (b1 - m3) + w3 * (b0 - m3));

    let op = c.sb * k(Opcode::Sb as u32) + c.sh * k(Opcode::Sh as u32) + c.sw * k(Opcode::Sw as u32);
    let fetch = [c.pc.into(), op, AB::Expr::ZERO, c.rs1.into(), c.rs2.into(), c.imm_lo.into(), c.imm_hi.into()];
    PROGRAM.lookup_key(b, fetch, flag(real.clone()));
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone());
    write(b, key, (&c.m, &c.n), Since { ts: c.since3, gap: c.gap3 }, at::<AB>(c.ts, SLOT_MEM), real.clone());
    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, AB::Expr::ZERO, real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let addr = s.rs1.value.wrapping_add(n.imm);
    let [carry0, carry1] = carries(s.rs1.value, n.imm);
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, true);
    let (since3, gap3) = since(&s.mem, s.ts + SLOT_MEM, true);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(s.rs1.value),
        b: split(s.rs2.value),
        imm_lo: n.imm & 0xffff,
        imm_hi: n.imm >> 16,
        m: split(s.mem.prev),
        n: split(s.mem.value),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        sb: flag(Opcode::Sb),
        sh: flag(Opcode::Sh),
        sw: flag(Opcode::Sw),
        offset: core::array::from_fn(|i| u32::from(addr & 3 == i as u32)),
        carry0,
        carry1,
    }
}
