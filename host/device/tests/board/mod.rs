//! A board behind a pseudo-terminal: the software model of a device, a line that knows its rate, and what can befall them.

use galena_device::endpoint::{Endpoint, Flaw};
use galena_target::frame::{MAGIC, RATE_CLOCKS};
use galena_target::{Config, Link};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Which bytes of a direction something befalls: (how many pass before, how many are concerned).
pub(crate) type Span = (usize, usize);

/// What befalls the line; a plan is used up by what it concerns.
#[derive(Default)]
pub(crate) struct Plan {
    /// Bytes lost on the way to the device, and to the host.
    pub(crate) lose: [Option<Span>; 2],
    /// Bytes put in before the next that goes to the device, or to the host.
    pub(crate) insert: [Vec<u8>; 2],
    /// The board vanishes when so many more bytes have gone to the device, or to the host.
    pub(crate) unplug: [Option<usize>; 2],
    /// Above this rate the line carries garbage.
    pub(crate) fastest: Option<u32>,
    /// What is wrong with the device.
    pub(crate) flaw: Option<Flaw>,
    /// The device has been told to run at so many clocks per bit by a host that is gone.
    pub(crate) left_at: Option<u32>,
    /// The board stands still for so long when the next bytes come: a simulation on a machine that has other things to do.
    pub(crate) pause: Option<Duration>,
}

/// A board. It vanishes when dropped: the port hangs up.
pub(crate) struct Board {
    /// The port.
    pub(crate) path: PathBuf,
    plan: Arc<Mutex<Plan>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Board {
    /// A board of this config behind a new pseudo-terminal, to which `link` leads.
    pub(crate) fn new(config: &str, link: &Path, plan: Plan) -> Self {
        let config = Config::named(config).unwrap();
        assert_eq!(config.link, Link::Uart);
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = PathBuf::from(ptsname(&master, vec![]).unwrap().into_string().unwrap());
        // Held open, or the master hangs up whenever the host closes.
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let slave = rustix::fs::open(&path, flags, rustix::fs::Mode::empty()).unwrap();
        let mut settings = tcgetattr(&slave).unwrap();
        settings.make_raw();
        settings.set_speed(115_200).unwrap();
        tcsetattr(&slave, OptionalActions::Now, &settings).unwrap();
        rustix::fs::fcntl_setfl(&master, rustix::fs::OFlags::NONBLOCK).unwrap();
        let _ = std::fs::remove_file(link);
        symlink(&path, link).unwrap();
        let (plan, stop) = (Arc::new(Mutex::new(plan)), Arc::new(AtomicBool::new(false)));
        let run = Run { master, slave, config, plan: plan.clone(), stop: stop.clone() };
        let thread = Some(std::thread::spawn(move || run.serve()));
        Self { path: link.into(), plan, stop, thread }
    }

    /// Changes what befalls the line from here on.
    pub(crate) fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan.lock().unwrap());
    }

    /// Whether it has vanished, or does so within a second.
    pub(crate) fn has_vanished(&self) -> bool {
        let end = Instant::now() + Duration::from_secs(1);
        let finished = || self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        while !finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        finished()
    }

    /// The rate that the host has set.
    pub(crate) fn host_rate(&self) -> u32 {
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let file = rustix::fs::open(&self.path, flags, rustix::fs::Mode::empty()).unwrap();
        tcgetattr(&file).unwrap().output_speed()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let result = thread.join();
            if !std::thread::panicking() {
                result.unwrap();
            }
        }
    }
}

struct Run {
    master: OwnedFd,
    slave: OwnedFd,
    config: &'static Config,
    plan: Arc<Mutex<Plan>>,
    stop: Arc<AtomicBool>,
}

const TO_DEVICE: usize = 0;
const TO_HOST: usize = 1;

