//! `ecall`: exit, read, write, brk and every error, by Linux numbers. One flag per outcome; each pins the registers that lead to it, so that
//! exactly one can hold. Bytes are moved by the transfer chip.

use galena_vm::isa::Opcode;
use galena_vm::record::{ADDRESS_LIMIT, Call, EcallRecord, TS_STEP_ECALL};
use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, EXECUTION, HALT, MEMORY, PROGRAM, TRANSFER, bytes, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{inverse, since, split};
use crate::word::{REGISTER_KEY, Since, at, byte_sum, hi, lo, read, sum, word};

columns! {
    pc, ts,
    /// Halves of the initial break.
    break_lo, break_hi,
    a7[4], a0[4], a1[4], a2[4],
    /// What a0 becomes.
    r[4],
    since1, gap1, since2, gap2, since3, gap3, since4, gap4,
    exit, read, write,
    /// EBADF of read and write.
    bad_read, bad_write,
    /// EFAULT of read and write.
    fault_read, fault_write,
    /// brk(0) and other brk.
    brk_zero, brk,
    /// ENOSYS, by a number of 256 or more, or less.
    other_high, other_low,
    /// Products of a7's low byte less the known numbers: of 63 and 64; then 93 and 94; then 214.
    known2, known4, known5,
    /// Zero exactly when a0 is 1 or 2.
    not_writable,
    /// Inverse of what must not be zero for the outcome.
    inverse,
    /// Halves of how far the range is from `ADDRESS_LIMIT`, and what makes them so.
    margin_lo, margin_hi, carry0, carry1, carry2,
    /// Halves of a2 - r of a transfer.
    left_lo, left_hi, borrow,
    /// At least one byte is moved.
    moves,
}

const REGISTERS: [u32; 4] = [17, 10, 11, 12];
const EBADF: u32 = -9_i32 as u32;
const EFAULT: u32 = -14_i32 as u32;
const ENOSYS: u32 = -38_i32 as u32;

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let flags = [
        c.exit,
        c.read,
        c.write,
        c.bad_read,
        c.bad_write,
        c.fault_read,
        c.fault_write,
        c.brk_zero,
        c.brk,
        c.other_high,
        c.other_low,
    ];
    let real = sum::<AB>(flags);
    b.assert_bools(flags);
    b.assert_bool(real.clone());
    call_number(b, c, &real);
    descriptor(b, c, &real);
    range(b, c);
    result(b, c, &real);

    let fetch = [
        c.pc.into(),
        AB::Expr::from(k(Opcode::Ecall as u32)),
        AB::Expr::ZERO,
        AB::Expr::ZERO,
        AB::Expr::ZERO,
        c.break_lo.into(),
        c.break_hi.into(),
    ];
    PROGRAM.lookup_key(b, fetch, flag(real.clone()));

    // Control: on to the next instruction, to the transfer, or to the end.
    b.assert_bool(c.moves);
    b.assert_zero((AB::Expr::ONE - c.read - c.write) * c.moves);
    // A transfer that does not move has no bytes. (One that moves none would count down from 0, and never end.)
    b.assert_zero((c.read + c.write - c.moves) * word::<AB>(&c.r));
    let (next_pc, next_ts) = (at::<AB>(c.pc, 4), at::<AB>(c.ts, TS_STEP_ECALL));
    EXECUTION.receive(b, [c.pc, c.ts], flag(real.clone()));
    EXECUTION.send(b, [next_pc.clone(), next_ts.clone()], flag(real.clone() - c.exit - c.moves));
    let transfer = [c.a0[0].into(), next_pc, next_ts, word::<AB>(&c.a1), word::<AB>(&c.r)];
    TRANSFER.send(b, transfer, flag(c.moves));
    HALT.send(b, [c.a0[0], c.ts], flag(c.exit));

    let accesses =
        [(&c.a7, c.since1, c.gap1), (&c.a0, c.since2, c.gap2), (&c.a1, c.since3, c.gap3), (&c.a2, c.since4, c.gap4)];
    for (slot, ((value, ts, gap), number)) in (0..).zip(accesses.into_iter().zip(REGISTERS)) {
        let key = AB::Expr::from(k(REGISTER_KEY + number));
        read(b, key, value, Since { ts, gap }, at::<AB>(c.ts, slot), real.clone());
    }
    pair(b, c.gap1, c.gap2, real.clone());
    pair(b, c.gap3, c.gap4, real.clone());
    // a0 was read at ts + 1 and nothing happened to it since.
    let key = AB::Expr::from(k(REGISTER_KEY + 10));
    let tuple = |w: &[AB::Var; 4], slot| {
        [key.clone(), w[0].into(), w[1].into(), w[2].into(), w[3].into(), at::<AB>(c.ts, slot)]
    };
    let writes = real - c.exit;
    MEMORY.receive(b, tuple(&c.a0, 1), flag(writes.clone()));
    MEMORY.send(b, tuple(&c.r, 4), flag(writes));
}

