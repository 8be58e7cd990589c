//! Proofs over the stand-in for a PCIe card: the real driver, files that behave as XDMA's, and the Verilated shell behind them.
//!
//! Needs `/dev/fuse` and the right to mount; a machine without is a skip with its reason, counted at the end of `make test`.

mod board;
mod galena;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use board::{SAMPLES, Served, begun, every_sample_has_the_bytes_of_the_cpu, on_the_cpu, proved, signal};
use galena::Galena;

/// Tables of up to 2^6 rows: all that the config holds.
const ROWS: usize = 6;

/// Whether this machine lets anybody serve files; says so where it does not.
fn fuse() -> bool {
    let there = std::fs::OpenOptions::new().read(true).write(true).open("/dev/fuse").is_ok();
    if !there {
        let reason = "the XDMA stand-in: /dev/fuse is missing or not for this user";
        eprintln!("skipped {reason}");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/skipped");
        if let Ok(mut list) = std::fs::OpenOptions::new().create(true).append(true).open(file) {
            let _ = writeln!(list, "{reason}");
        }
    }
    there
}

#[test]
fn a_card_proves_every_sample_and_outlives_its_hosts() {
    if !fuse() {
        return;
    }
    let card = Served::new("tiny-pcie", "--xdma", &[]);
    let device = format!("pcie:{}", card.path.display());
    let info = Galena::new("device info --json --deadline 20 --device").arg(&device).run().code(0).json();
    assert_eq!(info["config"], "tiny-pcie", "{info}");
    let selftest = Galena::new("device selftest --json --deadline 20 --device").arg(&device).run().code(0).json();
    assert_eq!(selftest["passed"], true, "{selftest}");

    every_sample_has_the_bytes_of_the_cpu(&device, ROWS);

    // A host that is killed in the middle of a proof leaves nothing, and the next host is served as if it had never been.
    let folder = tempfile::tempdir().unwrap();
    let mut host = begun(&device, folder.path(), ROWS);
    std::thread::sleep(Duration::from_secs(1));
    signal(host.id(), "KILL");
    host.wait().unwrap();
    assert!(proved(&device, ROWS, SAMPLES[1]).0 == on_the_cpu(SAMPLES[1]), "after a host that was killed");

    let (status, said) = card.stop();
    assert!(status.success(), "{said}");
}

#[test]
fn a_card_whose_server_dies_ends_the_proof_with_an_error() {
    if !fuse() {
        return;
    }
    let card = Served::new("tiny-pcie", "--xdma", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut host = begun(&format!("pcie:{}", card.path.display()), folder.path(), ROWS);
    std::thread::sleep(Duration::from_millis(1500));
    if host.try_wait().unwrap().is_some() {
        panic!("it ended before the card could be pulled out");
    }
    card.signal("KILL");
    let pulled = Instant::now();
    let status = host.wait().unwrap();
    let mut said = String::new();
    host.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: ") || said.contains("\nerror: "), "{said}");
    assert!(!said.contains("panicked") && !folder.path().join("receipt").exists(), "{said}");
    assert!(pulled.elapsed() < Duration::from_secs(20), "{:?}", pulled.elapsed());
    // What a killed server leaves mounted is nobody's but this test's to take away.
    let _ = std::process::Command::new("umount").arg("-l").arg(&card.path).output();
}
