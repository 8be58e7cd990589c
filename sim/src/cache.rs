//! The cache of compiled models: `GALENA_CACHE`, else `$XDG_CACHE_HOME/galena`, else `~/.cache/galena`.
//!
//! An entry is a directory named by the hash of everything that went into it. It is built beside its place and renamed into
//! it, so that two processes may build the same entry at once and a killed build leaves nothing that looks finished.
//!
//! The modification time of an entry's directory is when it was last asked for. Whoever builds an entry removes the ones that were not asked for
//! the longest while the cache is larger than [`LIMIT`], but none of the last [`KEPT`]. The file `lock` makes "ask for" and "remove"
//! exclude each other between processes: an entry is moved away under the exclusive lock, and only if it is still old there.

use crate::{SimError, tools::Scratch};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes above which old entries are removed: some thousands of models.
pub const LIMIT: u64 = 4 << 30;

/// An entry asked for so recently is in use and stays, whatever the size.
const KEPT: Duration = Duration::from_secs(3600);

/// What killed processes left in the scratch folder is removed after this time.
const LEFT: Duration = Duration::from_secs(24 * 3600);

/// Kinds of entries that are removed, by the name of their folder. Verilator's runtime is small and goes into everything.
const REMOVABLE: [&str; 4] = ["models", "netlists", "areas", "figures"];

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
pub(crate) fn entry<E: From<SimError>>(
    kind: &str,
    key: &str,
    build: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let place = place(kind, key);
    if asked_for(&folder(), &place) {
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
        Err(_) if asked_for(&folder(), &place) => {}
        other => other.map_err(io("create", &place))?,
    }
    // A cache that cannot be pruned is only large.
    let _ = prune(&folder(), LIMIT, KEPT);
    Ok(place)
}

/// True if the entry is there; it counts as used now.
fn asked_for(root: &Path, place: &Path) -> bool {
    if !place.is_dir() {
        return false;
    }
    // Where there can be no lock or no time (a cache that may only be read), nothing is removed either.
    let _lock = lock(root, File::lock_shared);
    if let Ok(entry) = File::open(place) {
        let _ = entry.set_modified(SystemTime::now());
    }
    place.is_dir()
}

/// The lock of a cache, held until the file is dropped.
fn lock(root: &Path, how: impl FnOnce(&File) -> io::Result<()>) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(root.join("lock"))?;
    how(&file)?;
    Ok(file)
}

/// An entry: when it was last asked for, its bytes, where it is.
type Entry = (SystemTime, u64, PathBuf);

fn entries(root: &Path) -> io::Result<Vec<Entry>> {
    let mut found = vec![];
    for folder in REMOVABLE.map(|kind| root.join(kind)).into_iter().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder)?.flatten() {
            // What another process is removing may be gone by now.
            if let Ok(time) = entry.metadata().and_then(|m| m.modified()) {
                found.push((time, size(&entry.path()), entry.path()));
            }
        }
    }
    Ok(found)
}

/// Bytes of the files below a path; what cannot be read counts nothing.
fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(m) if m.is_dir() => size(&entry.path()),
        Ok(m) => m.len(),
        Err(_) => 0,
    };
    entries.map(bytes).sum()
}

/// Bytes of all entries that may be removed.
pub fn bytes() -> u64 {
    REMOVABLE.iter().map(|kind| size(&folder().join(kind))).sum()
}

