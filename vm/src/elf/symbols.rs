//! Section headers and function symbols. Nothing here changes what is executed.

use super::error::ElfError;
use super::header::{Fields, Header, Reader, SECTION_HEADER_SIZE};
use crate::program::Symbol;

const SYMBOL_TABLE: u32 = 2;
const NO_BITS: u32 = 8;
const EXECUTABLE: u32 = 4;
const FUNCTION: u32 = 2;
/// Longer names are cut: they are only for reports, and many could share one long string.
const NAME_LIMIT: usize = 256;
const SYMBOL_SIZE: usize = 16;

/// A section header.
pub(super) struct Section {
    kind: u32,
    pub(super) executable: bool,
    pub(super) addr: u32,
    offset: u32,
    pub(super) size: u32,
    link: u32,
}

pub(super) fn sections(reader: Reader<'_>, header: &Header) -> Result<Vec<Section>, ElfError> {
    let table_size = u64::from(header.section_header_count) * SECTION_HEADER_SIZE;
    let table = reader.bytes("the section headers", u64::from(header.section_headers), table_size)?;
    Ok(table
        .chunks_exact(SECTION_HEADER_SIZE as usize)
        .map(Fields)
        .map(|entry| Section {
            kind: entry.word(4),
            executable: entry.word(8) & EXECUTABLE != 0,
            addr: entry.word(12),
            offset: entry.word(16),
            size: entry.word(20),
            link: entry.word(24),
        })
        .collect())
}

/// The named functions of the symbol table, by ascending address; of several names for one address the first by size, then by name.
pub(super) fn functions(reader: Reader<'_>, sections: &[Section]) -> Result<Vec<Symbol>, ElfError> {
    // The format allows one symbol table, and this bounds the work.
    let Some(section) = sections.iter().find(|section| section.kind == SYMBOL_TABLE) else {
        return Ok(Vec::new());
    };
    let table = reader.bytes("the symbol table", u64::from(section.offset), u64::from(section.size))?;
    let Some(strings) = sections.get(section.link as usize).filter(|strings| strings.kind != NO_BITS) else {
        return Ok(Vec::new()); // a table without names
    };
    let names = reader.bytes("the symbols' names", u64::from(strings.offset), u64::from(strings.size))?;
    let mut symbols = Vec::new();
    for entry in table.chunks_exact(SYMBOL_SIZE).map(Fields) {
        if entry.byte(12) & 0xf != FUNCTION || entry.half(14) == 0 {
            continue; // no function, or not defined here
        }
        let start = entry.word(0);
        let offset = u64::from(strings.offset) + u64::from(start);
        let rest = names.get(start as usize..).ok_or(ElfError::SymbolName { offset })?;
        let name: Vec<u8> = rest.iter().copied().take(NAME_LIMIT).take_while(|&byte| byte != 0).collect();
        if !name.is_empty() {
            let name = String::from_utf8_lossy(&name).into_owned();
            symbols.push(Symbol { addr: entry.word(4), size: entry.word(8), name });
        }
    }
    symbols.sort_by(|a, b| (a.addr, u32::MAX - a.size, &a.name).cmp(&(b.addr, u32::MAX - b.size, &b.name)));
    symbols.dedup_by_key(|symbol| symbol.addr);
    Ok(symbols)
}
