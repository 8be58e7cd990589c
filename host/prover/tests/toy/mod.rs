//! A small machine of three tables of different heights, joined by buses, to prove with any configuration.

#![allow(dead_code)] // each test uses its own part

pub(crate) mod faulty;
pub(crate) mod ours;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_batch_stark::{BatchProof, ProverData, StarkInstance, verify_batch};
use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::extension::BinomialExtensionField;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_lookup::{InteractionBuilder, LookupBus, PermutationCheckBus};
use p3_matrix::dense::RowMajorMatrix;
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

pub(crate) type Val = BabyBear;
pub(crate) type Challenge = BinomialExtensionField<Val, 5>;
pub(crate) type Perm = Poseidon2BabyBear<16>;
type Packed = <Val as Field>::Packing;
pub(crate) type Hash = PaddingFreeSponge<Perm, 16, 8, 8>;
pub(crate) type Compress = TruncatedPermutation<Perm, 2, 8, 16>;
pub(crate) type StockMmcs = MerkleTreeMmcs<Packed, Packed, Hash, Compress, 2, 8>;
pub(crate) type StockChallenger = DuplexChallenger<Val, Perm, 16, 8>;
pub(crate) type StockPcs =
    TwoAdicFriPcs<Val, Radix2DitParallel<Val>, StockMmcs, ExtensionMmcs<Val, Challenge, StockMmcs>>;
pub(crate) type Stock<C> = StarkConfig<StockPcs, Challenge, C>;

pub(crate) fn perm() -> Perm {
    default_babybear_poseidon2_16()
}

pub(crate) fn challenger() -> StockChallenger {
    StockChallenger::new(perm())
}

/// The knobs that change the shape of a proof.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knobs {
    pub(crate) log_blowup: usize,
    pub(crate) max_log_arity: usize,
    pub(crate) log_final_poly_len: usize,
    pub(crate) cap_height: usize,
}

pub(crate) const KNOBS: [Knobs; 3] = [
    Knobs { log_blowup: 1, max_log_arity: 3, log_final_poly_len: 0, cap_height: 2 },
    Knobs { log_blowup: 1, max_log_arity: 1, log_final_poly_len: 0, cap_height: 0 },
    Knobs { log_blowup: 2, max_log_arity: 3, log_final_poly_len: 2, cap_height: 3 },
];

pub(crate) fn fri<M>(knobs: Knobs, mmcs: M) -> FriParameters<ExtensionMmcs<Val, Challenge, M>> {
    FriParameters {
        log_blowup: knobs.log_blowup,
        log_final_poly_len: knobs.log_final_poly_len,
        max_log_arity: knobs.max_log_arity,
        num_queries: 20,
        batch_proof_of_work_bits: 6,
        commit_proof_of_work_bits: 0,
        query_proof_of_work_bits: 10,
        mmcs: ExtensionMmcs::new(mmcs),
    }
}

pub(crate) fn config<P: Clone, C: Clone>(pcs: P, challenger: C) -> StarkConfig<P, Challenge, C> {
    StarkConfig::new(pcs, challenger).with_lookup_proof_of_work_bits(7).with_ood_proof_of_work_bits(5)
}

pub(crate) fn stock_mmcs(cap_height: usize) -> StockMmcs {
    StockMmcs::new(Hash::new(perm()), Compress::new(perm()), cap_height)
}

pub(crate) fn stock<C: Clone>(knobs: Knobs, challenger: C) -> Stock<C> {
    let mmcs = stock_mmcs(knobs.cap_height);
    config(StockPcs::new(Radix2DitParallel::default(), mmcs.clone(), fri(knobs, mmcs)), challenger)
}

const CELLS: PermutationCheckBus<'static> = PermutationCheckBus::new("cells");
const BYTES: LookupBus<'static> = LookupBus::new("bytes");

/// Columns that carry nothing, so that a row is several sponge blocks, the last one partial.
const BALLAST: usize = 11;

/// `Log`: accesses to cells, each later than the one before. `Cells`: first and last state of every cell. `Bytes`: 0..256.
#[derive(Clone, Debug)]
pub(crate) enum Table {
    Log,
    Cells,
    Bytes,
}

impl<F: Field> BaseAir<F> for Table {
    fn width(&self) -> usize {
        match self {
            Table::Log => 6 + BALLAST, // clock, cell, value before, clock before, value after, gap
            Table::Cells => 3,         // cell, last value, last clock
            Table::Bytes => 1,         // multiplicity
        }
    }
    fn num_public_values(&self) -> usize {
        matches!(self, Table::Log) as usize
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        matches!(self, Table::Bytes).then(|| RowMajorMatrix::new_col((0..256).map(F::from_u32).collect()))
    }
    fn preprocessed_width(&self) -> usize {
        matches!(self, Table::Bytes) as usize
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        vec![]
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        match self {
            Table::Log | Table::Cells => vec![0],
            Table::Bytes => vec![],
        }
    }
}

