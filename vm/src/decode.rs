//! Instruction words to `Decoded` and back, both driven by the instruction table.

use crate::isa::{Decoded, Format, ISA, Opcode};

impl Decoded {
    /// What a word that is no RV32IM instruction decodes to.
    pub const ILLEGAL: Self = Self { opcode: Opcode::Illegal, rd: 0, rs1: 0, rs2: 0, imm: 0 };
}

/// Decodes one instruction word. Total: a word that is no RV32IM instruction becomes [`Decoded::ILLEGAL`]. Operands that the format does
/// not have are zero. The loader, not this function, puts the initial break into the `imm` of an `ecall`.
pub fn decode(word: u32) -> Decoded {
    let Some(row) = ISA.iter().find(|row| word & row.mask == row.value) else {
        return Decoded::ILLEGAL;
    };
    let (rd, rs1, rs2) = (register(word, 7), register(word, 15), register(word, 20));
    let signed = word as i32;
    let decoded = Decoded { opcode: row.opcode, ..Decoded::ILLEGAL };
    match row.format {
        Format::R => Decoded { rd, rs1, rs2, ..decoded },
        Format::I => Decoded { rd, rs1, imm: (signed >> 20) as u32, ..decoded },
        Format::Shift => Decoded { rd, rs1, imm: u32::from(rs2), ..decoded },
        Format::S => Decoded { rs1, rs2, imm: (signed >> 25 << 5) as u32 | bits(word, 7, 5), ..decoded },
        Format::B => {
            let imm =
                (signed >> 31 << 12) as u32 | bits(word, 7, 1) << 11 | bits(word, 25, 6) << 5 | bits(word, 8, 4) << 1;
            Decoded { rs1, rs2, imm, ..decoded }
        }
        Format::U => Decoded { rd, imm: word & 0xffff_f000, ..decoded },
        Format::J => {
            let imm = (signed >> 31 << 20) as u32
                | bits(word, 12, 8) << 12
                | bits(word, 20, 1) << 11
                | bits(word, 21, 10) << 1;
            Decoded { rd, imm, ..decoded }
        }
        Format::System => decoded,
    }
}

/// Encodes an instruction: the inverse of [`decode`]. `None` when the operands do not fit (a register above 31, an immediate out of the
/// format's range, an odd branch offset) and for `Illegal`. The `imm` of system instructions is not part of the word.
pub fn encode(decoded: &Decoded) -> Option<u32> {
    let row = decoded.opcode.instruction()?;
    let Decoded { rd, rs1, rs2, imm, .. } = *decoded;
    if rd > 31 || rs1 > 31 || rs2 > 31 {
        return None;
    }
    let (rd, rs1, rs2) = (u32::from(rd) << 7, u32::from(rs1) << 15, u32::from(rs2) << 20);
    let operands = match row.format {
        Format::R => rd | rs1 | rs2,
        Format::I => rd | rs1 | fits(imm, 12)? << 20,
        Format::Shift => rd | rs1 | (imm < 32).then_some(imm)? << 20,
        Format::S => {
            let imm = fits(imm, 12)?;
            rs1 | rs2 | (imm >> 5) << 25 | (imm & 31) << 7
        }
        Format::B => {
            let imm = even(fits(imm, 13)?)?;
            rs1 | rs2 | (imm >> 12) << 31 | bits(imm, 11, 1) << 7 | bits(imm, 5, 6) << 25 | bits(imm, 1, 4) << 8
        }
        Format::U => rd | (imm & 0xfff == 0).then_some(imm)?,
        Format::J => {
            let imm = even(fits(imm, 21)?)?;
            rd | (imm >> 20) << 31 | bits(imm, 12, 8) << 12 | bits(imm, 11, 1) << 20 | bits(imm, 1, 10) << 21
        }
        Format::System => 0,
    };
    Some(row.value | operands)
}

/// `count` bits of `word` from bit `low`.
const fn bits(word: u32, low: u32, count: u32) -> u32 {
    word >> low & ((1 << count) - 1)
}

