//! A device on a serial port: finds the rate it listens at, raises it as far as both sides go, and puts it back at the end.

use super::line::{Line, SerialError};
use super::rate::{above_base, candidates};
use super::{Port, port_at};
use crate::access::Root;
use crate::driver::{DEADLINE, OpenOptions};
use crate::link::{LinkDevice, Recorder, Transport, TransportError};
use crate::{Canceller, Device, DeviceError, DeviceInfo, Job, Kernel, Output};
use galena_target::frame::RATE_CLOCKS;
use galena_target::register::REGISTER_WORDS;
use galena_target::{Config, Register};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longest wait for an answer at a rate that is only a guess.
const GUESS: Duration = Duration::from_secs(1);
/// Longest wait for the board when the port is closed.
const GOODBYE: Duration = Duration::from_millis(300);
/// Between the last bit at one rate and the first at another.
const SETTLE: Duration = Duration::from_millis(2);
/// Questions that must be answered without a line error before a new rate is trusted.
const CHECKS: usize = 4;

/// The transport of a serial port; the device keeps hold of the line beside it, to change its rate.
#[derive(Clone)]
struct SerialTransport {
    line: Arc<Mutex<Line>>,
    port: Arc<Port>,
    base: u32,
}

impl SerialTransport {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The device over it, with everything on the line recorded if the options say so.
type Inner = LinkDevice<Recorder<SerialTransport>>;

impl Transport for SerialTransport {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        self.line().exchange(tx, rx, want)
    }

    fn describe(&self) -> String {
        format!("{} at {} baud ({})", self.port.path.display(), self.line().rate(), self.port.doc())
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        let base = self.base;
        self.line().reset(base)
    }

    fn bytes_per_second(&self) -> Option<f64> {
        Some(f64::from(self.line().rate()) / 10.0)
    }

    fn searching(&mut self, searching: bool) {
        self.line().searching(searching);
    }
}

/// An opened board on a serial port.
pub struct SerialDevice {
    inner: Inner,
    transport: SerialTransport,
    info: DeviceInfo,
    deadline: Duration,
    /// The fastest rate this side may use.
    fastest: u32,
    /// Whether the last thing asked of the board was answered.
    well: bool,
}

impl SerialDevice {
    /// Opens the port, finds the board, and raises the rate.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, DeviceError> {
        let name = format!("serial:{}", path.display());
        let refuse = |source: SerialError| DeviceError::Open { selector: name.clone(), source: Box::new(source) };
        let port = port_at(&Root::default(), path);
        let patience = port.patience();
        let deadline = options.deadline.unwrap_or(DEADLINE * patience);
        let fastest = port.fastest(options.max_baud);
        let rates = candidates(port.fastest(None));
        let line = Line::open(path, &port, &rates, deadline).map_err(refuse)?;
        let base = rates.first().copied().unwrap_or(line.rate());
        let transport = SerialTransport { line: Arc::new(Mutex::new(line)), port: Arc::new(port), base };
        let inner = find(&name, &transport, &rates, deadline, options)?;
        let info = inner.info().clone();
        let mut device = Self { inner, transport, info, deadline, fastest, well: true };
        if let Some(config) = device.config() {
            device.transport.base = config.baud;
            device.inner.transport_mut().inner_mut().base = config.baud;
        }
        device.speed_up()?;
        Ok(device)
    }

    /// The rate of the line, in bits per second.
    pub fn rate(&self) -> u32 {
        self.transport.line().rate()
    }

    fn config(&self) -> Option<&'static Config> {
        self.info.config.as_deref().and_then(|name| Config::named(name).ok())
    }

    fn set_rate(&self, rate: u32) -> Result<(), DeviceError> {
        std::thread::sleep(SETTLE);
        let kernel = Kernel::Rate;
        self.transport.line().set_rate(rate).map_err(|e| DeviceError::Link { kernel, source: Box::new(e) })
    }

    /// How long an answer at a rate that is only a guess is waited for.
    fn guess(&self) -> Duration {
        self.deadline.min(GUESS * self.transport.port.patience())
    }

    /// Raises the rate to the fastest that the clock, the port and the user allow and that works.
    fn speed_up(&mut self) -> Result<(), DeviceError> {
        if let Some(config) = self.config()
            && self.info.kernels.contains(&Kernel::Rate)
            && self.rate() < above_base(config, self.fastest).next().map_or(0, |(rate, _)| rate)
        {
            let from = self.rate();
            for (rate, divisor) in above_base(config, self.fastest).filter(|&(rate, _)| rate > from) {
                // The port's own refusal comes first: the board is not asked to go where this side cannot follow.
                let takes = self.set_rate(rate).is_ok();
                self.set_rate(from)?;
                if takes && self.change(config, rate, divisor)? {
                    break;
                }
            }
        }
        self.info.link = self.transport.describe();
        Ok(())
    }

    /// Both sides change to another rate; false if that does not work, and both are back at the base rate.
    fn change(&mut self, config: &Config, rate: u32, divisor: u32) -> Result<bool, DeviceError> {
        self.inner.rate(divisor)?;
        self.set_rate(rate)?;
        self.transport.line().deadline = self.guess();
        let checked = self.check();
        self.transport.line().deadline = self.deadline;
        if checked {
            return Ok(true);
        }
        let fallback = Duration::from_secs_f64(1.25 * f64::from(RATE_CLOCKS) / f64::from(config.clock_hz.max(1)));
        std::thread::sleep(fallback);
        self.set_rate(config.baud)?;
        self.inner.recover()?;
        Ok(false)
    }

    /// Whether the board answers again and again, without a line error.
    fn check(&mut self) -> bool {
        let mut errors = None;
        (0..CHECKS).all(|_| {
            let Ok(map) = self.inner.registers() else { return false };
            let now = Register::LineErrors.word(&map);
            *errors.get_or_insert(now) == now
        })
    }

    fn after<T>(&mut self, result: Result<T, DeviceError>) -> Result<T, DeviceError> {
        self.well = !matches!(
            result,
            Err(DeviceError::Silent { .. }
                | DeviceError::Unplugged { .. }
                | DeviceError::Lost { .. }
                | DeviceError::Link { .. }
                | DeviceError::Stalled { .. })
        );
        result
    }
}

