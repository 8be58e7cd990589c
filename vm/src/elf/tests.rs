//! Tests of the loader: every refusal with its offset, files that are accepted, and files broken at random.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{ElfError, load};
use crate::assembler::{Assembler, register::*};
use crate::decode::decode;
use crate::execute::{Limits, run};
use crate::isa::Opcode;
use crate::program::Program;
use crate::record::ADDRESS_LIMIT;

const CODE: u32 = 0x0001_0000;
const DATA: u32 = 0x0002_0004;
/// Program headers of code and data in the files of `honest`.
const CODE_HEADER: usize = 52;
const DATA_HEADER: usize = 84;

fn honest() -> Vec<u8> {
    Assembler::new(CODE).li(A0, 0).exit(0).word(0).data(DATA, &[0, 1, 2, 0, 0, 0, 0, 0, 5]).elf().expect("a file")
}

/// The honest file with 32-bit words replaced.
fn patched(patches: &[(usize, u32)]) -> Vec<u8> {
    let mut file = honest();
    for &(offset, word) in patches {
        file[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
    }
    file
}

fn word(file: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(file[offset..offset + 4].try_into().expect("four bytes"))
}

#[test]
fn an_honest_file() {
    let program = load(&honest()).expect("a program");
    assert_eq!(program.entry, CODE);
    assert_eq!(
        program.code.iter().map(|code| code.pc).collect::<Vec<_>>(),
        (0..5).map(|i| CODE + 4 * i).collect::<Vec<_>>()
    );
    assert_eq!(program.initial_break, 0x0002_1000);
    assert_eq!((program.code[3].decoded.opcode, program.code[3].decoded.imm), (Opcode::Ecall, 0x0002_1000));
    assert_eq!(program.code[4].decoded, decode(0), "a zero word is code that is illegal");
    // Zero words are not in the image; bytes are where they belong.
    assert_eq!(
        program.image.iter().map(|&(addr, _)| addr).collect::<Vec<_>>(),
        [CODE, CODE + 4, CODE + 8, CODE + 12, DATA, DATA + 8]
    );
    assert_eq!(program.image[4..], [(DATA, 0x0002_0100), (DATA + 8, 5)]);
}

#[test]
fn segments_may_share_a_word_but_not_a_byte() {
    let shared = |second| Assembler::new(CODE).exit(0).data(DATA, &[1]).data(second, &[2, 3]).program();
    assert_eq!(shared(DATA + 1).expect("a program").image.last(), Some(&(DATA, 0x0003_0201)));
    assert!(shared(DATA).is_err());
}

#[test]
fn every_refusal_names_its_offset() {
    let file = honest();
    let code_offset = word(&file, CODE_HEADER + 4);
    let data_offset = word(&file, DATA_HEADER + 4);
    let at = |index: u32| (code_offset + 4 * index) as usize;
    let cases: Vec<(&str, Vec<u8>, ElfError)> = vec![
        ("nothing", vec![], ElfError::Magic { found: vec![] }),
        ("text", b"#!/bin/sh".to_vec(), ElfError::Magic { found: b"#!/b".to_vec() }),
        (
            "half a header",
            file[..40].to_vec(),
            ElfError::Truncated { what: "the ELF header", offset: 0, size: 52, file_size: 40 },
        ),
        (
            "program headers cut",
            file[..100].to_vec(),
            ElfError::Truncated { what: "the program headers", offset: 52, size: 64, file_size: 100 },
        ),
        (
            "segment cut",
            file[..file.len() - 1].to_vec(),
            ElfError::Truncated {
                what: "a segment's bytes",
                offset: data_offset.into(),
                size: 9,
                file_size: file.len() - 1,
            },
        ),
        ("compressed flag", patched(&[(36, 1)]), ElfError::Flags { extension: "C (compressed)", offset: 36, flags: 1 }),
        (
            "float flag",
            patched(&[(36, 4)]),
            ElfError::Flags { extension: "F or D (floating point)", offset: 36, flags: 4 },
        ),
        ("no segments", patched(&[(CODE_HEADER, 0), (DATA_HEADER, 0)]), ElfError::NoSegments { offset: 52 }),
        ("entry in data", patched(&[(24, DATA)]), ElfError::Entry { offset: 24, entry: DATA }),
        ("entry misaligned", patched(&[(24, CODE + 2)]), ElfError::Entry { offset: 24, entry: CODE + 2 }),
        ("entry past code", patched(&[(24, CODE + 20)]), ElfError::Entry { offset: 24, entry: CODE + 20 }),
        (
            "writable code",
            patched(&[(CODE_HEADER + 24, 7)]),
            ElfError::WritableCode { offset: CODE_HEADER as u32, addr: CODE },
        ),
        (
            "misaligned code",
            patched(&[(CODE_HEADER + 8, CODE + 2)]),
            ElfError::MisalignedCode { offset: CODE_HEADER as u32, addr: CODE + 2 },
        ),
        (
            "less memory than file",
            patched(&[(DATA_HEADER + 20, 8)]),
            ElfError::SegmentSize { offset: DATA_HEADER as u32, file_size: 9, mem_size: 8 },
        ),
        (
            "one byte out of range",
            patched(&[(DATA_HEADER + 8, ADDRESS_LIMIT - 8)]),
            ElfError::OutOfRange { offset: DATA_HEADER as u32, addr: ADDRESS_LIMIT - 8, mem_size: 9 },
        ),
        (
            "address that wraps",
            patched(&[(DATA_HEADER + 8, u32::MAX)]),
            ElfError::OutOfRange { offset: DATA_HEADER as u32, addr: u32::MAX, mem_size: 9 },
        ),
        (
            "too much memory",
            patched(&[(DATA_HEADER + 20, u32::MAX)]),
            ElfError::OutOfRange { offset: DATA_HEADER as u32, addr: DATA, mem_size: u32::MAX },
        ),
        (
            "overlap by one byte",
            patched(&[(DATA_HEADER + 8, CODE + 19)]),
            ElfError::Overlap {
                offset: DATA_HEADER as u32,
                addr: CODE + 19,
                other: CODE_HEADER as u32,
                end: CODE + 20,
            },
        ),
        (
            "compressed code",
            patched(&[(at(1), 0x0001_4501)]),
            ElfError::Compressed { offset: code_offset + 4, addr: CODE + 4, word: 0x0001_4501 },
        ),
        (
            "atomic code",
            patched(&[(at(2), 0x1005_252f)]),
            ElfError::Extension {
                extension: "A (atomic)",
                hint: "or lower atomics (-Cpasses=lower-atomic)",
                offset: code_offset + 8,
                addr: CODE + 8,
                word: 0x1005_252f,
            },
        ),
        (
            "floating-point code",
            patched(&[(at(0), 0x0005_2507)]),
            ElfError::Extension {
                extension: "F or D (floating point)",
                hint: "-mabi=ilp32",
                offset: code_offset,
                addr: CODE,
                word: 0x0005_2507,
            },
        ),
    ];
    for (name, file, expected) in cases {
        assert_eq!(load(&file), Err(expected), "{name}");
    }
}

#[test]
fn header_fields_with_one_acceptable_value() {
    for (offset, value, what) in [
        (4, 2, "class"),
        (5, 2, "data encoding"),
        (6, 0, "ELF version"),
        (16, 3, "file type"),
        (18, 62, "machine"),
        (20, 2, "ELF version"),
        (40, 51, "header size"),
        (42, 56, "program header size"),
    ] {
        let mut file = honest();
        file[offset] = value;
        let error = load(&file).expect_err(what);
        assert!(
            matches!(error, ElfError::Header { what: found, offset: at, .. } if found == what && at == offset),
            "{error}"
        );
    }
}

/// One byte of the file cannot be loaded again and again: the image would be larger than the file by any factor.
#[test]
fn segments_that_share_bytes_of_the_file() {
    let mut asm = Assembler::new(CODE);
    asm.exit(0).data(DATA, &[7; 40_000]).data(DATA + 65_536, &[7; 40_000]);
    assert!(asm.program().is_ok());
    let mut file = asm.elf().expect("a file");
    let first = word(&file, DATA_HEADER + 4);
    file[DATA_HEADER + 36..DATA_HEADER + 40].copy_from_slice(&first.to_le_bytes());
    file.truncate(first as usize + 40_000);
    assert!(
        matches!(load(&file), Err(ElfError::SharedBytes { offset: 52, total: 80_012, .. })),
        "{:?}",
        load(&file).err()
    );
}

/// Constants in an executable segment are no reason for refusal when section headers tell them from code.
#[test]
fn sections_tell_constants_from_code() {
    let mut file = honest();
    let code_offset = word(&file, CODE_HEADER + 4) as usize;
    file[code_offset + 16..code_offset + 20].copy_from_slice(&[0x41, 0x42, 0x43, 0x44]); // after the exit
    assert!(matches!(load(&file), Err(ElfError::Compressed { addr, .. }) if addr == CODE + 16));
    let sections = file.len() as u32;
    file[32..36].copy_from_slice(&sections.to_le_bytes());
    file[48..50].copy_from_slice(&1_u16.to_le_bytes());
    for field in [0, 1, 4 | 2, CODE, code_offset as u32, 16, 0, 0, 4, 0] {
        file.extend(u32::to_le_bytes(field));
    }
    assert!(load(&file).is_ok());
    // A longer section takes the constant in.
    let size = sections as usize + 20;
    file[size] = 20;
    assert!(matches!(load(&file), Err(ElfError::Compressed { addr, .. }) if addr == CODE + 16));
}

/// Files with random bytes changed, cut or repeated: an error or a program that runs, never a panic, and messages that can be printed.
#[test]
fn broken_files() {
    const SEED: u64 = 5;
    const ROUNDS: usize = 20_000;
    let honest = [
        honest(),
        include_bytes!("../../samples/game/game.elf").to_vec(),
        include_bytes!("../../samples/sha256/sha256.elf").to_vec(),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let (mut loaded, mut refused) = (0, 0);
    for round in 0..ROUNDS {
        let mut file = honest[round % honest.len()].clone();
        for _ in 0..rng.random_range(1..6) {
            // Headers matter most: half of the changes go there.
            let near_end = file.len().saturating_sub(1200);
            let at = match rng.random_range(0..4) {
                0 | 1 => rng.random_range(0..160.min(file.len())),
                2 => rng.random_range(near_end..file.len()),
                _ => rng.random_range(0..file.len()),
            };
            file[at] = if rng.random() {
                rng.random()
            } else {
                *[0, 1, 4, 0x7f, 0x80, 0xff].get(rng.random_range(0..6)).expect("in range")
            };
        }
        if rng.random_ratio(1, 10) {
            file.truncate(rng.random_range(1..=file.len()));
        }
        match load(&file) {
            Ok(program) => {
                loaded += 1;
                check(&program);
                let _ =
                    run(&program, b"<<>>", &Limits { max_cycles: 2000 }, &mut std::io::sink(), &mut std::io::sink());
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().is_ascii(), "{error} (round {round}, seed {SEED})");
            }
        }
    }
    assert!(loaded > ROUNDS / 20 && refused > ROUNDS / 20, "{loaded} loaded, {refused} refused");
}

/// What `Program` promises.
fn check(program: &Program) {
    assert!(program.index_of(program.entry).is_some());
    assert!(program.code.is_sorted_by(|a, b| a.pc < b.pc) && program.code.iter().all(|code| code.pc % 4 == 0));
    assert!(
        program.image.is_sorted_by(|a, b| a.0 < b.0)
            && program.image.iter().all(|&(addr, value)| addr % 4 == 0 && value != 0)
    );
    assert!(program.image.last().is_none_or(|&(addr, _)| addr < program.initial_break));
    assert!(program.initial_break <= ADDRESS_LIMIT && program.initial_break.is_multiple_of(4096));
    assert!(program.symbols.is_sorted_by(|a, b| a.addr < b.addr));
}
