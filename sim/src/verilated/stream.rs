//! Valid/ready streams, moved in batches inside the compiled shim so that a core runs at full speed.

use super::model::{Model, PortId};
use super::stall::{Stall, StallPattern};
use crate::SimError;

/// Words of a beat at most; `shim.cpp` has a buffer of this size.
const BEAT_WORDS_MAX: usize = 64;

/// `struct Stream` of `shim.cpp`, field by field.
#[repr(C)]
pub(super) struct RawStream {
    valid: u32,
    ready: u32,
    payload: *const u32,
    ports: u32,
    beat_words: u32,
    beats: *mut u32,
    len: u64,
    done: u64,
    required: u32,
    offered: u32,
    broken: u64,
    stall: Stall,
    held: *mut u32,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything that was required has moved.
    Done,
    /// The cycle limit came first.
    Cycles,
    /// Nothing moved for as long as the limit allows.
    Silence,
}

/// When a run gives up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Clock cycles at most.
    pub cycles: u64,
    /// Clock cycles without a beat on any stream, at most.
    pub silence: u64,
}

/// One side of a valid/ready stream of a model, with the beats to send or the beats received.
///
/// A beat is the words of the payload ports one after another, each port's low word first, in the order of the ports.
#[derive(Debug)]
pub struct Stream {
    name: String,
    valid: PortId,
    ready: PortId,
    payload: Vec<u32>,
    beat_words: usize,
    beats: Vec<u32>,
    done: usize,
    wanted: Option<usize>,
    required: bool,
    offered: u32,
    stall: Stall,
    held: Vec<u32>,
}

impl Stream {
    /// Words of a beat.
    pub fn beat_words(&self) -> usize {
        self.beat_words
    }

    /// Pauses by this pattern from here on.
    pub fn stalls(mut self, pattern: StallPattern) -> Self {
        self.stall = pattern.into();
        self
    }

    /// Input: appends beats (a whole number of them); the run is over only when all are taken.
    pub fn send(&mut self, beats: &[u32]) {
        debug_assert!(beats.len().is_multiple_of(self.beat_words), "a whole number of beats");
        self.beats.extend_from_slice(beats);
        self.required = true;
    }

    /// Input: goes on with the beats it has, but no run waits for them.
    pub fn spare(&mut self) {
        self.required = false;
    }

    /// Output: the run is over only when `count` more beats have come, and no more than these are accepted.
    pub fn want(&mut self, count: usize) {
        (self.wanted, self.required) = (Some(self.done + count), true);
    }

    /// Output: accept up to `count` more beats without waiting for them; the run ends by other streams or by its limits.
    pub fn accept(&mut self, count: usize) {
        (self.wanted, self.required) = (Some(self.done + count), false);
    }

    /// Input: beats taken by the design. Output: beats received.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Output: the words of all beats received.
    pub fn received(&self) -> &[u32] {
        self.beats.get(..self.done * self.beat_words).unwrap_or(&[])
    }

    /// Input: forgets what was taken, and takes back what the design has not seen. A beat that stands on the wires cannot be
    /// taken back: it remains, first in line. Returns the number of beats taken back.
    pub fn withdraw(&mut self) -> usize {
        self.clear();
        let kept = self.offered as usize;
        let back = (self.beats.len() / self.beat_words).saturating_sub(kept);
        self.beats.truncate(kept * self.beat_words);
        self.required = false;
        back
    }

    /// Forgets the beats that have moved (inputs: those taken; outputs: those received).
    pub fn clear(&mut self) {
        self.beats.drain(..(self.done * self.beat_words).min(self.beats.len()));
        (self.done, self.wanted) = (0, None);
    }

    fn raw(&mut self, output: bool) -> RawStream {
        let len = match (output, self.wanted) {
            (true, wanted) => wanted.unwrap_or(self.done),
            (false, _) => self.beats.len() / self.beat_words,
        };
        if output && self.beats.len() < len * self.beat_words {
            self.beats.resize(len * self.beat_words, 0);
        }
        RawStream {
            valid: self.valid.0,
            ready: self.ready.0,
            payload: self.payload.as_ptr(),
            ports: self.payload.len() as u32,
            beat_words: self.beat_words as u32,
            beats: self.beats.as_mut_ptr(),
            len: len as u64,
            done: self.done as u64,
            required: self.required.into(),
            offered: self.offered,
            broken: 0,
            stall: self.stall.clone(),
            held: self.held.as_mut_ptr(),
        }
    }

