//! The cache of compiled models: `GALENA_CACHE`, else `$XDG_CACHE_HOME/galena`, else `~/.cache/galena`.
//!
//! An entry is a directory named by the hash of everything that went into it. It is built beside its place and renamed into
//! it, so that two processes may build the same entry at once and a killed build leaves nothing that looks finished.

use crate::{SimError, tools::Scratch};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The cache folder.
pub fn folder() -> PathBuf {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    var("GALENA_CACHE")
        .or_else(|| var("XDG_CACHE_HOME").map(|d| d.join("galena")))
        .or_else(|| var("HOME").map(|d| d.join(".cache/galena")))
        .unwrap_or_else(|| std::env::temp_dir().join("galena"))
}

/// The name of an entry: a hash over labelled parts, each with its length, so that no two lists of parts collide.
pub(crate) fn key(parts: &[(&str, &str)]) -> String {
    let mut hash = Sha256::new();
    for (label, part) in parts {
        hash.update(format!("{} {}\n{} {}\n", label.len(), label, part.len(), part));
    }
    hex::encode(&hash.finalize()[..16])
}

/// The directory of the entry `kind/key`, built by `build` in a scratch directory if it is not there yet.
pub(crate) fn entry(
    kind: &str,
    key: &str,
    build: impl FnOnce(&Path) -> Result<(), SimError>,
) -> Result<PathBuf, SimError> {
    let place = place(kind, key);
    if place.is_dir() {
        return Ok(place);
    }
    let scratch = Scratch::new(kind)?;
    build(scratch.path())?;
    let io = |what, path: &Path| {
        let path = path.to_path_buf();
        move |source| SimError::Cache { what, path, source }
    };
    let parent = folder().join(kind);
    std::fs::create_dir_all(&parent).map_err(io("create", &parent))?;
    match std::fs::rename(scratch.path(), &place) {
        // Another process was first: its entry is as good.
        Err(_) if place.is_dir() => Ok(place),
        other => other.map(|()| place.clone()).map_err(io("create", &place)),
    }
}

/// Where the entry `kind/key` is, or will be.
pub(crate) fn place(kind: &str, key: &str) -> PathBuf {
    folder().join(kind).join(key)
}
