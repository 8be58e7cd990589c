//! The kernel table: every operation a device can be asked for.

/// An offloadable operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kernel {
    /// Sends the register map.
    Identify = 0,
    /// Rows of the coset low-degree extension.
    Lde = 1,
    /// Extension, row digests, and tree.
    Commit = 2,
    /// Row digests and tree, without a transform.
    Hash = 3,
    /// Tree over given digests.
    Tree = 4,
    /// Beats of the device's memory.
    Read = 5,
    /// Changes the rate of a serial link.
    Rate = 6,
    /// Searches the smallest proof-of-work witness.
    Grind = 7,
}

/// Multiplies of a Poseidon2 permutation of width 16: 141 S-boxes of four.
pub const PERMUTATION_MULTIPLIES: u64 = 564;

/// A row of the kernel table.
#[derive(Clone, Copy, Debug)]
pub struct KernelRow {
    /// Which kernel.
    pub kernel: Kernel,
    /// Name in reports, messages and on the command line.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Needs the transform: rows are limited by `log_rows_max`, and log_blowup may be above zero.
    pub transforms: bool,
    /// Needs the row sponge.
    pub absorbs: bool,
    /// Takes a number of tree levels.
    pub compresses: bool,
    /// Searches a range of candidates, on the hasher's engine.
    pub searches: bool,
}

/// All kernels, in order of their codes.
pub const KERNELS: [KernelRow; 8] = [
    KernelRow {
        kernel: Kernel::Identify,
        name: "identify",
        doc: "the register map",
        transforms: false,
        absorbs: false,
        compresses: false,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Lde,
        name: "lde",
        doc: "rows of the coset low-degree extension, in bit-reversed order",
        transforms: true,
        absorbs: false,
        compresses: false,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Commit,
        name: "commit",
        doc: "coset low-degree extension, row digests, and levels of the Merkle tree over them",
        transforms: true,
        absorbs: true,
        compresses: true,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Hash,
        name: "hash",
        doc: "row digests, and levels of the Merkle tree over them",
        transforms: false,
        absorbs: true,
        compresses: true,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Tree,
        name: "tree",
        doc: "levels of the Merkle tree over given digests",
        transforms: false,
        absorbs: false,
        compresses: true,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Read,
        name: "read",
        doc: "beats of the device's memory: rows and digests that earlier jobs have kept",
        transforms: false,
        absorbs: false,
        compresses: false,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Rate,
        name: "rate",
        doc: "changes the rate of a serial link",
        transforms: false,
        absorbs: false,
        compresses: false,
        searches: false,
    },
    KernelRow {
        kernel: Kernel::Grind,
        name: "grind",
        doc: "the smallest proof-of-work witness in a range of candidates",
        transforms: false,
        absorbs: false,
        compresses: false,
        searches: true,
    },
];

/// Bits of the kernels that were added to this version of the ABI after the first devices that speak it: a device of a config that has
/// them may lack them, and refuses them by name.
pub const ADDED: u32 = Kernel::Grind.bit();

impl Kernel {
    /// Code on the link.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kernel with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        KERNELS.get(usize::from(code)).map(|row| row.kernel)
    }

    /// Its row of the table.
    pub const fn row(self) -> &'static KernelRow {
        &KERNELS[self as usize]
    }

    /// Whether it computes or fetches something: what a [`Shape`](crate::Shape) can be of. The others only talk about the device.
    pub const fn works(self) -> bool {
        !matches!(self, Kernel::Identify | Kernel::Rate)
    }

    /// Whether it runs on the hasher's multipliers.
    pub const fn hashes(self) -> bool {
        let row = self.row();
        row.absorbs || row.compresses || row.searches
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Its bit in the `kernels` register.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl std::fmt::Display for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_positions_and_names_are_unique() {
        for (code, row) in KERNELS.iter().enumerate() {
            assert_eq!(usize::from(row.kernel.code()), code);
            assert_eq!(Kernel::from_code(code as u8), Some(row.kernel));
            assert_eq!(KERNELS.iter().filter(|r| r.name == row.name).count(), 1);
        }
        assert_eq!(Kernel::from_code(KERNELS.len() as u8), None);
    }
}
