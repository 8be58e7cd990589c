//! Whether this user may open a device file, now; and if not, why, and what to do about it.
//!
//! Nothing is opened: opening a serial port moves its DTR line, which resets many boards. So permission comes from `access(2)`, and
//! whether somebody else has the file from the kernel's list of locks.

use rustix::fs::{Access, AtFlags, CWD};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where things are on this system: `/`, or a copy of the interesting parts for a test.
#[derive(Clone, Debug)]
pub struct Root(pub PathBuf);

impl Default for Root {
    fn default() -> Self {
        Self("/".into())
    }
}

impl Root {
    /// A path of this system: `path` without its first `/`.
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    /// The text of a small file, trimmed; none if it cannot be read.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
    }
}

/// Why a device file cannot be opened by this user, now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// There is no such file.
    #[error("there is no {path}: is the board connected, and does it have power?")]
    Missing {
        /// The file.
        path: String,
    },
    /// The user may not read and write it.
    #[error("{}", denied(path, group, *member, user))]
    Permission {
        /// The file.
        path: String,
        /// The group that may, if its mode lets a group.
        group: Option<String>,
        /// The user is in that group since the session began: then only a new session is needed.
        member: bool,
        /// The user.
        user: String,
    },
    /// Another process holds it.
    #[error("{path} is in use by {holder}; end it, or choose another device")]
    Busy {
        /// The file.
        path: String,
        /// The process, as far as known.
        holder: String,
    },
}

fn denied(path: &str, group: &Option<String>, member: bool, user: &str) -> String {
    match group {
        Some(group) if member => format!(
            "{path} belongs to the group `{group}`, and `{user}` was made a member after this session began; log out and in again, or run `newgrp {group}`"
        ),
        Some(group) => format!(
            "{path} belongs to the group `{group}`, and `{user}` is not in it; run `sudo usermod -aG {group} {user}`, then log out and in again"
        ),
        None => format!("{path} is for root only; install the udev rule of docs/boards.md"),
    }
}

/// What stands between this user and the file; none if it can be opened.
pub fn obstacle(root: &Root, path: &Path) -> Option<Obstacle> {
    let shown = path.display().to_string();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            return Some(Obstacle::Permission { path: shown, group: None, member: false, user: user_name(root) });
        }
        Err(_) => return Some(Obstacle::Missing { path: shown }),
    };
    // The effective user, as open(2) judges.
    if rustix::fs::accessat(CWD, path, Access::READ_OK | Access::WRITE_OK, AtFlags::EACCESS).is_err() {
        let user = user_name(root);
        let (group, member) = group_in_charge(root, metadata.mode(), metadata.gid(), &user);
        return Some(Obstacle::Permission { path: shown, group, member, user });
    }
    let number = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()), metadata.ino());
    let locks = root.text(&root.path("proc/locks")).unwrap_or_default();
    let pid = lock_holder(&locks, number).filter(|&pid| pid != std::process::id())?;
    Some(Obstacle::Busy { path: shown, holder: process(root, pid) })
}

/// The name of a process, for people.
fn process(root: &Root, pid: u32) -> String {
    match root.text(&root.path(&format!("proc/{pid}/comm"))) {
        Some(name) => format!("process {pid} ({name})"),
        None => format!("process {pid}"),
    }
}

/// Who holds the file according to the kernel's list of locks.
pub(crate) fn holder(root: &Root, path: &Path) -> String {
    let found = std::fs::metadata(path).ok().and_then(|metadata| {
        let number = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()), metadata.ino());
        lock_holder(&root.text(&root.path("proc/locks"))?, number)
    });
    found.map_or("another process".into(), |pid| process(root, pid))
}

/// The process with an exclusive `flock` on the file with this device (major, minor) and inode, from the text of `/proc/locks`.
fn lock_holder(locks: &str, (major, minor, inode): (u32, u32, u64)) -> Option<u32> {
    locks.lines().find_map(|line| {
        // "1: FLOCK  ADVISORY  WRITE 4711 00:05:97 0 EOF"; a process that waits has "->" as its second word.
        let mut words = line.split_whitespace().skip(1);
        let (kind, _, mode) = (words.next()?, words.next()?, words.next()?);
        let (pid, file) = (words.next()?.parse().ok()?, words.next()?);
        (kind == "FLOCK" && mode == "WRITE" && file == format!("{major:02x}:{minor:02x}:{inode}")).then_some(pid)
    })
}