/// Removes the entries least recently asked for until the rest is at most `limit` bytes; none of the last `kept`. Returns the bytes removed.
fn prune(root: &Path, limit: u64, kept: Duration) -> io::Result<u64> {
    let older = |m: std::fs::Metadata, age| m.modified().is_ok_and(|t| t.elapsed().is_ok_and(|e| e >= age));
    for left in std::fs::read_dir(root.join("scratch")).into_iter().flatten().flatten() {
        if left.metadata().is_ok_and(|m| older(m, LEFT)) {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
    let mut entries = entries(root)?;
    let mut excess = entries.iter().map(|e| e.1).sum::<u64>().saturating_sub(limit);
    let mut removed = 0;
    entries.sort();
    for (_, bytes, path) in entries {
        if excess == 0 {
            break;
        }
        let name = format!("pruned-{}-{}", std::process::id(), path.file_name().unwrap_or_default().to_string_lossy());
        let grave = root.join("scratch").join(name);
        std::fs::create_dir_all(root.join("scratch"))?;
        {
            let _lock = lock(root, File::lock)?;
            // It may have been asked for, or removed by another process, since the list was made.
            if !path.metadata().is_ok_and(|m| older(m, kept)) || std::fs::rename(&path, &grave).is_err() {
                continue;
            }
        }
        std::fs::remove_dir_all(&grave)?;
        excess = excess.saturating_sub(bytes);
        removed += bytes;
    }
    Ok(removed)
}

/// Where the entry `kind/key` is, or will be.
pub(crate) fn place(kind: &str, key: &str) -> PathBuf {
    folder().join(kind).join(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the k-th entry of such a cache is.
    fn entry_of(root: &Path, k: usize) -> PathBuf {
        root.join(REMOVABLE[k % REMOVABLE.len()]).join(k.to_string())
    }

    /// A cache with entries of 1000 bytes, the k-th asked for k + 1 hours ago.
    fn cache(entries: usize) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for k in 0..entries {
            let place = entry_of(root.path(), k);
            std::fs::create_dir_all(place.join("sources")).unwrap();
            std::fs::write(place.join("model.so"), [0; 600]).unwrap();
            std::fs::write(place.join("sources/top.v"), [0; 400]).unwrap();
            let then = SystemTime::now() - Duration::from_secs(3600 * (k as u64 + 1));
            File::open(&place).unwrap().set_modified(then).unwrap();
        }
        root
    }

    fn kept(root: &Path) -> Vec<String> {
        let name = |e: Entry| e.2.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries(root).unwrap().into_iter().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn the_least_recently_used_entries_go_first_and_only_as_many_as_must() {
        let root = cache(6);
        assert_eq!(prune(root.path(), 6000, Duration::ZERO).unwrap(), 0);
        assert_eq!(prune(root.path(), 3500, Duration::ZERO).unwrap(), 3000);
        assert_eq!(kept(root.path()), ["0", "1", "2"]);
        assert_eq!(std::fs::read_dir(root.path().join("scratch")).unwrap().count(), 0, "nothing is left half removed");
    }

    #[test]
    fn an_entry_asked_for_is_the_last_to_go() {
        let root = cache(4);
        let oldest = entry_of(root.path(), 3);
        assert!(asked_for(root.path(), &oldest));
        assert_eq!(prune(root.path(), 1000, Duration::ZERO).unwrap(), 3000);
        assert_eq!(kept(root.path()), ["3"]);
        assert!(!asked_for(root.path(), &entry_of(root.path(), 1)), "a removed entry is built again");
    }

    #[test]
    fn entries_in_use_stay_whatever_the_size() {
        let root = cache(6);
        assert_eq!(prune(root.path(), 0, Duration::from_secs(3 * 3600 + 1800)).unwrap(), 3000);
        assert_eq!(kept(root.path()), ["0", "1", "2"]);
    }

    #[test]
    fn what_a_process_asked_for_is_there_while_others_prune() {
        let root = cache(40);
        let path = root.path();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        prune(path, 0, Duration::from_secs(1800)).unwrap();
                    }
                });
            }
            for k in 0..40 {
                let place = entry_of(path, k);
                if asked_for(path, &place) {
                    assert!(place.join("model.so").is_file(), "entry {k} was removed while in use");
                }
            }
        });
        let whole = |name: &String| REMOVABLE.iter().any(|kind| path.join(kind).join(name).join("model.so").is_file());
        assert!(kept(path).iter().all(whole), "an entry is there whole or not at all");
    }

    #[test]
    fn what_killed_builds_left_goes_after_a_day() {
        let root = cache(1);
        for (name, hours) in [("models-1-0", 25), ("models-2-0", 23)] {
            let left = root.path().join("scratch").join(name);
            std::fs::create_dir_all(&left).unwrap();
            File::open(&left).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600 * hours)).unwrap();
        }
        assert_eq!(prune(root.path(), LIMIT, KEPT).unwrap(), 0);
        let names: Vec<_> =
            std::fs::read_dir(root.path().join("scratch")).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, ["models-2-0"]);
        assert_eq!(kept(root.path()), ["0"]);
    }
}
