//! The board's end of a serial line: bytes in and out in the board's own time, whatever computes behind it.

use super::board::Pace;
use crate::SimError;
use crate::verilated::{BitTime, Limits, Model, StallPattern, UartLine, Words};
use galena_device::endpoint::Endpoint;
use galena_target::Config;
use std::collections::VecDeque;

/// Room for the bytes that a line brings in one turn.
const BURST: usize = 1 << 12;

/// A core with its UART, or the protocol's model with as much of a line as its host can tell.
pub(super) enum SerialBoard {
    /// Every bit of every byte.
    Verilated { model: Box<Model>, line: Box<UartLine>, buffer: Vec<u8> },
    /// Bytes at the pace of the line; at another rate than the device's they are garbage.
    Model(Box<ModelLine>),
}

impl SerialBoard {
    /// The Verilated core, in reset until now.
    pub(super) fn verilated(mut model: Model, config: &Config) -> Result<Self, SimError> {
        let line = UartLine::new(&mut model, config.baud_divisor(), StallPattern::NONE)?;
        model.reset(16)?;
        Ok(Self::Verilated { model: Box::new(model), line: Box::new(line), buffer: vec![0; BURST] })
    }

    /// The model of the config.
    pub(super) fn model(config: &Config) -> Self {
        Self::Model(Box::new(ModelLine {
            endpoint: Endpoint::new(config),
            inward: Words::searching(),
            outward: VecDeque::new(),
            divisor: config.baud_divisor(),
            clocks: 0,
            quiet: 0,
            credit: [0; 2],
            pace: Pace::new(),
        }))
    }

    /// Clocks the board, with a host at the other end whose bits take `bit`. Bytes are taken from the front of `send` as the line carries them; what
    /// arrives is appended to `out`.
    pub(super) fn run(
        &mut self,
        clocks: u64,
        bit: BitTime,
        send: &mut VecDeque<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), SimError> {
        match self {
            Self::Verilated { model, line, buffer } => {
                line.set_bit_times(bit, bit);
                let limits = Limits { cycles: clocks, silence: u64::MAX };
                let (sent, received, _) = line.run_bytes(model, send.make_contiguous(), buffer, false, limits)?;
                send.drain(..sent);
                out.extend_from_slice(buffer.get(..received).unwrap_or_default());
                Ok(())
            }
            Self::Model(line) => {
                line.run(clocks, bit, send, out);
                Ok(())
            }
        }
    }

    /// Clocks so far.
    pub(super) fn clocks(&self) -> u64 {
        match self {
            Self::Verilated { model, .. } => model.cycles(),
            Self::Model(line) => line.clocks,
        }
    }

    /// Clocks for which the line has been still.
    pub(super) fn quiet(&self) -> u64 {
        match self {
            Self::Verilated { line, .. } => line.quiet(),
            Self::Model(line) => line.quiet,
        }
    }

    /// Bytes that arrived with a broken stop bit.
    pub(super) fn frame_errors(&self) -> u64 {
        match self {
            Self::Verilated { line, .. } => line.frame_errors(),
            Self::Model(_) => 0,
        }
    }
}

/// The endpoint behind a line of bytes.
pub(super) struct ModelLine {
    endpoint: Endpoint,
    inward: Words,
    outward: VecDeque<u8>,
    /// Clocks per bit now: the endpoint's, from when its last byte at the old rate has left.
    divisor: u32,
    clocks: u64,
    quiet: u64,
    /// Clocks that each direction has and has not used.
    credit: [u64; 2],
    pace: Pace,
}

impl ModelLine {
    fn run(&mut self, clocks: u64, bit: BitTime, send: &mut VecDeque<u8>, out: &mut Vec<u8>) {
        // A byte each way in turns, as the line would carry them.
        let byte = bit.clocks_of(1).max(1);
        self.credit = self.credit.map(|credit| credit + clocks);
        let mut any = false;
        loop {
            let mut moved = false;
            if self.credit[0] >= byte
                && let Some(sent) = send.pop_front()
            {
                self.credit[0] -= byte;
                let heard = self.hear(sent, bit);
                if let Some(word) = self.inward.push(heard) {
                    self.endpoint.push(word);
                }
                moved = true;
            }
            if self.outward.is_empty()
                && let Some(word) = self.endpoint.pop()
            {
                self.outward.extend(word.to_le_bytes());
            }
            if self.outward.is_empty() {
                self.divisor = self.endpoint.divisor().max(1);
            }
            if self.credit[1] >= byte
                && let Some(sent) = self.outward.pop_front()
            {
                self.credit[1] -= byte;
                let heard = self.hear(sent, bit);
                out.push(heard);
                moved = true;
            }
            if !moved {
                break;
            }
            any = true;
        }
        // Time that a direction had nothing to do with is gone.
        self.credit = self.credit.map(|credit| credit.min(byte));
        let waited = self.pace.passed();
        if any {
            self.clocks += clocks;
            self.quiet = 0;
        } else {
            self.clocks += waited;
            self.quiet += waited;
            self.endpoint.pass(waited);
        }
    }

    /// What one side makes of the other's byte: itself at the same rate, within what a UART tolerates, and otherwise something else.
    fn hear(&self, byte: u8, bit: BitTime) -> u8 {
        let own = BitTime::clocks(self.divisor).clocks_of(100);
        let theirs = bit.clocks_of(100);
        if own.abs_diff(theirs) * 25 <= own { byte } else { byte.rotate_left(3) ^ 0xb5 }
    }
}
