//! Cross-cutting tests: conformance, golden proofs, whole-binary tests, layering. Here: the sample programs, as the tests use them.

pub mod campaign;

use std::path::{Path, PathBuf};

/// A sample program and one of its inputs.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name of the program, and what the case shows.
    pub name: String,
    /// The ELF file.
    pub elf: PathBuf,
    /// The input.
    pub input: Vec<u8>,
    /// What must come out on descriptor 1.
    pub output: Vec<u8>,
    /// What it must end with.
    pub exit_code: u8,
}

/// Every case of every sample under `vm/samples`, in order of their names.
///
/// # Panics
/// When a `sample.toml` is not what `vm/samples/README.md` says.
pub fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vm/samples");
    let mut programs: Vec<PathBuf> = (std::fs::read_dir(&folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.join("sample.toml").is_file())
        .collect();
    programs.sort();
    programs.iter().flat_map(|program| cases(program)).collect()
}

fn cases(program: &Path) -> Vec<Sample> {
    let file = program.join("sample.toml");
    let read = |path: &Path| std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&read(&file)).into_owned();
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let cases = table.get("case").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let case = |case: &toml::Value| {
        let text = |key: &str| case.get(key).and_then(toml::Value::as_str);
        Sample {
            name: format!("{name}: {}", text("name").unwrap_or("?")),
            elf: program.join(format!("{name}.elf")),
            input: match text("input_file") {
                Some(path) => read(&program.join(path)),
                None => text("input").unwrap_or_default().as_bytes().to_vec(),
            },
            output: text("output").unwrap_or_default().as_bytes().to_vec(),
            exit_code: case.get("exit_code").and_then(toml::Value::as_integer).unwrap_or(0) as u8,
        }
    };
    cases.iter().map(case).collect()
}
