//! Proofs over a serial line: the real driver, a pseudo-terminal, and the Verilated board with its UART behind it.

mod board;
mod galena;

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use board::{SAMPLES, Served, begun, every_sample_has_the_bytes_of_the_cpu, on_the_cpu, proved, signal};
use galena::Galena;

/// Tables of up to 2^4 rows: a dozen jobs of each proof.
const ROWS: usize = 4;

#[test]
fn a_board_on_a_serial_line_proves_every_sample_and_outlives_its_hosts() {
    let board = Served::new("tiny-uart", "--pty", &[]);
    let device = format!("serial:{}", board.path.display());

    // Who it is, at the fastest rate that its clock divides.
    let info = Galena::new("device info --json --deadline 20 --device").arg(&device).run().code(0).json();
    assert_eq!(info["config"], "tiny-uart", "{info}");
    assert!(info["link"].as_str().unwrap().contains("12000000 baud"), "{info}");
    let selftest = Galena::new("device selftest --json --deadline 20 --device").arg(&device).run().code(0).json();
    assert_eq!(selftest["passed"], true, "{selftest}");

    every_sample_has_the_bytes_of_the_cpu(&device, ROWS);

    // A host written by somebody else, in another language, from the protocol's page.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/host.py");
    let said = Command::new("python3").arg(script).arg(&board.path).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(String::from_utf8_lossy(&said.stdout).contains("64 rows right"));

    // A host that is killed in the middle of a proof leaves nothing, and the next host is served as if it had never been.
    let folder = tempfile::tempdir().unwrap();
    let mut host = begun(&device, folder.path(), ROWS);
    std::thread::sleep(Duration::from_secs(3));
    assert!(host.try_wait().unwrap().is_none(), "it ended before it could be killed");
    signal(host.id(), "KILL");
    host.wait().unwrap();
    assert!(!folder.path().join("receipt").exists());
    assert!(proved(&device, ROWS, SAMPLES[0]).0 == on_the_cpu(SAMPLES[0]), "after a host that was killed");

    let (status, said) = board.stop();
    assert!(status.success() && said.contains("line errors"), "{said}");
}

#[test]
fn a_board_that_is_pulled_out_ends_the_proof_with_an_error() {
    let board = Served::new("tiny-uart", "--pty", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut host = begun(&format!("serial:{}", board.path.display()), folder.path(), ROWS);
    std::thread::sleep(Duration::from_secs(3));
    assert!(host.try_wait().unwrap().is_none(), "it ended before the board could be pulled out");
    board.signal("KILL");
    let pulled = Instant::now();
    let status = host.wait().unwrap();
    let mut said = String::new();
    host.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    // On a busy machine the host may still be looking for the fastest rate, which it does on ports that it opens anew.
    let told = ["disappeared", "is the board connected"].iter().any(|words| said.contains(words));
    assert!(told && !said.contains("panicked"), "{said}");
    assert!(!folder.path().join("receipt").exists(), "a receipt without its device");
    // The error itself is at once; one deadline goes by while the driver waits for the port to come back.
    assert!(pulled.elapsed() < Duration::from_secs(20), "{:?}", pulled.elapsed());
}

#[test]
fn a_port_has_one_host_at_a_time() {
    let board = Served::new("tiny-uart", "--pty", &["--model"]);
    let device = format!("serial:{}", board.path.display());
    let folder = tempfile::tempdir().unwrap();
    let mut first = begun(&device, folder.path(), 6);
    let mut refused = None;
    // The second host comes while the first has the port.
    for _ in 0..200 {
        if first.try_wait().unwrap().is_some() {
            break;
        }
        let said = Galena::new("device info --device").arg(&device).run();
        if said.code == 1 {
            refused = Some(said.stderr);
            break;
        }
    }
    first.wait().unwrap();
    // Or it was the first that came while the second had it.
    let mut said = String::new();
    first.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let refused = refused.unwrap_or(said);
    assert!(refused.contains("in use"), "two hosts had one port: {refused}");
}