/// The group that the mode lets read and write, and whether the user is a member of it in the group file.
fn group_in_charge(root: &Root, mode: u32, gid: u32, user: &str) -> (Option<String>, bool) {
    if mode & 0o060 != 0o060 || gid == 0 {
        return (None, false);
    }
    let groups = root.text(&root.path("etc/group")).unwrap_or_default();
    let row = groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|row| row.get(2).is_some_and(|id| *id == gid.to_string()));
    let name = row.as_ref().and_then(|row| row.first()).map_or(gid.to_string(), |name| name.to_string());
    let member = row.is_some_and(|row| row.get(3).is_some_and(|members| members.split(',').any(|m| m == user)));
    (Some(name), member)
}

/// The user's name, or number.
fn user_name(root: &Root) -> String {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let users = root.text(&root.path("etc/passwd")).unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut words = line.split(':');
        let name = words.next()?;
        (words.nth(1)? == uid).then(|| name.to_owned())
    });
    name.unwrap_or(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_lock_is_found() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 00:05:97 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 12 00:05:97 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 4711 00:05:97 0 EOF\n4: FLOCK  ADVISORY  READ 5 00:05:98 0 EOF\n";
        assert_eq!(lock_holder(locks, (0, 5, 97)), Some(4711));
        assert_eq!(lock_holder(locks, (0, 5, 98)), None);
        assert_eq!(lock_holder("what\never 1: FLOCK\n", (0, 5, 97)), None);
    }

    #[test]
    fn a_lock_of_another_process_is_an_obstacle_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root(folder.path().into());
        let file = root.path("ttyUSB0");
        std::fs::write(&file, "").unwrap();
        assert_eq!(obstacle(&root, &file), None);
        let m = std::fs::metadata(&file).unwrap();
        let (major, minor) = (rustix::fs::major(m.dev()), rustix::fs::minor(m.dev()));
        std::fs::create_dir_all(root.path("proc/77")).unwrap();
        std::fs::write(root.path("proc/77/comm"), "minicom\n").unwrap();
        let line = format!("1: FLOCK  ADVISORY  WRITE 77 {major:02x}:{minor:02x}:{} 0 EOF\n", m.ino());
        std::fs::write(root.path("proc/locks"), line).unwrap();
        let found = obstacle(&root, &file).unwrap().to_string();
        assert!(
            found.ends_with("ttyUSB0 is in use by process 77 (minicom); end it, or choose another device"),
            "{found}"
        );
        let missing = obstacle(&root, &root.path("ttyUSB1"));
        assert!(matches!(missing, Some(Obstacle::Missing { .. })));
    }

    #[test]
    fn a_missing_permission_names_the_group_and_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root(folder.path().into());
        std::fs::create_dir_all(root.path("etc")).unwrap();
        std::fs::write(root.path("etc/group"), "root:x:0:\ndialout:x:20:ann,ben\n").unwrap();
        assert_eq!(group_in_charge(&root, 0o660, 20, "eve"), (Some("dialout".into()), false));
        assert_eq!(group_in_charge(&root, 0o660, 20, "ben"), (Some("dialout".into()), true));
        assert_eq!(group_in_charge(&root, 0o660, 21, "ben"), (Some("21".into()), false));
        assert_eq!(group_in_charge(&root, 0o600, 20, "ben"), (None, false));
        assert_eq!(group_in_charge(&root, 0o660, 0, "ben"), (None, false));
        let text = denied("/dev/ttyUSB0", &Some("dialout".into()), false, "eve");
        assert!(text.contains("run `sudo usermod -aG dialout eve`"), "{text}");
        assert!(denied("/dev/ttyUSB0", &Some("dialout".into()), true, "ben").contains("newgrp dialout"));
        assert!(denied("/dev/xdma0_user", &None, false, "ben").contains("udev rule"));
    }
}
