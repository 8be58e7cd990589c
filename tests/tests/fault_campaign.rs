//! The quick tier of the fault campaign: every fault at few points. `make campaign` does more of the same.

use galena_tests::campaign::attack::attack;
use galena_tests::campaign::proof::Proof;
use galena_tests::campaign::run::{Tier, campaign};
use galena_tests::campaign::stand::{Kind, Stand};
use galena_tests::campaign::tape::Tape;
use galena_tests::campaign::{config, table};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// log2 of the rows of the largest table that goes to the device: enough that every kernel is asked for, and digests stay in its memory.
const LOG_ROWS: usize = 7;

#[test]
fn every_fault_ends_in_a_right_answer_or_a_typed_error() {
    let tier = Tier { jobs: [6, 2, 2], proofs: [1, 1, 1], strides: [4, 8, 2], log_rows: LOG_ROWS };
    let campaign = campaign(&tier, |_| ());
    println!("seed {}, {} rows", campaign.seed, campaign.rows.len());
    assert!(campaign.violations.is_empty(), "{}", campaign.violations.join("\n"));
    if ["GALENA_CAMPAIGN_ROW", "GALENA_CAMPAIGN_POINT"].iter().all(|name| std::env::var_os(name).is_none()) {
        assert!(campaign.rows.len() >= 40);
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
fn the_campaign_notices_a_receipt_that_is_not_the_cpus() {
    let mut proof = Proof::new();
    let tape = Tape::record(&proof, config(), LOG_ROWS);
    let row = table::rows().into_iter().find(|row| row.name == "drop word").expect("a row of the table");
    let attacked = |proof: &Proof| {
        let stand = Stand::open(Kind::Model).unwrap_or_else(|error| panic!("{error}"));
        attack(stand, &tape, proof, &row, LOG_ROWS, &mut ChaCha8Rng::seed_from_u64(1)).map(|(_, point)| point.outcome)
    };
    attacked(&proof).unwrap_or_else(|what| panic!("the honest control: {what}"));
    proof.receipt[0] ^= 1;
    let noticed = attacked(&proof).expect_err("another receipt");
    assert!(noticed.contains("not the cpu's"), "{noticed}");
}
