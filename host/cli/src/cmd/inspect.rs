//! `galena inspect`: what a receipt claims. Nothing is checked but that it is whole.

use std::process::ExitCode;

use serde::Serialize;

use crate::args::Inspect;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, bytes, quoted};

#[derive(Serialize)]
struct Report {
    name: String,
    verified: bool,
    program_id: String,
    exit_code: u8,
    public_output: String,
    profile: &'static str,
    receipt_bytes: usize,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    chip: &'static str,
    log_rows: usize,
}

pub(crate) fn run(args: &Inspect) -> Result<ExitCode, Failure> {
    let file = files::read(&args.receipt)?;
    let receipt = super::receipt(&args.receipt, &file)?;
    let tables =
        (receipt.chip_heights().into_iter()).map(|(kind, log_rows)| Table { chip: kind.name(), log_rows }).collect();
    let report = Report {
        name: files::name(&args.receipt),
        verified: false,
        program_id: receipt.program_id().to_string(),
        exit_code: receipt.exit_code,
        public_output: hex::encode(&receipt.public_output),
        profile: super::profile_of(&receipt),
        receipt_bytes: file.len(),
        tables,
    };
    if args.json {
        files::print_json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Page::stdout();
    page.heading(&format!("{} claims (not verified)", args.receipt.display()));
    page.fact("program id", &report.program_id);
    page.fact("exit code", report.exit_code);
    page.fact("public output", quoted(&receipt.public_output));
    page.fact("profile", report.profile);
    page.fact("receipt", bytes(file.len() as u64));
    page.heading("tables");
    let rows: Vec<_> = report.tables.iter().map(|t| vec![t.chip.to_owned(), format!("2^{}", t.log_rows)]).collect();
    page.table(&["chip", ">rows"], &rows);
    page.line("");
    page.line(&format!("`galena verify {} --program PROG.elf` checks it", args.receipt.display()));
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}
