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
        assert!(m.multipliers <= m.compute && m.compute <= m.wall, "{case:?}: {m:?}");
        let beats = m.rows * columns.div_ceil(8) + m.digests;
        assert!(m.open_clocks >= 9 * beats as u64, "nothing is faster than the link: {case:?}: {m:?}");
        // A path is as long as on a large trace, a row much shorter than all of a small one: openings weigh more here and are left out. The
        // missing columns of the last group are sent as zeros.
        let sent =
            4.0 * m.commit_words as f64 / (m.trace_bytes as f64 * columns.next_multiple_of(8) as f64 / columns as f64);
        assert!(sent <= 1.05, "{case:?}: {sent} {m:?}");
        assert!(m.bytes_per_byte() > sent, "openings are counted: {case:?}: {m:?}");
    }
}
