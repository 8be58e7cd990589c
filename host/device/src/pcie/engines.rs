//! The three files of a card and the threads that use them: words to the card, packets from it, registers.

use super::cards::Card;
use super::error::{BAR, C2H, Engine, H2C, Meaning, XdmaError, meaning};
use super::worker::{Buffer, Worker};
use galena_target::xdma::ShellRegister;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Bytes of one transfer at most.
pub(crate) const TRANSFER_MAX: usize = 1 << 20;

/// Longest pause between two looks at `c2h_packets`.
const LOOK_MAX: Duration = Duration::from_millis(1);
/// Looks without a pause.
const EAGER: u32 = 8;

/// What a link that is down reads as.
pub(crate) const ALL_ONES: u32 = u32::MAX;

/// How far the transfer under way has got, and what all have moved so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Bytes of the transfer that have moved, and that were asked for.
    pub(crate) offset: AtomicUsize,
    pub(crate) asked: AtomicUsize,
    /// Bytes moved by all transfers, and nanoseconds spent in them.
    bytes: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Progress {
    fn begin(&self, asked: usize) -> Instant {
        self.offset.store(0, Ordering::Relaxed);
        self.asked.store(asked, Ordering::Relaxed);
        Instant::now()
    }

    fn end(&self, began: Instant, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.nanoseconds.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }

    /// Where the transfer stands: (offset, asked).
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.offset.load(Ordering::Relaxed), self.asked.load(Ordering::Relaxed))
    }

    /// Bytes per second while transfers were under way; none before the first.
    pub(crate) fn rate(&self) -> Option<f64> {
        let nanoseconds = self.nanoseconds.load(Ordering::Relaxed);
        (nanoseconds > 0).then(|| self.bytes.load(Ordering::Relaxed) as f64 * 1e9 / nanoseconds as f64)
    }
}

/// What a thread reports.
pub(crate) enum Report {
    /// All bytes of a write have gone, or not.
    Written(Result<()>),
    /// A packet, as bytes; `last` of the number asked for.
    Packet { bytes: Result<Vec<u8>>, last: bool },
    /// A register's value.
    Register(Result<u32>),
    /// The end of a wait for packets: how many there are.
    Packets(Result<u32>),
}

/// What is asked of the registers.
pub(crate) enum Access {
    Read(u64),
    Write(u64, u32),
    /// Waits until there is a packet, no longer than this: the value of `c2h_packets`.
    Packets(Duration),
}

/// An opened card.
pub(crate) struct Engines {
    pub(crate) h2c: Worker<Vec<u8>>,
    pub(crate) c2h: Worker<u32>,
    pub(crate) bar: Worker<Access>,
    pub(crate) to_card: Arc<Progress>,
    pub(crate) to_host: Arc<Progress>,
    reports: Receiver<Report>,
    /// Ends a wait for packets early.
    closing: Arc<AtomicBool>,
}

/// Opens one file of a card.
pub(crate) fn open(card: &Card, engine: Engine, path: &Path) -> std::result::Result<File, XdmaError> {
    // Each direction is opened as the driver wants it.
    OpenOptions::new().read(engine != H2C).write(engine != C2H).open(path).map_err(|source| XdmaError::System {
        prefix: card.prefix.display().to_string(),
        engine,
        what: "open it".into(),
        source,
    })
}

impl Engines {
    /// Opens the files and starts the threads. `lock` is held until the last of them has ended. A packet has at most
    /// `packet` bytes.
    pub(crate) fn start(card: &Card, lock: Arc<File>, packet: usize) -> std::result::Result<Self, XdmaError> {
        let (sender, reports) = channel();
        let (to_card, to_host) = (Arc::new(Progress::default()), Arc::new(Progress::default()));
        let closing = Arc::new(AtomicBool::new(false));
        let h2c = writer(open(card, H2C, &card.h2c())?, to_card.clone(), sender.clone(), lock.clone());
        let c2h = reader(open(card, C2H, &card.c2h())?, to_host.clone(), sender.clone(), lock.clone(), packet);
        let bar = registers(open(card, BAR, &card.user())?, card.page(), closing.clone(), sender, lock);
        let thread = |engine| {
            move |source| {
                let (prefix, what) = (card.prefix.display().to_string(), "start a thread for it".into());
                XdmaError::System { prefix, engine, what, source }
            }
        };
        let (h2c, c2h, bar) = (h2c.map_err(thread(H2C))?, c2h.map_err(thread(C2H))?, bar.map_err(thread(BAR))?);
        Ok(Self { h2c, c2h, bar, to_card, to_host, reports, closing })
    }

