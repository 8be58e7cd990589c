//! The oracle: `qemu-riscv32` of Debian's `qemu-user`. Where it is missing, tests say so, count themselves as skipped, and pass.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Outcome;

const QEMU: &str = "qemu-riscv32";

/// Whether there is an oracle; says it aloud when there is none.
pub(crate) fn available(test: &str) -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let found =
        *FOUND.get_or_init(|| Command::new(QEMU).arg("--version").output().is_ok_and(|output| output.status.success()));
    if !found {
        let reason = format!("galena-vm {test}: no {QEMU} (apt-get install qemu-user)");
        eprintln!("skipped: {reason}");
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/skipped");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(list);
        file.and_then(|mut file| writeln!(file, "{reason}")).expect("target can be written");
    }
    found
}

/// Runs an ELF file. A signal gives the exit code 128 + its number, as shells report it.
pub(crate) fn run(elf: &[u8], input: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("guest.elf");
    std::fs::write(&path, elf).expect("the guest is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("the guest becomes executable");
    // From a file, not from a pipe, whose reads may be short.
    let input_path = folder.path().join("input");
    std::fs::write(&input_path, input).expect("the input is written");
    let mut command = Command::new(QEMU);
    command.arg(&path).stdin(std::fs::File::open(input_path).expect("the input opens"));
    command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let result = command.output().expect("the oracle runs");
    let exit_code = result.status.code().or_else(|| result.status.signal().map(|signal| 128 + signal)).unwrap_or(-1);
    Outcome { output: result.stdout, log: result.stderr, exit_code }
}
