//! Credit: how far the host runs ahead, that this keeps a line full, and what ends a wait.

use super::*;
use crate::Corruption;
use crate::endpoint::Flaw;
use galena_target::frame::{FrameType, StatusCode};
use std::collections::VecDeque;

#[test]
fn buffers_of_any_size_do_not_wedge_the_two_sides() {
    let matrix = matrix();
    let want = reference(&matrix);
    for capacity in [1, 2, 7, 100, 1 << 20] {
        assert!(right(&connect(capacity).run(&job(&matrix)).unwrap(), &want), "capacity {capacity}");
    }
}

/// Watches a link for the most words of a job that were ever ahead of the device's credit.
struct Watch<T> {
    inner: T,
    last: [VecDeque<u32>; 2],
    sent: u64,
    taken: u64,
    most: u64,
}

impl<T> Watch<T> {
    fn new(inner: T) -> Self {
        Self { inner, last: Default::default(), sent: 0, taken: 0, most: 0 }
    }

    /// The header in the four words before the last, if there is one, and the last word.
    fn header(last: &mut VecDeque<u32>, word: u32) -> Option<(Header, u32)> {
        last.push_back(word);
        if last.len() > 5 {
            last.pop_front();
        }
        let words: Vec<u32> = last.iter().copied().collect();
        words.first_chunk().and_then(Header::read).map(|header| (header, word))
    }
}

impl<T: Transport> Transport for Watch<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let before = rx.len();
        let moved = self.inner.exchange(tx, rx, want)?;
        for &word in &tx[..moved] {
            self.sent += 1;
            match Self::header(&mut self.last[0], word) {
                // Its fifth word is in; the credit that is known is still that of before.
                Some((header, _)) if header.frame_type() == Some(FrameType::Command) => {
                    (self.sent, self.taken) = (5, 0)
                }
                _ => {}
            }
            self.most = self.most.max(self.sent - self.taken);
        }
        for &word in &rx[before..] {
            if let Some((header, taken)) = Self::header(&mut self.last[1], word)
                && header.frame_type() == Some(FrameType::Credit)
            {
                self.taken = taken.into();
            }
        }
        Ok(moved)
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn unit(&self) -> usize {
        self.inner.unit()
    }
}

