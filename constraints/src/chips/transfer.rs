//! One byte of a `read` or `write`: takes what remains from the transfer bus, and puts back one less or returns control.

use galena_vm::record::{TS_STEP, TransferRecord};
use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, EXECUTION, OUTPUT, TRANSFER, flag, k, pair};
use crate::columns::columns;
use crate::fill::{since, split};
use crate::word::{Since, at, memory_key, sum, write};

columns! {
    next_pc, ts, addr,
    /// Bytes to move, this one included.
    remaining,
    /// From descriptor 0, to 1, to 2.
    input, output, log,
    /// This is the last byte.
    last,
    /// One-hot: the address modulo 4.
    offset[4],
    /// The memory word before and after.
    m[4], n[4],
    byte,
    since, gap,
}

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let real = sum::<AB>([c.input, c.output, c.log]);
    b.assert_bools([c.input, c.output, c.log, c.last]);
    b.assert_bool(real.clone());
    b.assert_bools(c.offset);
    b.assert_eq(sum::<AB>(c.offset), real.clone());
    b.assert_zero((AB::Expr::ONE - real.clone()) * c.last);
    b.assert_zero((c.remaining - AB::Expr::ONE) * c.last);

    // The byte goes into its place of the word; a byte that is written out came from there.
    let mut here = AB::Expr::ZERO;
    for i in 0..4 {
        b.assert_eq(c.n[i] - c.m[i], c.offset[i] * (c.byte - c.m[i]));
        here += c.offset[i] * c.m[i];
    }
    b.assert_zero((c.output + c.log) * (here - c.byte));

    let fd = c.output + c.log * k(2);
    let next_ts = at::<AB>(c.ts, TS_STEP);
    TRANSFER.receive(
        b,
        [fd.clone(), c.next_pc.into(), c.ts.into(), c.addr.into(), c.remaining.into()],
        flag(real.clone()),
    );
    let rest = [fd, c.next_pc.into(), next_ts.clone(), at::<AB>(c.addr, 1), c.remaining - AB::Expr::ONE];
    TRANSFER.send(b, rest, flag(real.clone() - c.last));
    EXECUTION.send(b, [c.next_pc.into(), next_ts], flag(c.last));
    OUTPUT.send(b, [c.ts, c.byte], flag(c.output));

    // The system chip has put the whole range below 2^30; see `memory_key` for why the offset cannot be wrong.
    let aligned = c.addr - (c.offset[1] + c.offset[2] * k(2) + c.offset[3] * k(3));
    write(b, memory_key::<AB>(aligned), (&c.m, &c.n), Since { ts: c.since, gap: c.gap }, c.ts.into(), real.clone());
    pair(b, c.gap, c.byte, real);
}

pub(crate) fn fill(s: &TransferRecord) -> Columns<u32> {
    let (before, gap) = since(&s.mem, s.ts, true);
    Columns {
        next_pc: s.next_pc,
        ts: s.ts,
        addr: s.addr,
        remaining: s.remaining,
        input: u32::from(s.fd == 0),
        output: u32::from(s.fd == 1),
        log: u32::from(s.fd == 2),
        last: u32::from(s.remaining == 1),
        offset: core::array::from_fn(|i| u32::from(s.addr & 3 == i as u32)),
        m: split(s.mem.prev),
        n: split(s.mem.value),
        byte: s.byte.into(),
        since: before,
        gap,
    }
}