    /// The next report, no later than `limit` from now. Notes who is through with its task.
    pub(crate) fn report(&mut self, limit: Duration) -> Option<Report> {
        let report = match self.reports.recv_timeout(limit) {
            Ok(report) => report,
            Err(RecvTimeoutError::Timeout) => return None,
            // All threads are gone. Not to spin while the deadlines pass.
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(limit);
                return None;
            }
        };
        match &report {
            Report::Written(_) => self.h2c.done(),
            Report::Packet { bytes, last } if *last || bytes.is_err() => self.c2h.done(),
            Report::Packet { .. } => self.c2h.moved(),
            Report::Register(_) | Report::Packets(_) => self.bar.done(),
        }
        Some(report)
    }

    /// Ends all threads; false if one does not return in time.
    pub(crate) fn end(&mut self, limit: Duration) -> bool {
        self.closing.store(true, Ordering::Relaxed);
        let limit = Instant::now() + limit;
        // Each of them is asked before any is waited for.
        let ended = [self.h2c.end(limit), self.c2h.end(limit), self.bar.end(limit)];
        ended.iter().all(|ended| *ended)
    }

    /// The engine that has not returned for so long.
    pub(crate) fn stuck(&self, limit: Duration) -> Option<Engine> {
        let waited = |busy: bool, waited: Duration| busy && waited >= limit;
        [
            (H2C, waited(self.h2c.busy(), self.h2c.waited())),
            (C2H, waited(self.c2h.busy(), self.c2h.waited())),
            (BAR, waited(self.bar.busy(), self.bar.waited())),
        ]
        .into_iter()
        .find(|row| row.1)
        .map(|row| row.0)
    }
}

fn writer(
    mut file: File,
    progress: Arc<Progress>,
    reports: Sender<Report>,
    lock: Arc<File>,
) -> Result<Worker<Vec<u8>>> {
    let mut buffer = Buffer::new(super::worker::PAGE);
    Worker::start(H2C, move |bytes: Vec<u8>| {
        let _held = &lock;
        if buffer.bytes().len() < bytes.len() {
            buffer = Buffer::new(bytes.len());
        }
        let from = &mut buffer.bytes()[..bytes.len()];
        from.copy_from_slice(&bytes);
        let _ = reports.send(Report::Written(write_all(&mut file, from, &progress)));
    })
}

