//! Mounting the files on a directory, and unmounting them whatever happened.

use super::ServeError;
use super::files::Files;
use fuser::{BackgroundSession, Config, MountOption, SessionACL};
use rustix::io::Errno;
use rustix::mount::{UnmountFlags, unmount};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Type of a FUSE filesystem, in `statfs`.
const FUSE_TYPE: i64 = 0x6573_5546;

/// A mounted directory; unmounted when dropped, also while a host still has a file open.
pub(super) struct Mount {
    folder: PathBuf,
    /// The directory was made for this mount.
    made: bool,
    session: Option<BackgroundSession>,
}

impl Mount {
    /// Something can be mounted on `folder`: it is missing, or empty, or what a board that was killed has left behind.
    pub(super) fn check(folder: &Path) -> Result<(), ServeError> {
        let occupied = |found| Err(ServeError::Occupied { path: folder.into(), found });
        match std::fs::metadata(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            // The process behind the mount has died.
            Err(error) if error.raw_os_error() == Some(Errno::NOTCONN.raw_os_error()) => {
                return release(folder).map_err(ServeError::system("unmount", folder));
            }
            Err(error) => return Err(ServeError::system("look at", folder)(error)),
            Ok(metadata) if !metadata.is_dir() => return occupied("a file"),
            Ok(_) => {}
        }
        if rustix::fs::statfs(folder).is_ok_and(|system| system.f_type == FUSE_TYPE) {
            return occupied("another board, or another FUSE filesystem");
        }
        let mut entries = std::fs::read_dir(folder).map_err(ServeError::system("look into", folder))?;
        if entries.next().is_some() { occupied("a directory that is not empty") } else { Ok(()) }
    }

    /// Mounts the files.
    pub(super) fn new(folder: &Path, files: Files) -> Result<Self, ServeError> {
        let made = !folder.exists();
        std::fs::create_dir_all(folder).map_err(ServeError::system("create", folder))?;
        let root = rustix::process::geteuid().is_root();
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("galena".into()), MountOption::Subtype("xdma".into())];
        // Root's board is for every user of the machine.
        config.acl = if root { SessionACL::All } else { SessionACL::Owner };
        match fuser::spawn_mount(files, folder, &config) {
            Ok(session) => Ok(Self { folder: folder.into(), made, session: Some(session) }),
            Err(error) => {
                if made {
                    let _ = std::fs::remove_dir(folder);
                }
                let advice = if !Path::new("/dev/fuse").exists() {
                    "there is no /dev/fuse: load the kernel module with `sudo modprobe fuse`, or give the container the device"
                } else if root {
                    "the kernel refuses mounts here: a container needs the capability SYS_ADMIN"
                } else {
                    "users other than root need fusermount3: sudo apt-get install fuse3"
                };
                Err(ServeError::Mount { path: folder.into(), reason: error.to_string(), advice })
            }
        }
    }
}

/// Takes the mount out of the directory tree; what is still open stays until it is closed.
fn release(folder: &Path) -> Result<(), Errno> {
    match unmount(folder, UnmountFlags::DETACH) {
        Err(Errno::PERM) => {
            let status = std::process::Command::new("fusermount3").args(["-u", "-z", "--"]).arg(folder).status();
            if status.is_ok_and(|status| status.success()) { Ok(()) } else { Err(Errno::PERM) }
        }
        other => other,
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = release(&self.folder);
        // Its thread ends when the last file is closed; nothing here waits for that.
        drop(self.session.take());
        if self.made {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}
