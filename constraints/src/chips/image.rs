//! The loaded image: a preprocessed row (key, bytes, real) for each word that is not zero, sent once.

use crate::bus::{Builder, IMAGE, flag};
use crate::columns::columns;

columns! {
    /// Sent: what the preprocessed `real` says. (A table needs a main column.)
    count,
}

/// Preprocessed columns: key, four bytes, real.
pub(crate) const PREPROCESSED: usize = 6;

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>, fixed: &[AB::Var]) {
    b.assert_eq(c.count, fixed[5]);
    IMAGE.send(b, fixed[..5].iter().copied(), flag(c.count));
}