impl Run {
    fn serve(self) {
        let mut device = Endpoint::new(self.config);
        let (mut last, mut bytes, mut out, mut sent) = (0u32, 0, vec![], 0);
        // Clocks per bit of the line: the model changes at once, the line when what is on it has left.
        let mut line = self.config.baud_divisor();
        let mut clocks = Instant::now();
        let mut heard = Instant::now();
        while !self.stop.load(Ordering::SeqCst) {
            let events = if out.is_empty() { PollFlags::IN } else { PollFlags::IN | PollFlags::OUT };
            let wait = Timespec { tv_sec: 0, tv_nsec: 500_000 };
            poll(&mut [PollFd::new(&self.master, events)], Some(&wait)).unwrap();
            let mut plan = self.plan.lock().unwrap();
            device.flaw(plan.flaw);
            if let Some(divisor) = plan.left_at.take() {
                tell_rate(&mut device, divisor);
                line = divisor;
                heard = Instant::now();
            }
            let host = tcgetattr(&self.slave).unwrap().output_speed();
            let rate = self.config.clock_hz / line;
            let clear = host.abs_diff(rate) < rate / 20 && plan.fastest.is_none_or(|fastest| rate <= fastest);
            // To the device.
            let mut buffer = [0; 4096];
            let count = rustix::io::read(&self.master, &mut buffer).unwrap_or(0);
            if count > 0
                && let Some(pause) = plan.pause.take()
            {
                std::thread::sleep(pause);
                clocks = Instant::now();
            }
            let mut input = std::mem::take(&mut plan.insert[TO_DEVICE]);
            input.extend(&buffer[..count]);
            if befall(&mut plan, TO_DEVICE, &mut input) {
                return;
            }
            for byte in input {
                last = last >> 8 | u32::from(if clear { byte } else { byte.wrapping_mul(37) ^ 0x6b }) << 24;
                bytes += 1;
                if bytes == 4 || last == MAGIC {
                    heard = if last == MAGIC { Instant::now() } else { heard };
                    device.push(last);
                    bytes = 0;
                }
            }
            if count == 0 {
                let passed = clocks.elapsed().as_secs_f64() * f64::from(self.config.clock_hz);
                device.pass(passed as u64);
            }
            clocks = Instant::now();
            if line != self.config.baud_divisor()
                && heard.elapsed().as_secs_f64() * f64::from(self.config.clock_hz) > f64::from(RATE_CLOCKS)
                && !clear
            {
                device.reset(); // back to the base rate: nobody spoke at the new one
                (line, last, bytes) = (self.config.baud_divisor(), 0, 0);
            }
            // To the host.
            if out.is_empty() {
                sent = 0;
                let mut fresh = std::mem::take(&mut plan.insert[TO_HOST]);
                while fresh.len() < 4096
                    && let Some(word) = device.pop()
                {
                    fresh.extend(word.to_le_bytes().map(|b| if clear { b } else { b.wrapping_mul(41) ^ 0x35 }));
                }
                let vanishes = befall(&mut plan, TO_HOST, &mut fresh);
                if vanishes {
                    let _ = rustix::io::write(&self.master, &fresh);
                    return;
                }
                out = fresh;
            }
            drop(plan);
            if !out.is_empty() {
                sent += rustix::io::write(&self.master, &out[sent..]).unwrap_or(0);
                if sent == out.len() {
                    out.clear();
                }
            }
            // Before anything is read that a host says at the new rate.
            if out.is_empty() && device.pending() == 0 && line != device.divisor() {
                line = device.divisor();
                heard = Instant::now();
            }
        }
    }
}

/// Applies the plan to some bytes; true if the board vanishes now, after what is left of them.
fn befall(plan: &mut Plan, way: usize, bytes: &mut Vec<u8>) -> bool {
    if let Some((before, count)) = plan.lose[way] {
        let from = before.min(bytes.len());
        let to = (before + count).min(bytes.len());
        let lost = to - from;
        plan.lose[way] = (count > lost).then_some((before - from, count - lost));
        bytes.drain(from..to);
    }
    if let Some(left) = plan.unplug[way] {
        if bytes.len() >= left && (!bytes.is_empty() || left == 0) {
            bytes.truncate(left);
            return true;
        }
        plan.unplug[way] = Some(left - bytes.len());
    }
    false
}

/// Runs a `rate` job on the device, as a former host did.
fn tell_rate(device: &mut Endpoint, divisor: u32) {
    let mut words = vec![];
    let mut payload = vec![0; galena_target::frame::COMMAND_WORDS];
    payload[7] = divisor;
    let kernel = galena_target::Kernel::Rate.code();
    let command = galena_target::frame::FrameType::Command;
    galena_device::link::append_frame(&mut words, kernel, command, (7, 0), payload);
    words.into_iter().for_each(|word| device.push(word));
    while device.pop().is_some() {}
    assert_eq!(device.divisor(), divisor, "the model has taken the rate");
}
