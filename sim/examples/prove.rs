//! Runs formal proofs by name: `cargo run --release -p galena-sim --example prove -- [NAME ..]`, all without a name.

use galena_hdl::formal::proofs;
use galena_sim::formal::prove;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let mut failed = false;
    for proof in proofs().filter(|p| names.is_empty() || names.iter().any(|n| n == p.name)) {
        let start = Instant::now();
        match prove(proof) {
            Ok(proved) => println!("{:<14} {:6.1} s  {proved:?}", proof.name, start.elapsed().as_secs_f64()),
            Err(error) => {
                failed = true;
                println!("{:<14} {:6.1} s  {error}", proof.name, start.elapsed().as_secs_f64());
            }
        }
    }
    ExitCode::from(u8::from(failed))
}