    fn learn(&mut self, raw: &RawStream) {
        (self.done, self.offered, self.stall) = (raw.done as usize, raw.offered, raw.stall.clone());
    }
}

impl Model {
    /// The stream whose ports begin with `prefix` (`s_`): `valid`, `ready`, and everything else as payload.
    pub fn stream(&self, prefix: &str) -> Result<Stream, SimError> {
        let (valid, ready) = (self.port(&format!("{prefix}valid"))?, self.port(&format!("{prefix}ready"))?);
        let mut stream = Stream {
            name: prefix.into(),
            valid,
            ready,
            payload: vec![],
            beat_words: 0,
            beats: vec![],
            done: 0,
            wanted: None,
            required: false,
            offered: 0,
            stall: StallPattern::NONE.into(),
            held: vec![],
        };
        for (index, port) in self.ports().iter().enumerate().filter(|(_, p)| p.name.starts_with(prefix)) {
            let id = PortId(index as u32);
            if id != valid && id != ready {
                stream.payload.push(id.0);
                stream.beat_words += port.width.div_ceil(32) as usize;
            } else if port.width != 1 {
                return Err(SimError::Port {
                    top: self.top().into(),
                    expected: format!("one bit on `{}`", port.name),
                    found: format!("{} bits", port.width),
                });
            }
        }
        if stream.beat_words == 0 || stream.beat_words > BEAT_WORDS_MAX {
            return Err(SimError::Port {
                top: self.top().into(),
                expected: format!("a payload of 1 to {BEAT_WORDS_MAX} words on `{prefix}`"),
                found: format!("{} words", stream.beat_words),
            });
        }
        stream.held = vec![0; stream.beat_words];
        Ok(stream)
    }

    /// Clocks the model, moving beats on all streams, until every required stream is done or a limit is reached.
    ///
    /// An input that was offered and not yet taken stays offered in the next run. An output that breaks the stream rule
    /// (a beat withdrawn or changed before it was accepted) is an error.
    pub fn run(&mut self, inputs: &mut [Stream], outputs: &mut [Stream], limits: Limits) -> Result<End, SimError> {
        self.run_streams(inputs, outputs, false, limits)
    }

    /// Like [`Model::run`], but ends as soon as one of the required streams is done.
    pub fn run_until_any(
        &mut self,
        inputs: &mut [Stream],
        outputs: &mut [Stream],
        limits: Limits,
    ) -> Result<End, SimError> {
        self.run_streams(inputs, outputs, true, limits)
    }

    fn run_streams(
        &mut self,
        inputs: &mut [Stream],
        outputs: &mut [Stream],
        any: bool,
        limits: Limits,
    ) -> Result<End, SimError> {
        let mut ins: Vec<RawStream> = inputs.iter_mut().map(|s| s.raw(false)).collect();
        let mut outs: Vec<RawStream> = outputs.iter_mut().map(|s| s.raw(true)).collect();
        let code = self.run_raw(&mut ins, &mut outs, any, limits);
        inputs.iter_mut().zip(&ins).for_each(|(s, raw)| s.learn(raw));
        outputs.iter_mut().zip(&outs).for_each(|(s, raw)| s.learn(raw));
        if let Some((s, raw)) = outputs.iter().zip(&outs).find(|(_, raw)| raw.broken != 0) {
            return Err(SimError::StreamRule { top: self.top().into(), stream: s.name.clone(), cycle: raw.broken - 1 });
        }
        self.end(code)
    }

    pub(super) fn end(&self, code: i32) -> Result<End, SimError> {
        self.check(code)?;
        Ok(match code {
            0 => End::Done,
            1 => End::Cycles,
            _ => End::Silence,
        })
    }
}
