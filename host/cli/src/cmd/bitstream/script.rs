//! `galena bitstream script`: Verilog, a script and constraints for a machine that has Vivado.

use std::path::Path;
use std::process::ExitCode;

use galena_hdl::{BOARD_TOP, CORE_TOP};
use galena_target::Board;
use galena_target::board::Flow;
use galena_target::flow::{Script, Sources};
use serde::Serialize;

use super::{FOLDER, commit};
use crate::args::BitstreamScript;
use crate::failure::Failure;
use crate::files;

#[derive(Serialize)]
struct Report<'a> {
    board: &'a str,
    config: &'a str,
    out_of_context: bool,
    folder: String,
    files: Vec<&'a str>,
}

pub(super) fn run(args: &BitstreamScript) -> Result<ExitCode, Failure> {
    let wanted = &args.wanted;
    let board = Board::named(&wanted.board).map_err(Failure::board)?;
    if board.family.flow() != Flow::Vivado {
        return Err(Failure::OpenFlow { board: board.name, part: board.part });
    }
    let config = board.config(wanted.config.as_deref()).map_err(Failure::board)?;
    let out_of_context = args.out_of_context;
    let (top, verilog) = if out_of_context {
        let generate = |source| Failure::Generate { config: config.name.to_string(), source: Box::new(source) };
        (CORE_TOP, galena_hdl::core(config).map_err(generate)?)
    } else {
        let generate = |source| Failure::Top { board: board.name.clone(), source: Box::new(source) };
        (BOARD_TOP, galena_hdl::board_top(&board, config).map_err(generate)?)
    };
    let files = verilog.into_iter().map(|file| (file.name, file.text)).collect();
    let sources = Sources { top: top.into(), files };
    let (git_hash, dirty) = commit();
    let script = Script { board: &board, config, sources: &sources, git_hash, dirty, out_of_context };
    let name = if out_of_context { format!("{}-core", config.name) } else { config.name.to_string() };
    let folder = wanted.out.clone().unwrap_or_else(|| Path::new(FOLDER).join(&board.name).join(name));
    let written = script.files();
    for (name, text) in &written {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(|source| Failure::Write { path: parent.to_owned(), source })?;
        files::write(&path, text.as_bytes())?;
    }
    if wanted.json {
        let files = written.iter().map(|(name, _)| name.as_str()).collect();
        let folder = folder.display().to_string();
        files::print_json(&Report { board: &board.name, config: &config.name, out_of_context, folder, files })?;
    } else {
        files::print(&format!(
            "{} files in {}\nnext, where Vivado is: vivado -mode batch -source build.tcl (README.md there says more; nothing has been built)\n",
            written.len(),
            folder.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
