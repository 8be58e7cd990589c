//! The XDMA device files as a FUSE filesystem: every system call of the host becomes a request to the board's thread.
//!
//! The thread that speaks to the kernel never waits: it hands the request on and takes the next. So a transfer blocks its caller
//! and nobody else, as in the driver.

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, OpenFlags,
    ReplyAttr, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request as Call, TimeOrNow,
    WriteFlags,
};
use galena_target::xdma::BAR_BYTES;
use rustix::fd::OwnedFd;
use std::ffi::OsStr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

/// A file of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File {
    /// Host to card.
    H2c,
    /// Card to host.
    C2h,
    /// The user BAR.
    User,
    /// Writing 1 reloads the driver: `rmmod xdma; insmod xdma.ko`. No such file exists beside the real ones.
    Reload,
}

/// Their names; the inode is the position and [`FIRST`].
pub(super) const FILES: [(File, &str); 4] =
    [(File::H2c, "xdma0_h2c_0"), (File::C2h, "xdma0_c2h_0"), (File::User, "xdma0_user"), (File::Reload, "reload")];

/// Inode of the first file; the directory has 1.
const FIRST: u64 = 2;

/// How long the kernel may remember names and attributes.
const TTL: Duration = Duration::from_secs(3600);

/// What a host asked for.
pub(super) enum Request {
    /// A file was opened.
    Opened,
    /// A file was closed.
    Closed,
    /// A transfer to the card.
    Write(Vec<u8>, ReplyWrite),
    /// A transfer from the card, of so many bytes at most.
    Read(u32, ReplyData),
    /// A register of the user BAR.
    BarRead(u64, ReplyData),
    /// The same, written.
    BarWrite(u64, u32, ReplyWrite),
    /// The driver is reloaded.
    Reload(usize, ReplyWrite),
}

/// The filesystem: it only passes requests on.
pub(super) struct Files {
    pub(super) requests: Sender<Request>,
    /// Rung at every request.
    pub(super) bell: Arc<OwnedFd>,
    pub(super) owner: (u32, u32),
}

impl Files {
    fn pass(&self, request: Request) {
        // A board that has ended takes no more; its replies are errors when they are dropped.
        if self.requests.send(request).is_ok() {
            let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
        }
    }

    fn attributes(&self, inode: INodeNo) -> Option<FileAttr> {
        let folder = inode == INodeNo::ROOT;
        if !folder && file(inode).is_none() {
            return None;
        }
        let time = SystemTime::UNIX_EPOCH;
        Some(FileAttr {
            ino: inode,
            size: 0,
            blocks: 0,
            atime: time,
            mtime: time,
            ctime: time,
            crtime: time,
            kind: if folder { FileType::Directory } else { FileType::RegularFile },
            perm: if folder { 0o755 } else { 0o666 },
            nlink: 1,
            uid: self.owner.0,
            gid: self.owner.1,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        })
    }

    fn attribute_reply(&self, inode: INodeNo, reply: ReplyAttr) {
        match self.attributes(inode) {
            Some(attributes) => reply.attr(&TTL, &attributes),
            None => reply.error(Errno::ENOENT),
        }
    }
}

fn file(inode: INodeNo) -> Option<File> {
    let position = inode.0.checked_sub(FIRST)?;
    FILES.get(position as usize).map(|(file, _)| *file)
}

/// The register at an offset of the user BAR: aligned words, as the driver has it.
fn register(offset: u64, bytes: usize) -> Option<u64> {
    (offset.is_multiple_of(4) && offset < BAR_BYTES as u64 && bytes >= 4).then_some(offset)
}

impl Filesystem for Files {
    fn lookup(&self, _: &Call, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let position = FILES.iter().position(|(_, known)| name == *known).filter(|_| parent == INodeNo::ROOT);
        match position.and_then(|position| self.attributes(INodeNo(FIRST + position as u64))) {
            Some(attributes) => reply.entry(&TTL, &attributes, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Call, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        self.attribute_reply(inode, reply);
    }

    #[rustfmt::skip]
    fn setattr(
        &self, _: &Call, inode: INodeNo, _: Option<u32>, _: Option<u32>, _: Option<u32>, _: Option<u64>, _: Option<TimeOrNow>,
        _: Option<TimeOrNow>, _: Option<SystemTime>, _: Option<FileHandle>, _: Option<SystemTime>, _: Option<SystemTime>,
        _: Option<SystemTime>, _: Option<fuser::BsdFileFlags>, reply: ReplyAttr,
    ) {
        // `echo 1 > reload` truncates first; a device file cannot be truncated, and does not mind.
        self.attribute_reply(inode, reply);
    }

    fn readdir(&self, _: &Call, _: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let entries = [(1, FileType::Directory, "."), (1, FileType::Directory, "..")]
            .into_iter()
            .chain(FILES.iter().enumerate().map(|(at, (_, name))| (FIRST + at as u64, FileType::RegularFile, *name)));
        for (at, (inode, kind, name)) in entries.enumerate().skip(offset as usize) {
            if reply.add(INodeNo(inode), at as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn open(&self, _: &Call, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match file(inode) {
            None => return reply.error(Errno::ENOENT),
            // Not a host's file.
            Some(File::Reload) => {}
            Some(_) => self.pass(Request::Opened),
        }
        // Seekable: the user BAR is reached by pread and pwrite.
        let flags = FopenFlags::FOPEN_DIRECT_IO | FopenFlags::FOPEN_PARALLEL_DIRECT_WRITES | FopenFlags::FOPEN_NOFLUSH;
        reply.opened(FileHandle(0), flags);
    }

    #[rustfmt::skip]
    fn read(
        &self, _: &Call, inode: INodeNo, _: FileHandle, offset: u64, size: u32, _: OpenFlags, _: Option<LockOwner>, reply: ReplyData,
    ) {
        match (file(inode), register(offset, size as usize)) {
            (Some(File::C2h), _) => self.pass(Request::Read(size, reply)),
            (Some(File::User), Some(address)) => self.pass(Request::BarRead(address, reply)),
            _ => reply.error(Errno::EINVAL),
        }
    }

    #[rustfmt::skip]
    fn write(
        &self, _: &Call, inode: INodeNo, _: FileHandle, offset: u64, data: &[u8], _: WriteFlags, _: OpenFlags,
        _: Option<LockOwner>, reply: ReplyWrite,
    ) {
        match (file(inode), register(offset, data.len()), data.first_chunk()) {
            (Some(File::H2c), ..) => self.pass(Request::Write(data.to_vec(), reply)),
            (Some(File::User), Some(address), Some(word)) => {
                self.pass(Request::BarWrite(address, u32::from_le_bytes(*word), reply));
            }
            (Some(File::Reload), ..) if data.trim_ascii() == b"1" => self.pass(Request::Reload(data.len(), reply)),
            _ => reply.error(Errno::EINVAL),
        }
    }

    #[rustfmt::skip]
    fn release(
        &self, _: &Call, inode: INodeNo, _: FileHandle, _: OpenFlags, _: Option<LockOwner>, _: bool, reply: ReplyEmpty,
    ) {
        if file(inode) != Some(File::Reload) {
            self.pass(Request::Closed);
        }
        reply.ok();
    }
}
