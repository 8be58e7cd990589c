//! A loaded program: what the statement "this program ran" is about. Canonical over the memory image, not over ELF bytes.

use crate::elf::{self, ElfError};
use crate::isa::Decoded;

/// One word of executable memory and what it decodes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Byte address, a multiple of 4.
    pub pc: u32,
    /// The instruction; the `imm` of an `ecall` is the program's initial break.
    pub decoded: Decoded,
}

/// A named function, for reports only: no part of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Byte address.
    pub addr: u32,
    /// Length in bytes; 0 when the assembler was not told.
    pub size: u32,
    /// Its name, as in the file (mangled).
    pub name: String,
}

/// A program ready to execute. All registers start at zero; memory starts as `image`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Address of the first instruction; always in `code`.
    pub entry: u32,
    /// Every file-backed word of every executable segment, by ascending pc. Execution fetches from here and only here: a store into code
    /// changes memory, never what is executed.
    pub code: Vec<Code>,
    /// The non-zero words of all loaded segments (code included) as (byte address, value), by ascending address, addresses multiples of 4.
    pub image: Vec<(u32, u32)>,
    /// End of the highest segment, rounded up to a page of 4096 bytes: what `brk(0)` returns.
    pub initial_break: u32,
    /// Function symbols by ascending address; empty for a stripped file.
    pub symbols: Vec<Symbol>,
}

impl Program {
    /// Loads a statically linked RV32IM executable.
    ///
    /// # Errors
    /// Names the file offset and the address of the first thing that is wrong with the file. Never panics, whatever the bytes.
    pub fn from_elf(file: &[u8]) -> Result<Self, ElfError> {
        elf::load(file)
    }

    /// The function that holds `pc`: the last symbol at or below it, when `pc` is inside its size (or the symbol has none).
    pub fn symbol_at(&self, pc: u32) -> Option<&Symbol> {
        let after = self.symbols.partition_point(|symbol| symbol.addr <= pc);
        let symbol = self.symbols.get(after.checked_sub(1)?)?;
        (symbol.size == 0 || pc - symbol.addr < symbol.size).then_some(symbol)
    }

    /// Position in `code` of the instruction at `pc`.
    pub fn index_of(&self, pc: u32) -> Option<usize> {
        // Code is one stretch in nearly all programs.
        let first = self.code.first()?.pc;
        let guess = (pc.wrapping_sub(first) / 4) as usize;
        if self.code.get(guess).is_some_and(|code| code.pc == pc) {
            return Some(guess);
        }
        self.code.binary_search_by_key(&pc, |code| code.pc).ok()
    }
}
