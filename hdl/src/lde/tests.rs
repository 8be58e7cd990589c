//! The model against Plonky3, and the text of every geometry.

use super::model::{Shape, multiplies, transform};
use super::*;
use crate::emit;
use crate::field::{P, from_montgomery, to_montgomery};
use p3_baby_bear::BabyBear;
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use rand::{Rng, SeedableRng};

/// Plonky3's extension in leaf order, canonical words in and out.
fn plonky3(matrix: &[u32], width: usize, log_blowup: usize, shift: u32) -> Vec<u32> {
    let values = matrix.iter().map(|&x| BabyBear::from_u32(x)).collect();
    let rows = RowMajorMatrix::new(values, width);
    let lde = Radix2DitParallel::default().coset_lde_batch(rows, log_blowup, BabyBear::from_u32(shift));
    lde.bit_reverse_rows().to_row_major_matrix().values.iter().map(|x| x.as_canonical_u32()).collect()
}

#[test]
fn the_model_is_plonky3s_extension() {
    let seed = 11;
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    for log_rows in 1..=10 {
        for log_blowup in 0..=2 {
            for shift in [31, 1, rng.random_range(1..P)] {
                let matrix: Vec<u32> = (0..8 << log_rows).map(|_| rng.random_range(0..P)).collect();
                let words: Vec<u32> = matrix.iter().map(|&x| to_montgomery(x)).collect();
                let shape = Shape::new(log_rows, log_blowup, to_montgomery(shift));
                let found: Vec<u32> = transform(&shape, &words).concat().iter().map(|&x| from_montgomery(x)).collect();
                let expected = plonky3(&matrix, 8, log_blowup, shift);
                assert!(found == expected, "2^{log_rows} rows, blow-up 2^{log_blowup}, shift {shift}, seed {seed}");
            }
        }
    }
}

#[test]
fn a_group_costs_what_the_formula_says() {
    // Radix 2: one inverse and two forward transforms of 8 columns of 256 rows, and the scaling.
    assert_eq!(multiplies(8, 1), 8 * (3 * 8 * 128 + 256));
    assert_eq!(multiplies(1, 0), 8 * (2 + 2));
}

#[test]
fn every_geometry_prints() {
    for lanes in [1, 2, 4, 8, 16] {
        for (log_rows_max, log_blowup_max) in [(5, 0), (5, 1), (6, 1), (10, 1), (16, 1), (10, 2), (12, 3)] {
            let files = emit(&lde(&Geometry { lanes, log_rows_max, log_blowup_max })).unwrap();
            assert!(files.iter().any(|f| f.name == format!("lde_l{lanes}_n{log_rows_max}_b{log_blowup_max}.v")));
        }
    }
}
