//! The link to a Verilated core: the words a board would see, on `s_*`/`m_*` or on `rx`/`tx`, and no other way in.

use crate::SimError;
use crate::verilated::{End, Limits, Model, StallPattern, Stream, UartLine};
use galena_device::link::{Transport, TransportError};
use galena_target::{Config, Link};

/// Clocks without a word in either direction after which a core counts as dead: it says something every 2^16 within a job.
pub const SILENCE: u64 = 1 << 18;

/// Words handed to the model at a time, so that little is copied again when a run ends early.
const BATCH: usize = 4096;

/// A core in this process, as a stream of words both ways.
pub struct SimTransport {
    model: Model,
    wire: Wire,
    silence: u64,
}

enum Wire {
    Stream { s: [Stream; 1], m: [Stream; 1] },
    Uart(UartLine),
}

impl SimTransport {
    /// Resets the core and takes hold of its link. Pauses are drawn for both directions (for a uart: between the bytes sent).
    pub fn new(mut model: Model, config: &Config, input: StallPattern, output: StallPattern) -> Result<Self, SimError> {
        let wire = match config.link {
            Link::Stream => {
                Wire::Stream { s: [model.stream("s_")?.stalls(input)], m: [model.stream("m_")?.stalls(output)] }
            }
            Link::Xdma => {
                let reason = "this transport has no XDMA streams".into();
                return Err(SimError::Generate { config: config.name.to_string(), reason });
            }
            Link::Uart => Wire::Uart(UartLine::new(&mut model, config.baud_divisor(), input)?),
        };
        model.reset(16)?;
        Ok(Self { model, wire, silence: SILENCE })
    }

    /// Gives up after this many clocks without a word.
    pub fn silence(mut self, clocks: u64) -> Self {
        self.silence = clocks;
        self
    }

    /// Clocks simulated so far.
    pub fn cycles(&self) -> u64 {
        self.model.cycles()
    }

    fn exchange_stream(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<(usize, End), SimError> {
        let Wire::Stream { s, m } = &mut self.wire else { return Ok((0, End::Done)) };
        let tx = &tx[..tx.len().min(BATCH)];
        if !tx.is_empty() {
            s[0].send(tx);
        }
        if want > 0 {
            m[0].want(want)
        } else {
            m[0].accept(0)
        }
        let end = self.model.run_until_any(s, m, Limits { cycles: u64::MAX, silence: self.silence });
        rx.extend_from_slice(m[0].received());
        m[0].clear();
        let taken = tx.len().saturating_sub(s[0].withdraw());
        Ok((taken, end?))
    }

    fn exchange_uart(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<(usize, End), SimError> {
        let Wire::Uart(line) = &mut self.wire else { return Ok((0, End::Done)) };
        let start = rx.len();
        rx.resize(start + want, 0);
        let limits = Limits { cycles: u64::MAX, silence: self.silence };
        let result = line.run(&mut self.model, tx, &mut rx[start..], true, limits);
        let received = result.as_ref().map_or(0, |r| r.1);
        rx.truncate(start + received);
        result.map(|(taken, _, end)| (taken, end))
    }
}

impl Transport for SimTransport {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        if tx.is_empty() && want == 0 {
            return Ok(0);
        }
        let result = match &self.wire {
            Wire::Stream { .. } => self.exchange_stream(tx, rx, want),
            Wire::Uart(_) => self.exchange_uart(tx, rx, want),
        };
        match result {
            Ok((taken, End::Done)) => Ok(taken),
            Ok(_) => Err(TransportError::Silent { waited: format!("{} clocks", self.silence) }),
            Err(e) => Err(TransportError::Failed(Box::new(e))),
        }
    }

    fn describe(&self) -> String {
        match self.wire {
            Wire::Stream { .. } => format!("Verilated `{}` in this process, word stream", self.model.top()),
            Wire::Uart(_) => format!("Verilated `{}` in this process, serial line bit by bit", self.model.top()),
        }
    }
}
