//! What is committed of a bitstream: all that says which one it is, and how to make it again. The bits are not committed.

use super::{FlowError, Report};
use crate::{ABI_VERSION, BOARDS, Board, CONFIGS, Config};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A bitstream without its bits.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The board.
    pub board: String,
    /// The config.
    pub config: String,
    /// Hash of the config, as the device reports it, in hexadecimal.
    pub config_hash: String,
    /// Version of the ABI.
    pub abi_version: u32,
    /// The commit that the device names, in hexadecimal.
    pub git_hash: String,
    /// Hash of Verilog, constraints and options, in hexadecimal.
    pub sources: String,
    /// Seed of place and route.
    pub seed: u32,
    /// The part.
    pub part: String,
    /// JTAG identity of the part.
    pub idcode: u32,
    /// SHA-256 of the bitstream, in hexadecimal.
    pub sha256: String,
    /// The clock.
    pub clock: Clock,
    /// The tools.
    pub tools: Versions,
    /// Cells of the placed design, by type.
    pub cells: BTreeMap<String, u64>,
}

/// The clock of a bitstream, in MHz.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// What the PLL makes.
    pub mhz: f64,
    /// What place and route says it could be.
    pub fmax_mhz: f64,
}

/// What the tools say of themselves.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// yosys.
    pub yosys: String,
    /// nextpnr-ecp5.
    pub nextpnr: String,
    /// ecppack.
    pub ecppack: String,
}

/// Where manifests are, in the project: a folder a board.
pub const MANIFESTS: &str = "bitstreams/boards";

/// The manifest of a board and a config below a folder like [`MANIFESTS`].
pub fn manifest_path(root: &Path, board: &str, config: &str) -> PathBuf {
    root.join(board).join(format!("{config}.manifest.toml"))
}

/// A manifest is not that of the sources, the tools or the board there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the manifest is stale: expected {what} {expected}, found {found}; build it again and commit the manifest")]
pub struct Stale {
    /// What differs.
    pub what: &'static str,
    /// What there is now.
    pub expected: String,
    /// What the manifest says.
    pub found: String,
}

/// What is recorded in a file; none if there is no file.
pub(super) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, FlowError> {
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map(Some).map_err(|source| FlowError::Record { path: path.into(), source }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FlowError::File { what: "read", path: path.into(), source }),
    }
}

impl Manifest {
    /// Reads one; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, FlowError> {
        read(path)
    }

    /// Those below a folder like [`MANIFESTS`] of the bitstream that a device reports to be: by the hash of its config and the commit of its sources, in
    /// hexadecimal. A device that records no commit is none of them.
    pub fn of_device(root: &Path, config_hash: &str, git_hash: &str) -> Result<Vec<Self>, FlowError> {
        let mut found = vec![];
        let recorded = git_hash.bytes().any(|digit| digit != b'0');
        for (board, _) in BOARDS.into_iter().filter(|_| recorded) {
            for config in &CONFIGS {
                let manifest = Self::read(&manifest_path(root, board, &config.name))?;
                found.extend(
                    manifest.filter(|m| (m.config_hash.as_str(), m.git_hash.as_str()) == (config_hash, git_hash)),
                );
            }
        }
        Ok(found)
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        // Every field is a string, a number or a table of them.
        let body = toml::to_string(self).unwrap_or_default();
        format!(
            "# What the bitstream of `{}` for `{}` is. Written by `galena bitstream build --board {} --config {} --manifest`: do not edit.\n{body}",
            self.config, self.board, self.board, self.config
        )
    }

    /// The cells that a manifest lists.
    pub fn cells(report: &Report) -> BTreeMap<String, u64> {
        report.used.iter().map(|(name, cell)| (name.clone(), cell.used)).collect()
    }

    /// It is of these sources, these tools, this board and this config; or what differs first.
    pub fn current(&self, board: &Board, config: &Config, sources: [u8; 32], tools: &Versions) -> Result<(), Stale> {
        let abi = ABI_VERSION.to_string();
        let idcode = |id: u32| format!("{id:#010x}");
        let differing = [
            ("part", board.part.clone(), self.part.clone()),
            ("identity of the part", idcode(board.idcode), idcode(self.idcode)),
            ("ABI version", abi, self.abi_version.to_string()),
            ("config hash", hex::encode(config.config_hash()), self.config_hash.clone()),
            ("sources", hex::encode(sources), self.sources.clone()),
            ("yosys", tools.yosys.clone(), self.tools.yosys.clone()),
            ("nextpnr", tools.nextpnr.clone(), self.tools.nextpnr.clone()),
            ("ecppack", tools.ecppack.clone(), self.tools.ecppack.clone()),
        ]
        .into_iter()
        .find(|(_, expected, found)| expected != found);
        match differing {
            Some((what, expected, found)) => Err(Stale { what, expected, found }),
            None => Ok(()),
        }
    }
}
