//! `div divu rem remu`. With values extended to 64 bits: b q + r = a modulo 2^64, and all four are so small that this is equality of integers.
//! Where b is not zero, |r| < |b| and r has the sign of a or is zero: so q and r are those of truncated division, also for MIN / -1, whose
//! quotient 2^31 has the bytes of MIN because the sign that extends q is not tied to its top bit. Where b is zero, q is all ones and the
//! equation gives r = a.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{WRITES, normal};
use crate::bus::{Builder, PROGRAM, advance, bytes, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{inverse, since, split};
use crate::product::{carries, extend, product};
use crate::word::{at, byte_sum, hi, lo, read_register, register, sum, write_register};

columns! {
    pc, ts, rd, rs1, rs2,
    /// Dividend, divisor.
    a[4], b[4],
    /// Quotient, remainder.
    q[4], r[4],
    /// What rd becomes: q or r.
    out[4],
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    div, divu, rem, remu,
    /// rd is not x0.
    writes,
    /// Top bits of the operands.
    top_a, top_b,
    /// The extensions' bits: those of the operands are their top bits if signed.
    sign_a, sign_b, sign_q, sign_r,
    carry[8],
    /// b is zero.
    zero,
    /// 1 / sum of the bytes of b.
    inverse,
    /// Halves of |b| - |r| - 1, and what the upper lends the lower, plus 1, in two bits.
    margin_lo, margin_hi, lend0, lend1,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let flags = [c.div, c.divu, c.rem, c.remu];
    let real = sum::<AB>(flags);
    b.assert_bools(flags);
    b.assert_bools([c.writes, c.top_a, c.top_b, c.sign_q, c.sign_r, c.zero, c.lend0, c.lend1]);
    b.assert_bool(real.clone());
    b.assert_zero((AB::Expr::ONE - real.clone()) * c.writes);

    let signed = c.div + c.rem;
    b.assert_eq(c.sign_a, signed.clone() * c.top_a);
    b.assert_eq(c.sign_b, signed.clone() * c.top_b);
    b.assert_zero((AB::Expr::ONE - signed) * c.sign_q);
    pair(b, (c.a[3] - c.top_a * k(128)).double(), (c.b[3] - c.top_b * k(128)).double(), real.clone());

    // b q + r = a.
    let wide = |w: &[AB::Var; 4], sign: AB::Var| extend::<AB>(w, sign.into());
    product(
        b,
        &wide(&c.b, c.sign_b),
        &wide(&c.q, c.sign_q),
        Some(&wide(&c.r, c.sign_r)),
        &wide(&c.a, c.sign_a),
        &c.carry,
    );
    bytes(b, &c.q, real.clone());
    bytes(b, &c.r, real.clone());
    for carry in c.carry {
        u16(b, carry, real.clone());
    }

    // Division by zero.
    let divisor = byte_sum::<AB>(&c.b);
    b.assert_zero(c.zero * divisor.clone());
    b.assert_eq(divisor * c.inverse, real.clone() - c.zero);
    b.assert_zeros(c.q.map(|byte| c.zero * (byte - AB::Expr::from(k(255)))));

    // A negative remainder needs a negative dividend; a remainder that is not negative, of one that is, must be zero.
    b.assert_zero((AB::Expr::ONE - c.sign_a) * c.sign_r);
    b.assert_zero((c.sign_a - c.sign_r) * byte_sum::<AB>(&c.r));

    // |x| = (1 - 2 sign) x + 2^32 sign on the bytes of x; 0 <= |b| - |r| - 1 < 2^32.
    let nonzero = real.clone() - c.zero;
    let (flip_b, flip_r) = (AB::Expr::ONE - c.sign_b.into().double(), AB::Expr::ONE - c.sign_r.into().double());
    let lend = c.lend0 + c.lend1 * k(2) - AB::Expr::ONE;
    let low =
        flip_b.clone() * lo::<AB>(&c.b) - flip_r.clone() * lo::<AB>(&c.r) - AB::Expr::ONE + lend.clone() * k(1 << 16);
    let high = flip_b * hi::<AB>(&c.b) - flip_r * hi::<AB>(&c.r) - lend + (c.sign_b - c.sign_r) * k(1 << 16);
    b.assert_zero(nonzero.clone() * (low - c.margin_lo));
    b.assert_zero(nonzero.clone() * (high - c.margin_hi));
    u16(b, c.margin_lo, nonzero.clone());
    u16(b, c.margin_hi, nonzero);

    for i in 0..4 {
        b.assert_eq(c.out[i], (c.div + c.divu) * c.q[i] + (c.rem + c.remu) * c.r[i]);
    }

    let op = c.div * k(Opcode::Div as u32)
        + c.divu * k(Opcode::Divu as u32)
        + c.rem * k(Opcode::Rem as u32)
        + c.remu * k(Opcode::Remu as u32)
        + c.writes * k(WRITES);
    let nil = AB::Expr::ZERO;
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), nil.clone(), nil.clone()],
        flag(real.clone()),
    );
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone());
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.out.map(Into::into), c.ts, SLOT_RD, c.writes);
    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, nil, real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let signed = matches!(n.opcode, Opcode::Div | Opcode::Rem);
    let value = |x: u32| if signed { i64::from(x as i32) } else { i64::from(x) };
    let (a, b) = (value(s.rs1.value), value(s.rs2.value));
    let (q, r) = if b == 0 { (if signed { -1 } else { 0xffff_ffff }, a) } else { (a / b, a % b) };
    let out = if matches!(n.opcode, Opcode::Div | Opcode::Divu) { q } else { r } as u32;
    let sign = |x: i64| u32::from(x < 0);
    let limbs = |x: i64| x.to_le_bytes().map(u32::from);
    let low = |x: u32| i64::from(x & 0xffff);
    let flip = |x: i64| if x < 0 { -1 } else { 1 };
    let (margin, lend) = if b == 0 {
        (0, 0)
    } else {
        let lower = flip(b) * low(b as u32) - flip(r) * low(r as u32) - 1;
        (b.abs() - r.abs() - 1, (-lower.div_euclid(1 << 16) + 1) as u32)
    };
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, true);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, true);
    let (since3, gap3) = since(&s.rd, s.ts + SLOT_RD, n.writes);
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(s.rs1.value),
        b: split(s.rs2.value),
        q: split(q as u32),
        r: split(r as u32),
        out: split(out),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        div: flag(Opcode::Div),
        divu: flag(Opcode::Divu),
        rem: flag(Opcode::Rem),
        remu: flag(Opcode::Remu),
        writes: n.writes.into(),
        top_a: s.rs1.value >> 31,
        top_b: s.rs2.value >> 31,
        sign_a: sign(a),
        sign_b: sign(b),
        sign_q: sign(q),
        sign_r: sign(r),
        carry: carries(&limbs(b), &limbs(q), &limbs(r)),
        zero: u32::from(b == 0),
        inverse: inverse(split(s.rs2.value).iter().sum()),
        margin_lo: (margin & 0xffff) as u32,
        margin_hi: (margin >> 16 & 0xffff) as u32,
        lend0: lend & 1,
        lend1: lend >> 1,
    }
}
