//! The measurement of `examples/overlap` on the smallest card: commit, keep, read, verify, and thresholds of its own.

#[path = "../examples/overlap/measure.rs"]
mod measure;

use galena_target::Config;
use measure::{Case, measure};

#[test]
fn rows_stay_on_the_card_until_they_are_opened() {
    let seed = 41;
    let config = Config::named("tiny-pcie").unwrap();
    // On so few rows the ways through the pipelines weigh: the transform of the first group, and the last levels of the tree, which at the root take
    // as long as all transfers of a narrow trace; so only the wide one has a threshold.
    for (columns, log_cap, queries, overlap) in [(240, 2, 12, 0.80), (61, 0, 6, f64::NEG_INFINITY)] {
        let case = Case { log_rows: 6, columns, log_cap, queries };
        let m = measure(config, &case, seed).unwrap_or_else(|e| panic!("{case:?} seed {seed}: {e}"));
        println!("{case:?}: {m:?}, overlap {:.3}, bytes per byte {:.3}", m.overlap(), m.bytes_per_byte());
        assert!(m.overlap() >= overlap, "{case:?}: {m:?}");
        // A path is as long as on a large trace, a row much shorter than all of a small one: openings weigh more here.
        let openings = 4.0 * m.open_words as f64 / m.trace_bytes as f64;
        assert!(m.bytes_per_byte() - openings <= 1.05, "{case:?}: {m:?}");
    }
}
