//! Files: programs and inputs in, reports and receipts out. A file is written whole or not at all.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use galena_vm::Program;
use serde::Serialize;

use crate::failure::Failure;

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })
}

/// The program in an ELF file.
pub(crate) fn program(path: &Path) -> Result<Program, Failure> {
    Program::from_elf(&read(path)?).map_err(|source| Failure::Elf { path: path.to_owned(), source })
}

/// What a person calls the program: its file name without the ending.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The bytes a program reads: of a file, of stdin for `-`, none without a path.
pub(crate) fn input(path: Option<&PathBuf>) -> Result<Vec<u8>, Failure> {
    match path {
        None => Ok(Vec::new()),
        Some(path) if path.as_os_str() == "-" => {
            let mut bytes = Vec::new();
            match std::io::stdin().lock().read_to_end(&mut bytes) {
                Ok(_) => Ok(bytes),
                Err(source) => Err(Failure::Read { path: path.clone(), source }),
            }
        }
        Some(path) => read(path),
    }
}

/// Writes a file through a temporary one beside it, so that what stands under `path` is always whole. What is there and is
/// no file (`/dev/null`, a pipe) is written to, never replaced.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let special = std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let written = if special {
        std::fs::OpenOptions::new().write(true).open(path).and_then(|mut f| f.write_all(bytes))
    } else {
        replace(path, bytes)
    };
    written.map_err(|source| Failure::Write { path: path.to_owned(), source })
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    // Temporary files are private; a receipt is for others to read.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// A report as JSON text, with a newline at the end.
pub(crate) fn json(report: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report).map_err(Failure::Json)?;
    Ok(text + "\n")
}

/// A report as JSON on stdout.
pub(crate) fn print_json(report: &impl Serialize) -> Result<(), Failure> {
    print(&json(report)?)
}

/// Text on stdout. A reader that went away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Write { path: PathBuf::from("stdout"), source })
        }
        _ => Ok(()),
    }
}
