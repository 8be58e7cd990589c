//! Changes single cells of honest rows in every chip. A cell that can change while the row's constraints hold, its lookups hit their tables
//! and its messages stay the same is free; the few that may be are listed. And a cell that is computed must be caught by constraints and
//! tables alone, whatever the rest of the trace is made to say.

use std::collections::{BTreeMap, BTreeSet};

use p3_air::{Air, BaseAir, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;

use super::{programs, small, witness};
use crate::chips::ChipKind;
use crate::config::Val;
use crate::row::{Row, Visitor};
use crate::witness::{Instance, Witness};

/// What a row says.
#[derive(Default, PartialEq)]
struct Speech {
    broken: bool,
    missed: bool,
    messages: Vec<(String, Vec<u32>, u32)>,
}

struct Listener<'a> {
    speech: Speech,
    code: &'a BTreeSet<Vec<u32>>,
}

impl Visitor for Listener<'_> {
    fn constraint(&mut self, value: Val) {
        self.speech.broken |= value != Val::ZERO;
    }

    fn message(&mut self, bus: &str, tuple: impl Iterator<Item = Val>, count: Val) {
        if count == Val::ZERO {
            return;
        }
        let tuple: Vec<u32> = tuple.map(|x| x.as_canonical_u32()).collect();
        let hit = match (bus, tuple.as_slice()) {
            ("u16", [x]) => *x < 1 << 16,
            ("pair", [x, y]) => *x < 256 && *y < 256,
            ("xor", [x, y, z]) => *x < 256 && *y < 256 && x ^ y == *z,
            ("shift", [k, x, low, high]) => {
                let shifted = if *k <= 8 { *x << k } else { 0 };
                *k < 256 && *x < 256 && *low == shifted & 0xff && *high == shifted >> 8
            }
            ("program", tuple) => self.code.contains(tuple),
            _ => return self.speech.messages.push((bus.to_owned(), tuple, count.as_canonical_u32())),
        };
        self.speech.missed |= !hit || count != Val::ONE;
    }
}

/// What rows `row` and the one before say.
fn listen(instance: &Instance, code: &BTreeSet<Vec<u32>>, values: &[Val], row: usize) -> Speech {
    let (height, width) = (instance.trace.height(), instance.trace.width);
    let slice = |row: usize| &values[row * width..][..width];
    let periodic = instance.air.periodic_columns();
    let mut listener = Listener { speech: Speech::default(), code };
    for at in [(row + height - 1) % height, row] {
        let now: Vec<Val> = periodic.iter().map(|column| column[at]).collect();
        instance.air.eval(&mut Row {
            main: RowWindow::from_two_rows(slice(at), slice((at + 1) % height)),
            preprocessed: RowWindow::from_two_rows(&[], &[]),
            public_values: &instance.public_values,
            periodic: &now,
            first: at == 0,
            last: at + 1 == height,
            visitor: &mut listener,
        });
    }
    listener.speech.messages.sort();
    listener.speech
}

/// Name of each column, with its index in an array.
fn names(kind: ChipKind) -> Vec<String> {
    let columns = kind.row().columns.iter();
    let cells =
        columns.flat_map(|&(name, n)| (0..n).map(move |i| if n == 1 { name.to_owned() } else { format!("{name}{i}") }));
    cells.collect()
}

/// Values to try instead of `x`.
fn others(x: Val) -> impl Iterator<Item = Val> {
    let steps = [1, 2, 4, 128, 255, 256, 1 << 12, 1 << 16, 1 << 24].map(Val::new);
    let near = steps.into_iter().flat_map(move |step| [x + step, x - step]);
    near.chain([Val::ZERO, Val::ONE, Val::NEG_ONE, x.double(), x.halve(), -x]).filter(move |&y| y != x)
}

/// Columns by chip.
type Columns = BTreeMap<&'static str, BTreeSet<String>>;

/// For each chip: columns that are free in some real row, and columns that constraints and tables alone do not fix in some real row.
fn survey(witness: &Witness, free: &mut Columns, loose: &mut Columns) {
    let program = witness.instances.iter().find(|i| i.air.kind() == ChipKind::Program).expect("a program chip");
    let table = program.air.preprocessed_trace().expect("its columns");
    let code: BTreeSet<Vec<u32>> = table.rows().map(|row| row.map(|x| x.as_canonical_u32()).collect()).collect();
    for instance in witness.instances.iter().filter(|i| i.air.kind().row().preprocessed_width == 0) {
        let (name, width) = (instance.air.name(), instance.trace.width);
        let names = names(instance.air.kind());
        let mut values = instance.trace.values.clone();
        for row in 0..instance.trace.height().min(ROWS) {
            let honest = listen(instance, &code, &values, row);
            assert!(!honest.broken && !honest.missed, "honest row {row} of {name}");
            let real = values[row * width..][..width].iter().any(|&x| x != Val::ZERO);
            for (column, column_name) in names.iter().enumerate() {
                let cell = row * width + column;
                let before = values[cell];
                for other in others(before) {
                    values[cell] = other;
                    let forged = listen(instance, &code, &values, row);
                    if real && !forged.broken && !forged.missed {
                        loose.entry(name).or_default().insert(column_name.clone());
                        if forged.messages == honest.messages {
                            free.entry(name).or_default().insert(column_name.clone());
                        }
                    }
                }
                values[cell] = before;
            }
        }
    }
}

