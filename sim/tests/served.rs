//! The simulated board behind real files, and the real drivers in front of it.

use galena_device::driver::{OpenOptions, PCIE, SERIAL};
use galena_device::link::{LinkDevice, append_frame};
use galena_device::{Canceller, Device, DeviceError, DeviceInfo, Job, Kernel, Output, conformance};
use galena_sim::SimTransport;
use galena_sim::device::{build, with_sources};
use galena_sim::serve::{Board, Injection, Options, Port, ServeError, Stop, Summary, serve};
use galena_sim::verilated::StallPattern;
use galena_target::frame::FrameType;
use galena_target::register::REGISTER_WORDS;
use galena_target::{CONFIGS, Config};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A board in a thread of this process.
struct Served {
    end: File,
    thread: JoinHandle<Result<Summary, ServeError>>,
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Served {
    /// Serves a config where its link wants it; returns when a host can open it.
    fn new(config: &'static str, change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board");
        let config = Config::named(config).unwrap();
        let port = match config.link {
            galena_target::Link::Xdma => Port::Xdma(path.clone()),
            _ => Port::Pty(path.clone()),
        };
        let mut options = Options::new(port);
        change(&mut options);
        let (stop, end) = Stop::new().unwrap();
        let (ready, is_ready) = channel();
        let thread = std::thread::spawn(move || {
            serve(config, &options, &stop, &mut |name| ready.send(name.to_owned()).unwrap())
        });
        if is_ready.recv().is_err() {
            panic!("{:?}", thread.join().unwrap());
        }
        Self { end: end.into(), thread, _folder: folder, path }
    }

    fn stop(mut self) -> Summary {
        self.end.write_all(&[1]).unwrap();
        self.thread.join().unwrap().unwrap()
    }
}

fn model(options: &mut Options) {
    options.board = Board::Model;
}

/// A simulated line is slower than a real one, the more so where other tests run: silence takes longer to be sure of.
fn patient() -> OpenOptions {
    OpenOptions { deadline: Some(Duration::from_secs(20)), ..OpenOptions::default() }
}

fn serial(path: &Path) -> Result<Box<dyn Device>, DeviceError> {
    (SERIAL.open)(path.to_str().unwrap(), &patient())
}

#[test]
fn the_serial_driver_finds_a_board_behind_a_terminal() {
    let board = Served::new("tiny-uart", model);
    let mut device = serial(&board.path).unwrap();
    assert_eq!(device.info().config.as_deref(), Some("tiny-uart"));
    let job = Job::of(Kernel::Hash, 4, 8, &[7; 128]);
    let expected = conformance::reference(&job);
    assert_eq!(device.run(&job).unwrap().layers, expected.layers);
    drop(device);
    let summary = board.stop();
    assert_eq!((summary.hosts, summary.line_errors), (1, 0), "{summary:?}");
}

/// An open file, or the number of the error.
fn number<T>(result: std::io::Result<T>) -> Result<T, i32> {
    result.map_err(|e| e.raw_os_error().unwrap())
}

const EIO: i32 = 5;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ERESTART: i32 = 85;

#[test]
fn a_link_is_made_in_the_place_of_a_stale_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::named("tiny-uart").unwrap();
    let (stop, mut end) = Stop::new().map(|(stop, end)| (stop, File::from(end))).unwrap();
    end.write_all(&[1]).unwrap();
    let at = |name: &str| Options { board: Board::Model, ..Options::new(Port::Pty(folder.path().join(name))) };
    std::fs::write(folder.path().join("file"), "mine").unwrap();
    std::os::unix::fs::symlink("file", folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("/dev/pts/99999", folder.path().join("stale")).unwrap();
    for (name, found) in [("file", "a file"), ("elsewhere", "a link to something that is not"), (".", "a directory")] {
        let refused = serve(config, &at(name), &stop, &mut |_| panic!("{name} was replaced")).unwrap_err();
        assert!(matches!(refused, ServeError::Occupied { .. }) && refused.to_string().contains(found), "{refused}");
    }
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"mine");
    let mut target = PathBuf::new();
    serve(config, &at("stale"), &stop, &mut |_| target = std::fs::read_link(folder.path().join("stale")).unwrap())
        .unwrap();
    assert!(target.starts_with("/dev/pts") && target != Path::new("/dev/pts/99999"), "{target:?}");
    assert!(std::fs::symlink_metadata(folder.path().join("stale")).is_err(), "the link goes with its board");
    // A config has one kind of port.
    let refused = serve(Config::named("tiny-pcie").unwrap(), &at("new"), &stop, &mut |_| {}).unwrap_err();
    let refused = refused.to_string();
    for other in &CONFIGS {
        let named = refused.contains(&format!("`{}`", other.name));
        assert_eq!(named, other.link == config.link || other.name == "tiny-pcie", "{}: {refused}", other.name);
    }
}

