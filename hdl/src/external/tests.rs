//! The model against Plonky3 for many sizes and splits, the text of every geometry, and the refusals.

use super::block::{POINTS, reference};
use super::model::transform;
use super::*;
use crate::emit;
use crate::field::{P, to_montgomery};
use crate::lde::model::Shape;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LARGE: Geometry = Geometry {
    lanes: 8,
    log_rows_max: 24,
    log_blowup_max: 3,
    log_block: 15,
    log_run: 5,
    data_bits: 512,
    id_bits: 4,
    address_bits: 40,
    outstanding: 16,
};

#[test]
fn the_model_is_plonky3s_extension_for_every_size_and_split() {
    let seed = 91;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut splits = vec![];
    for log_block in 5..=9 {
        for log_run in 1..=3 {
            let geometry = Geometry { log_rows_max: 10, log_blowup_max: 2, log_block, log_run, ..LARGE };
            let most = (2 * log_block - log_run).min(10);
            for log_rows in geometry.log_rows_min()..=most {
                splits.push(geometry.split(log_rows));
                let log_blowup = rng.random_range(0..=2);
                let shift = [31, 1, rng.random_range(1..P)][log_rows % 3];
                let words: Vec<u32> = (0..8 << log_rows).map(|_| rng.random_range(0..P)).collect();
                let shape = Shape::new(log_rows, log_blowup, to_montgomery(shift));
                assert!(
                    transform(&geometry, &shape, &words) == reference(log_rows, log_blowup, shift, &words),
                    "2^{log_rows} rows, {geometry:?}, blow-up 2^{log_blowup}, shift {shift}, seed {seed}"
                );
            }
        }
    }
    splits.sort_unstable();
    splits.dedup();
    assert!(splits.len() >= 15, "{splits:?}");
}

#[test]
fn tiles_fit_their_buffer_and_bursts_are_whole() {
    for geometry in POINTS.into_iter().chain([LARGE]) {
        geometry.check().unwrap();
        for n in geometry.log_rows_min()..=geometry.log_rows_max {
            let (a, c) = geometry.split(n);
            assert!(a + c == n && c >= 1 && a >= geometry.log_run, "{geometry:?} 2^{n}: {a} + {c}");
            assert!(
                a <= geometry.log_block && c + geometry.log_run <= geometry.log_block,
                "{geometry:?} 2^{n}: {a} + {c}"
            );
        }
    }
    assert_eq!(LARGE.split(24), (15, 9));
}

#[test]
fn every_geometry_prints() {
    for geometry in POINTS.into_iter().chain([LARGE, Geometry { lanes: 1, data_bits: 1024, log_block: 16, ..LARGE }]) {
        emit(&external_lde(&geometry).unwrap()).unwrap();
    }
}

#[test]
fn illegal_geometries_are_refused_by_name() {
    let text = |geometry: Geometry| external_lde(&geometry).unwrap_err().to_string();
    for (geometry, words) in [
        (Geometry { lanes: 3, ..LARGE }, "lanes, found 3"),
        (Geometry { log_rows_max: 25, ..LARGE }, "found 2^25"),
        (Geometry { log_rows_max: 5, ..LARGE }, "found 2^5"),
        (Geometry { log_blowup_max: 4, ..LARGE }, "found 2^4"),
        (Geometry { log_block: 14, ..LARGE }, "at least 2^15 rows"),
        (Geometry { log_block: 17, ..LARGE }, "at most 2^16 rows"),
        (Geometry { log_run: 8, ..LARGE }, "found 2^8 rows of 32 bytes"),
        (Geometry { log_run: 1, ..LARGE }, "found 2^1 rows of 32 bytes on 512 bits"),
        (Geometry { data_bits: 128, ..LARGE }, "found 128"),
        (Geometry { id_bits: 0, ..LARGE }, "ids of 1 to 16 bits, found 0"),
        (Geometry { address_bits: 32, ..LARGE }, "address of 33 to 64 bits"),
        (Geometry { outstanding: 1, ..LARGE }, "found 1"),
    ] {
        assert!(text(geometry).contains(words), "{}", text(geometry));
    }
}
