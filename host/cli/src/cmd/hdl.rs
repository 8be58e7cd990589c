//! `galena hdl`: the configs, and their Verilog.

use std::path::Path;
use std::process::ExitCode;

use galena_target::{CONFIGS, Config};
use serde::Serialize;

use crate::args::Hdl;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count};

pub(crate) fn run(command: &Hdl) -> Result<ExitCode, Failure> {
    match command {
        Hdl::List { json } => list(*json),
        Hdl::Emit { config, out } => emit(config, out),
    }
}

/// A row of the config table, with what a host compares.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    config: &'a Config,
    config_hash: String,
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    if json {
        let row = |config| Row { config, config_hash: hex::encode(config.config_hash()) };
        files::print_json(&CONFIGS.iter().map(row).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<_> = (CONFIGS.iter())
        .map(|c| {
            let numbers = [c.lanes, c.multipliers].map(|n| n.to_string());
            let [lanes, multipliers] = numbers;
            let name = c.name.to_string();
            let rows = format!("2^{}", c.log_rows_max);
            let mhz = format!("{} MHz", count(u64::from(c.clock_hz) / 1_000_000));
            vec![name, c.link.name().to_owned(), lanes, multipliers, rows, mhz, c.doc.to_string()]
        })
        .collect();
    let mut page = Page::stdout();
    page.table(&["config", "link", ">lanes", ">hasher multipliers", ">rows", ">clock", "what it is"], &rows);
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

fn emit(name: &str, out: &Path) -> Result<ExitCode, Failure> {
    let config = Config::named(name).map_err(|error| Failure::Config(Box::new(error)))?;
    let verilog = galena_hdl::core(config)
        .map_err(|source| Failure::Generate { config: name.to_owned(), source: Box::new(source) })?;
    std::fs::create_dir_all(out).map_err(|source| Failure::Write { path: out.to_owned(), source })?;
    let mut lines = 0;
    for file in &verilog {
        files::write(&out.join(&file.name), file.text.as_bytes())?;
        lines += file.text.lines().count();
    }
    let count = |n: usize| count(n as u64);
    files::print(&format!("{} files, {} lines in {}\n", count(verilog.len()), count(lines), out.display()))?;
    Ok(ExitCode::SUCCESS)
}