/// Looks for a board at each rate in turn, beginning with the one that the port was left at.
fn find(
    name: &str,
    transport: &SerialTransport,
    rates: &[u32],
    deadline: Duration,
    options: &OpenOptions,
) -> Result<Inner, DeviceError> {
    let (left, base) = (transport.line().rate(), transport.base);
    let mut tried = vec![];
    let mut last = None;
    let mut attempt = |rate: u32, wait: Duration| -> Result<Option<Inner>, DeviceError> {
        tried.push(rate.to_string());
        {
            let mut line = transport.line();
            line.deadline = wait;
            line.searching(true);
            if line.rate() != rate && line.set_rate(rate).is_err() {
                return Ok(None);
            }
        }
        let recorder = Recorder::new(transport.clone(), options.capture.as_deref(), name)
            .map_err(|e| DeviceError::Open { selector: name.into(), source: Box::new(e) })?;
        let opened = LinkDevice::open(name, recorder);
        let mut line = transport.line();
        line.deadline = deadline;
        match opened {
            Ok(device) => {
                line.searching(false);
                Ok(Some(device))
            }
            // It answered: another rate does not help.
            Err(error @ (DeviceError::Mismatch { .. } | DeviceError::Unplugged { .. })) => Err(error),
            Err(error) => {
                last = Some(error);
                Ok(None)
            }
        }
    };
    let guess = deadline.min(GUESS * transport.port.patience());
    if left != base
        && let Some(device) = attempt(left, guess)?
    {
        return Ok(device);
    }
    if let Some(device) = attempt(base, deadline)? {
        return Ok(device);
    }
    // A break brings a board to its base rate whatever it is doing, but a pseudo-terminal has none.
    if matches!(transport.line().reset(base), Ok(true))
        && let Some(device) = attempt(base, guess)?
    {
        return Ok(device);
    }
    for &rate in rates.iter().filter(|&&rate| rate != left && rate != base) {
        if let Some(device) = attempt(rate, guess)? {
            return Ok(device);
        }
    }
    let path = transport.port.path.display().to_string();
    let last = last.map_or("none".into(), |error| error.to_string());
    let source = SerialError::NoBoard { path, tried: tried.join(", "), last };
    Err(DeviceError::Open { selector: name.into(), source: Box::new(source) })
}

impl Device for SerialDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let result = self.inner.run(job);
        self.after(result)
    }

    /// As the link does it; if that fails the board may listen at another rate: it is looked for as when it was opened.
    fn recover(&mut self) -> Result<(), DeviceError> {
        let mut result = self.inner.recover();
        if let Err(DeviceError::Lost { .. } | DeviceError::Silent { .. }) = result {
            let old = self.rate();
            for rate in candidates(self.transport.port.fastest(None)).into_iter().filter(|&rate| rate != old) {
                self.transport.line().deadline = self.guess();
                result = self.set_rate(rate).and_then(|()| self.inner.recover());
                self.transport.line().deadline = self.deadline;
                if !matches!(result, Err(DeviceError::Lost { .. } | DeviceError::Silent { .. })) {
                    break;
                }
            }
        }
        let result = result.and_then(|()| self.speed_up());
        self.after(result)
    }

    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        let result = self.inner.registers().map(Some);
        self.after(result)
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.transport.bytes_per_second()
    }

    fn canceller(&self) -> Option<Canceller> {
        self.inner.canceller()
    }
}

impl Drop for SerialDevice {
    /// The next host finds the board at its base rate; if not, at the rate that the port was left at.
    fn drop(&mut self) {
        if let Some(config) = self.config().filter(|config| self.well && config.baud != self.rate()) {
            self.transport.line().deadline = self.deadline.min(GOODBYE * self.transport.port.patience());
            if self.inner.rate(config.baud_divisor()).is_ok() {
                let _ = self.set_rate(config.baud);
            }
        }
    }
}