const fn register(word: u32, low: u32) -> u8 {
    bits(word, low, 5) as u8
}

/// The low `width` bits of `imm`, when sign-extending them gives `imm` back.
fn fits(imm: u32, width: u32) -> Option<u32> {
    let unused = 32 - width;
    ((imm << unused) as i32 >> unused == imm as i32).then_some(imm & ((1 << width) - 1))
}

fn even(imm: u32) -> Option<u32> {
    (imm & 1 == 0).then_some(imm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngCore, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn known_words() {
        // From the GNU assembler.
        let decoded = |opcode, rd, rs1, rs2, imm: i32| Decoded { opcode, rd, rs1, rs2, imm: imm as u32 };
        for (word, expected) in [
            (0x00c5_8533, decoded(Opcode::Add, 10, 11, 12, 0)),
            (0xfff5_8513, decoded(Opcode::Addi, 10, 11, 0, -1)),
            (0x41f5_d513, decoded(Opcode::Srai, 10, 11, 0, 31)),
            (0xfea5_ae23, decoded(Opcode::Sw, 0, 11, 10, -4)),
            (0xfeb5_0ee3, decoded(Opcode::Beq, 0, 10, 11, -4)),
            (0xffdf_f0ef, decoded(Opcode::Jal, 1, 0, 0, -4)),
            (0x8000_0537, decoded(Opcode::Lui, 10, 0, 0, i32::MIN)),
            (0x02c5_d533, decoded(Opcode::Divu, 10, 11, 12, 0)),
            (0x0000_0073, decoded(Opcode::Ecall, 0, 0, 0, 0)),
            (0x0010_0073, decoded(Opcode::Ebreak, 0, 0, 0, 0)),
            (0x0ff0_000f, decoded(Opcode::Fence, 0, 0, 0, 0)),
            (0x0000_100f, decoded(Opcode::Fence, 0, 0, 0, 0)), // fence.i
            (0xc000_1073, Decoded::ILLEGAL),                   // unimp
            (0, Decoded::ILLEGAL),
        ] {
            assert_eq!(decode(word), expected, "{word:#010x}");
        }
    }

    #[test]
    fn the_table_is_unambiguous() {
        for (i, a) in ISA.iter().enumerate() {
            assert_eq!(a.value & !a.mask, 0, "{}", a.name);
            assert_eq!(a.opcode.instruction().map(|row| row.name), Some(a.name));
            for b in &ISA[i + 1..] {
                assert_ne!(a.value & b.mask & a.mask, b.value & a.mask & b.mask, "{} and {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn encode_inverts_decode() {
        const SEED: u64 = 1;
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        for _ in 0..20_000 {
            for row in &ISA {
                let word = rng.next_u32() & !row.mask | row.value;
                let decoded = decode(word);
                assert_eq!(decoded.opcode, row.opcode, "{word:#010x} (seed {SEED})");
                let again = encode(&decoded).map(decode);
                assert_eq!(again, Some(decoded), "{word:#010x} (seed {SEED})");
                if row.format != Format::System {
                    assert_eq!(encode(&decoded), Some(word), "{} (seed {SEED})", row.name);
                }
            }
        }
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let addi = Decoded { opcode: Opcode::Addi, rd: 1, rs1: 2, rs2: 0, imm: 2047 };
        assert!(encode(&addi).is_some());
        for wrong in [
            Decoded { imm: 2048, ..addi },
            Decoded { rd: 32, ..addi },
            Decoded { opcode: Opcode::Slli, imm: 32, ..addi },
            Decoded { opcode: Opcode::Beq, imm: 3, ..addi },
            Decoded { opcode: Opcode::Beq, imm: 4096, ..addi },
            Decoded { opcode: Opcode::Jal, imm: 1 << 20, ..addi },
            Decoded { opcode: Opcode::Lui, imm: 0x1001, ..addi },
            Decoded::ILLEGAL,
        ] {
            assert_eq!(encode(&wrong), None, "{wrong:?}");
        }
    }
}
