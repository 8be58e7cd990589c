//! A Verilated card behind the ports of the XDMA IP: beats in, packets out, registers read and written, clock by clock.

use crate::SimError;
use crate::verilated::{End, Limits, Model, StallPattern, Stream};
use galena_hdl::xdma::CLEAR_CLOCKS;
use galena_target::xdma::ShellRegister;
use galena_target::{Config, Link};

/// Beats that may wait for the card; [`Card::write`] takes no more.
const QUEUE: usize = 4096;

/// Clocks within which a bus must answer, and the next beat of a packet that has begun must come.
const ANSWER: u64 = 10_000;

/// A card as its driver sees it. Nothing happens but in the clocks that the calls below say they take.
pub struct Card {
    model: Model,
    lanes: usize,
    /// Beats to the card, address and data of writes, address of reads. A beat that is offered stays on the wires, so whoever clocks the card
    /// runs all of them.
    inputs: [Stream; 4],
    /// Beats in the first of `inputs`, those included that it has sent and not forgotten.
    sent: usize,
    c2h: [Stream; 1],
    /// Responses to writes, data of reads.
    answers: [Stream; 2],
    stalls: [StallPattern; 2],
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("model", &self.model).finish_non_exhaustive()
    }
}

impl Card {
    /// Resets the model of an xdma config's core and takes hold of its ports.
    pub fn new(mut model: Model, config: &Config) -> Result<Self, SimError> {
        if config.link != Link::Xdma {
            let reason = format!("expected a config with an xdma link, found `{}`", config.link.name());
            return Err(SimError::Generate { config: config.name.to_string(), reason });
        }
        let inputs: Vec<String> = model.ports().iter().filter(|p| p.input).map(|p| p.name.clone()).collect();
        for name in inputs {
            // A bus that nobody drives yet is quiet.
            let port = model.port(&name)?;
            model.set_wide(port, &[]);
        }
        model.reset(16)?;
        let lanes = config.stream_bits / 32;
        let stalls = [StallPattern::NONE; 2];
        let (h2c, c2h) = streams(&model, stalls)?;
        let inputs = [h2c, model.stream("s_axil_aw")?, model.stream("s_axil_w")?, model.stream("s_axil_ar")?];
        let answers = [model.stream("s_axil_b")?, model.stream("s_axil_r")?];
        Ok(Self { model, lanes, inputs, sent: 0, c2h, answers, stalls })
    }

    /// Pauses of the beats sent and of the beats received.
    pub fn stalls(mut self, input: StallPattern, output: StallPattern) -> Result<Self, SimError> {
        self.stalls = [input, output];
        (self.inputs[0], self.c2h) = streams(&self.model, self.stalls)?;
        Ok(self)
    }

    /// Words of a beat.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Clocks simulated so far.
    pub fn cycles(&self) -> u64 {
        self.model.cycles()
    }

    /// The model itself, for what is no part of a card: waves, faults.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// The model's name.
    pub fn top(&self) -> &str {
        self.model.top()
    }

    /// Clocks the card; it takes what is queued for it as it has room.
    pub fn run(&mut self, clocks: u64) -> Result<(), SimError> {
        let end = self.model.cycles() + clocks;
        loop {
            let left = end.saturating_sub(self.model.cycles());
            if left == 0 {
                return Ok(());
            }
            if self.queued() == 0 {
                return self.model.steps(left);
            }
            self.inputs[0].send(&[]);
            self.model.run(&mut self.inputs, &mut [], Limits { cycles: left, silence: u64::MAX })?;
            self.forget_taken();
        }
    }