/// Writes all bytes, however few a call takes.
fn write_all(file: &mut impl Write, bytes: &[u8], progress: &Progress) -> Result<()> {
    let began = progress.begin(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match file.write(&bytes[at..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => at += count.min(bytes.len() - at),
            Err(error) if meaning(&error) == Meaning::Again => {}
            Err(error) => return Err(error),
        }
        progress.offset.store(at, Ordering::Relaxed);
    }
    progress.end(began, bytes.len());
    Ok(())
}

fn reader(
    mut file: File,
    progress: Arc<Progress>,
    reports: Sender<Report>,
    lock: Arc<File>,
    packet: usize,
) -> Result<Worker<u32>> {
    let mut buffer = Buffer::new(packet);
    Worker::start(C2H, move |packets: u32| {
        let _held = &lock;
        for left in (0..packets).rev() {
            let bytes = read_packet(&mut file, buffer.bytes(), &progress);
            let last = left == 0 || bytes.is_err();
            let _ = reports.send(Report::Packet { bytes, last });
            if last {
                return;
            }
        }
    })
}

/// One call, one packet: however long it is, the call ends with it.
fn read_packet(file: &mut impl Read, buffer: &mut [u8], progress: &Progress) -> Result<Vec<u8>> {
    let began = progress.begin(buffer.len());
    loop {
        match file.read(buffer) {
            Ok(count) => {
                progress.end(began, count);
                return Ok(buffer.get(..count).unwrap_or_default().to_vec());
            }
            Err(error) if meaning(&error) == Meaning::Again => {}
            Err(error) => return Err(error),
        }
    }
}

/// The registers of the core whose page of the BAR begins at `page`.
fn registers(
    file: File,
    page: u64,
    closing: Arc<AtomicBool>,
    reports: Sender<Report>,
    lock: Arc<File>,
) -> Result<Worker<Access>> {
    Worker::start(BAR, move |access| {
        let _held = &lock;
        let report = match access {
            Access::Read(address) => Report::Register(read_register(&file, page + address)),
            Access::Write(address, value) => {
                Report::Register(file.write_all_at(&value.to_le_bytes(), page + address).map(|()| value))
            }
            Access::Packets(limit) => {
                let look = || read_register(&file, page + ShellRegister::Packets.address());
                Report::Packets(wait_for_packets(limit, &closing, look))
            }
        };
        let _ = reports.send(report);
    })
}

fn read_register(file: &File, address: u64) -> Result<u32> {
    let mut word = [0; 4];
    match file.read_at(&mut word, address)? {
        4 => Ok(u32::from_le_bytes(word)),
        count => Err(Error::new(ErrorKind::UnexpectedEof, format!("expected 4 bytes of a register, found {count}"))),
    }
}

/// Looks until there is a packet: often at first, then as often as makes the wait an eighth longer.
fn wait_for_packets(limit: Duration, closing: &AtomicBool, mut look: impl FnMut() -> Result<u32>) -> Result<u32> {
    let began = Instant::now();
    let mut looks = 0;
    loop {
        let packets = look()?;
        let waited = began.elapsed();
        if packets != 0 || waited >= limit || closing.load(Ordering::Relaxed) {
            return Ok(packets);
        }
        looks += 1;
        if looks > EAGER {
            std::thread::sleep((waited / 8).min(LOOK_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// A file whose calls end as a list says.
    struct Calls(VecDeque<Result<usize>>, Vec<u8>);

    impl Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            let count = self.0.pop_front().unwrap_or(Ok(bytes.len()))?;
            self.1.extend(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    impl Read for Calls {
        fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
            let count = self.0.pop_front().unwrap_or(Ok(0))?;
            bytes[..count].fill(7);
            Ok(count)
        }
    }

    fn calls(results: impl IntoIterator<Item = Result<usize>>) -> Calls {
        Calls(results.into_iter().collect(), vec![])
    }

    #[test]
    fn short_writes_go_on_and_interrupted_ones_are_made_again() {
        let bytes: Vec<u8> = (0..100).collect();
        let mut file = calls([Ok(4), Err(Error::from_raw_os_error(4)), Ok(60), Ok(1)]);
        let progress = Progress::default();
        write_all(&mut file, &bytes, &progress).unwrap();
        assert_eq!((file.1, progress.place()), (bytes.clone(), (100, 100)));
        assert!(progress.rate().unwrap() > 0.0);
        let mut file = calls([Ok(64), Err(Error::from_raw_os_error(512))]);
        let error = write_all(&mut file, &bytes, &progress).unwrap_err();
        assert_eq!((error.raw_os_error(), progress.place()), (Some(512), (64, 100)));
        assert_eq!(write_all(&mut calls([Ok(0)]), &bytes, &progress).unwrap_err().kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn a_read_ends_with_its_packet() {
        let (mut buffer, progress) = ([0; 4096], Progress::default());
        let mut file = calls([Ok(84), Err(Error::from_raw_os_error(4)), Ok(8), Err(Error::from_raw_os_error(5))]);
        assert_eq!(read_packet(&mut file, &mut buffer, &progress).unwrap(), [7; 84]);
        assert_eq!(read_packet(&mut file, &mut buffer, &progress).unwrap(), [7; 8]);
        assert_eq!(read_packet(&mut file, &mut buffer, &progress).unwrap_err().raw_os_error(), Some(5));
        assert_eq!(progress.place(), (0, 4096));
    }

    #[test]
    fn packets_are_waited_for_no_longer_than_said() {
        let idle = AtomicBool::new(false);
        let mut looks = 0;
        let found = wait_for_packets(Duration::from_secs(5), &idle, || {
            looks += 1;
            Ok(u32::from(looks == 20) * 3)
        });
        assert_eq!((found.unwrap(), looks), (3, 20));
        let began = Instant::now();
        assert_eq!(wait_for_packets(Duration::from_millis(10), &idle, || Ok(0)).unwrap(), 0);
        assert!(began.elapsed() >= Duration::from_millis(10));
        idle.store(true, Ordering::Relaxed);
        assert_eq!(wait_for_packets(Duration::from_secs(60), &idle, || Ok(0)).unwrap(), 0);
    }
}
