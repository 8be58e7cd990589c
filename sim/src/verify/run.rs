//! Opens a point's circuit and runs jobs on it: what comes out is compared with the model and with the reference, beat by beat.

use super::mismatch::{Mismatch, compare};
use crate::SimError;
use crate::verilated::{Build, End, Limits, Memory, Model, PortId, StallPattern, Stream};
use galena_hdl::block::{COUNTED, Face, Job, Point, counted};
use galena_hdl::netlist::Module;
use galena_hdl::{VerilogFile, emit};

/// Clocks of the reset after power-up.
const RESET_CLOCKS: u64 = 4;

/// Clocks after power-up before a circuit without a reset is used: its delays are rings that begin anywhere and are right after a round.
const SETTLE_CLOCKS: u64 = 256;

/// When a job is given up, unless [`Runner::limits`] says otherwise. The longest that a pipeline is quiet is a search for a witness on four
/// multipliers, nine million clocks.
const LIMITS: Limits = Limits { cycles: 1_000_000_000, silence: 16_000_000 };

/// Clocks from the last beat of a job until what counts beside the streams has come to its end.
const AFTER_CLOCKS: u64 = 16;

/// Clocks in which memory answers all that was asked of it.
const MEMORY_CLOCKS: u64 = 1_000;

/// Bytes behind a memory port: more than any point addresses. Pages that nothing is written to are never taken.
const MEMORY_BYTES: u64 = 1 << 26;

/// A point's circuit in Verilator, and how it is driven.
///
/// Jobs follow one another without a reset; [`Runner::reset`] is for the caller. After a [`Mismatch`] the circuit is somewhere in the job.
pub struct Runner {
    model: Model,
    face: Face,
    /// The circuit's own ports.
    names: Vec<String>,
    limits: Limits,
}

/// A way to drop a job in its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// A clock of `rst`, whatever stands on the inputs.
    Reset,
    /// A clock of `clear`, for circuits that have one: what belongs to no job stays.
    Clear,
}

impl Drop {
    /// The word for a message.
    pub const fn name(self) -> &'static str {
        match self {
            Drop::Reset => "reset",
            Drop::Clear => "clear",
        }
    }
}

/// What a job took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Clocks from the first in which the streams could move to the last in which one did.
    pub clocks: u64,
    /// Clocks of the pins before that.
    pub setup: u64,
    /// Results that were compared with the reference.
    pub results: u64,
}

impl Runner {
    /// Opens the circuit, and resets it if it has a reset.
    pub fn open(point: &Point) -> Result<Self, SimError> {
        Self::open_with(point, |build| build)
    }

    /// The same with changes to the build: another seed, waves, coverage.
    pub fn open_with(point: &Point, build: impl FnOnce(Build) -> Build) -> Result<Self, SimError> {
        Self::open_build(point, build(Build::new(&driven(point).name, &files(point)?)))
    }

    /// The same of other Verilog for the same circuit.
    pub fn open_files(point: &Point, files: &[VerilogFile]) -> Result<Self, SimError> {
        Self::open_build(point, Build::new(&driven(point).name, files))
    }

    /// The same of any build of the circuit. It may have inputs that the circuit does not: those stay as the caller sets them.
    pub fn open_build(point: &Point, build: Build) -> Result<Self, SimError> {
        let names = driven(point).ports.iter().map(|p| p.name.clone()).collect();
        let mut runner = Self { model: build.open()?, face: point.face.clone(), names, limits: LIMITS };
        if let Face::Streams { memory: Some(prefix), .. } = &runner.face {
            runner.model.attach_memory(prefix, &Memory::dram(MEMORY_BYTES))?;
        }
        runner.lower();
        runner.reset_for(RESET_CLOCKS)?;
        if !runner.resets() {
            runner.model.steps(SETTLE_CLOCKS)?;
        }
        Ok(runner)
    }

    /// Whether the circuit can be reset.
    pub fn resets(&self) -> bool {
        self.model.port("rst").is_ok()
    }

    /// Gives jobs up after other times.
    pub fn limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The model, for what a job does not say.
    pub fn model(&mut self) -> &mut Model {
        &mut self.model
    }

