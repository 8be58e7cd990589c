//! The ELF header, and bounded little-endian reads.

use super::error::ElfError;

/// Size of the ELF header, of a program header, of a section header and of a symbol.
const HEADER_SIZE: u64 = 52;
pub(super) const PROGRAM_HEADER_SIZE: u64 = 32;
pub(super) const SECTION_HEADER_SIZE: u64 = 40;
/// Offset of `e_entry`.
pub(super) const ENTRY: usize = 24;

/// Reads that name what was expected when the file is too short.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) file: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn bytes(self, what: &'static str, offset: u64, size: u64) -> Result<&'a [u8], ElfError> {
        usize::try_from(offset)
            .ok()
            .zip(usize::try_from(size).ok())
            .and_then(|(start, size)| self.file.get(start..start.checked_add(size)?))
            .ok_or(ElfError::Truncated { what, offset, size, file_size: self.file.len() })
    }
}

/// Little-endian fields of a table entry, zero beyond its end (entries are cut to their size before).
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    pub(super) fn byte(self, offset: usize) -> u32 {
        self.0.get(offset).copied().map_or(0, u32::from)
    }

    pub(super) fn half(self, offset: usize) -> u32 {
        self.byte(offset) | self.byte(offset + 1) << 8
    }

    pub(super) fn word(self, offset: usize) -> u32 {
        self.half(offset) | self.half(offset + 2) << 16
    }
}

/// The fields of the ELF header that matter here.
pub(super) struct Header {
    pub(super) entry: u32,
    pub(super) program_headers: u32,
    pub(super) program_header_count: u32,
    pub(super) section_headers: u32,
    pub(super) section_header_count: u32,
}

/// A header field with only one acceptable value.
struct Fixed {
    what: &'static str,
    offset: usize,
    size: usize,
    value: u32,
    expected: &'static str,
    hint: &'static str,
}

const FOR_RV32: &str = "compile for rv32im, little-endian (-march=rv32im -mabi=ilp32)";
const DAMAGED: &str = "the file is damaged";

#[rustfmt::skip]
const FIXED: [Fixed; 7] = [
    Fixed { what: "class", offset: 4, size: 1, value: 1, expected: "1 (32-bit)", hint: FOR_RV32 },
    Fixed { what: "data encoding", offset: 5, size: 1, value: 1, expected: "1 (little-endian)", hint: FOR_RV32 },
    Fixed { what: "ELF version", offset: 6, size: 1, value: 1, expected: "1", hint: DAMAGED },
    Fixed { what: "file type", offset: 16, size: 2, value: 2, expected: "2 (executable)", hint: "link a static executable at fixed addresses (-static -no-pie)" },
    Fixed { what: "machine", offset: 18, size: 2, value: 243, expected: "243 (RISC-V)", hint: FOR_RV32 },
    Fixed { what: "ELF version", offset: 20, size: 4, value: 1, expected: "1", hint: DAMAGED },
    Fixed { what: "header size", offset: 40, size: 2, value: HEADER_SIZE as u32, expected: "52", hint: DAMAGED },
];

/// Offset of `e_flags`, and the extensions that it can announce.
const FLAGS: usize = 36;
const FLAG_NAMES: [(u32, &str); 3] =
    [(0x1, "C (compressed)"), (0x6, "F or D (floating point)"), (0x8, "E (16 registers)")];

impl Header {
    pub(super) fn read(reader: Reader<'_>) -> Result<Self, ElfError> {
        let magic = reader.file.get(..4).unwrap_or(reader.file);
        if magic != b"\x7fELF" {
            return Err(ElfError::Magic { found: magic.to_vec() });
        }
        let fields = Fields(reader.bytes("the ELF header", 0, HEADER_SIZE)?);
        for Fixed { what, offset, size, value, expected, hint } in FIXED {
            let found = match size {
                1 => fields.byte(offset),
                2 => fields.half(offset),
                _ => fields.word(offset),
            };
            if found != value {
                return Err(ElfError::Header { what, offset, expected, found, hint });
            }
        }
        let flags = fields.word(FLAGS);
        if let Some((_, extension)) = FLAG_NAMES.iter().find(|(bits, _)| flags & bits != 0) {
            return Err(ElfError::Flags { extension, offset: FLAGS, flags });
        }
        let (program_header_count, section_header_count) = (fields.half(44), fields.half(48));
        let entry_sizes = [
            ("program header size", 42, program_header_count, PROGRAM_HEADER_SIZE, "32"),
            ("section header size", 46, section_header_count, SECTION_HEADER_SIZE, "40"),
        ];
        for (what, offset, count, size, expected) in entry_sizes {
            let found = fields.half(offset);
            if count != 0 && u64::from(found) != size {
                return Err(ElfError::Header { what, offset, expected, found, hint: DAMAGED });
            }
        }
        Ok(Self {
            entry: fields.word(ENTRY),
            program_headers: fields.word(28),
            program_header_count,
            section_headers: fields.word(32),
            section_header_count,
        })
    }
}