    /// Queues one transfer to the card, or as much of its beginning as the queue has room for; returns the bytes it took. They move as
    /// the card is clocked. Bytes beyond a multiple of four are a damaged beat, as they are on a real card.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, SimError> {
        let beat = 4 * self.lanes;
        let room = QUEUE.saturating_sub(self.queued()).saturating_mul(beat);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        let beats = bytes.chunks(beat).len();
        let mut words = Vec::with_capacity(beats * self.inputs[0].beat_words());
        for (k, part) in bytes.chunks(beat).enumerate() {
            for lane in 0..self.lanes {
                let byte = |i: usize| part.get(4 * lane + i).copied().unwrap_or(0);
                words.push(u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)]));
            }
            let keep = if part.len() >= 64 { u64::MAX } else { (1 << part.len()) - 1 };
            words.push(keep as u32);
            if self.lanes > 8 {
                words.push((keep >> 32) as u32);
            }
            words.push(u32::from(k + 1 == beats));
        }
        if !words.is_empty() {
            self.inputs[0].send(&words);
            self.sent += beats;
        }
        Ok(bytes.len())
    }

    /// Beats queued and not yet taken by the card.
    pub fn queued(&self) -> usize {
        self.sent.saturating_sub(self.inputs[0].done())
    }

    /// Appends one packet to `out` if the card offers one, with the clocks that takes. Packets are offered when they are complete, so this never waits.
    pub fn read(&mut self, out: &mut Vec<u8>) -> Result<bool, SimError> {
        if !self.offers()? {
            return Ok(false);
        }
        while !self.beat(out, ANSWER)? {}
        Ok(true)
    }

    /// Whether a packet is offered now.
    pub fn offers(&mut self) -> Result<bool, SimError> {
        self.model.settle()?;
        let valid = self.model.port("m_axis_c2h_tvalid")?;
        Ok(self.model.get_u32(valid) == 1)
    }

    /// Appends the bytes of the next beat; true if it is the packet's last.
    fn beat(&mut self, out: &mut Vec<u8>, silence: u64) -> Result<bool, SimError> {
        self.c2h[0].want(1);
        while self.c2h[0].done() == 0 {
            let end =
                self.model.run_until_any(&mut self.inputs, &mut self.c2h, Limits { cycles: u64::MAX, silence })?;
            self.forget_taken();
            if end != End::Done && self.c2h[0].done() == 0 {
                return Err(self.silent("the next beat of a packet", silence));
            }
        }
        let last = self.take_beat(out);
        Ok(last)
    }

    /// Appends the bytes of the beat that has come; true if it is the packet's last.
    fn take_beat(&mut self, out: &mut Vec<u8>) -> bool {
        let beat = self.c2h[0].received();
        let (words, rest) = beat.split_at(self.lanes.min(beat.len()));
        let (keep, last) = rest.split_at(rest.len().saturating_sub(1));
        let count: u32 = keep.iter().map(|w| w.count_ones()).sum();
        out.extend(words.iter().flat_map(|w| w.to_le_bytes()).take(count as usize));
        let last = last == [1];
        self.c2h[0].clear();
        last
    }

    /// Reads a register of the user BAR; takes a few clocks.
    pub fn bar_read(&mut self, address: u64) -> Result<u32, SimError> {
        self.inputs[3].send(&[address as u32, 0]);
        self.answers[1].want(1);
        let limits = Limits { cycles: ANSWER, silence: ANSWER };
        self.inputs[0].spare();
        let end = self.model.run(&mut self.inputs, &mut self.answers[1..], limits)?;
        self.forget_taken();
        let value = self.answers[1].received().first().copied();
        self.inputs[3].withdraw();
        self.answers[1].clear();
        match (end, value) {
            (End::Done, Some(value)) => Ok(value),
            _ => Err(self.silent("an answer on the user BAR", ANSWER)),
        }
    }

    /// Writes a register of the user BAR; takes a few clocks. Writing 1 to `control` also takes those of the reset, and what was queued is lost.
    pub fn bar_write(&mut self, address: u64, value: u32) -> Result<(), SimError> {
        let reset = address == ShellRegister::Control.address() && value == 1;
        self.inputs[1].send(&[address as u32, 0]);
        self.inputs[2].send(&[value, 0xf]);
        self.answers[0].want(1);
        let limits = Limits { cycles: ANSWER, silence: ANSWER };
        self.inputs[0].spare();
        let end = self.model.run(&mut self.inputs, &mut self.answers[..1], limits)?;
        self.forget_taken();
        for request in &mut self.inputs[1..3] {
            request.withdraw();
        }
        self.answers[0].clear();
        if end != End::Done {
            return Err(self.silent("an answer on the user BAR", ANSWER));
        }
        if reset {
            // What stood on the wires in either direction is gone: begin with fresh ends.
            for name in ["s_axis_h2c_tvalid", "m_axis_c2h_tready"] {
                let port = self.model.port(name)?;
                self.model.set_u32(port, 0);
            }
            (self.inputs[0], self.c2h) = streams(&self.model, self.stalls)?;
            self.sent = 0;
            self.model.steps(2 * CLEAR_CLOCKS as u64)?;
        }
        Ok(())
    }

    /// Nothing is queued for the card, and it offers no packet (as it stood after the last clock).
    pub fn idle(&self) -> bool {
        let valid = self.model.port("m_axis_c2h_tvalid").map(|port| self.model.get_u32(port));
        self.queued() == 0 && valid.is_ok_and(|v| v == 0)
    }

    /// For the transport of a host in this process: sends words and appends received ones to `inbox` (whole packets), until a packet has come, or
    /// all of a non-empty `tx` is taken. Returns the words taken.
    pub(crate) fn exchange(
        &mut self,
        tx: &[u32],
        inbox: &mut Vec<u8>,
        packet: bool,
        silence: u64,
    ) -> Result<(usize, End), SimError> {
        let bytes: Vec<u8> = tx.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.write(&bytes)?;
        // What an earlier call left on the wires goes first.
        let ahead = self.queued() - tx.len().div_ceil(self.lanes);
        if packet {
            self.c2h[0].want(1);
        } else {
            self.c2h[0].accept(0);
        }
        let end = self.model.run_until_any(&mut self.inputs, &mut self.c2h, Limits { cycles: u64::MAX, silence })?;
        if self.c2h[0].done() == 1 && !self.take_beat(inbox) {
            while !self.beat(inbox, ANSWER)? {}
        }
        let queued = tx.len().div_ceil(self.lanes);
        let left = self.queued();
        let back = self.inputs[0].withdraw();
        self.sent = left.saturating_sub(back);
        debug_assert!(ahead <= 1, "only a beat on the wires stays");
        Ok((tx.len().min(queued.saturating_sub(back) * self.lanes), end))
    }

    fn forget_taken(&mut self) {
        let left = self.queued();
        self.sent = left;
        if left == 0 {
            self.inputs[0].withdraw();
        } else {
            self.inputs[0].clear();
        }
    }

    fn silent(&self, what: &'static str, clocks: u64) -> SimError {
        SimError::Bus { top: self.model.top().into(), cycle: self.model.cycles(), what, clocks }
    }
}

fn streams(model: &Model, stalls: [StallPattern; 2]) -> Result<(Stream, [Stream; 1]), SimError> {
    let h2c = model.stream("s_axis_h2c_t")?.stalls(stalls[0]);
    let c2h = model.stream("m_axis_c2h_t")?.stalls(stalls[1]);
    Ok((h2c, [c2h]))
}
