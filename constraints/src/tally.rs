//! Counts what is looked up in the program and byte tables, by evaluating the chips on their rows. Counters are atomic, and addition
//! commutes: the result does not depend on the threads.

use std::sync::atomic::{AtomicU32, Ordering};

use galena_vm::Program;
use p3_air::{Air, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;

use crate::chips::{Chip, bytes, output};
use crate::config::Val;
use crate::row::{Row, Visitor};

/// Counters of all tables.
pub(crate) struct Tally {
    u16: Vec<AtomicU32>,
    pair: Vec<AtomicU32>,
    xor: Vec<AtomicU32>,
    shift: Vec<AtomicU32>,
    program: Vec<AtomicU32>,
    code: CodeIndex,
}

/// Position of a pc in the code: runs of consecutive words as (first pc, first position, words).
struct CodeIndex(Vec<(u32, usize, usize)>);

impl CodeIndex {
    fn new(program: &Program) -> Self {
        let mut runs: Vec<(u32, usize, usize)> = Vec::new();
        for (position, code) in program.code.iter().enumerate() {
            match runs.last_mut() {
                Some((pc, _, words)) if u64::from(*pc) + 4 * *words as u64 == u64::from(code.pc) => *words += 1,
                _ => runs.push((code.pc, position, 1)),
            }
        }
        Self(runs)
    }

    fn position(&self, pc: u32) -> Option<usize> {
        let run = self.0.partition_point(|&(first, ..)| first <= pc).checked_sub(1)?;
        let &(first, position, words) = self.0.get(run)?;
        let word = ((pc - first) / 4) as usize;
        (word < words).then_some(position + word)
    }
}

impl Tally {
    /// All zero.
    pub(crate) fn new(program: &Program) -> Self {
        let zeros = |n: usize| (0..n).map(|_| AtomicU32::new(0)).collect();
        let table = 1 << bytes::LOG_HEIGHT;
        Self {
            u16: zeros(table),
            pair: zeros(table),
            xor: zeros(table),
            shift: zeros(table),
            program: zeros(program.code.len()),
            code: CodeIndex::new(program),
        }
    }

    /// Adds the lookups of a chip that holds no table.
    pub(crate) fn add(&self, chip: &Chip, trace: &RowMajorMatrix<Val>, public_values: &[Val]) {
        let (values, width) = (&trace.values, trace.width);
        // Tables look at messages only, none of which reads another row, a selector or a periodic column.
        let periodic = [Val::ZERO; output::PERIODIC];
        let fixed = vec![Val::ZERO; chip.kind().row().preprocessed_width];
        values.par_chunks(width << 10).for_each(|rows| {
            let mut visitor = self;
            for cells in rows.chunks_exact(width) {
                let mut row = Row {
                    main: RowWindow::from_two_rows(cells, cells),
                    preprocessed: RowWindow::from_two_rows(&fixed, &fixed),
                    public_values,
                    periodic: &periodic,
                    first: false,
                    last: false,
                    visitor: &mut visitor,
                };
                chip.eval(&mut row);
            }
        });
    }

    /// Main trace of the byte tables.
    pub(crate) fn bytes(&self) -> RowMajorMatrix<Val> {
        let columns = [&self.u16, &self.pair, &self.xor, &self.shift];
        let values = (0..1 << bytes::LOG_HEIGHT)
            .flat_map(|row| columns.map(|counts| Val::new(counts[row].load(Ordering::Relaxed))))
            .collect();
        RowMajorMatrix::new(values, bytes::WIDTH)
    }

    /// Main trace of the program chip, of `height` rows.
    pub(crate) fn program(&self, height: usize) -> RowMajorMatrix<Val> {
        let mut values: Vec<Val> = self.program.iter().map(|count| Val::new(count.load(Ordering::Relaxed))).collect();
        values.resize(height, Val::ZERO);
        RowMajorMatrix::new_col(values)
    }

    /// The counter of an entry; none when there is no such entry, and then no proof can be made: the bus will not balance.
    #[inline(always)]
    fn counter(&self, bus: &str, mut tuple: impl Iterator<Item = Val>) -> Option<&AtomicU32> {
        let mut next = || tuple.next().map(|x| x.as_canonical_u32() as usize);
        let byte_pair = |x: usize, y: usize| (x < 256 && y < 256).then_some(x + 256 * y);
        match bus {
            "u16" => self.u16.get(next()?),
            "pair" => self.pair.get(byte_pair(next()?, next()?)?),
            "xor" => self.xor.get(byte_pair(next()?, next()?)?),
            "shift" => {
                let (k, x) = (next()?, next()?);
                self.shift.get(byte_pair(x, k)?)
            }
            "program" => self.program.get(self.code.position(u32::try_from(next()?).ok()?)?),
            _ => None,
        }
    }
}

impl Visitor for &Tally {
    #[inline(always)]
    fn constraint(&mut self, _: Val) {}

    #[inline(always)]
    fn message(&mut self, bus: &str, tuple: impl Iterator<Item = Val>, count: Val) {
        let table = matches!(bus, "u16" | "pair" | "xor" | "shift" | "program");
        if table
            && count != Val::ZERO
            && let Some(counter) = self.counter(bus, tuple)
        {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}
