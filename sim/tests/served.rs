//! The simulated board behind real files, and the real drivers in front of it.

use galena_device::driver::{OpenOptions, PCIE, SERIAL};
use galena_device::{Canceller, Device, DeviceError, DeviceInfo, Job, Kernel, Output, conformance};
use galena_sim::serve::{Board, Options, Port, ServeError, Stop, Summary, serve};
use galena_target::Config;
use galena_target::register::REGISTER_WORDS;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

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
