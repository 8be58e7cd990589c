//! The ends of the execution: row 0 starts it at the entry and takes its end, whose exit code is public. Its public values also carry
//! everything else the verifier knows, so that all of it is absorbed before the first challenge.

use galena_vm::record::FIRST_TS;
use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use crate::bus::{Builder, EXECUTION, HALT, flag, k, pair, u16};
use crate::columns::columns;

columns! {
    /// 1 in row 0, else 0.
    first,
    /// Timestamp at which the last instruction began, and its bits 16 to 23.
    ts, ts_hi,
}

/// Index of the entry pc and of the exit code among the public values.
pub(crate) const ENTRY: usize = 0;
#[allow(missing_docs)]
pub(crate) const EXIT_CODE: usize = 1;
/// Number of public values; see `statement`.
pub(crate) const PUBLIC_VALUES: usize = 22;

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, next: &Columns<AB::Var>) {
    b.when_first_row().assert_one(c.first);
    b.when_transition().assert_zero(next.first);
    b.assert_bool(c.first);

    let (entry, exit_code) = (b.public_values()[ENTRY].into(), b.public_values()[EXIT_CODE].into());
    EXECUTION.send(b, [entry, AB::Expr::from(k(FIRST_TS))], flag(c.first));
    HALT.receive(b, [exit_code, c.ts.into()], flag(c.first));
    // Below 2^24, so all timestamps before it are: they rise by at most 8 a row, and the rows of all tables cannot raise them by p.
    u16(b, c.ts - c.ts_hi * k(1 << 16), c.first);
    pair(b, c.ts_hi, AB::Expr::ZERO, c.first);
}
