//! `galena prove`, `verify`, `inspect`: one receipt, and everything that must not pass for it.

mod galena;

use std::path::PathBuf;
use std::sync::OnceLock;

use galena::{Galena, Said, sample};

const OUTPUT: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";

/// A receipt for SHA-256 of "abc", made once.
fn proved() -> &'static Said {
    static PROVED: OnceLock<Said> = OnceLock::new();
    PROVED.get_or_init(|| {
        Galena::new("prove --input abc.txt -o r --json").arg(sample("sha256")).file("abc.txt", "abc").run().code(0)
    })
}

fn receipt() -> PathBuf {
    proved().path("r")
}

/// `galena verify RECEIPT --program sha256.elf MORE`.
fn verify(bytes: &[u8], more: &str) -> Said {
    let program = sample("sha256");
    Galena::new(&format!("verify r {more} --program")).arg(program).file("r", bytes).file("output", OUTPUT).run()
}

#[test]
fn a_proof_reports_what_scripts_rely_on() {
    let report = proved().json();
    assert_eq!(report["name"], "sha256");
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["public_output"].as_str(), Some(&*hex::encode(OUTPUT)));
    assert!(report["security_bits"].as_u64().unwrap() >= 100);
    assert!(report["security_regime"].as_str().unwrap().contains("proven"));
    assert!(report["cycles"].as_u64().unwrap() > 1000);
    assert!(report["instructions_per_cpu_second"].as_f64().unwrap() > 0.0);
    assert_eq!(report["program_id"].as_str().unwrap().len(), 64);
    assert_eq!(report["receipt_bytes"].as_u64().unwrap() as usize, proved().read("r").len());
    assert!(proved().stderr.is_empty(), "no progress bar without a terminal: {}", proved().stderr);
}

#[test]
fn an_honest_receipt_verifies_by_file_and_by_id() {
    let bytes = proved().read("r");
    let said = verify(&bytes, "--exit-code 0 --output output --json").code(0);
    assert_eq!(said.json()["verified"], true);
    assert!(said.json()["security_bits"].as_u64().unwrap() >= 100);
    let id = proved().json()["program_id"].as_str().unwrap().to_owned();
    assert_eq!(said.json()["program_id"], *id);
    let said = Galena::new("verify --program").arg(id).arg(receipt().to_str().unwrap()).run().code(0);
    for part in ["is valid", "exit code        0", "ba7816bf", "bits, proven"] {
        assert!(said.text().contains(part), "{}", said.text());
    }
}

#[test]
fn another_program_output_or_exit_code_is_refused_with_a_reason() {
    let bytes = proved().read("r");
    verify(&bytes, "--exit-code 1").code(1).stderr(&["expected exit code 1, found a receipt for exit code 0"]);
    Galena::new("verify r --output other --program")
        .arg(sample("sha256"))
        .file("r", &bytes)
        .file("other", "something else")
        .run()
        .code(1)
        .stderr(&["expected 14 bytes of public output, found 65"]);
    Galena::new("verify r --program")
        .arg(sample("fibonacci-c"))
        .file("r", &bytes)
        .run()
        .code(1)
        .stderr(&["expected program"]);
    let zeros = "0".repeat(64);
    Galena::new("verify r --program").arg(zeros).file("r", &bytes).run().code(1).stderr(&["expected program 0000"]);
    let short = Galena::new("verify r --program abc123").file("r", &bytes).run().code(1);
    short.stderr(&["expected a program id of 64 hexadecimal digits"]);
}

#[test]
fn damage_anywhere_is_refused_without_a_panic() {
    let bytes = proved().read("r");
    for at in (0..bytes.len()).step_by(bytes.len() / 23).chain([7, 8, bytes.len() - 1]) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        verify(&damaged, "").code(1).stderr(&["error: "]);
    }
    for length in [0, 1, 8, 12, 43, 44, 1000, bytes.len() - 1] {
        verify(&bytes[..length], "").code(1).stderr(&["error: "]);
    }
    let longer = [&bytes[..], &[0]].concat();
    verify(&longer, "").code(1).stderr(&["error: "]);
    verify(b"a text file\n", "").code(1).stderr(&["expected a galena receipt"]);
}

#[test]
fn inspect_says_what_is_claimed_and_that_it_is_not_checked() {
    let path = receipt();
    let said = Galena::new("inspect").arg(path.to_str().unwrap()).run().code(0);
    for part in ["not verified", "exit code        0", "alu", "galena verify"] {
        assert!(said.text().contains(part), "{}", said.text());
    }
    let json = Galena::new("inspect --json").arg(path.to_str().unwrap()).run().code(0).json();
    assert_eq!(json["verified"], false);
    assert_eq!(json["program_id"], proved().json()["program_id"]);
    Galena::new("inspect x").file("x", "nothing of the kind").run().code(1).stderr(&["expected a galena receipt"]);
}

#[test]
fn a_receipt_is_written_whole_or_not_at_all() {
    // A program that cannot be proved leaves an older receipt alone.
    let said = Galena::new("prove text.elf -o r").file("text.elf", "no").file("r", "older").run().code(1);
    assert_eq!(said.read("r"), b"older");
    let said = Galena::new("prove -o nowhere/r").arg(sample("fibonacci-c")).run().code(1);
    said.stderr(&["cannot write `nowhere/r`", "hint: create the folder first"]);
    // No temporary file is left beside a receipt.
    let names: Vec<_> = std::fs::read_dir(proved().folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_failing_program_is_proved_to_fail() {
    let said = Galena::new("prove --input - -o r").arg(sample("fibonacci-c")).stdin("twelve").run().code(0);
    let r = said.path("r");
    let verify = |code: &str| {
        Galena::new(&format!("verify --exit-code {code} --program"))
            .arg(sample("fibonacci-c"))
            .arg(r.to_str().unwrap())
            .run()
    };
    verify("1").code(0);
    verify("0").code(1).stderr(&["expected exit code 0, found a receipt for exit code 1"]);
}

#[test]
fn what_cannot_be_proved_is_refused_with_what_to_try() {
    let prove = |args: &str| Galena::new(&format!("prove -o r --input - {args}")).arg(sample("fibonacci-c")).stdin("5");
    prove("--profile fast").run().code(1).stderr(&["expected one of the profiles `standard`", "found `fast`"]);
    prove("--device gpu").run().code(1).stderr(&["expected a device like", "found `gpu`", "galena device list"]);
    prove("--device serial:/dev/no-such-port").run().code(1).stderr(&["there is no /dev/no-such-port"]);
    let long = Galena::new("prove -o r --input -").arg(sample("fibonacci-c")).stdin("4000000000").run().code(1);
    long.stderr(&["the most one proof holds"]);
}
