//! Ctrl-C in `galena prove`: it ends soon, with 130, and leaves no receipt and no piece of one.
#![cfg(unix)]

mod galena;

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Interrupts a proof on `device` after `delay`; says how it ended, how long that took, and what stands in its folder.
fn interrupted(device: &str, delay: Duration) -> (Option<i32>, Duration, Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("input"), b"60000").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_galena"))
        .args(["prove", "--input", "input", "-o", "receipt", "--device", device])
        .arg(galena::sample("fibonacci-c"))
        .env("GALENA_TOOLS", galena_sim::tools::folder())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    assert!(child.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
    let start = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let left = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    (status.code(), start.elapsed(), left.filter(|name| name != "input").collect(), said)
}

#[test]
fn an_interrupted_proof_ends_soon_and_writes_nothing() {
    for device in ["cpu", "sim:wide"] {
        let (code, took, left, said) = interrupted(device, Duration::from_secs(2));
        assert_eq!((code, left), (Some(130), vec![]), "{device}: {said}");
        assert!(took < Duration::from_secs(6), "{device}: {took:?}");
        assert!(!said.contains("panicked"), "{device}: {said}");
    }
}