    /// One clock of reset, with everything else as it stands, and then all inputs low: nothing of what was before is left. Without effect on
    /// the state of a circuit that has no reset.
    pub fn reset(&mut self) -> Result<(), SimError> {
        self.reset_for(1)
    }

    /// Drops whatever is under way; afterwards all inputs are low. Before that they are as they stand, or, `offered`, every stream moves in the very
    /// clock if the circuit lets it.
    pub fn drop_job(&mut self, how: Drop, offered: bool) -> Result<(), SimError> {
        if let (true, Face::Streams { inputs, outputs, .. }) = (offered, self.face.clone()) {
            let valid = inputs.iter().map(|prefix| format!("{prefix}valid"));
            for name in valid.chain(outputs.iter().map(|prefix| format!("{prefix}ready"))) {
                let port = self.model.port(&name)?;
                self.model.set_u32(port, 1);
            }
        }
        match how {
            Drop::Reset => self.reset(),
            Drop::Clear => {
                let clear = self.model.port("clear")?;
                self.model.set_u32(clear, 1);
                self.model.step()?;
                self.lower();
                Ok(())
            }
        }
    }

    /// Puts another memory behind the port, empty and quick or with rows to open. Waits for what a job that failed has left under way.
    pub fn memory(&mut self, quick: bool) -> Result<(), SimError> {
        if let Face::Streams { memory: Some(prefix), .. } = self.face {
            self.model.steps(MEMORY_CLOCKS)?;
            let memory = if quick { Memory::quick(MEMORY_BYTES) } else { Memory::dram(MEMORY_BYTES) };
            self.model.attach_memory(prefix, &memory)?;
        }
        Ok(())
    }

    fn reset_for(&mut self, clocks: u64) -> Result<(), SimError> {
        if self.resets() {
            self.model.reset(clocks)?;
        }
        self.lower();
        Ok(())
    }

    /// All inputs low.
    fn lower(&mut self) {
        for port in self.ports(true) {
            self.model.set_wide(port, &[]);
        }
    }

    /// The ports of one direction, in the order of the design, without clock and reset.
    fn ports(&self, input: bool) -> Vec<PortId> {
        let own = self.model.ports().iter().filter(|p| p.input == input && p.name != "clk" && p.name != "rst");
        let own = own.filter(|p| self.names.contains(&p.name));
        own.filter_map(|p| self.model.port(&p.name).ok()).collect()
    }

    /// Runs a job to its end, with these pauses before the circuit and behind it, and compares.
    pub fn run(&mut self, job: &Job, stalls: [StallPattern; 2]) -> Result<Ran, Mismatch> {
        let before = self.model.cycles();
        self.pins(job, u64::MAX)?;
        let (start, counted) = (self.model.cycles(), self.counted());
        let (found, end) = self.beats(job, stalls, self.limits)?;
        if end != End::Done {
            let moved = found.iter().map(|(name, words, width)| (name.clone(), words.len() / width)).collect();
            return Err(Mismatch::Stuck { clock: self.model.cycles() - start, moved });
        }
        for (k, (name, words, width)) in found.iter().enumerate() {
            for (by, expected) in [("model", &job.model), ("reference", &job.reference)] {
                let expected = expected.get(k).map_or(&[][..], |words| words);
                compare(job.order, name, *width, expected, words, by)?;
            }
        }
        let clocks = self.model.cycles() - start;
        self.after(job, counted)?;
        Ok(Ran { clocks, setup: start - before, results: job.results })
    }

    /// What the count beside the circuit says; 0 where there is none.
    fn counted(&self) -> u64 {
        self.model.port(COUNTED).map_or(0, |port| wide(&self.model.get_wide(port)))
    }

