//! `make plan-error`: how near the planner's clocks are to Verilator's, kernel by kernel; writes `docs/plan-error.md`.
//!
//! `cargo run --release -p galena-sim --example plan_error [-- CONFIG...]`
//!
//! Without names the configs of the table in the page, those that simulate in minutes. With names it prints and writes nothing.

use galena_sim::plan::{PAGE, compare, document, page};
use galena_target::Config;

/// Streams of 16 and of 32 multipliers, 2 and 8 lanes, a serial line, PCIe.
const CONFIGS: [&str; 7] = ["tiny", "tiny-uart", "tiny-pcie", "tiny-blowup", "mid", "wide", "card"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let configs = if named.is_empty() { CONFIGS.map(String::from).to_vec() } else { named.clone() };
    let mut all = vec![];
    for name in &configs {
        eprintln!("{name}");
        all.extend(compare(Config::named(name)?)?);
    }
    print!("{}", page(&all));
    if named.is_empty() {
        std::fs::write(PAGE, document(&all)).map_err(|e| format!("cannot write {PAGE}: {e}"))?;
    }
    Ok(())
}
