//! What each instruction computes, as pure functions of its operands.

use crate::isa::Opcode;

/// The result of an instruction that computes `rd` from two operands: registers, or a register and the immediate.
#[inline(always)]
pub(crate) fn arithmetic(opcode: Opcode, a: u32, b: u32) -> u32 {
    use Opcode::*;
    let (signed_a, signed_b) = (a as i32, b as i32);
    match opcode {
        Add | Addi => a.wrapping_add(b),
        Sub => a.wrapping_sub(b),
        Xor | Xori => a ^ b,
        Or | Ori => a | b,
        And | Andi => a & b,
        // Shifts take the low five bits of the amount, as wrapping_shl and wrapping_shr do.
        Sll | Slli => a.wrapping_shl(b),
        Srl | Srli => a.wrapping_shr(b),
        Sra | Srai => signed_a.wrapping_shr(b) as u32,
        Slt | Slti => u32::from(signed_a < signed_b),
        Sltu | Sltiu => u32::from(a < b),
        Mul => a.wrapping_mul(b),
        Mulh => ((i64::from(signed_a) * i64::from(signed_b)) >> 32) as u32,
        Mulhsu => ((i64::from(signed_a) * i64::from(b)) >> 32) as u32,
        Mulhu => ((u64::from(a) * u64::from(b)) >> 32) as u32,
        // Division by zero gives all ones and the dividend; MIN / -1 gives MIN and 0.
        Div if b == 0 => u32::MAX,
        Div => signed_a.wrapping_div(signed_b) as u32,
        Divu => a.checked_div(b).unwrap_or(u32::MAX),
        Rem if b == 0 => a,
        Rem => signed_a.wrapping_rem(signed_b) as u32,
        Remu => a.checked_rem(b).unwrap_or(a),
        _ => 0,
    }
}

/// What a load puts into `rd`, from the memory word shifted so that the byte addressed is lowest.
#[inline(always)]
pub(crate) fn extend(opcode: Opcode, shifted: u32) -> u32 {
    use Opcode::*;
    match opcode {
        Lb => shifted as i8 as u32,
        Lh => shifted as i16 as u32,
        Lbu => shifted & 0xff,
        Lhu => shifted & 0xffff,
        _ => shifted,
    }
}

/// The memory word after a store of `value` at `addr`.
#[inline(always)]
pub(crate) fn insert(opcode: Opcode, old: u32, value: u32, addr: u32) -> u32 {
    let mask: u32 = match opcode {
        Opcode::Sb => 0xff,
        Opcode::Sh => 0xffff,
        _ => u32::MAX,
    };
    let shift = 8 * (addr & 3);
    old & !(mask << shift) | (value & mask) << shift
}

#[inline(always)]
pub(crate) fn taken(opcode: Opcode, a: u32, b: u32) -> bool {
    match opcode {
        Opcode::Beq => a == b,
        Opcode::Bne => a != b,
        Opcode::Blt => (a as i32) < (b as i32),
        Opcode::Bge => (a as i32) >= (b as i32),
        Opcode::Bltu => a < b,
        _ => a >= b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Opcode::*;

    /// The corner cases of the M extension, from its table "Semantics for division by zero and division overflow" and by hand.
    #[test]
    fn multiplication_and_division_corners() {
        const MIN: u32 = 1 << 31;
        const NEG: u32 = u32::MAX; // -1
        for (opcode, a, b, expected) in [
            (Div, 7, 0, NEG),
            (Divu, 7, 0, u32::MAX),
            (Rem, 7, 0, 7),
            (Remu, 7, 0, 7),
            (Rem, MIN, 0, MIN),
            (Div, 0, 0, NEG),
            (Div, MIN, NEG, MIN),
            (Rem, MIN, NEG, 0),
            (Divu, MIN, NEG, 0),
            (Remu, MIN, NEG, MIN),
            (Div, (-7_i32) as u32, 3, (-2_i32) as u32),
            (Rem, (-7_i32) as u32, 3, NEG),
            (Rem, 7, (-3_i32) as u32, 1),
            (Div, 1, NEG, NEG),
            (Mulh, NEG, NEG, 0),
            (Mulh, MIN, MIN, 1 << 30),
            (Mulhu, NEG, NEG, NEG - 1),
            (Mulhsu, NEG, NEG, NEG),
            (Mulhsu, MIN, NEG, MIN),
            (Mulhsu, 1, NEG, 0),
            (Mul, NEG, NEG, 1),
            (Sra, MIN, 31, NEG),
            (Sra, MIN, 32, MIN),
            (Sll, 1, 33, 2),
            (Slt, MIN, 0, 1),
            (Sltu, MIN, 0, 0),
        ] {
            assert_eq!(arithmetic(opcode, a, b), expected, "{opcode:?} {a:#x} {b:#x}");
        }
    }

    #[test]
    fn parts_of_a_word() {
        assert_eq!(extend(Lb, 0x1234_5680), 0xffff_ff80);
        assert_eq!(extend(Lbu, 0x1234_5680), 0x80);
        assert_eq!(extend(Lh, 0x1234_8000), 0xffff_8000);
        assert_eq!(extend(Lhu, 0x1234_8000), 0x8000);
        assert_eq!(insert(Sb, 0x1122_3344, 0xaabb_ccdd, 0x1003), 0xdd22_3344);
        assert_eq!(insert(Sh, 0x1122_3344, 0xaabb_ccdd, 0x1002), 0xccdd_3344);
        assert_eq!(insert(Sw, 0x1122_3344, 0xaabb_ccdd, 0x1000), 0xaabb_ccdd);
    }
}
