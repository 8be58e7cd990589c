//! The device's end of the link in software: the executable model of `ABI.md`. It computes on the CPU.
//!
//! Written from the page, not from the circuit: a second opinion on the protocol, a device to serve where there is no board,
//! and the place where tests break frames in ways a circuit would not. It does one thing a circuit does not: it computes a
//! job when all its data are there, so rows never leave while columns arrive.

mod flaw;
mod job;
mod link;
mod totals;

use crate::SoftwareDevice;
use crate::link::{Header, append_frame};
use galena_target::frame::{
    ANY_JOB, COMMAND_WORDS, FrameType, HEADER_WORDS, HEARTBEAT_CLOCKS, MAGIC, PAYLOAD_MAX, STATUS_WORDS, StatusCode,
};
use galena_target::register::{REGISTER_WORDS, register_map};
use galena_target::{Config, Kernel, Register};
use job::{Answer, Data, Refusal, Under};
use std::collections::VecDeque;
use totals::Totals;

pub use flaw::{FLAWS, Flaw};
pub use link::EndpointLink;

/// Changes the payload of a frame before its CRCs are made; false drops the frame.
pub type Tamper = Box<dyn FnMut(FrameType, &mut Vec<u32>) -> bool + Send>;

/// Words of output stored: while there are more, nothing is taken and nothing computed.
const OUTPUT_WORDS: usize = 512;

/// A device that computes in software and speaks frames.
pub struct Endpoint {
    device: SoftwareDevice,
    map: [u32; REGISTER_WORDS],
    totals: Totals,
    /// Clocks per bit of a serial device.
    divisor: u32,
    base_divisor: u32,
    window: usize,
    watchdog: u32,
    /// Words received and not taken, at most `window`; words made and not fetched.
    store: VecDeque<u32>,
    out: VecDeque<u32>,
    /// The last four words taken while it searches, or those of the frame under way.
    words: Vec<u32>,
    job: Option<Under>,
    /// Clocks since something was sent, and since the job moved.
    silent: u64,
    still: u64,
    flaw: Option<Flaw>,
    tamper: Option<Tamper>,
}

impl Endpoint {
    /// A device of this config, as after power-up.
    pub fn new(config: &Config) -> Self {
        Self {
            device: SoftwareDevice::with_limits(&config.name, config.limits()),
            map: register_map(config),
            totals: Totals::default(),
            divisor: config.baud_divisor(),
            base_divisor: config.baud_divisor(),
            window: config.window,
            watchdog: config.watchdog as u32,
            store: VecDeque::new(),
            out: VecDeque::new(),
            words: vec![],
            job: None,
            silent: 0,
            still: 0,
            flaw: None,
            tamper: None,
        }
    }

    /// Lets `tamper` at every frame sent from here on.
    pub fn tamper(&mut self, tamper: Option<Tamper>) {
        self.tamper = tamper;
    }

    /// Gives it a flaw, or takes it away.
    pub fn flaw(&mut self, flaw: Option<Flaw>) {
        self.flaw = flaw;
    }

    /// What it says about itself, to be changed at will; its running totals are not in here.
    pub fn registers(&mut self) -> &mut [u32; REGISTER_WORDS] {
        &mut self.map
    }

    /// The whole register map as it stands now.
    pub fn map(&self) -> [u32; REGISTER_WORDS] {
        self.totals.in_map(&self.map)
    }

    /// Clocks per bit of a serial device; zero for others.
    pub fn divisor(&self) -> u32 {
        self.divisor
    }

    /// Words received that it has not taken.
    pub fn stored(&self) -> usize {
        self.store.len()
    }

    /// Words that its store has room for.
    pub fn room(&self) -> usize {
        self.window - self.store.len()
    }

    /// Words waiting to be fetched.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// A beat of its memory, to be looked at or damaged; `None` if it has none.
    pub fn beat(&mut self, address: usize) -> Option<&mut [u32; 8]> {
        self.device.beat(address)
    }

    /// Becomes as after power-up: what a break on its serial line does, or `control` in its BAR.
    pub fn reset(&mut self) {
        self.store.clear();
        self.out.clear();
        self.soft_reset();
    }

    fn soft_reset(&mut self) {
        self.words.clear();
        self.job = None;
        (self.totals, self.divisor, self.silent, self.still) = (Totals::default(), self.base_divisor, 0, 0);
    }