/// a7 is the number of the outcome's call, as a word: its upper bytes are zero.
fn call_number<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, real: &AB::Expr) {
    let x = c.a7[0];
    // In padding everything is zero.
    let less = |n: u32| x - real.clone() * k(n);
    let upper = c.a7[1] + c.a7[2] + c.a7[3];
    b.assert_zero((real.clone() - c.other_high - c.other_low) * upper.clone());
    b.assert_zero((c.read + c.bad_read + c.fault_read) * less(63));
    b.assert_zero((c.write + c.bad_write + c.fault_write) * less(64));
    b.assert_zero((c.brk_zero + c.brk) * less(214));
    b.assert_zero(less(93) * less(94) * c.exit);
    // Unknown numbers: not zero in the upper bytes, or different from each known number in the lowest.
    b.assert_eq(c.known2, less(63) * less(64));
    b.assert_eq(c.known4, less(93) * less(94) * c.known2);
    b.assert_eq(c.known5, less(214) * c.known4);
    b.assert_zero((upper * c.inverse - AB::Expr::ONE) * c.other_high);
    b.assert_zero((c.known5 * c.inverse - AB::Expr::ONE) * c.other_low);
}

/// a0 decides between outcomes of one call.
fn descriptor<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, real: &AB::Expr) {
    let total = byte_sum::<AB>(&c.a0);
    let less = |n: u32| c.a0[0] - real.clone() * k(n);
    // Neither term is negative as an integer and both are small, so the sum is zero only if both are.
    b.assert_eq(c.not_writable, c.a0[1] + c.a0[2] + c.a0[3] + less(1) * less(2));
    b.assert_zero((c.read + c.fault_read + c.brk_zero) * total.clone());
    b.assert_zero((c.bad_read + c.brk) * (total * c.inverse - AB::Expr::ONE));
    b.assert_zero((c.write + c.fault_write) * c.not_writable);
    b.assert_zero((c.not_writable * c.inverse - AB::Expr::ONE) * c.bad_write);
}

/// A transfer lies below `ADDRESS_LIMIT`, a fault does not: `ADDRESS_LIMIT` - a1 - a2, or a1 + a2 - `ADDRESS_LIMIT` - 1, is not negative. And
/// a read or write moves at most a2 bytes, a write exactly so many.
fn range<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    b.assert_bools([c.carry0, c.carry1, c.carry2, c.borrow]);
    let (inside, beyond) = (c.read + c.write, c.fault_read + c.fault_write);
    let (low, high) = (lo::<AB>(&c.a1) + lo::<AB>(&c.a2), hi::<AB>(&c.a1) + hi::<AB>(&c.a2));
    let limit = AB::Expr::from(k(ADDRESS_LIMIT >> 16));
    let shift = k(1 << 16);
    let plus = c.carry0 + c.carry1;
    b.assert_zero(inside.clone() * (plus.clone() * shift - low.clone() - c.margin_lo));
    b.assert_zero(inside.clone() * (limit.clone() - high.clone() - plus - c.margin_hi));
    let lend = c.carry0 - c.carry1;
    b.assert_zero(beyond.clone() * (low - AB::Expr::ONE + lend.clone() * shift - c.margin_lo));
    b.assert_zero(beyond.clone() * (high - limit - lend - c.carry2 * shift - c.margin_hi));
    u16(b, c.margin_lo, inside.clone() + beyond.clone());
    u16(b, c.margin_hi, inside.clone() + beyond);

    b.assert_zero(inside.clone() * (lo::<AB>(&c.a2) - lo::<AB>(&c.r) + c.borrow * shift - c.left_lo));
    b.assert_zero(inside.clone() * (hi::<AB>(&c.a2) - hi::<AB>(&c.r) - c.borrow - c.left_hi));
    u16(b, c.left_lo, inside.clone());
    u16(b, c.left_hi, inside);
    for i in 0..4 {
        b.assert_zero(c.write * (c.r[i] - c.a2[i]));
    }
}

