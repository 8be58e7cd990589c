//! Checks traces without proving: evaluates every constraint on every row and balances every bus. For tests, and to say precisely what is
//! wrong with a witness that does not verify.

use std::collections::BTreeMap;
use std::fmt;

use p3_air::{Air, BaseAir, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;

use crate::config::Val;
use crate::row::{Row, Visitor};
use crate::witness::{Instance, Witness};

/// Something that keeps a witness from being proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A constraint does not hold.
    Constraint {
        /// Chip.
        chip: &'static str,
        /// Row.
        row: usize,
        /// Which constraint, in the order of the chip's code.
        constraint: usize,
    },
    /// What was sent on a bus is not what was received.
    Bus {
        /// Bus.
        bus: String,
        /// The message, canonical values.
        message: Vec<u32>,
        /// Sent less received, as a number between -p/2 and p/2.
        excess: i64,
        /// Chip and row that first spoke of it.
        origin: (&'static str, usize),
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constraint { chip, row, constraint } => {
                write!(f, "chip {chip}: constraint {constraint} fails in row {row}")
            }
            Self::Bus { bus, message, excess, origin: (chip, row) } => {
                write!(
                    f,
                    "bus {bus}: {message:x?} is sent {excess} times more than received; first by chip {chip}, row {row}"
                )
            }
        }
    }
}

/// Messages by bus and tuple: their balance, and who first spoke.
type Balance = BTreeMap<(String, Vec<u32>), (Val, (&'static str, usize))>;

/// All faults, constraints first, each bus in order of its messages.
pub fn check(witness: &Witness) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut balance = Balance::new();
    for instance in &witness.instances {
        check_instance(instance, &mut faults, &mut balance);
    }
    faults.extend(balance.into_iter().filter(|(_, (excess, _))| *excess != Val::ZERO).map(
        |((bus, message), (excess, origin))| {
            let value = i64::from(excess.as_canonical_u32());
            let order = i64::from(Val::ORDER_U32);
            Fault::Bus { bus, message, excess: if value > order / 2 { value - order } else { value }, origin }
        },
    ));
    faults
}

fn check_instance(instance: &Instance, faults: &mut Vec<Fault>, balance: &mut Balance) {
    let Instance { air, trace, public_values } = instance;
    let (height, width) = (trace.height(), trace.width);
    let fixed = air.preprocessed_trace();
    let fixed_width = air.preprocessed_width();
    let periodic = air.periodic_columns();
    let slice = |row: usize| &trace.values[row * width..][..width];
    let fixed_slice =
        |row: usize| fixed.as_ref().map_or(&[][..], |matrix| &matrix.values[row * fixed_width..][..fixed_width]);
    for row in 0..height {
        let next = (row + 1) % height;
        let values: Vec<Val> = periodic.iter().map(|column| column[row % column.len()]).collect();
        let mut visitor = Checker { chip: air.name(), row, constraint: 0, faults, balance };
        let mut builder = Row {
            main: RowWindow::from_two_rows(slice(row), slice(next)),
            preprocessed: RowWindow::from_two_rows(fixed_slice(row), fixed_slice(next)),
            public_values,
            periodic: &values,
            first: row == 0,
            last: row + 1 == height,
            visitor: &mut visitor,
        };
        air.eval(&mut builder);
    }
}

struct Checker<'a> {
    chip: &'static str,
    row: usize,
    constraint: usize,
    faults: &'a mut Vec<Fault>,
    balance: &'a mut Balance,
}

impl Visitor for Checker<'_> {
    fn constraint(&mut self, value: Val) {
        if value != Val::ZERO {
            self.faults.push(Fault::Constraint { chip: self.chip, row: self.row, constraint: self.constraint });
        }
        self.constraint += 1;
    }

    fn message(&mut self, bus: &str, tuple: impl Iterator<Item = Val>, count: Val) {
        if count != Val::ZERO {
            let message = tuple.map(|x| x.as_canonical_u32()).collect();
            let entry = self.balance.entry((bus.to_owned(), message)).or_insert((Val::ZERO, (self.chip, self.row)));
            entry.0 += count;
        }
    }
}