    /// Compares what no stream carries. `counted` is what was counted before the job.
    fn after(&mut self, job: &Job, counted: u64) -> Result<(), Mismatch> {
        let counts = job.counted.filter(|_| self.model.port(COUNTED).is_ok());
        if job.after.is_empty() && counts.is_none() {
            return Ok(());
        }
        self.model.steps(AFTER_CLOCKS)?;
        for (name, expected) in &job.after {
            let found = self.model.get_wide(self.model.port(name)?);
            if found != *expected {
                return Err(Mismatch::After { port: name.to_string(), expected: expected.clone(), found });
            }
        }
        let words = |sum: u64| vec![sum as u32, (sum >> 32) as u32];
        match (counts, self.counted() - counted) {
            (Some(expected), found) if found != expected => {
                Err(Mismatch::After { port: COUNTED.into(), expected: words(expected), found: words(found) })
            }
            _ => Ok(()),
        }
    }

    /// Begins a job and stops after so many clocks, whatever has moved by then. Returns whether it ended before; nothing is compared.
    pub fn begin(&mut self, job: &Job, stalls: [StallPattern; 2], clocks: u64) -> Result<bool, Mismatch> {
        let left = self.pins(job, clocks)?;
        let (_, end) = self.beats(job, stalls, Limits { cycles: left, silence: u64::MAX })?;
        Ok(end == End::Done)
    }

    /// Waits so many clocks, with nothing offered: nothing may come out.
    pub fn rest(&mut self, clocks: u64) -> Result<(), Mismatch> {
        let Face::Streams { outputs, .. } = &self.face else { return Ok(()) };
        let mut streams = open_streams(&self.model, outputs, StallPattern::NONE)?;
        streams.iter_mut().for_each(|s| s.want(1));
        self.model.run_until_any(&mut [], &mut streams, Limits { cycles: clocks, silence: u64::MAX })?;
        match outputs.iter().zip(&streams).find(|(_, s)| s.done() > 0) {
            Some((name, s)) => Err(Mismatch::Extra { stream: name.to_string(), found: s.received().to_vec() }),
            None => Ok(()),
        }
    }

    /// Sets the pins of a job, at most so many clocks of them; returns the clocks left.
    fn pins(&mut self, job: &Job, clocks: u64) -> Result<u64, Mismatch> {
        let mut left = clocks;
        for entry in &job.pins {
            if left == 0 {
                break;
            }
            for (name, words) in entry {
                let port = self.model.port(name)?;
                self.model.set_wide(port, words);
            }
            self.model.step()?;
            left -= 1;
        }
        Ok(left)
    }

    /// Moves the beats of a job: what came out of each stream (name, words, words of a beat), and why it ended.
    fn beats(&mut self, job: &Job, stalls: [StallPattern; 2], limits: Limits) -> Result<(Vec<Found>, End), Mismatch> {
        match self.face.clone() {
            Face::Fixed { latency } => self.flow(job, latency, limits.cycles),
            Face::Streams { inputs, outputs, .. } => self.streams(job, inputs, outputs, stalls, limits),
        }
    }

    /// A beat a clock through a fixed latency.
    fn flow(&mut self, job: &Job, latency: usize, clocks: u64) -> Result<(Vec<Found>, End), Mismatch> {
        let (inputs, outputs) = (self.ports(true), self.ports(false));
        let widths = |ports: &[PortId]| ports.iter().map(|&p| self.model.words(p)).collect::<Vec<_>>();
        let (input_widths, output_widths) = (widths(&inputs), widths(&outputs));
        let (into, out): (usize, usize) = (input_widths.iter().sum(), output_widths.iter().sum());
        let total = whole("the inputs", job.inputs.first(), into)?;
        let wanted = whole("the outputs", job.model.first(), out)?;
        let skipped = total.checked_sub(wanted).ok_or_else(|| Mismatch::Job {
            what: format!("expected at most {total} beats of outputs, as many as go in, found {wanted}"),
        })?;
        let mut words = Vec::with_capacity(wanted * out);
        let mut read = |model: &Model| outputs.iter().for_each(|&p| words.extend(model.get_wide(p)));
        let clocks = usize::try_from(clocks).unwrap_or(usize::MAX);
        let all = if total == 0 { 0 } else { total + latency.max(1) - 1 };
        for clock in 0..all.min(clocks) {
            let mut beat = job.inputs[0].get(clock * into..).unwrap_or(&[]);
            for (&port, &width) in inputs.iter().zip(&input_widths) {
                let (own, rest) = beat.split_at(width.min(beat.len()));
                self.model.set_wide(port, own);
                beat = rest;
            }
            if latency == 0 {
                self.model.settle()?;
                (clock >= skipped).then(|| read(&self.model));
            }
            self.model.step()?;
            if latency > 0 && clock + 1 >= latency + skipped {
                read(&self.model);
            }
        }
        let end = if all <= clocks { End::Done } else { End::Cycles };
        Ok((vec![("outputs".into(), words, out)], end))
    }