/// The result of calls that move nothing, and bytes for those that do.
fn result<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, real: &AB::Expr) {
    let errors = [
        (c.bad_read + c.bad_write, EBADF),
        (c.fault_read + c.fault_write, EFAULT),
        (c.other_high + c.other_low, ENOSYS),
    ];
    for (on, value) in errors {
        for (byte, expected) in c.r.iter().zip(split(value)) {
            b.assert_zero(on.clone() * (*byte - AB::Expr::from(k(expected))));
        }
    }
    for i in 0..4 {
        b.assert_zero(c.brk * (c.r[i] - c.a0[i]));
        b.assert_zero(c.exit * c.r[i]);
    }
    b.assert_zero(c.brk_zero * (lo::<AB>(&c.r) - c.break_lo));
    b.assert_zero(c.brk_zero * (hi::<AB>(&c.r) - c.break_hi));
    bytes(b, &c.r, real.clone());
}

pub(crate) fn fill(s: &EcallRecord, initial_break: u32) -> Columns<u32> {
    let (number, fd) = (s.a7.value, s.a0.value);
    let on = |condition: bool| u32::from(condition);
    let (reads, writes) = (number == 63, number == 64);
    let bad = s.call == Call::Unknown && (reads || writes);
    let other = s.call == Call::Unknown && !bad;
    let [x, upper @ ..] = split(number);
    let upper: u32 = upper.iter().sum();
    let p = u64::from(0x7800_0001_u32);
    let product = |start: u32, numbers: &[u32]| {
        numbers.iter().fold(u64::from(start), |total, &n| total * ((u64::from(x) + p - u64::from(n)) % p) % p) as u32
    };
    let known2 = product(1, &[63, 64]);
    let known4 = product(known2, &[93, 94]);
    let known5 = product(known4, &[214]);
    let fd_bytes = split(fd);
    let not_writable =
        fd_bytes[1..].iter().sum::<u32>() + (fd_bytes[0].wrapping_sub(1)).wrapping_mul(fd_bytes[0].wrapping_sub(2));
    let total: u32 = fd_bytes.iter().sum();
    let nonzero = match s.call {
        Call::Unknown if reads => total,
        Call::Unknown if writes => not_writable,
        Call::Unknown if upper != 0 => upper,
        Call::Unknown => known5,
        Call::Brk => total,
        _ => 0,
    };
    let inside = matches!(s.call, Call::Read | Call::Write);
    let r = if s.call == Call::Exit { 0 } else { s.result.value };
    let sum_low = (s.a1.value & 0xffff) + (s.a2.value & 0xffff);
    let range = i64::from(s.a1.value) + i64::from(s.a2.value) - i64::from(ADDRESS_LIMIT);
    let (margin, carry) = match s.call {
        Call::Read | Call::Write => (-range, sum_low.div_ceil(1 << 16) as i32),
        // What the lower half borrows is -1, 0 or 1.
        Call::Fault => (range - 1, -((sum_low as i32 - 1).div_euclid(1 << 16))),
        _ => (0, 0),
    };
    let (carry0, carry1) = match carry {
        -1 => (0, 1),
        1 => (1, 0),
        2 => (1, 1),
        _ => (0, 0),
    };
    let left = if inside { s.a2.value.wrapping_sub(r) } else { 0 };
    let (since1, gap1) = since(&s.a7, s.ts, true);
    let (since2, gap2) = since(&s.a0, s.ts + 1, true);
    let (since3, gap3) = since(&s.a1, s.ts + 2, true);
    let (since4, gap4) = since(&s.a2, s.ts + 3, true);
    Columns {
        pc: s.pc,
        ts: s.ts,
        break_lo: initial_break & 0xffff,
        break_hi: initial_break >> 16,
        a7: split(number),
        a0: split(fd),
        a1: split(s.a1.value),
        a2: split(s.a2.value),
        r: split(r),
        since1,
        gap1,
        since2,
        gap2,
        since3,
        gap3,
        since4,
        gap4,
        exit: on(s.call == Call::Exit),
        read: on(s.call == Call::Read),
        write: on(s.call == Call::Write),
        bad_read: on(bad && reads),
        bad_write: on(bad && writes),
        fault_read: on(s.call == Call::Fault && reads),
        fault_write: on(s.call == Call::Fault && writes),
        brk_zero: on(s.call == Call::Brk && fd == 0),
        brk: on(s.call == Call::Brk && fd != 0),
        other_high: on(other && upper != 0),
        other_low: on(other && upper == 0),
        known2,
        known4,
        known5,
        not_writable,
        inverse: inverse(nonzero),
        margin_lo: (margin & 0xffff) as u32,
        margin_hi: (margin >> 16 & 0xffff) as u32,
        carry0,
        carry1,
        carry2: on(margin >> 32 & 1 == 1),
        left_lo: left & 0xffff,
        left_hi: left >> 16,
        borrow: on(inside && s.a2.value & 0xffff < r & 0xffff),
        moves: on(inside && r > 0),
    }
}
