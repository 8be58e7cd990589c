//! The table of circuit faults.

use super::{Edit, Only, RtlFault};

/// All circuit faults.
pub static RTL_FAULTS: &[RtlFault] = &[
    RtlFault {
        name: "transform-row-bit",
        doc: "a bit of every row that leaves the transform is wrong",
        module: "galena_core",
        only: Only::Every,
        edits: &[Edit { old: "(lde_data)", new: "(lde_data)" }],
    },
];