/// Most rows of one chip that are looked at.
const ROWS: usize = 64;

/// Columns that may be free, where they are of no consequence.
const FREE: &[(&str, &[&str])] = &[
    // An access that is not made; z of an addition.
    (
        "alu",
        &["gap1", "gap2", "gap3", "since1", "since2", "since3", "old0", "old1", "old2", "old3", "z0", "z1", "z2", "z3"],
    ),
    // The gap above the last row; the two parts of a key overlap.
    ("boundary", &["gap_hi", "gap_lo", "key_hi"]),
    // Of operands that are equal.
    ("branch", &["inverse"]),
    ("jump", &["gap1", "gap3", "since1", "since3", "old0", "old1", "old2", "old3"]),
    ("load", &["gap3", "since3", "old0", "old1", "old2", "old3"]),
    ("output", &["gap_hi", "gap_lo"]),
    ("shift", &["gap2", "since2"]),
    // What the outcome does not use.
    ("system", &["borrow", "carry0", "carry1", "carry2", "inverse", "left_hi", "left_lo", "margin_hi", "margin_lo"]),
    // Operands and comparison of a trap that does not look at them.
    (
        "trap",
        &[
            "gap1", "gap2", "since1", "since2", "a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "differ", "inverse",
            "borrow", "less",
        ],
    ),
];

/// Columns that a chip computes: no change of one of them may pass its constraints and tables.
const COMPUTED: &[(&str, &[&str])] = &[
    ("alu", &["r0", "r1", "r2", "r3", "rd", "rs1", "writes", "add", "sub", "xor", "or", "and", "imm", "constant"]),
    ("compare", &["less", "pc", "rd", "rs1", "writes", "slt", "sltu", "imm", "sign_a", "sign_b", "borrow"]),
    ("shift", &["r0", "r1", "r2", "r3", "pc", "writes", "by", "negative", "rest", "fill_low", "fill_high"]),
    ("branch", &["taken", "next_pc", "less", "differ", "pc", "target_lo", "target_hi"]),
    ("jump", &["link0", "link1", "link2", "link3", "pc", "writes", "imm_lo", "imm_hi"]),
    ("load", &["v0", "v1", "v2", "v3", "sign", "pc", "writes", "offset0", "offset1", "offset2", "offset3"]),
    ("store", &["n0", "n1", "n2", "n3", "pc", "offset0", "offset1", "offset2", "offset3"]),
    ("mul", &["r0", "r1", "r2", "r3", "carry0", "carry3"]),
    ("mulh", &["r0", "r1", "r2", "r3", "low0", "sign_a", "sign_b", "top_a", "top_b", "carry7"]),
    ("divrem", &["out0", "out3", "q0", "q3", "r0", "r3", "sign_q", "sign_r", "zero", "carry7"]),
    ("transfer", &["n0", "n1", "n2", "n3", "offset0", "offset1", "offset2", "offset3"]),
    ("trap", &["illegal", "ebreak", "misaligned", "beyond", "low", "high", "quarter"]),
    ("output", &["byte", "real"]),
    ("connector", &["first", "ts_hi"]),
];

#[test]
fn no_cell_is_free_that_matters() {
    let (mut free, mut loose) = (Columns::new(), Columns::new());
    survey(&small().witness, &mut free, &mut loose);
    survey(&witness(&programs::calls(), b"0123456789").1, &mut free, &mut loose);
    for (_, program, _) in programs::traps() {
        let mut trapped = witness(&program, b"").1;
        trapped.instances.retain(|i| matches!(i.air.kind(), ChipKind::Trap | ChipKind::Program));
        survey(&trapped, &mut free, &mut loose);
    }
    let listed = |list: &[(&str, &[&str])], chip: &str, column: &str| {
        list.iter().any(|(name, columns)| *name == chip && columns.contains(&column))
    };
    let of = |columns: Columns| {
        columns.into_iter().flat_map(|(chip, names)| names.into_iter().map(move |name| (chip, name)))
    };
    let free: Vec<_> = of(free).filter(|(chip, name)| !listed(FREE, chip, name)).collect();
    assert!(free.is_empty(), "free cells: {free:?}");
    let loose: Vec<_> = of(loose).filter(|(chip, name)| listed(COMPUTED, chip, name)).collect();
    assert!(loose.is_empty(), "computed cells that constraints do not fix: {loose:?}");
}
