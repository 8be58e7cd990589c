//! One receipt for every case of every sample program, byte for byte the same whoever computes it, however often, on any
//! machine: the SHA-256 of each is in `tests/golden/receipts.txt`. A change there is a change of the statement, the chips or
//! the transcript; one that is meant is written with `GALENA_GOLDEN=write cargo test --release -p galena-tests --test golden_proofs`.

use std::path::Path;
use std::sync::Arc;

use galena_constraints::{Expected, MIN_SECURITY_BITS, Profile, Receipt, verify};
use galena_device::{Device, Limits, SoftwareDevice};
use galena_prover::{Policy, Proved, prove};
use galena_tests::{Sample, samples};
use galena_vm::Program;
use sha2::{Digest, Sha256};

/// A device that holds the smaller tables and leaves the taller ones to the CPU.
fn small_device() -> Box<dyn Device> {
    let limits = Limits { log_rows_min: 2, log_rows_max: 11, log_blowup_max: 1, columns_max: 2048, memory_beats: 0 };
    Box::new(SoftwareDevice::with_limits("small", limits))
}

/// The generated hardware in Verilator. A machine without the pinned tools is told what to do: `make tools`.
fn simulated() -> Box<dyn Device> {
    let options = galena_device::driver::OpenOptions::default();
    (galena_sim::DRIVER.open)("wide", &options).unwrap_or_else(|error| panic!("{error}"))
}

/// log2 of the tallest table that is simulated: most of the tables of a short execution, in a second or two.
const SIMULATED_ROWS: usize = 7;

fn proved(sample: &Sample, threads: usize, device: Option<Box<dyn Device>>, log_rows_max: Option<usize>) -> Proved {
    let elf = std::fs::read(&sample.elf).unwrap();
    let program = Program::from_elf(&elf).unwrap();
    let standard = Profile::by_name("standard").unwrap();
    let devices: Vec<Box<dyn Device>> = device.into_iter().collect();
    let policy = Policy { required: !devices.is_empty(), log_rows_max, ..Policy::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| prove(&program, &sample.input, standard, devices, policy, Arc::new(|_| ())))
        .unwrap_or_else(|error| panic!("{}: {error}", sample.name))
}

/// One case for each program: the first, and with it every chip that the program uses.
fn one_of_each() -> Vec<Sample> {
    let mut cases = samples();
    cases.dedup_by(|a, b| a.elf == b.elf);
    cases
}

#[test]
fn every_sample_is_proved_and_says_what_it_should() {
    let cases = samples();
    assert!(cases.len() >= 8, "the samples are gone: {cases:?}");
    let mut found = String::new();
    for sample in cases {
        let Proved { bytes, receipt, .. } = proved(&sample, 2, None, None);
        assert_eq!(receipt.public_output, sample.output, "{}", sample.name);
        assert_eq!(receipt.exit_code, sample.exit_code, "{}", sample.name);
        let read = Receipt::decode(&bytes).unwrap();
        let expected = Expected {
            program_id: &receipt.program_id(),
            exit_code: Some(sample.exit_code),
            public_output: Some(&sample.output),
        };
        verify(&expected, &read, MIN_SECURITY_BITS).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        found += &format!("{}  {}\n", hex::encode(Sha256::digest(&bytes)), sample.name);
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/receipts.txt");
    if std::env::var("GALENA_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&golden, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(found, expected, "receipts changed: see the top of this file");
}

#[test]
fn threads_and_devices_do_not_change_a_byte() {
    for sample in one_of_each() {
        let expected = proved(&sample, 1, None, None).bytes;
        assert!(proved(&sample, 2, None, None).bytes == expected, "{}: 2 threads", sample.name);
        for threads in [1, 2] {
            for (device, rows) in [(small_device(), None), (simulated(), Some(SIMULATED_ROWS))] {
                let what = format!("{}: {}, {threads} threads", sample.name, device.info().name);
                let Proved { bytes, report, .. } = proved(&sample, threads, Some(device), rows);
                assert!(bytes == expected, "{what}");
                let device = &report.devices[0];
                assert!(device.total.jobs > 10 && device.faults == 0, "{what}: {:?}", device.total);
                assert!(report.discarded.is_none(), "{what}");
            }
        }
    }
}
