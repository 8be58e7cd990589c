//! The registers of a card behind XDMA, in its user BAR. `ABI.md` has the prose.

use crate::register::REGISTER_WORDS;

/// A register of the shell, beside the register map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ShellRegister {
    /// Writing 1 resets the core and empties both directions; reads zero.
    Control = 0x100,
    /// Packets to the host that are complete.
    Packets = 0x104,
    /// Words that the input store has room for.
    Space = 0x108,
    /// Keeps what is written to it.
    Scratch = 0x10C,
}

/// All of them, with their names.
pub const SHELL_REGISTERS: [(ShellRegister, &str); 4] = [
    (ShellRegister::Control, "control"),
    (ShellRegister::Packets, "c2h_packets"),
    (ShellRegister::Space, "h2c_space"),
    (ShellRegister::Scratch, "scratch"),
];

/// Bytes of the user BAR.
pub const BAR_BYTES: usize = 4096;

impl ShellRegister {
    /// Its byte address in the user BAR.
    pub const fn address(self) -> u64 {
        self as u64
    }
}

/// Byte address of a word of the register map.
pub const fn map_address(word: usize) -> u64 {
    4 * word as u64
}

const _: () = assert!(map_address(REGISTER_WORDS) <= ShellRegister::Control.address());
