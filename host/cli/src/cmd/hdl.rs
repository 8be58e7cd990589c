//! `galena hdl`: the configs and the circuits, and their Verilog.

use std::path::Path;
use std::process::ExitCode;

use galena_hdl::VerilogFile;
use galena_hdl::block::{BLOCKS, Block};
use galena_target::{Board, CONFIGS, Config};
use serde::Serialize;

use crate::args::Hdl;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count};

pub(crate) fn run(command: &Hdl) -> Result<ExitCode, Failure> {
    match command {
        Hdl::List { blocks: false, json } => list(*json),
        Hdl::List { blocks: true, json } => blocks(*json),
        Hdl::Emit { config, block, point, board, out } => {
            let verilog = match (config, block) {
                (_, Some(block)) => of_block(block, point.as_deref().unwrap_or_default())?,
                (config, None) => of_config(config.as_deref().unwrap_or_default(), board.as_deref())?,
            };
            write(&verilog, out)
        }
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

/// A circuit with one of its sizes.
#[derive(Serialize)]
struct Size {
    block: &'static str,
    point: String,
    module: String,
    multipliers: usize,
    doc: &'static str,
}

fn blocks(json: bool) -> Result<ExitCode, Failure> {
    let points = |block: &'static Block| {
        (block.points)().into_iter().map(|point| Size {
            block: block.name,
            point: point.name,
            module: point.module.name,
            multipliers: point.multipliers,
            doc: block.doc,
        })
    };
    let sizes: Vec<Size> = BLOCKS.iter().flat_map(points).collect();
    if json {
        files::print_json(&sizes)?;
        return Ok(ExitCode::SUCCESS);
    }
    // What a block is, beside its first size.
    let row = |(k, size): (usize, &Size)| {
        let first = k == 0 || sizes[k - 1].block != size.block;
        let [block, doc] = if first { [size.block, size.doc] } else { [""; 2] };
        vec![block.to_owned(), size.point.clone(), size.module.clone(), size.multipliers.to_string(), doc.to_owned()]
    };
    let rows: Vec<_> = sizes.iter().enumerate().map(row).collect();
    let mut page = Page::stdout();
    page.table(&["block", "point", "module", ">multipliers", "what it is"], &rows);
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}

fn of_config(name: &str, board: Option<&str>) -> Result<Vec<VerilogFile>, Failure> {
    let config = Config::named(name).map_err(|error| Failure::Config(Box::new(error)))?;
    let Some(board) = board else {
        return galena_hdl::core(config)
            .map_err(|source| Failure::Generate { config: name.to_owned(), source: Box::new(source) });
    };
    let board = Board::named(board).map_err(Failure::board)?;
    galena_hdl::board_top(&board, config)
        .map_err(|source| Failure::Top { board: board.name.clone(), source: Box::new(source) })
}

fn of_block(name: &str, point: &str) -> Result<Vec<VerilogFile>, Failure> {
    let block = galena_sim::wave::block_named(name)?;
    let module = galena_sim::wave::point_named(block, point)?.module;
    let generate =
        |source: galena_hdl::EmitError| Failure::Generate { config: name.to_owned(), source: Box::new(source.into()) };
    galena_hdl::emit(&module).map_err(generate)
}

fn write(verilog: &[VerilogFile], out: &Path) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(out).map_err(|source| Failure::Write { path: out.to_owned(), source })?;
    let mut lines = 0;
    for file in verilog {
        files::write(&out.join(&file.name), file.text.as_bytes())?;
        lines += file.text.lines().count();
    }
    let count = |n: usize| count(n as u64);
    files::print(&format!("{} files, {} lines in {}\n", count(verilog.len()), count(lines), out.display()))?;
    Ok(ExitCode::SUCCESS)
}
