//! `sll srl sra` and immediate forms. The amount is 8 n + k: each byte is shifted by k (right: shifted left by 8 - k, and the upper part
//! taken) through the table, then whole bytes move by n.

use galena_vm::isa::Opcode;
use galena_vm::record::{SLOT_RD, SLOT_RS1, SLOT_RS2, Step};
use p3_field::PrimeCharacteristicRing;

use super::program::{IMMEDIATE, WRITES, normal};
use crate::bus::{Builder, PROGRAM, SHIFT, advance, flag, k, pair};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{at, hi, lo, read_register, register, sum, write_register};

columns! {
    pc, ts, rd, rs1, rs2, a[4],
    /// rs2 or the immediate.
    b[4],
    /// Result.
    r[4],
    old[4],
    since1, gap1, since2, gap2, since3, gap3,
    sll, srl, sra,
    /// b is the immediate.
    imm,
    /// rd is not x0.
    writes,
    /// Bits of k.
    bits[3],
    /// One-hot: n.
    bytes[4],
    /// b0 / 32, of no consequence.
    rest,
    /// How far the table shifts left: k, or 8 - k for a right shift.
    by,
    /// Each byte of a, times 2^by: low and high byte.
    low[4], high[4],
    /// The same of the byte that comes in from the left.
    fill_low, fill_high,
    /// `sra` of a negative word.
    negative,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = sum::<AB>([c.sll, c.srl, c.sra]);
    b.assert_bools([c.sll, c.srl, c.sra, c.imm, c.writes, c.negative]);
    b.assert_bool(real.clone());
    b.assert_bools(c.bits);
    b.assert_bools(c.bytes);
    b.assert_zeros([c.imm, c.writes].map(|x| (AB::Expr::ONE - real.clone()) * x));
    b.assert_eq(sum::<AB>(c.bytes), real.clone());
    b.assert_zero((AB::Expr::ONE - c.sra) * c.negative);

    // b0 = 32 rest + 8 n + k, from the table's shift by 3.
    let bits = c.bits[0] + c.bits[1] * k(2) + c.bits[2] * k(4);
    let amount = (c.bytes[1] + c.bytes[2] * k(2) + c.bytes[3] * k(3)) * k(8) + bits.clone();
    SHIFT.lookup_key(b, [AB::Expr::from(k(3)), c.b[0].into(), amount * k(8), c.rest.into()], flag(real.clone()));

    let right = c.srl + c.sra;
    b.assert_eq(c.by, c.sll * bits.clone() + right.clone() * (AB::Expr::from(k(8)) - bits));
    let fill = c.negative * k(255);
    for i in 0..4 {
        SHIFT.lookup_key(b, [c.by, c.a[i], c.low[i], c.high[i]], flag(real.clone()));
    }
    SHIFT.lookup_key(b, [c.by.into(), fill.clone(), c.fill_low.into(), c.fill_high.into()], flag(real.clone()));
    pair(b, (c.a[3] - c.negative * k(128)).double(), AB::Expr::ZERO, c.sra);

    // The two parts of a byte do not overlap, so a sum of table entries is a byte.
    let left_byte = |i: usize| if i == 0 { c.low[0].into() } else { c.low[i] + c.high[i - 1] };
    let right_byte = |i: usize| if i == 3 { c.high[3] + c.fill_low } else { c.high[i] + c.low[i + 1] };
    for i in 0..4 {
        let mut left = AB::Expr::ZERO;
        let mut moved = AB::Expr::ZERO;
        for n in 0..4 {
            if n <= i {
                left += left_byte(i - n) * c.bytes[n];
            }
            moved += if i + n < 4 { right_byte(i + n) } else { fill.clone() } * c.bytes[n];
        }
        b.assert_eq(c.r[i], left * c.sll + moved * right.clone());
    }

    let op = c.sll * k(Opcode::Sll as u32)
        + c.srl * k(Opcode::Srl as u32)
        + c.sra * k(Opcode::Sra as u32)
        + c.imm * k(IMMEDIATE)
        + c.writes * k(WRITES);
    let (imm_lo, imm_hi) = (c.imm * lo::<AB>(&c.b), c.imm * hi::<AB>(&c.b));
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), imm_lo, imm_hi],
        flag(real.clone()),
    );
    advance(b, c.pc, c.ts, at::<AB>(c.pc, 4), &real);

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, real.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, real.clone() - c.imm);
    write_register(b, &register(c.rd, &c.old, c.since3, c.gap3), c.r.map(Into::into), c.ts, SLOT_RD, c.writes);
    pair(b, c.gap1, c.gap2, real.clone());
    // b1 too: with an immediate, whose halves alone are fixed, b0 must be the low byte.
    pair(b, c.gap3, c.b[1], real);
}

pub(crate) fn fill(s: &Step) -> Columns<u32> {
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    let (a, b) = (s.rs1.value, if n.immediate { n.imm } else { s.rs2.value });
    let negative = flag(Opcode::Sra) & (a >> 31);
    let (bits, bytes) = (b & 7, (b >> 3) & 3);
    let by = if n.opcode == Opcode::Sll { bits } else { 8 - bits };
    let shifted = split(a).map(|byte| byte << by);
    let fill = (255 * negative) << by;
    let result = match n.opcode {
        Opcode::Sll => a.wrapping_shl(b),
        Opcode::Srl => a.wrapping_shr(b),
        _ => (a as i32).wrapping_shr(b) as u32,
    };
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
        r: split(result),
        old: split(s.rd.prev),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        sll: flag(Opcode::Sll),
        srl: flag(Opcode::Srl),
        sra: flag(Opcode::Sra),
        imm: n.immediate.into(),
        writes: n.writes.into(),
        bits: core::array::from_fn(|i| bits >> i & 1),
        bytes: core::array::from_fn(|i| u32::from(bytes == i as u32)),
        rest: (b & 0xff) >> 5,
        by,
        low: shifted.map(|x| x & 0xff),
        high: shifted.map(|x| x >> 8),
        fill_low: fill & 0xff,
        fill_high: fill >> 8,
        negative,
    }
}
