//! A strict loader for statically linked RV32IM executables in ELF32.

mod error;
mod header;
mod segments;
mod symbols;

pub use error::ElfError;

use crate::decode::decode;
use crate::isa::Opcode;
use crate::program::{Code, Program};
use header::{Header, Reader};

/// Bytes of a page: the initial break is a multiple of it.
const PAGE: u32 = 4096;

pub(crate) fn load(file: &[u8]) -> Result<Program, ElfError> {
    let reader = Reader { file };
    let header = Header::read(reader)?;
    let segments = segments::read(reader, &header)?;
    let sections = symbols::sections(reader, &header)?;
    let end = segments.iter().map(|segment| segment.addr + segment.mem_size).max().unwrap_or(0);
    let initial_break = end.next_multiple_of(PAGE); // at most ADDRESS_LIMIT, a multiple itself
    let image = segments::image(&segments);
    let mut code = Vec::new();
    for segment in segments.iter().filter(|segment| segment.executable) {
        segments::check_code(segment, &sections)?;
        code.extend(segments::words(segment, &image).map(|(pc, word)| {
            let mut decoded = decode(word);
            if decoded.opcode == Opcode::Ecall {
                decoded.imm = initial_break;
            }
            Code { pc, decoded }
        }));
    }
    let program =
        Program { entry: header.entry, code, image, initial_break, symbols: symbols::functions(reader, &sections)? };
    if program.index_of(program.entry).is_none() {
        return Err(ElfError::Entry { offset: header::ENTRY, entry: program.entry });
    }
    Ok(program)
}

#[cfg(test)]
mod tests;
