//! The chips: one AIR each, with the filler that turns records into its rows. One table names them all; everything else iterates it.

use std::borrow::Cow;
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_matrix::dense::RowMajorMatrix;

use crate::bus::Builder;
use crate::config::Val;

pub(crate) mod alu;
pub(crate) mod boundary;
pub(crate) mod branch;
pub(crate) mod bytes;
pub(crate) mod compare;
pub(crate) mod connector;
pub(crate) mod divrem;
pub(crate) mod image;
pub(crate) mod jump;
pub(crate) mod load;
pub(crate) mod mul;
pub(crate) mod mulh;
pub(crate) mod output;
pub(crate) mod program;
pub(crate) mod shift;
pub(crate) mod store;
pub(crate) mod system;
pub(crate) mod transfer;
pub(crate) mod trap;

/// Makes the enum, the table and the dispatch. `(c)`: reads the current row; `(c, fixed)`: and preprocessed columns; `(c, next)`: and the
/// next row.
macro_rules! chips {
    ($($(#[$doc:meta])* $kind:ident $module:ident ($($view:ident),*) $preprocessed:expr;)*) => {
        /// Which chip. The discriminant is its place in the batch and its bit in the mask of present chips.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum ChipKind { $($(#[$doc])* $kind),* }

        /// THE chip table, in the order of the batch.
        pub const CHIPS: &[ChipRow] = &[$(ChipRow {
            kind: ChipKind::$kind,
            name: stringify!($module),
            width: $module::WIDTH,
            preprocessed_width: $preprocessed,
            columns: $module::NAMES,
            reads_next: chips!(@next $($view)*),
        }),*];

        impl<AB: Builder> Air<AB> for Chip {
            #[inline]
            fn eval(&self, b: &mut AB) {
                match self.kind {
                    $(ChipKind::$kind => {
                        let main = b.main();
                        let c = $module::Columns::read(main.current_slice());
                        chips!(@eval $module b c main $($view)*)
                    }),*
                }
            }
        }
    };
    (@next c next) => { true };
    (@next $($view:ident)*) => { false };
    (@eval $module:ident $b:ident $c:ident $main:ident c) => { $module::eval($b, &$c) };
    (@eval $module:ident $b:ident $c:ident $main:ident c next) => {
        $module::eval($b, &$c, &$module::Columns::read($main.next_slice()))
    };
    (@eval $module:ident $b:ident $c:ident $main:ident c fixed) => {{
        let window = $b.preprocessed().clone();
        $module::eval($b, &$c, window.current_slice())
    }};
}

chips! {
    /// `add sub xor or and`, `lui`, `auipc`, `fence`.
    Alu alu (c) 0;
    /// `slt sltu`.
    Compare compare (c) 0;
    /// `sll srl sra`.
    Shift shift (c) 0;
    /// `beq bne blt bge bltu bgeu`.
    Branch branch (c) 0;
    /// `jal jalr`.
    Jump jump (c) 0;
    /// `lb lh lw lbu lhu`.
    Load load (c) 0;
    /// `sb sh sw`.
    Store store (c) 0;
    /// `mul`.
    Mul mul (c) 0;
    /// `mulh mulhsu mulhu`.
    Mulh mulh (c) 0;
    /// `div divu rem remu`.
    Divrem divrem (c) 0;
    /// `ecall`.
    System system (c) 0;
    /// Bytes of `read` and `write`.
    Transfer transfer (c) 0;
    /// The end by a trap.
    Trap trap (c) 0;
    /// Public output.
    Output output (c, next) 0;
    /// First and last state of registers and memory.
    Boundary boundary (c, next) 0;
    /// Start and end, and the public values.
    Connector connector (c, next) 0;
    /// Loaded image.
    Image image (c, fixed) image::PREPROCESSED;
    /// Executable words.
    Program program (c, fixed) program::PREPROCESSED;
    /// Byte tables.
    Bytes bytes (c, fixed) bytes::PREPROCESSED;
}

/// One row of the chip table.
pub struct ChipRow {
    /// Which.
    pub kind: ChipKind,
    /// Its name in messages and reports.
    pub name: &'static str,
    /// Main columns.
    pub width: usize,
    /// Preprocessed columns.
    pub preprocessed_width: usize,
    /// Names and sizes of the main columns, in order.
    pub columns: &'static [(&'static str, usize)],
    /// Whether constraints read the next row.
    pub reads_next: bool,
}