impl<AB: AirBuilder + InteractionBuilder> Air<AB> for Table
where
    AB::F: Field,
{
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let (row, next) = (main.current_slice(), main.next_slice());
        match self {
            Table::Log => {
                let (clock, cell, before, clock_before, after, gap) = (row[0], row[1], row[2], row[3], row[4], row[5]);
                let start = b.public_values()[0];
                b.when_first_row().assert_eq(clock, start);
                b.when_transition().assert_eq(next[0], clock.into() + AB::Expr::ONE);
                b.assert_eq(clock.into() - clock_before.into() - AB::Expr::ONE, gap);
                for i in 6..6 + BALLAST {
                    b.assert_eq(row[i], row[0].into() * row[i - 1].into());
                }
                CELLS.receive(b, [cell.into(), before.into(), clock_before.into()], 1);
                CELLS.send(b, [cell.into(), after.into(), clock.into()], 1);
                BYTES.lookup_key(b, [gap], 1);
            }
            Table::Cells => {
                b.when_first_row().assert_zero(row[0]);
                b.when_transition().assert_eq(next[0], row[0].into() + AB::Expr::ONE);
                CELLS.send(b, [row[0].into(), AB::Expr::ZERO, AB::Expr::ZERO], 1);
                CELLS.receive(b, [row[0].into(), row[1].into(), row[2].into()], 1);
            }
            Table::Bytes => {
                let byte = b.preprocessed().current_slice()[0];
                BYTES.table_entry(b, [byte], row[0]);
            }
        }
    }
}

/// An honest run: the tables, their traces and their public values.
pub(crate) struct Run {
    pub(crate) tables: Vec<Table>,
    pub(crate) traces: Vec<RowMajorMatrix<Val>>,
    pub(crate) public: Vec<Vec<Val>>,
}

/// 2^`log_rows` accesses to 2^`log_cells` cells, `log_cells <= 7` so that a gap is a byte.
pub(crate) fn run(log_rows: usize, log_cells: usize) -> Run {
    let cells = 1u32 << log_cells;
    let mut state = vec![(0, 0); cells as usize];
    let (mut log, mut uses) = (vec![], vec![0u32; 256]);
    for clock in 1..=1u32 << log_rows {
        let cell = clock.wrapping_mul(5) % cells;
        let (before, clock_before) = state[cell as usize];
        let (after, gap) = (before + clock, clock - clock_before - 1);
        state[cell as usize] = (after, clock);
        uses[gap as usize] += 1;
        let mut row: Vec<Val> = [clock, cell, before, clock_before, after, gap].map(Val::from_u32).to_vec();
        for i in 6..6 + BALLAST {
            row.push(row[0] * row[i - 1]);
        }
        log.extend(row);
    }
    let last = (0..cells).zip(&state).flat_map(|(cell, &(value, clock))| [cell, value, clock].map(Val::from_u32));
    Run {
        tables: vec![Table::Log, Table::Cells, Table::Bytes],
        traces: vec![
            RowMajorMatrix::new(log, 6 + BALLAST),
            RowMajorMatrix::new(last.collect(), 3),
            RowMajorMatrix::new_col(uses.into_iter().map(Val::from_u32).collect()),
        ],
        public: vec![vec![Val::ONE], vec![], vec![]],
    }
}

/// Proof bytes under any configuration: the types differ, so a macro rather than a function.
#[macro_export]
macro_rules! prove {
    ($config:expr, $run:expr) => {{
        let (config, run): (_, &toy::Run) = (&$config, &$run);
        let instances: Vec<_> = run
            .tables
            .iter()
            .zip(&run.traces)
            .zip(&run.public)
            .map(|((air, trace), public)| StarkInstance { air, trace, public_values: public.clone() })
            .collect();
        ProverData::from_instances(config, &instances)
            .map_err(|error| format!("{error:?}"))
            .and_then(|data| prove_batch(config, &instances, &data).map_err(|error| format!("{error:?}")))
            .map(|proof| postcard::to_allocvec(&proof).unwrap())
    }};
}

/// The stock verifier on stock types.
pub(crate) fn stock_verifies(knobs: Knobs, run: &Run, proof: &[u8]) -> Result<(), String> {
    let config = stock(knobs, challenger());
    let proof: BatchProof<Stock<StockChallenger>> = postcard::from_bytes(proof).map_err(|e| e.to_string())?;
    let instances: Vec<_> = (run.tables.iter().zip(&run.traces).zip(&run.public))
        .map(|((air, trace), public)| StarkInstance { air, trace, public_values: public.clone() })
        .collect();
    let data = ProverData::from_instances(&config, &instances).map_err(|e| format!("{e:?}"))?;
    verify_batch(&config, &run.tables, &proof, &run.public, &data.common).map_err(|e| format!("{e:?}"))
}