    /// Gives it a word. One that the store has no room for is lost.
    pub fn push(&mut self, word: u32) {
        if self.store.len() >= self.window {
            self.totals.line_errors += 1;
            return;
        }
        self.store.push_back(word);
        self.work();
    }

    /// Fetches the next word, if it has one.
    pub fn pop(&mut self) -> Option<u32> {
        if self.flaw == Some(Flaw::Mute) {
            self.out.clear();
        }
        if self.out.is_empty() {
            self.work();
        }
        let word = self.out.pop_front();
        self.totals.words_out += u64::from(word.is_some());
        word
    }

    /// The clock runs on by so much and nothing comes in: heartbeats, and in the end the watchdog.
    pub fn pass(&mut self, clocks: u64) {
        self.totals.uptime += clocks;
        let Some(job) = &self.job else { return };
        self.totals.busy += clocks;
        let (receiving, number) = (matches!(job.state, job::State::Receiving(_)), job.number);
        if receiving {
            self.totals.stalled_in += clocks;
        }
        (self.silent, self.still) = (self.silent + clocks, self.still + clocks);
        if self.still >= 1 << self.watchdog && self.flaw != Some(Flaw::Endless) {
            let code = if receiving { StatusCode::Starved } else { StatusCode::Stuck };
            // Starved within a frame: after so many words of its header or payload.
            let offset = if receiving { self.words.len() } else { 0 };
            return self.refuse((code, job.frame, offset, 0));
        }
        if self.silent >= HEARTBEAT_CLOCKS.into() && self.job.as_ref().is_some_and(|job| job.number == number) {
            self.credit();
        }
    }

    /// The clock runs on for as long as a job may starve.
    pub fn starve(&mut self) {
        self.pass(1 << self.watchdog);
    }

    /// Goes on as far as it can: takes words, sends frames of an answer.
    fn work(&mut self) {
        while self.out.len() < OUTPUT_WORDS && self.flaw != Some(Flaw::Deaf) {
            if let Some(word) = self.store.pop_front() {
                self.take(word);
            } else if !self.answer() {
                return;
            }
        }
    }

    fn take(&mut self, word: u32) {
        (self.totals.words_in, self.totals.uptime, self.still) = (self.totals.words_in + 1, self.totals.uptime + 1, 0);
        let Some(mut job) = self.job.take() else {
            self.words.push(word);
            return self.search();
        };
        self.totals.busy += 1;
        job.taken = job.taken.wrapping_add(1);
        let result = self.receive(&mut job, word);
        let due = job.taken.wrapping_sub(job.told) as usize >= self.window / 4;
        let receiving = matches!(job.state, job::State::Receiving(_));
        self.job = Some(job);
        match result {
            Err(refusal) => self.refuse(refusal),
            Ok(()) if due && receiving => self.credit(),
            Ok(()) => {}
        }
    }

    /// Between jobs: looks for the header of a command, a reset or a cancel, word by word.
    fn search(&mut self) {
        let Some(head) = self.words.first_chunk::<HEADER_WORDS>() else { return };
        let header = Header::read(head).map(|header| (header, header.frame_type()));
        match header {
            Some((header, Some(FrameType::Command)))
                if header.sequence == 0 && usize::from(header.length) <= PAYLOAD_MAX && header.job != ANY_JOB =>
            {
                self.words.clear();
                (self.silent, self.still) = (0, 0);
                self.job = Some(Under::new(header));
                if let Err(refusal) = job::admit(&header, Register::Kernels.word(&self.map)) {
                    self.refuse(refusal);
                }
            }
            Some((header, Some(FrameType::Reset))) if header.length == 0 => self.soft_reset(),
            // A cancel for a job that is not there. Its CRC, of nothing, is zero: filler.
            Some((_, Some(FrameType::Cancel))) => self.words.clear(),
            _ => drop(self.words.remove(0)),
        }
    }

