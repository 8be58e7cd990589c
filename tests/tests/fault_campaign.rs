//! The quick tier of the fault campaign: every fault at few points; and a short soak. `make campaign` does more of the same.

use galena_tests::campaign::proof::Proof;
use galena_tests::campaign::run::{Tier, campaign};
use galena_tests::campaign::soak::soak;
use galena_tests::campaign::stand::{Kind, Stand};
use galena_tests::campaign::tape::Tape;
use galena_tests::campaign::{config, seed, table};

/// log2 of the rows of the largest table that goes to the device: most tables of the proof, each a moment of simulation.
const LOG_ROWS: usize = 4;

#[test]
fn every_fault_ends_in_a_right_answer_or_a_typed_error() {
    let tier = Tier { jobs: [6, 2, 2], proofs: [1, 1, 1], strides: [4, 8, 2], log_rows: LOG_ROWS };
    let campaign = campaign(&tier, |_| ());
    println!("seed {}, {} rows", campaign.seed, campaign.rows.len());
    assert!(campaign.rows.len() >= 40);
    assert!(campaign.violations.is_empty(), "{}", campaign.violations.join("\n"));
    if std::env::var_os("GALENA_CAMPAIGN_ROW").is_none() {
        for done in &campaign.rows {
            assert!(done.jobs.points() >= 2, "{} was not struck", done.row.name);
        }
        let proofs: u64 = campaign.rows.iter().map(|done| done.proofs.points()).sum();
        assert!(proofs >= 20, "{proofs} proofs");
    }
}

#[test]
fn the_table_has_every_kind_of_fault_and_every_row_once() {
    let rows = table::rows();
    let mut names: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.place)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len());
    assert!(rows.iter().all(|row| !row.doc.is_empty()));
}

#[test]
fn a_soak_with_faults_leaks_nothing() {
    let tape = Tape::record(&Proof::new(), config(), LOG_ROWS);
    for kind in [Kind::Model, Kind::Verilog] {
        let mut stand = Stand::open(kind).unwrap_or_else(|error| panic!("{error}"));
        let soaked = soak(&mut stand, &tape, 200, seed()).unwrap_or_else(|what| panic!("seed {}: {what}", seed()));
        println!("{}: {soaked:?}", kind.name());
        assert!(soaked.struck > 40);
        // The other test of this file runs beside this one, so only what does not depend on it: a leak of one kilobyte a job.
        soaked.grew(200 << 20).unwrap_or_else(|what| panic!("{}: {what}", kind.name()));
    }
}