impl ChipKind {
    /// Its row of the table.
    pub fn row(self) -> &'static ChipRow {
        &CHIPS[self as usize]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether its rows may be spread over two tables, so that fewer are padding. Its rows must not look at each other.
    pub fn splits(self) -> bool {
        self <= Self::Divrem
    }

    /// Whether every proof has it. (`image` is there exactly when the image has a word.)
    pub fn always(self) -> bool {
        matches!(self, Self::Boundary | Self::Connector | Self::Program | Self::Bytes)
    }
}

/// Bit of the mask that says that chip 0 has a second table; those of the chips after it follow.
const SECOND: u32 = 20;

/// A batch as a number below 2^30: bit k for a table of chip k, bit 20 + k for a second one.
pub(crate) fn mask(kinds: impl Iterator<Item = ChipKind>) -> u32 {
    kinds.fold(0, |mask, kind| {
        let first = 1 << kind as u32;
        mask | if mask & first == 0 { first } else { first << SECOND }
    })
}

/// The tables of a batch, in order; none when the mask has a bit that means nothing.
pub(crate) fn kinds(mask: u32) -> Option<Vec<ChipKind>> {
    let mut kinds = Vec::new();
    for row in CHIPS {
        let (first, second) =
            (mask >> row.kind as u32 & 1, if row.kind.splits() { mask >> (SECOND + row.kind as u32) & 1 } else { 0 });
        kinds.extend(std::iter::repeat_n(row.kind, if first == 1 { 1 + second as usize } else { 0 }));
    }
    (self::mask(kinds.iter().copied()) == mask).then_some(kinds)
}

/// A chip as the proof system sees it: an AIR, with what it knows before proving.
#[derive(Clone, Debug)]
pub struct Chip {
    kind: ChipKind,
    preprocessed: Option<Arc<RowMajorMatrix<Val>>>,
    periodic: Arc<Vec<Vec<Val>>>,
}

impl Chip {
    /// A chip without data of its own. Enough to verify; to prove, `program`, `image` and `bytes` need their preprocessed columns.
    pub(crate) fn new(kind: ChipKind) -> Self {
        Self { kind, preprocessed: None, periodic: Arc::default() }
    }

    /// A chip with its preprocessed columns.
    pub(crate) fn with_preprocessed(kind: ChipKind, columns: Arc<RowMajorMatrix<Val>>) -> Self {
        Self { kind, preprocessed: Some(columns), periodic: Arc::default() }
    }

    /// The output chip for this public output, of `height` rows.
    pub(crate) fn output(output: &[u8], height: usize) -> Self {
        use p3_field::PrimeCharacteristicRing;
        let column = |value: &dyn Fn(u8) -> Val| {
            let mut values: Vec<Val> = output.iter().map(|&byte| value(byte)).collect();
            values.resize(height, Val::ZERO);
            values
        };
        let columns = vec![column(&Val::from_u8), column(&|_| Val::ONE)];
        Self { kind: ChipKind::Output, preprocessed: None, periodic: Arc::new(columns) }
    }

    /// Which chip.
    pub fn kind(&self) -> ChipKind {
        self.kind
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }
}

impl BaseAir<Val> for Chip {
    fn width(&self) -> usize {
        self.kind.row().width
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<Val>> {
        self.preprocessed.as_deref().cloned()
    }

    fn preprocessed_width(&self) -> usize {
        self.kind.row().preprocessed_width
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if self.kind.row().reads_next { (0..self.width()).collect() } else { Vec::new() }
    }

    fn num_periodic_columns(&self) -> usize {
        if self.kind == ChipKind::Output { output::PERIODIC } else { 0 }
    }

    fn periodic_columns(&self) -> Cow<'_, [Vec<Val>]> {
        Cow::Borrowed(&self.periodic)
    }

    fn num_public_values(&self) -> usize {
        if self.kind == ChipKind::Connector { connector::PUBLIC_VALUES } else { 0 }
    }

    fn max_constraint_degree(&self) -> Option<usize> {
        Some(MAX_DEGREE)
    }
}

/// The degree of every chip's constraints, lookups included, and so two quotient chunks each.
pub const MAX_DEGREE: usize = 3;