#[test]
fn a_host_at_the_wrong_rate_hears_nothing_that_makes_sense() {
    let board = Served::new("tiny-uart", |_| {});
    let config = Config::named("tiny-uart").unwrap();
    let mut heard = vec![];
    for baud in [config.baud / 2, config.baud] {
        let mut port = File::options().read(true).write(true).open(&board.path).unwrap();
        let mut settings = rustix::termios::tcgetattr(&port).unwrap();
        settings.make_raw();
        settings.set_speed(baud).unwrap();
        // A read ends after some tenths of a second without a byte.
        settings.special_codes[rustix::termios::SpecialCodeIndex::VMIN] = 0;
        settings.special_codes[rustix::termios::SpecialCodeIndex::VTIME] = 20;
        rustix::termios::tcsetattr(&port, rustix::termios::OptionalActions::Flush, &settings).unwrap();
        let mut words = vec![0; 4];
        append_frame(&mut words, 0, FrameType::Command, (7, 0), [0; 24]);
        port.write_all(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>()).unwrap();
        let mut bytes = vec![];
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = port.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..count]);
        }
        heard.push(bytes);
    }
    let magic = |bytes: &[u8]| bytes.windows(4).filter(|w| *w == galena_target::register::MAGIC.to_le_bytes()).count();
    assert_eq!(heard.iter().map(|bytes| magic(bytes)).collect::<Vec<_>>(), [0, 1], "{heard:x?}");
    assert_eq!(board.stop().hosts, 2);
}

#[test]
fn a_board_that_is_served_once_ends_with_its_host() {
    let board = Served::new("tiny-uart", |options| (options.board, options.once) = (Board::Model, true));
    let device = serial(&board.path).unwrap();
    assert!(!board.thread.is_finished());
    drop(device);
    let summary = board.thread.join().unwrap().unwrap();
    assert_eq!(summary.hosts, 1);
}

/// The card's files, opened by hand.
fn files(board: &Served) -> [File; 3] {
    ["xdma0_h2c_0", "xdma0_c2h_0", "xdma0_user"]
        .map(|name| File::options().read(true).write(true).open(board.path.join(name)).unwrap())
}

#[test]
fn the_files_of_a_card_have_the_drivers_manners() {
    let board = Served::new("tiny-pcie", |options| {
        (options.board, options.timeout) = (Board::Model, Duration::from_millis(300));
    });
    let [mut h2c, mut c2h, user] = files(&board);
    let mut word = [0; 4];
    user.read_exact_at(&mut word, 0).unwrap();
    assert_eq!(&word, b"GLNA");
    user.write_all_at(&[1, 2, 3, 4], 0x10c).unwrap();
    user.read_exact_at(&mut word, 0x10c).unwrap();
    assert_eq!(word, [1, 2, 3, 4]);
    for (at, bytes) in [(2, 4), (0, 2), (4096, 4)] {
        assert_eq!(number(user.read_at(&mut [0; 8][..bytes], at)), Err(EINVAL), "{bytes} bytes at {at}");
        assert_eq!(number(user.write_at(&[0; 8][..bytes], at)), Err(EINVAL), "{bytes} bytes at {at}");
    }
    // A whole packet, and no more, however large the buffer.
    let mut words = vec![];
    append_frame(&mut words, 0, FrameType::Command, (7, 0), [0; 24]);
    words.push(0);
    h2c.write_all(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>()).unwrap();
    let mut packet = vec![0; 1 << 16];
    assert_eq!(c2h.read(&mut packet).unwrap(), 4 * (5 + 48 + 5 + 16));
    // Nothing more comes: the read blocks, fails at the timeout, and leaves its engine stuck; the other one works.
    let start = Instant::now();
    assert_eq!(number(c2h.read(&mut packet)), Err(ERESTART));
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(number(c2h.read(&mut packet)), Err(EIO));
    h2c.write_all(&[0; 64]).unwrap();
    // Until the driver is loaded again.
    std::fs::write(board.path.join("reload"), "1\n").unwrap();
    assert_eq!(number(c2h.read(&mut packet)), Err(ERESTART));
    assert!(std::fs::write(board.path.join("reload"), "2").is_err());
    let path = board.path.clone();
    // The mount goes with the board although a host still has its files open.
    assert!(board.stop().line_errors >= 2);
    assert!(!path.exists());
}

