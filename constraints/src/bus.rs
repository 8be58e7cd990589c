//! The buses: named LogUp channels that join the chips. One table, and one function for each thing a chip may say on a bus.

use p3_lookup::{Count, InteractionBuilder, LookupBus, PermutationCheckBus};

use crate::config::Val;

/// What chips are evaluated with: prover, verifier, symbolic analysis, the checker and the lookup counter each bring one.
pub trait Builder: InteractionBuilder<F = Val> {}
impl<AB: InteractionBuilder<F = Val>> Builder for AB {}

/// One row of the bus table.
pub struct Bus {
    /// Its name: equal names are one channel.
    pub name: &'static str,
    /// The message.
    pub tuple: &'static [&'static str],
    /// Whether it is a table that rows look up (any number of times), or messages that are sent and received exactly once.
    pub lookup: bool,
    /// Chips that send, or look up.
    pub senders: &'static [&'static str],
    /// Chips that receive, or hold the table.
    pub receivers: &'static [&'static str],
    /// What it is for.
    pub purpose: &'static str,
}

const INSTRUCTIONS: &[&str] =
    &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "trap"];

/// THE bus table.
#[rustfmt::skip]
pub const BUSES: &[Bus] = &[
    Bus { name: "execution", tuple: &["pc", "ts"], lookup: false,
        senders: &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "transfer", "connector"],
        receivers: INSTRUCTIONS,
        purpose: "control: each instruction receives where and when it runs and sends where and when the next one does" },
    Bus { name: "program", tuple: &["pc", "op", "rd", "rs1", "rs2", "imm_lo", "imm_hi"], lookup: true,
        senders: INSTRUCTIONS, receivers: &["program"],
        purpose: "fetch of a decoded instruction" },
    Bus { name: "memory", tuple: &["key", "b0", "b1", "b2", "b3", "ts"], lookup: false,
        senders: &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "trap", "transfer", "boundary"],
        receivers: &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "trap", "transfer", "boundary"],
        purpose: "registers and memory: an access receives the word as it was and sends it as it is" },
    Bus { name: "image", tuple: &["key", "b0", "b1", "b2", "b3"], lookup: false,
        senders: &["image"], receivers: &["boundary"],
        purpose: "each word of the loaded image, exactly once" },
    Bus { name: "transfer", tuple: &["fd", "next_pc", "ts", "addr", "remaining"], lookup: false,
        senders: &["system", "transfer"], receivers: &["transfer"],
        purpose: "bytes that a read or write has still to move" },
    Bus { name: "output", tuple: &["ts", "byte"], lookup: false,
        senders: &["transfer"], receivers: &["output"],
        purpose: "bytes of public output, with the time they were written" },
    Bus { name: "halt", tuple: &["exit_code", "ts"], lookup: false,
        senders: &["system", "trap"], receivers: &["connector"],
        purpose: "the end of the execution" },
    Bus { name: "u16", tuple: &["x"], lookup: true,
        senders: &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "trap", "transfer", "boundary", "output", "connector"],
        receivers: &["bytes"],
        purpose: "0 <= x < 2^16" },
    Bus { name: "pair", tuple: &["x", "y"], lookup: true,
        senders: &["alu", "compare", "shift", "branch", "jump", "load", "store", "mul", "mulh", "divrem", "system", "trap", "transfer", "output", "connector"],
        receivers: &["bytes"],
        purpose: "0 <= x, y < 2^8" },
    Bus { name: "xor", tuple: &["x", "y", "z"], lookup: true,
        senders: &["alu"], receivers: &["bytes"],
        purpose: "z = x xor y, all bytes" },
    Bus { name: "shift", tuple: &["k", "x", "lo", "hi"], lookup: true,
        senders: &["shift"], receivers: &["bytes"],
        purpose: "x * 2^k = lo + 256 * hi, for bytes and k <= 8" },
];

pub(crate) const EXECUTION: PermutationCheckBus<'static> = PermutationCheckBus::new("execution");
pub(crate) const PROGRAM: LookupBus<'static> = LookupBus::new("program");
pub(crate) const MEMORY: PermutationCheckBus<'static> = PermutationCheckBus::new("memory");
pub(crate) const IMAGE: PermutationCheckBus<'static> = PermutationCheckBus::new("image");
pub(crate) const TRANSFER: PermutationCheckBus<'static> = PermutationCheckBus::new("transfer");
pub(crate) const OUTPUT: PermutationCheckBus<'static> = PermutationCheckBus::new("output");
pub(crate) const HALT: PermutationCheckBus<'static> = PermutationCheckBus::new("halt");
pub(crate) const U16: LookupBus<'static> = LookupBus::new("u16");
pub(crate) const PAIR: LookupBus<'static> = LookupBus::new("pair");
pub(crate) const XOR: LookupBus<'static> = LookupBus::new("xor");
pub(crate) const SHIFT: LookupBus<'static> = LookupBus::new("shift");

/// A count that the chip constrains to be 0 or 1.
pub(crate) fn flag<E>(count: impl Into<E>) -> Count<E> {
    Count::bounded(count.into(), 1)
}

/// A small constant in the base field.
pub(crate) const fn k(n: u32) -> Val {
    Val::new(n)
}

/// Checks `0 <= x < 2^16` when `count` is 1.
pub(crate) fn u16<AB: Builder>(b: &mut AB, x: impl Into<AB::Expr>, count: impl Into<AB::Expr>) {
    U16.lookup_key(b, [x.into()], flag(count));
}

/// Checks that x and y are bytes when `count` is 1.
pub(crate) fn pair<AB: Builder>(
    b: &mut AB,
    x: impl Into<AB::Expr>,
    y: impl Into<AB::Expr>,
    count: impl Into<AB::Expr>,
) {
    PAIR.lookup_key(b, [x.into(), y.into()], flag(count));
}

/// Checks that the four bytes of a word are bytes when `count` is 1.
pub(crate) fn bytes<AB: Builder>(b: &mut AB, w: &[AB::Var; 4], count: impl Into<AB::Expr> + Clone) {
    pair(b, w[0], w[1], count.clone());
    pair(b, w[2], w[3], count);
}

/// One instruction: receives (pc, ts) and sends (`next_pc`, ts + 4).
pub(crate) fn advance<AB: Builder>(
    b: &mut AB,
    pc: AB::Var,
    ts: AB::Var,
    next_pc: impl Into<AB::Expr>,
    real: &AB::Expr,
) {
    EXECUTION.receive(b, [pc, ts], flag(real.clone()));
    EXECUTION.send(b, [next_pc.into(), ts + AB::Expr::from(k(4))], flag(real.clone()));
}
