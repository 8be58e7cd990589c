//! `galena bitstream flash`: loads a bitstream by openFPGALoader, once manifest and part have been looked at.

use std::process::{Command, ExitCode};

use sha2::{Digest, Sha256};

use super::{Subject, tools};
use crate::args::BitstreamFlash;
use crate::failure::Failure;
use crate::files;

/// The program that loads.
const LOADER: &str = "openFPGALoader";

pub(super) fn run(args: &BitstreamFlash) -> Result<ExitCode, Failure> {
    let subject = Subject::new(&args.wanted)?;
    let (path, manifest) = subject.manifest()?;
    let Some(manifest) = manifest else { return Err(Failure::NoManifest { path }) };
    if let Some(stale) = subject.stale(&manifest, &tools()?) {
        return Err(Failure::Stale(stale));
    }
    let name = format!("{}-{}.bit", subject.board.name, subject.config.name);
    let file = args.file.clone().unwrap_or_else(|| subject.folder.join(name));
    let found = hex::encode(Sha256::digest(files::read(&file)?));
    if found != manifest.sha256 {
        return Err(Failure::OtherBits { expected: manifest.sha256, found });
    }
    let (board, part) = (&subject.board, &subject.board.part);
    let Some(loader) = &board.loader else { return Err(Failure::NoLoader { board: board.name.clone() }) };
    let said = detect(loader)?;
    let idcodes = idcodes(&said);
    if !idcodes.contains(&board.idcode) {
        let found = match idcodes[..] {
            [] => match said.lines().rfind(|line| !line.trim().is_empty()) {
                Some(line) => format!("no part at all ({})", line.trim()),
                None => "no part at all".to_owned(),
            },
            _ => idcodes.iter().map(|id| format!("{id:#010x}")).collect::<Vec<_>>().join(", "),
        };
        return Err(Failure::WrongPart { part: part.clone(), expected: board.idcode, found });
    }
    let mut load = Command::new(LOADER);
    load.args(["--board", loader]);
    if args.permanent {
        load.arg("--write-flash");
    }
    let status = load.arg(&file).status().map_err(|source| Failure::Loader { source })?;
    if !status.success() {
        return Err(Failure::NotLoaded { board: board.name.clone(), status: status.to_string() });
    }
    let kept = if args.permanent { "into the flash memory" } else { "until power is lost" };
    files::print(&format!("{} loaded {kept}; next: galena device selftest --device serial\n", subject.name()))?;
    Ok(ExitCode::SUCCESS)
}

/// What the loader says of the parts that it finds.
fn detect(board: &str) -> Result<String, Failure> {
    let output = Command::new(LOADER)
        .args(["--board", board, "--detect"])
        .output()
        .map_err(|source| Failure::Loader { source })?;
    Ok([&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat())
}

/// The JTAG identities in it: the numbers behind the word `idcode` in what the loader prints.
fn idcodes(text: &str) -> Vec<u32> {
    let number = |line: &str| {
        let (_, rest) = line.split_once("idcode")?;
        let word = rest.trim_start_matches([' ', ':', '=']).split_whitespace().next()?;
        u32::from_str_radix(word.trim_start_matches("0x"), 16).ok()
    };
    text.lines().filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_read_as_the_loader_prints_them() {
        let text = "Jtag frequency : requested 6.00MHz\nindex 0:\n\tidcode 0x41113043\n\tmanufacturer lattice\n\tfamily ECP5\n";
        assert_eq!(idcodes(text), [0x4111_3043]);
        assert_eq!(idcodes("idcode   : 41111043\nidcode : x\n"), [0x4111_1043]);
        assert!(idcodes("JTAG init failed").is_empty());
    }
}
