//! The clocks that `galena_hdl::clocks` computes against those that Verilator counts, job by job, and the page that has them.

use galena_sim::plan::{PAGE, compare, missing, page};
use galena_target::Config;
use std::path::Path;

/// Configs of the quick tier: a stream, PCIe, and larger blow-ups. `make plan-error` has more.
const QUICK: [&str; 3] = ["tiny", "tiny-pcie", "tiny-blowup"];

/// Of a job of natural size, and of a small one.
const MOST: [f64; 2] = [0.03, 0.06];

#[test]
fn computed_clocks_are_near_verilators_and_the_page_has_them() {
    let all: Vec<_> = QUICK.iter().flat_map(|name| compare(Config::named(name).unwrap()).unwrap()).collect();
    println!("{}", page(&all));
    for one in &all {
        let most = MOST[usize::from(!one.natural)];
        assert!(one.error().abs() <= most, "{one:?}: {:+.2} %", 100.0 * one.error());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
    let lacks = std::fs::read_to_string(path).unwrap();
    let lacks = missing(&lacks, &all);
    assert!(lacks.is_empty(), "{PAGE} is stale, `make plan-error` writes it: {lacks:?}");
}
