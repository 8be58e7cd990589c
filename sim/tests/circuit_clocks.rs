//! The clocks that `galena_hdl::clocks` computes against those that Verilator counts.

use galena_sim::plan::{compare, page};
use galena_target::Config;

/// Configs of the quick tier: a stream, a serial line, PCIe.
const QUICK: [&str; 3] = ["tiny", "tiny-uart", "tiny-pcie"];

#[test]
fn clocks_are_computed_within_two_percent_of_verilators() {
    let all: Vec<_> = QUICK.iter().flat_map(|name| compare(Config::named(name).unwrap()).unwrap()).collect();
    println!("{}", page(&all));
    for one in &all {
        let most = if one.natural { 0.03 } else { 0.06 };
        assert!(one.error().abs() <= most, "{one:?}: {:+.2} %", 100.0 * one.error());
    }
}
