//! The clocks of a job that tell how it goes: those around the first beats of every stream, with what stands on the wires in them.

use super::{Channel, Recording, Signal, Values, Wave, WaveError, beats};
use serde::{Deserialize, Serialize};

/// Clocks that are drawn, in all windows together.
const CLOCKS: u64 = 22;

/// Clocks of a window before its first beat, and in all at least and at most.
const BEFORE: u64 = 1;
const WINDOW: (u64, u64) = (3, 14);

/// A gap of fewer clocks is not worth leaving out.
const GAP: u64 = 4;

/// What is drawn of a job. Kept as JSON between the simulation and the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// What the job is.
    pub what: String,
    /// Clocks of the job.
    pub clocks: u64,
    /// The clock of the first result, counted from the start of the job.
    pub result: u64,
    /// Stretches of clocks, in order.
    pub windows: Vec<Window>,
    /// Signals, in order.
    pub rows: Vec<Row>,
}

/// A stretch of clocks, counted from the start of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first.
    pub first: u64,
    /// How many.
    pub clocks: u64,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// A level: 0 or 1.
    Bit,
    /// A value that always counts.
    Value,
    /// A value that counts while its stream's `valid` is high.
    Payload,
}

/// A signal in the clocks of all windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The stream or the group that it is of, with how many beats moved in the job; empty if the same as in the row before.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Bits.
    pub width: usize,
    /// What is shown.
    pub shown: Shown,
    /// A value a clock, separated by spaces: the low 32 bits in hexadecimal, `-` where it does not count, a `!` behind it where a beat moves.
    pub values: String,
}

/// A stream that moved.
struct Lane<'a> {
    channel: &'a Channel,
    valid: Values,
    ready: Values,
    payload: Vec<Values>,
    first: u64,
    count: u64,
}

impl Drawing {
    /// Reads a job's waves.
    pub fn of(wave: &Wave) -> Result<Self, WaveError> {
        let mut recording = Recording::open(&wave.fst)?;
        let lanes = lanes(wave, &mut recording)?;
        let pins = pins(wave, &mut recording)?;
        let firsts: Vec<u64> = lanes.iter().map(|lane| lane.first).collect();
        let windows = windows(wave, &firsts);
        let clocks: Vec<u64> =
            windows.iter().flat_map(|w| wave.start + w.first..wave.start + w.first + w.clocks).collect();
        let mut rows = vec![];
        for (name, signals) in pins {
            let seen = signals.iter().filter(|(_, values)| lanes.is_empty() || moves(values, &clocks));
            for (k, (signal, values)) in seen.enumerate() {
                let group = if k == 0 { name.to_owned() } else { String::new() };
                let shown = if signal.width == 1 { Shown::Bit } else { Shown::Value };
                let each = clocks.iter().map(|&clock| values.hex(clock));
                rows.push(row(group, signal, shown, each));
            }
        }
        for lane in &lanes {
            rows.extend(lane.rows(&clocks));
        }
        let (what, clocks) = (wave.what.clone(), wave.end - wave.start);
        Ok(Self { what, clocks, result: wave.result - wave.start, windows, rows })
    }
}

impl Lane<'_> {
    fn rows(&self, clocks: &[u64]) -> Vec<Row> {
        let way = if self.channel.output { "out" } else { "in" };
        let plural = if self.count == 1 { "" } else { "s" };
        let group = format!("{}, {way}: {} beat{plural}", self.channel.name, self.count);
        let mark = |clock: u64| if self.valid.high(clock) && self.ready.high(clock) { "!" } else { "" };
        let level = |values: &Values, clock: u64| values.hex(clock) + mark(clock);
        let valid = row(group, &self.channel.valid, Shown::Bit, clocks.iter().map(|&c| level(&self.valid, c)));
        let ready = row(String::new(), &self.channel.ready, Shown::Bit, clocks.iter().map(|&c| level(&self.ready, c)));
        let payload = self.channel.payload.iter().zip(&self.payload).map(|(signal, values)| {
            let each = clocks.iter().map(|&c| if self.valid.high(c) { level(values, c) } else { "-".into() });
            row(String::new(), signal, Shown::Payload, each)
        });
        [valid, ready].into_iter().chain(payload).collect()
    }
}

