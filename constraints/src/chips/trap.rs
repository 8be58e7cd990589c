//! The instruction that ends a program by a trap, at most one row: an illegal word, `ebreak`, a misaligned or out-of-range load or store,
//! or a jump to a misaligned address. The row proves the reason and sends its exit code to the halt bus.

use galena_vm::isa::Opcode;
use galena_vm::record::{ADDRESS_LIMIT, SLOT_RS1, SLOT_RS2, TrapKind, TrapRecord};
use p3_field::PrimeCharacteristicRing;

use super::program::{CONSTANT, WRITES, normal};
use crate::bus::{Builder, EXECUTION, HALT, PROGRAM, flag, k, pair, u16};
use crate::columns::columns;
use crate::fill::{inverse, since, split};
use crate::order::{Order, compare, order};
use crate::word::{hi, lo, read_register, register, sum};

columns! {
    pc, ts, rd, rs1, rs2, a[4], b[4], imm_lo, imm_hi,
    since1, gap1, since2, gap2,
    illegal, ebreak, lb, lh, lw, lbu, lhu, sb, sh, sw, jal, jalr, beq, bne, blt, bge, bltu, bgeu,
    /// Why a load or store trapped.
    misaligned, beyond,
    /// rd is not x0.
    writes,
    /// Halves of the address or target.
    low, high, carry0, carry1,
    /// One-hot: `low` modulo 4, and its quotient.
    offset[4], quarter,
    less, borrow, sign_a, sign_b, differ, inverse,
}

/// 128 + SIGILL, SIGTRAP, SIGBUS, SIGSEGV.
const EXIT_CODES: [u32; 4] = [132, 133, 135, 139];

pub(super) fn eval<AB: Builder>(b: &mut AB, c: &Columns<AB::Var>) {
    let loads = [c.lb, c.lh, c.lw, c.lbu, c.lhu];
    let stores = [c.sb, c.sh, c.sw];
    let branches = [c.beq, c.bne, c.blt, c.bge, c.bltu, c.bgeu];
    let opcodes = flags(c);
    let real = sum::<AB>(opcodes.map(|(flag, _)| flag));
    let (store, branch) = (sum::<AB>(stores), sum::<AB>(branches));
    let access = sum::<AB>(loads) + store.clone();
    let jump = c.jal + c.jalr + branch.clone();
    b.assert_bools(opcodes.map(|(flag, _)| flag));
    b.assert_bools([c.misaligned, c.beyond, c.writes, c.carry0, c.carry1, c.differ]);
    b.assert_bools(c.offset);
    b.assert_bool(real.clone());
    b.assert_eq(c.misaligned + c.beyond, access.clone());
    b.assert_eq(sum::<AB>(c.offset), real.clone());

    // The address or target: rs1 + imm of an access or `jalr`, otherwise imm. All of it exact, because a trap has no memory bus behind it.
    let base = access.clone() + c.jalr;
    b.assert_eq(c.low, base.clone() * lo::<AB>(&c.a) + c.imm_lo - c.carry0 * k(1 << 16));
    b.assert_eq(c.high, base.clone() * hi::<AB>(&c.a) + c.imm_hi + c.carry0 - c.carry1 * k(1 << 16));
    u16(b, c.low, real.clone());
    u16(b, c.high, real.clone());
    b.assert_eq(c.low, c.quarter * k(4) + c.offset[1] + c.offset[2] * k(2) + c.offset[3] * k(3));
    u16(b, c.quarter, real.clone());

    // Misalignment is looked at first: an access out of range is aligned.
    let (halves, words) = (c.lh + c.lhu + c.sh, c.lw + c.sw);
    let [w0, w1, w2, w3] = c.offset;
    b.assert_zero(c.misaligned * (c.lb + c.lbu + c.sb));
    b.assert_zero(c.misaligned * halves.clone() * (w0 + w2));
    b.assert_zero(c.misaligned * words.clone() * w0);
    b.assert_zero(c.beyond * halves * (w1 + w3));
    b.assert_zero(c.beyond * words * (AB::Expr::ONE - w0));
    u16(b, c.high - AB::Expr::from(k(ADDRESS_LIMIT >> 16)), c.beyond);
    // Bit 0 of a target is cleared; bit 1 must be set.
    b.assert_zero(jump.clone() * (w0 + w1));

    // A branch traps only if it is taken.
    let o = Order { less: c.less, borrow: c.borrow, sign_a: c.sign_a, sign_b: c.sign_b };
    let [low, high] = compare(b, &c.a, &c.b, &o, &(c.blt + c.bge), &branch);
    let difference = low + high;
    b.assert_zero(branch.clone() * (difference.clone() * c.inverse - c.differ));
    b.assert_zero(branch.clone() * (difference * (AB::Expr::ONE - c.differ)));
    let not = |x: AB::Var| AB::Expr::ONE - x;
    b.assert_zero(
        c.beq * c.differ + c.bne * not(c.differ) + (c.blt + c.bltu) * not(c.less) + (c.bge + c.bgeu) * c.less,
    );

    let op = opcodes
        .iter()
        .fold(c.writes * k(WRITES) + c.jal * k(CONSTANT), |op, &(flag, opcode)| op + flag * k(opcode as u32));
    PROGRAM.lookup_key(
        b,
        [c.pc.into(), op, c.rd.into(), c.rs1.into(), c.rs2.into(), c.imm_lo.into(), c.imm_hi.into()],
        flag(real.clone()),
    );
    EXECUTION.receive(b, [c.pc, c.ts], flag(real.clone()));
    let [ill, trap, bus, segv] = EXIT_CODES.map(k);
    let code = c.illegal * ill + c.ebreak * trap + (jump + c.misaligned) * bus + c.beyond * segv;
    HALT.send(b, [code, c.ts.into()], flag(real.clone()));

    read_register(b, &register(c.rs1, &c.a, c.since1, c.gap1), c.ts, SLOT_RS1, base + branch.clone());
    read_register(b, &register(c.rs2, &c.b, c.since2, c.gap2), c.ts, SLOT_RS2, store + branch);
    pair(b, c.gap1, c.gap2, real);
}

