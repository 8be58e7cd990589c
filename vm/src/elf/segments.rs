//! Loadable segments: where their bytes go, and what may be in executable ones.

use super::error::ElfError;
use super::header::{Fields, Header, PROGRAM_HEADER_SIZE, Reader};
use super::symbols::Section;
use crate::record::ADDRESS_LIMIT;

const LOAD: u32 = 1;
const EXECUTE: u32 = 1;
const WRITE: u32 = 2;

/// A loadable segment inside the address space and inside the file. `addr + mem_size <= ADDRESS_LIMIT`, `bytes.len() <= mem_size`.
pub(super) struct Segment<'a> {
    /// Offset of its header.
    header: u32,
    /// Offset of its bytes.
    offset: u32,
    pub(super) addr: u32,
    bytes: &'a [u8],
    pub(super) mem_size: u32,
    pub(super) executable: bool,
}

/// The loadable segments that are not empty, by ascending address, none overlapping.
pub(super) fn read<'a>(reader: Reader<'a>, header: &Header) -> Result<Vec<Segment<'a>>, ElfError> {
    let table_size = u64::from(header.program_header_count) * PROGRAM_HEADER_SIZE;
    let table = reader.bytes("the program headers", u64::from(header.program_headers), table_size)?;
    let mut segments: Vec<Segment<'_>> = Vec::new();
    for (at, entry) in (header.program_headers..)
        .step_by(PROGRAM_HEADER_SIZE as usize)
        .zip(table.chunks_exact(PROGRAM_HEADER_SIZE as usize))
    {
        segments.extend(segment(reader, at, Fields(entry))?);
    }
    if segments.is_empty() {
        return Err(ElfError::NoSegments { offset: header.program_headers });
    }
    // Each byte of the file is loaded at most once, which bounds the image by the file.
    let total = segments.iter().map(|segment| segment.bytes.len() as u64).sum();
    if total > reader.file.len() as u64 {
        return Err(ElfError::SharedBytes { offset: header.program_headers, total, file_size: reader.file.len() });
    }
    segments.sort_by_key(|segment| (segment.addr, segment.header));
    for pair in segments.windows(2) {
        if let [first, second] = pair {
            let end = first.addr + first.mem_size;
            if second.addr < end {
                return Err(ElfError::Overlap { offset: second.header, addr: second.addr, other: first.header, end });
            }
        }
    }
    Ok(segments)
}

fn segment<'a>(reader: Reader<'a>, header: u32, fields: Fields<'_>) -> Result<Option<Segment<'a>>, ElfError> {
    let (offset, addr, file_size, mem_size) = (fields.word(4), fields.word(8), fields.word(16), fields.word(20));
    let flags = fields.word(24);
    if fields.word(0) != LOAD || (mem_size == 0 && file_size == 0) {
        return Ok(None);
    }
    if mem_size < file_size {
        return Err(ElfError::SegmentSize { offset: header, file_size, mem_size });
    }
    if u64::from(addr) + u64::from(mem_size) > u64::from(ADDRESS_LIMIT) {
        return Err(ElfError::OutOfRange { offset: header, addr, mem_size });
    }
    let bytes = reader.bytes("a segment's bytes", u64::from(offset), u64::from(file_size))?;
    let executable = flags & EXECUTE != 0;
    if executable && flags & WRITE != 0 {
        return Err(ElfError::WritableCode { offset: header, addr });
    }
    if executable && addr % 4 != 0 {
        return Err(ElfError::MisalignedCode { offset: header, addr });
    }
    Ok(Some(Segment { header, offset, addr, bytes, mem_size, executable }))
}

/// The non-zero words of all segments, by ascending address. Segments may share a word, not a byte.
pub(super) fn image(segments: &[Segment<'_>]) -> Vec<(u32, u32)> {
    let mut image: Vec<(u32, u32)> = Vec::new();
    for segment in segments {
        for (addr, &byte) in (segment.addr..).zip(segment.bytes).filter(|(_, byte)| **byte != 0) {
            let (word, value) = (addr & !3, u32::from(byte) << (8 * (addr & 3)));
            match image.last_mut() {
                Some(last) if last.0 == word => last.1 |= value,
                _ => image.push((word, value)),
            }
        }
    }
    image
}

/// Every word that holds a byte of an executable segment's file part, zero words included.
pub(super) fn words(segment: &Segment<'_>, image: &[(u32, u32)]) -> impl Iterator<Item = (u32, u32)> {
    let mut next = image.partition_point(|&(addr, _)| addr < segment.addr);
    let count = segment.bytes.len().div_ceil(4) as u32;
    (0..count).map(move |index| {
        let addr = segment.addr + 4 * index;
        match image.get(next) {
            Some(&(found, value)) if found == addr => {
                next += 1;
                (addr, value)
            }
            _ => (addr, 0),
        }
    })
}

/// Refuses compressed code and instructions of extensions that this machine does not have: they would be compiled for another machine, and
/// trap only when they are reached. In a file with section headers only executable sections are looked at, since linkers put constants
/// into executable segments; such words are never executed by a correct program and decode to whatever they decode to.
pub(super) fn check_code(segment: &Segment<'_>, sections: &[Section]) -> Result<(), ElfError> {
    let executable = executable_ranges(sections);
    for (index, chunk) in (0..).zip(segment.bytes.chunks(4)) {
        let (addr, offset) = (segment.addr + 4 * index, segment.offset.wrapping_add(4 * index));
        let before = executable.partition_point(|&(start, _)| start <= u64::from(addr));
        let is_code =
            before.checked_sub(1).and_then(|last| executable.get(last)).is_some_and(|&(_, end)| u64::from(addr) < end);
        if !sections.is_empty() && !is_code {
            continue;
        }
        let word = Fields(chunk).word(0);
        if word != 0 && word & 3 != 3 {
            return Err(ElfError::Compressed { offset, addr, word });
        }
        let (extension, hint) = match word & 0x7f {
            0x2f => ("A (atomic)", "or lower atomics (-Cpasses=lower-atomic)"),
            0x07 | 0x27 | 0x43 | 0x47 | 0x4b | 0x4f | 0x53 => ("F or D (floating point)", "-mabi=ilp32"),
            _ => continue,
        };
        return Err(ElfError::Extension { extension, hint, offset, addr, word });
    }
    Ok(())
}

/// Start and end of the executable sections, ascending, overlapping ones as one.
fn executable_ranges(sections: &[Section]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = sections
        .iter()
        .filter(|section| section.executable)
        .map(|section| (u64::from(section.addr), u64::from(section.addr) + u64::from(section.size)))
        .collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joined = next.0 <= last.1;
        if joined {
            last.1 = last.1.max(next.1);
        }
        joined
    });
    ranges
}