    /// Valid/ready streams, all at once.
    fn streams(
        &mut self,
        job: &Job,
        inputs: &[&str],
        outputs: &[&str],
        stalls: [StallPattern; 2],
        limits: Limits,
    ) -> Result<(Vec<Found>, End), Mismatch> {
        let mut ins = open_streams(&self.model, inputs, stalls[0])?;
        let mut outs = open_streams(&self.model, outputs, stalls[1])?;
        for (k, (stream, name)) in ins.iter_mut().zip(inputs).enumerate() {
            whole(name, job.inputs.get(k), stream.beat_words())?;
            stream.send(&job.inputs[k]);
        }
        for (k, (stream, name)) in outs.iter_mut().zip(outputs).enumerate() {
            stream.want(whole(name, job.model.get(k), stream.beat_words())?);
        }
        let end = self.model.run(&mut ins, &mut outs, limits)?;
        let found = |(name, s): (&&str, &Stream)| (name.to_string(), s.received().to_vec(), s.beat_words());
        Ok((outputs.iter().zip(&outs).map(found).collect(), end))
    }
}

/// What came out of a stream: its name, the words, and the words of a beat.
type Found = (String, Vec<u32>, usize);

/// The pauses of one of several streams: the same pattern, drawn anew.
pub fn stalls_of(pattern: StallPattern, stream: usize) -> StallPattern {
    StallPattern { seed: pattern.seed.wrapping_add(0x51ed_270b * stream as u64), ..pattern }
}

fn open_streams(model: &Model, prefixes: &[&str], stalls: StallPattern) -> Result<Vec<Stream>, SimError> {
    let open = |(k, prefix): (usize, &&str)| Ok(model.stream(prefix)?.stalls(stalls_of(stalls, k)));
    prefixes.iter().enumerate().map(open).collect()
}

/// How many beats the words of a stream are.
fn whole(stream: &str, words: Option<&Vec<u32>>, width: usize) -> Result<usize, Mismatch> {
    match words {
        Some(words) if words.len().is_multiple_of(width.max(1)) => Ok(words.len() / width.max(1)),
        found => Err(Mismatch::Job {
            what: format!(
                "expected beats of {width} words on {stream}, found {}",
                found.map_or("none".into(), |words| format!("{} words", words.len()))
            ),
        }),
    }
}

/// The ways to drop a job that a circuit has: with streams, by what it calls `rst` and `clear`.
pub fn drops(point: &Point) -> Vec<Drop> {
    let has = |name: &str| point.module.ports.iter().any(|p| p.name == name);
    let clears = matches!(point.face, Face::Streams { .. }) && has("clear");
    [has("rst").then_some(Drop::Reset), clears.then_some(Drop::Clear)].into_iter().flatten().collect()
}

/// The circuit of a point as it is driven: in its harness, with a count beside it if it says what it does.
pub fn driven(point: &Point) -> Module {
    let circuit = point.harness.as_ref().unwrap_or(&point.module);
    counted(circuit).unwrap_or_else(|| circuit.clone())
}

/// A number of two words.
fn wide(words: &[u32]) -> u64 {
    words.iter().rev().fold(0, |sum, &word| sum << 32 | u64::from(word))
}

/// The Verilog of a point, as it is driven.
pub fn files(point: &Point) -> Result<Vec<VerilogFile>, SimError> {
    emit(&driven(point)).map_err(|e| SimError::Generate {
        config: format!("{} {}", point.module.name, point.name),
        reason: e.to_string(),
    })
}
