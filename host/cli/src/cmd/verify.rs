//! `galena verify`: check a receipt. Nothing here knows a device.

use std::path::Path;
use std::process::ExitCode;

use galena_constraints::{Expected, MIN_SECURITY_BITS, Profile, ProgramId, Receipt, VerifyError, verify};
use galena_prover::Moment;
use serde::Serialize;

use crate::args::Verify;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, bytes, quoted, seconds};

#[derive(Serialize)]
struct Report {
    /// The receipt's file name.
    name: String,
    verified: bool,
    program_id: String,
    exit_code: u8,
    /// In hex.
    public_output: String,
    profile: &'static str,
    security_bits: u32,
    security_regime: String,
    receipt_bytes: usize,
    wall_seconds: f64,
}

pub(crate) fn run(args: &Verify) -> Result<ExitCode, Failure> {
    let file = files::read(&args.receipt)?;
    let output = args.output.as_deref().map(files::read).transpose()?;
    let start = Moment::now();
    let receipt = super::receipt(&args.receipt, &file)?;
    let program_id = program_id(&args.program, &args.receipt, &receipt)?;
    let expected = Expected { program_id: &program_id, exit_code: args.exit_code, public_output: output.as_deref() };
    let verified = verify(&expected, &receipt, MIN_SECURITY_BITS)
        .map_err(|source| Failure::Verify { path: args.receipt.clone(), source })?;
    let report = Report {
        name: files::name(&args.receipt),
        verified: true,
        program_id: verified.program_id.to_string(),
        exit_code: verified.exit_code,
        public_output: hex::encode(&verified.public_output),
        profile: verified.profile,
        security_bits: verified.security_bits,
        security_regime: verified.security_regime,
        receipt_bytes: file.len(),
        wall_seconds: start.elapsed().wall_seconds,
    };
    if args.json {
        files::print_json(&report)?;
    } else {
        let mut page = Page::stdout();
        page.heading(&format!("{} is valid", args.receipt.display()));
        page.fact("program id", &report.program_id);
        page.fact("exit code", report.exit_code);
        page.fact("public output", quoted(&verified.public_output));
        page.fact("security", format!("{} bits, {}", report.security_bits, report.security_regime));
        page.fact("receipt", bytes(report.receipt_bytes as u64));
        page.fact("verified in", seconds(report.wall_seconds));
        files::print(page.text())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The id that was typed, or that of the program in a file, under the receipt's parameters.
fn program_id(program: &str, file: &Path, receipt: &Receipt) -> Result<ProgramId, Failure> {
    let path = Path::new(program);
    match program.parse::<ProgramId>() {
        Ok(id) if !path.exists() => Ok(id),
        Err(source) if !path.exists() && !program.contains(['.', '/']) => Err(Failure::ProgramId(source)),
        _ => {
            let program = files::program(path)?;
            let profile = Profile::by_id(receipt.profile).ok_or_else(|| Failure::Verify {
                path: file.to_owned(),
                source: VerifyError::Profile(receipt.profile),
            })?;
            galena_constraints::program_id(&program, profile)
                .map_err(|source| Failure::Machine { path: path.to_owned(), source })
        }
    }
}