    /// A word within a job.
    fn receive(&mut self, job: &mut Under, word: u32) -> Result<(), Refusal> {
        self.words.push(word);
        if let (job::State::Receiving(data), Some(length)) = (&mut job.state, job.length) {
            if self.words.len() <= length {
                return data.check(job.frame, self.words.len() - 1, word);
            }
            let payload = std::mem::take(&mut self.words);
            data.payload(job.frame, &payload[..length], payload[length])?;
            if job.frame == 0 {
                *data = self.command(&job.header, &payload)?;
            }
            (job.frame, job.length) = (job.frame.wrapping_add(1), None);
            if data.complete() {
                let data = std::mem::take(data);
                job.state = job::State::Answering(self.compute(&job.header, data)?);
            }
            return Ok(());
        }
        // Between frames, or after the data.
        if self.words == [0] {
            self.words.clear(); // filler
        }
        if let (job::State::Receiving(_), &[first]) = (&job.state, self.words.as_slice())
            && first != MAGIC
        {
            return Err((StatusCode::Header, job.frame, 0, first));
        }
        let Some(head) = self.words.first_chunk::<HEADER_WORDS>() else { return Ok(()) };
        let header = Header::read(head);
        if let Some(header) = header
            && (header.frame_type(), header.length) == (Some(FrameType::Cancel), 0)
            && self.flaw != Some(Flaw::Stubborn)
        {
            self.words.clear();
            let ours = header.job == job.number || header.job == ANY_JOB;
            return if ours { Err((StatusCode::Cancelled, job.frame, 0, 0)) } else { Ok(()) };
        }
        match &job.state {
            job::State::Receiving(data) => {
                let head = *head;
                self.words.clear();
                job.length = Some(data.header(job, header, &head)?);
            }
            // Nothing but a cancel is expected: looked for word by word.
            job::State::Answering(_) => drop(self.words.remove(0)),
        }
        Ok(())
    }

    /// Takes the command: what data will follow.
    fn command(&self, header: &Header, payload: &[u32]) -> Result<Data, Refusal> {
        let words = payload.first_chunk::<COMMAND_WORDS>().ok_or((StatusCode::Length, 0, 0, 0))?;
        job::command(header.kernel, words, &self.device)
    }

    /// All data are in.
    fn compute(&mut self, header: &Header, data: Data) -> Result<Answer, Refusal> {
        self.totals.jobs = self.totals.jobs.wrapping_add(1);
        match Kernel::from_code(header.kernel) {
            Some(Kernel::Identify) => Ok(Answer::registers(self.totals.in_map(&self.map))),
            Some(Kernel::Rate) => Ok(Answer::rate(data.divisor())),
            _ => data.compute(&mut self.device, self.flaw == Some(Flaw::Wrong)),
        }
    }

    /// Sends the next frame of the answer; false when there is none.
    fn answer(&mut self) -> bool {
        let Some(Under { state: job::State::Answering(answer), .. }) = &mut self.job else { return false };
        if self.flaw == Some(Flaw::Wedged) || self.flaw == Some(Flaw::Endless) {
            return false;
        }
        match answer.next() {
            Some((frame, payload)) => self.send(frame, payload),
            None => {
                // The rate changes after the status has left: in a model, at once.
                self.divisor = answer.divisor.unwrap_or(self.divisor);
                self.finish([StatusCode::Ok as u32, 0, 0, 0]);
            }
        }
        true
    }

    fn refuse(&mut self, (code, frame, offset, found): Refusal) {
        self.totals.errors = self.totals.errors.wrapping_add(1);
        self.finish([code as u32, frame.into(), offset as u32, found]);
    }

    /// The status, and the end of the job.
    fn finish(&mut self, head: [u32; 4]) {
        let mut payload = vec![0; STATUS_WORDS];
        payload[..4].copy_from_slice(&head);
        payload[15] = self.job.as_ref().map_or(0, |job| job.taken);
        self.words.clear();
        self.send(FrameType::Status, payload);
        self.job = None;
    }

    fn credit(&mut self) {
        let Some(job) = &mut self.job else { return };
        job.told = job.taken;
        let payload = vec![job.taken];
        self.send(FrameType::Credit, payload);
    }

    fn send(&mut self, frame: FrameType, mut payload: Vec<u32>) {
        let Some(job) = &mut self.job else { return };
        (self.silent, self.still) = (0, if frame == FrameType::Credit { self.still } else { 0 });
        let numbers = (job.number, job.sent);
        job.sent = job.sent.wrapping_add(1);
        if self.tamper.as_mut().is_none_or(|tamper| tamper(frame, &mut payload)) {
            let mut words = vec![];
            append_frame(&mut words, job.header.kernel, frame, numbers, payload);
            self.out.extend(words);
        }
    }
}
