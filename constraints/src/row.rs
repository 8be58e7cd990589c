//! Evaluates a chip on rows of plain field elements: to count its table lookups, and to check a trace. What its constraints and messages
//! are is written once, in the chip; nothing here repeats it.

use p3_air::{AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::config::Val;

/// What is done with the values of a row.
pub(crate) trait Visitor {
    /// A constraint's value; zero when it holds.
    fn constraint(&mut self, value: Val);
    /// A message with its signed count.
    fn message(&mut self, bus: &str, tuple: impl Iterator<Item = Val>, count: Val);
}

/// One row with its neighbour, as an AIR builder.
pub(crate) struct Row<'a, V> {
    pub(crate) main: RowWindow<'a, Val>,
    pub(crate) preprocessed: RowWindow<'a, Val>,
    pub(crate) public_values: &'a [Val],
    pub(crate) periodic: &'a [Val],
    pub(crate) first: bool,
    pub(crate) last: bool,
    pub(crate) visitor: &'a mut V,
}

impl<'a, V: Visitor> AirBuilder for Row<'a, V> {
    type F = Val;
    type Expr = Val;
    type Var = Val;
    type PreprocessedWindow = RowWindow<'a, Val>;
    type MainWindow = RowWindow<'a, Val>;
    type PublicVar = Val;
    type PeriodicVar = Val;

    #[inline(always)]
    fn main(&self) -> Self::MainWindow {
        self.main
    }

    #[inline(always)]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }

    #[inline(always)]
    fn is_first_row(&self) -> Val {
        Val::from_bool(self.first)
    }

    #[inline(always)]
    fn is_last_row(&self) -> Val {
        Val::from_bool(self.last)
    }

    #[inline(always)]
    fn is_transition(&self) -> Val {
        Val::from_bool(!self.last)
    }

    #[inline(always)]
    fn assert_zero<I: Into<Val>>(&mut self, x: I) {
        self.visitor.constraint(x.into());
    }

    #[inline(always)]
    fn public_values(&self) -> &[Val] {
        self.public_values
    }

    #[inline(always)]
    fn periodic_values(&self) -> &[Val] {
        self.periodic
    }
}

impl<V: Visitor> InteractionBuilder for Row<'_, V> {
    #[inline(always)]
    fn push_interaction<E: Into<Val>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Val>>,
    ) {
        let (count, _) = count.into().into_parts();
        self.visitor.message(bus_name, fields.into_iter().map(Into::into), count);
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<Val>, Count<Val>)>) {
        tuples.into_iter().for_each(drop); // no chip has one
    }
}