fn row(group: String, signal: &Signal, shown: Shown, values: impl Iterator<Item = String>) -> Row {
    let values = values.map(|v| if v.is_empty() { "-".into() } else { v }).collect::<Vec<_>>().join(" ");
    Row { group, name: signal.name.clone(), width: signal.width, shown, values }
}

/// The streams that move in the job, in the order of their first beats. One that moves with another beat for beat (behind a wire) is left out.
fn lanes<'a>(wave: &'a Wave, recording: &mut Recording) -> Result<Vec<Lane<'a>>, WaveError> {
    let mut lanes: Vec<Lane<'a>> = vec![];
    for channel in wave.scopes.iter().filter(|s| s.depth <= wave.depth).flat_map(|s| &s.channels) {
        let handshake = recording.read(&[&channel.valid.path, &channel.ready.path])?;
        let [valid, ready] = [&handshake[0], &handshake[1]].map(Values::clone);
        let (first, count) = beats(&[&valid, &ready], wave.start, wave.end, 8);
        let Some(&at) = first.first() else { continue };
        let paths: Vec<&str> = channel.payload.iter().map(|signal| signal.path.as_str()).collect();
        let payload = recording.read(&paths)?;
        let same = |lane: &Lane<'_>| {
            let words = |values: &[Values]| first.iter().map(|&c| values.first().map(|v| v.hex(c))).collect::<Vec<_>>();
            lane.first == at && lane.count == count && words(&lane.payload) == words(&payload)
        };
        if !lanes.iter().any(same) {
            lanes.push(Lane { channel, valid, ready, payload, first: at, count });
        }
    }
    lanes.sort_by_key(|lane| lane.first);
    Ok(lanes)
}

/// Signals with their values.
type Read<'a> = Vec<(&'a Signal, Values)>;

/// The top's ports that are of no stream, but for clock and reset: inputs and outputs.
fn pins<'a>(wave: &'a Wave, recording: &mut Recording) -> Result<[(&'static str, Read<'a>); 2], WaveError> {
    let top = wave.scopes.iter().filter(|s| s.depth == 0).flat_map(|s| &s.others);
    let signals: Vec<&Signal> = top.filter(|s| s.name != "clk" && s.name != "rst").collect();
    let values = recording.read(&signals.iter().map(|s| s.path.as_str()).collect::<Vec<_>>())?;
    let (outputs, inputs) = signals.into_iter().zip(values).partition(|(signal, _)| signal.output);
    Ok([("inputs", inputs), ("outputs", outputs)])
}

/// Whether a value changes within the clocks.
fn moves(values: &Values, clocks: &[u64]) -> bool {
    clocks.windows(2).any(|pair| values.at(pair[0]) != values.at(pair[1]))
}

/// The clocks around the start, the first beats and the first result; as long as they may be.
fn windows(wave: &Wave, firsts: &[u64]) -> Vec<Window> {
    let last = wave.end + super::MARGIN - wave.start;
    let mut marks: Vec<u64> = firsts.iter().map(|clock| clock - wave.start).collect();
    marks.extend([0, wave.result - wave.start]);
    let around = |clocks: u64| {
        let mut windows: Vec<Window> = vec![];
        let mut marks = marks.clone();
        marks.sort_unstable();
        for mark in marks {
            let first = mark.saturating_sub(BEFORE);
            let end = (first + clocks).min(last).max(first + 1);
            match windows.last_mut() {
                Some(w) if first < w.first + w.clocks + GAP => w.clocks = w.clocks.max(end - w.first),
                _ => windows.push(Window { first, clocks: end - first }),
            }
        }
        windows
    };
    let total = |clocks: u64| around(clocks).iter().map(|w| w.clocks).sum::<u64>();
    let fits = (WINDOW.0..=WINDOW.1).rev().find(|&clocks| total(clocks) <= CLOCKS);
    around(fits.unwrap_or(WINDOW.0))
}
