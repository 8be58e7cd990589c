//! What can be wrong with an ELF file.

use crate::record::ADDRESS_LIMIT;

/// Why a file is not a program for this machine. Offsets are bytes from the start of the file, addresses are where the bytes would be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what their messages say
pub enum ElfError {
    #[error(
        "expected an ELF file, found the first bytes {found:02x?} at offset 0x0; give the linked executable, not source or an archive"
    )]
    Magic { found: Vec<u8> },
    #[error(
        "expected {what} at offset {offset:#x}, {size} bytes, found the end of the file at {file_size:#x}; the file is cut short or damaged"
    )]
    Truncated { what: &'static str, offset: u64, size: u64, file_size: usize },
    #[error("expected {what} {expected} at offset {offset:#x}, found {found:#x}; {hint}")]
    Header { what: &'static str, offset: usize, expected: &'static str, found: u32, hint: &'static str },
    #[error(
        "expected code without the {extension} extension, found flags {flags:#x} at offset {offset:#x}; compile with -march=rv32im -mabi=ilp32"
    )]
    Flags { extension: &'static str, offset: usize, flags: u32 },
    #[error(
        "expected at least one loadable segment, found none in the program header at offset {offset:#x}; link an executable"
    )]
    NoSegments { offset: u32 },
    #[error(
        "expected the entry point in code and at a multiple of 4, found {entry:#010x} (header offset {offset:#x}); set ENTRY in the link script"
    )]
    Entry { offset: usize, entry: u32 },
    #[error(
        "expected no segment both writable and executable, found one at {addr:#010x} (header offset {offset:#x}); separate text and data in the link script"
    )]
    WritableCode { offset: u32, addr: u32 },
    #[error(
        "expected code at a multiple of 4, found an executable segment at {addr:#010x} (header offset {offset:#x})"
    )]
    MisalignedCode { offset: u32, addr: u32 },
    #[error(
        "expected a segment's size in memory to be at least its size in the file, found {mem_size:#x} and {file_size:#x} (header offset {offset:#x})"
    )]
    SegmentSize { offset: u32, file_size: u32, mem_size: u32 },
    #[error(
        "expected all segments below {ADDRESS_LIMIT:#x}, found one at {addr:#010x} of {mem_size:#x} bytes (header offset {offset:#x}); lower the addresses in the link script"
    )]
    OutOfRange { offset: u32, addr: u32, mem_size: u32 },
    #[error(
        "expected the segments' bytes apart in the file, found {total:#x} bytes of segments in a file of {file_size:#x} (program headers at offset {offset:#x})"
    )]
    SharedBytes { offset: u32, total: u64, file_size: usize },
    #[error(
        "expected segments apart from each other, found one at {addr:#010x} (header offset {offset:#x}) that begins inside another, which ends at {end:#010x} (header offset {other:#x})"
    )]
    Overlap { offset: u32, addr: u32, other: u32, end: u32 },
    #[error(
        "expected 4-byte instructions, found compressed code or data {word:#010x} at {addr:#010x} (file offset {offset:#x}); compile with -march=rv32im, and link data outside executable sections"
    )]
    Compressed { offset: u32, addr: u32, word: u32 },
    #[error(
        "expected RV32IM instructions, found the {extension} instruction {word:#010x} at {addr:#010x} (file offset {offset:#x}); compile with -march=rv32im, {hint}"
    )]
    Extension { extension: &'static str, hint: &'static str, offset: u32, addr: u32, word: u32 },
    #[error(
        "expected a symbol's name inside the string table, found it at offset {offset:#x}, outside; strip the file, or link it again"
    )]
    SymbolName { offset: u64 },
}