/// Each opcode's flag and number on the program bus.
fn flags<T: Copy>(c: &Columns<T>) -> [(T, Opcode); 18] {
    use Opcode::*;
    [
        (c.illegal, Illegal),
        (c.ebreak, Ebreak),
        (c.lb, Lb),
        (c.lh, Lh),
        (c.lw, Lw),
        (c.lbu, Lbu),
        (c.lhu, Lhu),
        (c.sb, Sb),
        (c.sh, Sh),
        (c.sw, Sw),
        (c.jal, Jalr),
        (c.jalr, Jalr),
        (c.beq, Beq),
        (c.bne, Bne),
        (c.blt, Blt),
        (c.bge, Bge),
        (c.bltu, Bltu),
        (c.bgeu, Bgeu),
    ]
}

pub(crate) fn fill(record: &TrapRecord) -> Columns<u32> {
    let s = &record.step;
    let n = normal(s.pc, &s.decoded);
    let flag = |opcode: Opcode| u32::from(n.opcode == opcode);
    use Opcode::*;
    let access = matches!(n.opcode, Lb | Lh | Lw | Lbu | Lhu | Sb | Sh | Sw);
    let branch = matches!(n.opcode, Beq | Bne | Blt | Bge | Bltu | Bgeu);
    let based = access || (n.opcode == Jalr && !n.constant);
    let base = if based { s.rs1.value } else { 0 };
    let address = base.wrapping_add(n.imm);
    let [carry0, carry1] = crate::address::carries(base, n.imm);
    let (a, b) = (s.rs1.value, s.rs2.value);
    let o = if branch { order(a, b, matches!(n.opcode, Blt | Bge)) } else { order(0, 0, false) };
    let difference = a.wrapping_sub(b);
    let (since1, gap1) = since(&s.rs1, s.ts + SLOT_RS1, based || branch);
    let (since2, gap2) = since(&s.rs2, s.ts + SLOT_RS2, branch || matches!(n.opcode, Sb | Sh | Sw));
    Columns {
        pc: s.pc,
        ts: s.ts,
        rd: n.rd,
        rs1: n.rs1,
        rs2: n.rs2,
        a: split(a),
        b: split(b),
        imm_lo: n.imm & 0xffff,
        imm_hi: n.imm >> 16,
        since1,
        gap1,
        since2,
        gap2,
        illegal: flag(Illegal),
        ebreak: flag(Ebreak),
        lb: flag(Lb),
        lh: flag(Lh),
        lw: flag(Lw),
        lbu: flag(Lbu),
        lhu: flag(Lhu),
        sb: flag(Sb),
        sh: flag(Sh),
        sw: flag(Sw),
        jal: u32::from(n.opcode == Jalr && n.constant),
        jalr: u32::from(n.opcode == Jalr && !n.constant),
        beq: flag(Beq),
        bne: flag(Bne),
        blt: flag(Blt),
        bge: flag(Bge),
        bltu: flag(Bltu),
        bgeu: flag(Bgeu),
        misaligned: u32::from(record.kind == TrapKind::MisalignedAccess),
        beyond: u32::from(record.kind == TrapKind::OutOfRange),
        writes: n.writes.into(),
        low: address & 0xffff,
        high: address >> 16,
        carry0,
        carry1,
        offset: core::array::from_fn(|i| u32::from(address & 3 == i as u32)),
        quarter: (address & 0xffff) >> 2,
        less: o.less,
        borrow: o.borrow,
        sign_a: o.sign_a,
        sign_b: o.sign_b,
        differ: u32::from(branch && a != b),
        inverse: if branch { inverse((difference & 0xffff) + (difference >> 16)) } else { 0 },
    }
}
