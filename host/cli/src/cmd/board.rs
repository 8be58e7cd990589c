//! `galena board`: the boards there are. Planning is in `plan`.

use std::process::ExitCode;

use galena_target::Board;
use galena_target::board::inventory;
use galena_target::flow::{MANIFESTS, Manifest, Sweep, manifest_path, sweep_path};
use galena_target::report;
use serde::Serialize;
use std::path::Path;

use crate::args::BoardCommand;
use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count};

pub(crate) fn run(command: &BoardCommand) -> Result<ExitCode, Failure> {
    match command {
        BoardCommand::List { markdown: true, .. } => markdown(),
        BoardCommand::List { json, .. } => list(*json),
        BoardCommand::Plan(args) => super::plan::run(args),
        BoardCommand::Report { out } => report(out),
    }
}

/// A board with what is known of its bitstreams.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    board: Board,
    manifests: Vec<Manifest>,
}

/// Pages of all boards, from what is committed of them.
fn report(out: &Path) -> Result<ExitCode, Failure> {
    let boards = Board::all().map_err(Failure::board)?;
    let mut subjects = vec![];
    for board in &boards {
        for config in &board.configs {
            let root = Path::new(MANIFESTS);
            let manifest = Manifest::read(&manifest_path(root, &board.name, config))?;
            let sweep = Sweep::read(&sweep_path(root, &board.name, config))?;
            let config = board.config(Some(config)).map_err(Failure::board)?;
            subjects.push(report::Subject { board, config, manifest, sweep });
        }
    }
    std::fs::create_dir_all(out).map_err(|source| Failure::Write { path: out.to_owned(), source })?;
    for subject in &subjects {
        files::write(&out.join(subject.file()), report::page(subject).as_bytes())?;
    }
    let index = out.join("index.html");
    files::write(&index, report::index(&subjects).as_bytes())?;
    files::print(&format!("{} pages; begin with {}\n", subjects.len() + 1, index.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn markdown() -> Result<ExitCode, Failure> {
    files::print(&inventory(&Board::all().map_err(Failure::board)?))?;
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool) -> Result<ExitCode, Failure> {
    let with_manifests = |board: Board| {
        let read = |config: &String| Manifest::read(&manifest_path(Path::new(MANIFESTS), &board.name, config));
        let found = board.configs.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, Failure>(Row { manifests: found.into_iter().flatten().collect(), board })
    };
    let boards =
        Board::all().map_err(Failure::board)?.into_iter().map(with_manifests).collect::<Result<Vec<_>, _>>()?;
    if json {
        files::print_json(&boards)?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |row: &Row| {
        let board = &row.board;
        let manifest = |config: &str| row.manifests.iter().find(|m| m.config == config);
        let one = |config: &String| match manifest(config) {
            Some(m) => format!("{config} ({:.0} MHz)", m.clock.mhz),
            None => config.clone(),
        };
        let configs = board.configs.iter().map(one).collect::<Vec<_>>().join(", ");
        let multipliers = count(u64::from(board.resources.multipliers()));
        vec![board.name.clone(), board.part.clone(), multipliers, configs, board.doc.clone()]
    };
    let mut page = Page::stdout();
    page.table(
        &["board", "part", ">multipliers", "configs", "what it is"],
        &boards.iter().map(row).collect::<Vec<_>>(),
    );
    files::print(page.text())?;
    Ok(ExitCode::SUCCESS)
}
