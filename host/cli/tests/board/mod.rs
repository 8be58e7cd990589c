//! `galena sim serve` as a process of its own, and whole proofs through the real drivers in front of it.
#![allow(dead_code)] // each test binary uses its part

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::galena::{Galena, Said, sample};

/// Longest time to compile a board and open its port, on a busy machine.
const READY: Duration = Duration::from_secs(600);

/// One short execution of every sample program: program, input, exit code.
pub(crate) const SAMPLES: [(&str, &str); 4] =
    [("sha256", "abc"), ("fibonacci-c", "10"), ("fibonacci-rust", "10"), ("game", "")];

/// A board that any host on this machine can open. It ends with the test.
pub(crate) struct Served {
    process: Child,
    /// Where a host finds it.
    pub(crate) path: PathBuf,
    folder: tempfile::TempDir,
}

impl Served {
    /// Serves `config` behind `port` (`--pty` or `--xdma`); returns when a host can open it.
    pub(crate) fn new(config: &str, port: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board");
        let log = File::create(folder.path().join("log")).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_galena"))
            .args(["sim", "serve", "--config", config, port])
            .arg(&path)
            .args(more)
            .env("GALENA_TOOLS", galena_sim::tools::folder())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let start = Instant::now();
        let said = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        while !said().contains("Ctrl-C stops") {
            assert!(process.try_wait().unwrap().is_none(), "the board ended: {}", said());
            assert!(start.elapsed() < READY, "the board is not ready: {}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, path, folder }
    }

    /// What it has printed.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends it a signal (`INT`, `KILL`).
    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.id(), name);
    }

    /// Asks it to end, and says how it did and what it printed.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        self.signal("INT");
        let status = self.process.wait().unwrap();
        (status, self.said())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("INT");
            let _ = self.process.wait();
        }
    }
}

/// Sends a process a signal.
pub(crate) fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap().success());
}

/// Proves a sample on `device`, tables of up to 2^`rows` rows on it; the bytes of the receipt, and the JSON report.
pub(crate) fn proved(device: &str, rows: usize, (name, input): (&str, &str)) -> (Vec<u8>, serde_json::Value) {
    let said = Galena::new("prove --input input -o receipt --json --deadline 20")
        .arg("--device")
        .arg(device)
        .arg(format!("--offload-rows={rows}"))
        .arg("--require-device")
        .arg(sample(name))
        .file("input", input)
        .run();
    let said = expect_proof(said);
    (said.read("receipt"), said.json())
}

/// The same on the CPU: the bytes that every device must give.
pub(crate) fn on_the_cpu((name, input): (&str, &str)) -> Vec<u8> {
    let said = Galena::new("prove --input input -o receipt --json").arg(sample(name)).file("input", input).run();
    expect_proof(said).read("receipt")
}

fn expect_proof(said: Said) -> Said {
    said.code(0)
}

/// A proof that is under way on `device`, in `folder`, for as long as it is not killed.
pub(crate) fn begun(device: &str, folder: &Path, rows: usize) -> Child {
    std::fs::write(folder.join("input"), "abc").unwrap();
    Command::new(env!("CARGO_BIN_EXE_galena"))
        .args(["prove", "--input", "input", "-o", "receipt", "--require-device", "--device", device])
        .arg(format!("--offload-rows={rows}"))
        .arg(sample("sha256"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Every sample is proved through the port, byte for byte as on the CPU, and the device did its part.
pub(crate) fn every_sample_has_the_bytes_of_the_cpu(device: &str, rows: usize) {
    for case in SAMPLES {
        let (receipt, report) = proved(device, rows, case);
        assert!(receipt == on_the_cpu(case), "{case:?}: other bytes over {device}");
        let devices = report["devices"].as_array().unwrap_or_else(|| panic!("no devices in {report}"));
        let jobs = |device: &serde_json::Value| device["total"]["jobs"].as_u64().unwrap_or_else(|| panic!("{device}"));
        let jobs: u64 = devices.iter().map(jobs).sum();
        assert!(jobs > 0, "{case:?}: the device did nothing");
    }
}
