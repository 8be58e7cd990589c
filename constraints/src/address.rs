//! Addresses: a register plus an immediate modulo 2^32, in 16-bit halves.

use crate::bus::{Builder, k};
use crate::word::{hi, lo};

/// Halves of a + imm - 2^32 `carries[1]`. With boolean carries and both halves range-checked to 16 bits they are those of the sum modulo
/// 2^32; with the upper one below 2^14 the sum is below 2^30, the whole address space.
pub(crate) fn address<AB: Builder>(a: &[AB::Var; 4], imm: [AB::Var; 2], carries: [AB::Var; 2]) -> [AB::Expr; 2] {
    let low = lo::<AB>(a) + imm[0] - carries[0] * k(1 << 16);
    let high = hi::<AB>(a) + imm[1] + carries[0] - carries[1] * k(1 << 16);
    [low, high]
}

/// The carries of a + imm.
pub(crate) fn carries(a: u32, imm: u32) -> [u32; 2] {
    [((a & 0xffff) + (imm & 0xffff)) >> 16, u32::from(a.checked_add(imm).is_none())]
}
