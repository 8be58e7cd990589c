//! `galena bitstream`: Verilog, yosys, nextpnr, and a file that a board loads; or what Vivado makes one of.

mod build;
mod flash;
mod script;
mod sweep;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use galena_target::flow::{Build, MANIFESTS, Manifest, Sources, Versions, built_here, manifest_path, versions};
use galena_target::{Board, Config};

use crate::args::{Bitstream, Wanted};
use crate::failure::Failure;

/// Where bitstreams are built.
const FOLDER: &str = "target/bitstreams";

/// What a bitstream depends on, in the project: whether it is dirty is about these, and not about the manifest of another.
const SOURCES: [&str; 5] = ["hdl", "bitstreams", "Cargo.lock", ":(exclude)*.manifest.toml", ":(exclude)*.sweep.toml"];

pub(crate) fn run(command: &Bitstream) -> Result<ExitCode, Failure> {
    match command {
        Bitstream::Build(args) => build::run(args),
        Bitstream::Flash(args) => flash::run(args),
        Bitstream::Sweep(args) => sweep::run(args),
        Bitstream::Script(args) => script::run(args),
    }
}

/// A board, one of its configs, and their Verilog.
struct Subject {
    board: Board,
    config: &'static Config,
    sources: Sources,
    folder: PathBuf,
}

impl Subject {
    fn new(wanted: &Wanted) -> Result<Self, Failure> {
        let board = Board::named(&wanted.board).map_err(Failure::board)?;
        built_here(&board)?;
        let config = board.config(wanted.config.as_deref()).map_err(Failure::board)?;
        let files = galena_hdl::board_top(&board, config)
            .map_err(|source| Failure::Top { board: board.name.clone(), source: Box::new(source) })?;
        let files = files.into_iter().map(|file| (file.name, file.text)).collect();
        let folder = wanted.out.clone().unwrap_or_else(|| Path::new(FOLDER).join(&board.name).join(&*config.name));
        Ok(Self { board, config, sources: Sources { top: galena_hdl::BOARD_TOP.into(), files }, folder })
    }

    /// The build with this identity and seed.
    fn build(&self, (git_hash, dirty): ([u8; 20], bool), seed: u32) -> Build<'_> {
        let Self { board, config, sources, folder } = self;
        Build { board, config, sources, git_hash, dirty, seed, folder }
    }

    /// SHA-256 of the sources.
    fn sources_hash(&self) -> [u8; 32] {
        self.build(([0; 20], false), 0).sources_hash()
    }

    /// Its manifest, if there is one.
    fn manifest(&self) -> Result<(PathBuf, Option<Manifest>), Failure> {
        let path = manifest_path(Path::new(MANIFESTS), &self.board.name, &self.config.name);
        let manifest = Manifest::read(&path)?;
        Ok((path, manifest))
    }

    /// What keeps a manifest from being that of these sources.
    fn stale(&self, manifest: &Manifest, tools: &Versions) -> Option<galena_target::flow::Stale> {
        manifest.current(&self.board, self.config, self.sources_hash(), tools).err()
    }

    fn name(&self) -> String {
        format!("{} for {}", self.config.name, self.board.name)
    }
}

/// The commit in the working folder, and whether what bitstreams depend on differs from it. Nothing where there is no git.
fn commit() -> ([u8; 20], bool) {
    let git = |args: &[&str]| Command::new("git").args(args).output().ok().filter(|output| output.status.success());
    let mut hash = [0; 20];
    let Some(output) = git(&["rev-parse", "HEAD"]) else { return (hash, false) };
    if hex::decode_to_slice(String::from_utf8_lossy(&output.stdout).trim(), &mut hash).is_err() {
        return ([0; 20], false);
    }
    let status = git(&[&["status", "--porcelain", "--"], &SOURCES[..]].concat());
    (hash, status.is_none_or(|output| !output.stdout.is_empty()))
}

fn tools() -> Result<Versions, Failure> {
    Ok(versions()?)
}