#[test]
fn a_card_that_is_pulled_reads_all_ones() {
    let board = Served::new("tiny-pcie", |options| {
        options.board = Board::Model;
        options.faults = vec![Injection::parse("unplug@1000").unwrap()];
    });
    let [mut h2c, mut c2h, user] = files(&board);
    let mut word = [0; 4];
    let end = Instant::now() + Duration::from_secs(5);
    while word != [0xff; 4] && Instant::now() < end {
        user.read_exact_at(&mut word, 0).unwrap();
    }
    assert_eq!(word, [0xff; 4]);
    assert_eq!(number(h2c.write(&[0; 64])), Err(ENODEV));
    assert_eq!(number(c2h.read(&mut [0; 64])), Err(ENODEV));
    assert!(
        Injection::parse("unplug@soon").is_err()
            && Injection::parse("fire").unwrap_err().to_string().contains("freeze")
    );
}

#[test]
fn a_circuit_fault_reaches_the_host_through_the_line() {
    let board = Served::new("tiny-uart", |options| options.faults = vec![Injection::parse("digest").unwrap()]);
    let mut device = serial(&board.path).unwrap();
    let job = Job::of(Kernel::Hash, 2, 8, &[7; 32]);
    assert_ne!(device.run(&job).unwrap().layers, conformance::reference(&job).layers);
    drop(device);
    board.stop();
}

#[test]
fn a_build_says_what_it_was_built_from() {
    let config = Config::named("tiny").unwrap();
    let commit: [u8; 20] = std::array::from_fn(|i| 17 * i as u8);
    let open = |dirty| {
        let model = with_sources(build(config, false).unwrap(), &commit, dirty).open().unwrap();
        let transport = SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE).unwrap();
        LinkDevice::open("sim:tiny", transport).unwrap().info().clone()
    };
    let info = open(true);
    assert_eq!((info.git_hash.as_str(), info.dirty), (hex::encode(commit).as_str(), true));
    assert!(galena_sim::device::open("tiny", &OpenOptions::default()).unwrap().info().git_hash.is_empty());
}

/// A device and the board it is behind, for the conformance suite.
struct Behind {
    device: Box<dyn Device>,
    _board: Ended,
}

/// Ends its board when dropped.
struct Ended(Option<Served>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.take().map(Served::stop);
    }
}

impl Behind {
    fn open(board: Served) -> Box<dyn Device> {
        let open = if board.path.is_dir() { PCIE.open } else { SERIAL.open };
        let device = open(board.path.to_str().unwrap(), &patient()).unwrap_or_else(|e| panic!("{e}"));
        Box::new(Self { device, _board: Ended(Some(board)) })
    }
}

impl Device for Behind {
    fn info(&self) -> &DeviceInfo {
        self.device.info()
    }
    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        self.device.run(job)
    }
    fn recover(&mut self) -> Result<(), DeviceError> {
        self.device.recover()
    }
    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        self.device.registers()
    }
    fn canceller(&self) -> Option<Canceller> {
        self.device.canceller()
    }
}

mod small_uart_model {
    fn open() -> Box<dyn super::Device> {
        super::Behind::open(super::Served::new("small-uart", super::model))
    }
    galena_device::device_conformance!(open, largest = 6);
}

mod tiny_uart {
    fn open() -> Box<dyn super::Device> {
        super::Behind::open(super::Served::new("tiny-uart", |_| {}))
    }
    galena_device::device_conformance!(open, largest = 4);
}

mod tiny_pcie_model {
    fn open() -> Box<dyn super::Device> {
        super::Behind::open(super::Served::new("tiny-pcie", super::model))
    }
    galena_device::device_conformance!(open, largest = 6);
}

mod tiny_pcie {
    fn open() -> Box<dyn super::Device> {
        super::Behind::open(super::Served::new("tiny-pcie", |_| {}))
    }
    galena_device::device_conformance!(open, largest = 4);
}
