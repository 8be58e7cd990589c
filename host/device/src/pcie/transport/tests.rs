//! The engines' ways to fail, with pipes for the two directions, which block as a driver does, and a file of registers.

use super::*;
use crate::access::Root;
use crate::pcie::card_at;
use galena_target::Config;
use galena_target::Register;
use galena_target::register::register_map;
use rustix::fs::{CWD, Mode, mkfifoat};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;

const DEADLINE: Duration = Duration::from_millis(150);

/// A card of pipes. Both pipes are held open from this side, so that nobody waits for the other to open.
struct Bench {
    folder: tempfile::TempDir,
    h2c: File,
    c2h: File,
    user: File,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let both = |name: &str| OpenOptions::new().read(true).write(true).open(path(name)).unwrap();
        for name in ["xdma0_h2c_0", "xdma0_c2h_0"] {
            mkfifoat(CWD, path(name), Mode::from_raw_mode(0o600)).unwrap();
        }
        let map = register_map(Config::named("tiny-pcie").unwrap());
        let mut bytes: Vec<u8> = map.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.resize(galena_target::xdma::BAR_BYTES, 0);
        std::fs::write(path("xdma0_user"), bytes).unwrap();
        Self { h2c: both("xdma0_h2c_0"), c2h: both("xdma0_c2h_0"), user: both("xdma0_user"), folder }
    }

    fn transport(&self) -> XdmaTransport {
        let card = card_at(&Root::default(), self.folder.path()).unwrap();
        XdmaTransport::start(&card, Arc::new(self.user.try_clone().unwrap()), DEADLINE).unwrap()
    }

    /// How often this process has the file open from which packets are read: once here, and once in each thread.
    fn readers(&self) -> usize {
        let path = self.folder.path().join("xdma0_c2h_0");
        let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        files.filter(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == path)).count()
    }

    fn packets(&self, count: u32) {
        self.user.write_all_at(&count.to_le_bytes(), ShellRegister::Packets.address()).unwrap();
    }
}

fn engine(error: &TransportError) -> &'static str {
    match error {
        TransportError::Stuck { engine, .. } => engine,
        other => panic!("expected a stuck engine, found {other}"),
    }
}

#[test]
fn words_go_out_packets_come_in_and_silence_is_named() {
    let mut bench = Bench::new();
    let mut transport = bench.transport();
    assert_eq!(Register::Window.value(&transport.map().unwrap()), 2048);
    transport.control().unwrap();
    let mut control = [0; 4];
    bench.user.read_exact_at(&mut control, ShellRegister::Control.address()).unwrap();
    assert_eq!(u32::from_le_bytes(control), 1, "the core was reset");
    let mut rx = vec![];
    assert_eq!(transport.exchange(&[1, 2, 0x0403_0201], &mut rx, 0).unwrap(), 3);
    let mut bytes = [0; 12];
    bench.h2c.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, [1, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4]);
    bench.c2h.write_all(&[5, 0, 0, 0, 6, 0, 0, 0]).unwrap();
    bench.packets(1);
    transport.exchange(&[], &mut rx, 2).unwrap();
    assert_eq!(rx, [5, 6]);
    assert!(transport.achieved().iter().all(|rate| rate.is_some_and(|rate| rate > 0.0)));
    // Nothing more comes, and nothing was promised.
    let bench = Bench::new();
    let mut transport = bench.transport();
    let began = Instant::now();
    assert!(matches!(transport.exchange(&[], &mut rx, 1), Err(TransportError::Silent { .. })));
    assert!(began.elapsed() >= DEADLINE && began.elapsed() < 10 * DEADLINE, "{:?}", began.elapsed());
}

#[test]
fn a_read_that_does_not_return_is_named_left_behind_and_waited_for_by_recover() {
    let mut bench = Bench::new();
    let mut transport = bench.transport();
    let mut rx = vec![];
    bench.packets(1); // which is not true: the read will block
    let began = Instant::now();
    let error = transport.exchange(&[], &mut rx, 1).unwrap_err();
    assert!(began.elapsed() < 10 * DEADLINE, "{:?}", began.elapsed());
    assert_eq!(engine(&error), C2H);
    let text = error.to_string();
    assert!(text.contains("at byte 0 of 131072; its registers say c2h_packets 1, h2c_space 0"), "{text}");
    // Everything is refused at once, and no second thread is started while the first has not come back.
    let began = Instant::now();
    assert_eq!(engine(&transport.exchange(&[7], &mut rx, 1).unwrap_err()), C2H);
    assert!(began.elapsed() < DEADLINE);
    for _ in 0..3 {
        let error = transport.reset().unwrap_err();
        assert!(engine(&error) == C2H && error.to_string().contains("still in a call of the driver"), "{error}");
    }
    assert_eq!(bench.readers(), 2);
    // The driver gives up: the call returns.
    bench.packets(0);
    bench.c2h.write_all(&[0; 4]).unwrap();
    assert!(transport.reset().unwrap());
    bench.c2h.write_all(&[9, 0, 0, 0]).unwrap();
    bench.packets(1);
    transport.exchange(&[], &mut rx, 1).unwrap();
    assert_eq!(rx, [9], "what was read before the reset belongs to nothing");
}

#[test]
fn a_write_that_does_not_return_is_named() {
    let mut bench = Bench::new();
    let mut transport = bench.transport();
    // More than a pipe holds: the write blocks when it is full.
    let words = vec![7; 1 << 16];
    let mut rx = vec![];
    let began = Instant::now();
    assert_eq!(transport.exchange(&words, &mut rx, 0).unwrap(), words.len(), "one transfer: the thread has it");
    let error = transport.exchange(&[1], &mut rx, 0).unwrap_err();
    assert!(engine(&error) == H2C && began.elapsed() < 10 * DEADLINE, "{error}");
    assert!(error.to_string().contains("of 262144; its registers say c2h_packets 0"), "{error}");
    // The card takes the rest.
    let rest = std::thread::spawn(move || {
        let mut bytes = vec![0; 1 << 18];
        bench.h2c.read_exact(&mut bytes).unwrap();
        bench
    });
    let bench = rest.join().unwrap();
    assert!(transport.reset().unwrap());
    assert_eq!(transport.exchange(&[1], &mut rx, 0).unwrap(), 1);
    drop(bench);
}

#[test]
fn a_link_that_goes_down_is_noticed_and_not_touched() {
    let bench = Bench::new();
    let mut transport = bench.transport();
    bench.user.write_all_at(&[0xff; 4096], 0).unwrap();
    let mut rx = vec![];
    let error = transport.exchange(&[], &mut rx, 1).unwrap_err();
    assert!(matches!(error, TransportError::Unplugged { .. }), "{error}");
    let error = transport.reset().unwrap_err().to_string();
    assert!(error.contains("its registers read all-ones") && error.contains("/rescan`"), "{error}");
    let mut control = [0; 4];
    bench.user.read_exact_at(&mut control, ShellRegister::Control.address()).unwrap();
    assert_eq!(control, [0xff; 4], "nothing was written");
    // A packet that is not whole words.
    let mut bench = Bench::new();
    let mut transport = bench.transport();
    bench.c2h.write_all(&[1, 2, 3, 4, 5, 6]).unwrap();
    bench.packets(1);
    let error = transport.exchange(&[], &mut rx, 1).unwrap_err().to_string();
    assert!(error.contains("expected whole words of 4 bytes, found a transfer of 6 bytes"), "{error}");
}