#[test]
fn never_more_than_the_window_is_on_its_way() {
    let matrix = words(64 << 7);
    let job = Job { levels: 7, ..Job::of(Kernel::Hash, 7, 64, &matrix) };
    let want = crate::conformance::reference(&job);
    for unit in [1, 4, 16] {
        let mut device = LinkDevice::open("model", Watch::new(link(1 << 20).unit(unit))).unwrap();
        let output = device.run(&job).unwrap();
        assert!(right(&output, &want));
        let plain = 29 + 8 * 1029;
        assert_eq!(output.counters.sent_words, u64::next_multiple_of(plain, unit as u64), "filler at the end only");
        let most = device.transport().most;
        assert!(most <= 2048 && most > 2048 - 16, "the most in units of {unit}: {most}");
    }
    // A device that takes nothing gets a window and no more, and what it has is taken up to the last word.
    let mut device = connect(1 << 20);
    device.transport_mut().inner().endpoint.flaw(Some(Flaw::Deaf));
    match device.run(&job) {
        Err(DeviceError::Silent { sent: 2048, received: 0, .. }) => {}
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn heartbeats_alone_do_not_keep_a_host_waiting_for_ever() {
    let matrix = matrix();
    let mut device = connect(300);
    let with = |device: &mut LinkDevice<Faulty<EndpointLink>>, flaw| {
        device.transport_mut().inner().endpoint.flaw(Some(flaw));
        let error = device.run(&job(&matrix)).map(drop).unwrap_err();
        device.transport_mut().inner().endpoint.flaw(None);
        error
    };
    match with(&mut device, Flaw::Endless) {
        DeviceError::Stalled { heartbeats: 66, taken, sent, .. } => assert_eq!((taken, sent), (802, 802)),
        other => panic!("{other}"),
    }
    device.recover().unwrap();
    assert!(matches!(with(&mut device, Flaw::Wedged), DeviceError::Status { code: StatusCode::Stuck, .. }));
    assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
}

#[test]
fn an_impossible_credit_is_an_error_and_a_small_one_is_repaired_by_the_next() {
    let matrix = words(64 << 7);
    let job = Job { levels: 7, ..Job::of(Kernel::Hash, 7, 64, &matrix) };
    for (fault, at) in [(Fault::CreditTooLarge, 0), (Fault::CreditBackwards, 12)] {
        let mut device = connect(1000);
        device.transport_mut().plan(Way::ToHost, at, fault);
        match device.run(&job) {
            Err(DeviceError::Corrupt { what: Corruption::Credit, .. }) => {}
            other => panic!("{fault:?}: {:?}", other.map(drop)),
        }
    }
    let mut device = connect(1000);
    device.transport_mut().plan(Way::ToHost, 0, Fault::CreditTooSmall);
    device.run(&job).unwrap();
    assert!(device.transport().happened().is_some());
}

/// A serial line with a USB adapter on the host's side, in time slots of one word: words to the device are 2 ms on their way,
/// words back are handed over every 16 ms.
struct Line {
    endpoint: Endpoint,
    now: u64,
    /// Slots in a millisecond, and device clocks in a slot.
    slots_per_ms: u64,
    clocks: u64,
    to_device: VecDeque<(u64, u32)>,
    to_host: VecDeque<(u64, u32)>,
    first: Option<u64>,
    last: u64,
    sent: u64,
}

impl Line {
    fn new(config: &Config, baud: u64) -> Self {
        let (slots_per_ms, clocks) = (baud / 40_000, u64::from(config.clock_hz) * 40 / baud);
        let (to_device, to_host) = Default::default();
        let endpoint = Endpoint::new(config);
        Self { endpoint, now: 0, slots_per_ms, clocks, to_device, to_host, first: None, last: 0, sent: 0 }
    }

    /// The share of the slots, from the first word sent to the last, in which a word was sent.
    fn full(&self) -> f64 {
        self.sent as f64 / (self.last + 1 - self.first.unwrap_or(0)) as f64
    }
}

impl Transport for Line {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let (mut sent, goal, mut quiet) = (0, rx.len() + want, 0);
        while rx.len() < goal && (tx.is_empty() || sent < tx.len()) {
            (self.now, quiet) = (self.now + 1, quiet + 1);
            self.endpoint.pass(self.clocks);
            if let Some(&word) = tx.get(sent) {
                self.to_device.push_back((self.now + 2 * self.slots_per_ms, word));
                (self.first, self.last) = (self.first.or(Some(self.now)), self.now);
                (sent, self.sent, quiet) = (sent + 1, self.sent + 1, 0);
            }
            while let Some((_, word)) = self.to_device.pop_front_if(|&mut (due, _)| due <= self.now) {
                self.endpoint.push(word);
            }
            if let Some(word) = self.endpoint.pop() {
                self.to_host.push_back((self.now.next_multiple_of(16 * self.slots_per_ms), word));
            }
            while rx.len() < goal
                && let Some((_, word)) = self.to_host.pop_front_if(|&mut (due, _)| due <= self.now)
            {
                rx.push(word);
                quiet = 0;
            }
            if quiet > 2000 * self.slots_per_ms {
                return Err(TransportError::Silent { waited: "2 s".into() });
            }
        }
        Ok(sent)
    }

    fn describe(&self) -> String {
        "a model of a serial line".into()
    }
}

#[test]
fn a_line_with_a_latency_of_16_ms_is_full_at_3_mbaud() {
    let config = Config::named("small-uart").unwrap();
    let matrix = words(64 << 10);
    let job = Job { levels: 0, ..Job::of(Kernel::Hash, 10, 64, &matrix) };
    let full = |config: &Config, window: usize| {
        let mut device = LinkDevice::open("model", Line::new(config, 3_000_000)).unwrap();
        device.info.window = device.info.window.min(window);
        let line = device.transport_mut();
        (line.first, line.sent) = (None, 0);
        device.run(&job).unwrap();
        device.transport().full()
    };
    let measured = full(config, usize::MAX);
    println!("{:.2} % of the line with a window of {} words", 100.0 * measured, config.window);
    assert!(measured >= 0.97, "{measured}");
    let control = full(config, 1000);
    assert!(control < 0.9, "a window that is too small for the latency shows: {control}");
}
