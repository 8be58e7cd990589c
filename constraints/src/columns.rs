//! Declares a chip's columns once: the struct over any cell type, its width, reading it from a row and writing it to one.

/// `columns! { a, b[4], ... }` makes `Columns<T>` with one field per name (`T` or `[T; n]`), in this order in the row, and `WIDTH`.
macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident $([$n:literal])?),* $(,)?) => {
        /// One row of this chip's main trace.
        pub(crate) struct Columns<T> { $($(#[$doc])* pub(crate) $field: columns!(@ty T $($n)?)),* }

        /// Number of main columns.
        pub(crate) const WIDTH: usize = 0 $(+ columns!(@len $($n)?))*;

        /// Names and sizes, in order.
        pub(crate) const NAMES: &[(&str, usize)] = &[$((stringify!($field), columns!(@len $($n)?))),*];

        impl<T: Copy> Columns<T> {
            /// The columns of a row of `WIDTH` cells.
            #[inline(always)]
            #[allow(unused_assignments)]
            pub(crate) fn read(row: &[T]) -> Self {
                let mut at = 0;
                $(let $field = columns!(@read row, at $(, $n)?);)*
                Self { $($field),* }
            }
        }

        impl Columns<u32> {
            /// Writes plain integers, each below p, to a row of `WIDTH` cells.
            #[inline(always)]
            #[allow(unused_assignments, dead_code)] // tables are counted, not filled
            pub(crate) fn write(&self, row: &mut [crate::config::Val]) {
                let mut at = 0;
                $(columns!(@write self.$field, row, at $(, $n)?);)*
            }
        }
    };
    (@ty $t:ident) => { $t };
    (@ty $t:ident $n:literal) => { [$t; $n] };
    (@len) => { 1 };
    (@len $n:literal) => { $n };
    (@read $row:ident, $at:ident) => {{ let cell = $row[$at]; $at += 1; cell }};
    (@read $row:ident, $at:ident, $n:literal) => {{
        let cells: [T; $n] = core::array::from_fn(|i| $row[$at + i]);
        $at += $n;
        cells
    }};
    (@write $from:expr, $row:ident, $at:ident) => { $row[$at] = crate::config::Val::new($from); $at += 1; };
    (@write $from:expr, $row:ident, $at:ident, $n:literal) => {
        for cell in $from { $row[$at] = crate::config::Val::new(cell); $at += 1; }
    };
}

pub(crate) use columns;
