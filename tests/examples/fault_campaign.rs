//! The long tier of the fault campaign: every fault at many points, a soak of 1,000 jobs on each device, and the page of it all.
//!
//! `cargo run --release -p galena-tests --example fault_campaign [FILE]`, or `make campaign`. The page is docs/fault-campaign.md unless
//! another file is named. Exit code 1 if anything ended as it should not.

use std::path::PathBuf;
use std::process::ExitCode;

use galena_tests::campaign::page::page;
use galena_tests::campaign::proof::Proof;
use galena_tests::campaign::run::{Tier, campaign};
use galena_tests::campaign::soak::{BYTES, JOBS, soak};
use galena_tests::campaign::stand::{Kind, Stand};
use galena_tests::campaign::tape::Tape;
use galena_tests::campaign::{config, seed};

fn main() -> ExitCode {
    let file = std::env::args().nth(1).map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fault-campaign.md")),
        PathBuf::from,
    );
    let tier = Tier { jobs: [40, 16, 12], proofs: [2, 1, 2], strides: [1, 1, 1], log_rows: 7 };
    let mut campaign = campaign(&tier, |done| {
        eprintln!(
            "{}, {}: {} points in jobs, {} in proofs, worst {:.2} s",
            done.row.name,
            done.row.place,
            done.jobs.points(),
            done.proofs.points(),
            done.jobs.worst.max(done.proofs.worst)
        );
    });
    let tape = Tape::record(&Proof::new(), config(), tier.log_rows);
    let mut soaks = Vec::new();
    for kind in [Kind::Model, Kind::Verilog] {
        let soaked = Stand::open(kind)
            .map_err(|error| error.to_string())
            .and_then(|mut stand| soak(&mut stand, &tape, JOBS, seed()))
            .and_then(|soaked| soaked.grew(BYTES).map(|()| soaked));
        match soaked {
            Ok(soaked) => soaks.push((kind.name(), soaked)),
            Err(what) => campaign.violations.push(format!("soak on the {}: {what}", kind.name())),
        }
    }
    if let Err(error) = std::fs::write(&file, page(&campaign, &soaks)) {
        eprintln!("cannot write {}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    campaign.violations.iter().for_each(|violation| eprintln!("{violation}"));
    if campaign.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
