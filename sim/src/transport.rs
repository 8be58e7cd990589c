//! The link to a Verilated core: the words a board would see, on `s_*`/`m_*`, on `rx`/`tx` or on XDMA's streams, and no other way in.

use crate::verilated::{End, Limits, Model, StallPattern, Stream, UartLine};
use crate::{Card, SimError};
use galena_device::link::{Transport, TransportError};
use galena_target::xdma::ShellRegister;
use galena_target::{Config, Link};

/// Clocks without a word in either direction after which a core counts as dead: it says something every 2^16 within a job.
pub const SILENCE: u64 = 1 << 18;

/// Words handed to the model at a time, so that little is copied again when a run ends early.
const BATCH: usize = 4096;

/// Clocks of `rst`.
const RESET: u64 = 16;

/// A core in this process, as a stream of words both ways.
pub struct SimTransport {
    wire: Wire,
    silence: u64,
}

enum Wire {
    Stream {
        model: Model,
        s: [Stream; 1],
        m: [Stream; 1],
        stalls: [StallPattern; 2],
    },
    Uart {
        model: Model,
        line: UartLine,
        divisor: u32,
        stalls: StallPattern,
    },
    /// With the bytes of packets that nobody asked for yet.
    Xdma {
        card: Box<Card>,
        inbox: Vec<u8>,
    },
}

impl SimTransport {
    /// Resets the core and takes hold of its link. Pauses are drawn for both directions (for a uart: between the bytes sent).
    pub fn new(mut model: Model, config: &Config, input: StallPattern, output: StallPattern) -> Result<Self, SimError> {
        let wire = match config.link {
            Link::Stream => {
                let (s, m) = streams(&model, [input, output])?;
                model.reset(RESET)?;
                Wire::Stream { model, s, m, stalls: [input, output] }
            }
            Link::Uart => {
                let divisor = config.baud_divisor();
                let line = UartLine::new(&mut model, divisor, input)?;
                model.reset(RESET)?;
                Wire::Uart { model, line, divisor, stalls: input }
            }
            Link::Xdma => {
                Wire::Xdma { card: Box::new(Card::new(model, config)?.stalls(input, output)?), inbox: vec![] }
            }
        };
        Ok(Self { wire, silence: SILENCE })
    }

    /// Gives up after this many clocks without a word.
    pub fn silence(mut self, clocks: u64) -> Self {
        self.silence = clocks;
        self
    }

    /// Clocks simulated so far.
    pub fn cycles(&self) -> u64 {
        match &self.wire {
            Wire::Stream { model, .. } | Wire::Uart { model, .. } => model.cycles(),
            Wire::Xdma { card, .. } => card.cycles(),
        }
    }

    /// The model itself, for what is no part of the link: waves, faults.
    pub fn model_mut(&mut self) -> &mut Model {
        match &mut self.wire {
            Wire::Stream { model, .. } | Wire::Uart { model, .. } => model,
            Wire::Xdma { card, .. } => card.model_mut(),
        }
    }

    fn try_exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<(usize, End), SimError> {
        let limits = Limits { cycles: u64::MAX, silence: self.silence };
        match &mut self.wire {
            Wire::Stream { model, s, m, .. } => {
                let tx = &tx[..tx.len().min(BATCH)];
                if !tx.is_empty() {
                    s[0].send(tx);
                }
                if want > 0 {
                    m[0].want(want)
                } else {
                    m[0].accept(0)
                }
                let end = model.run_until_any(s, m, limits);
                rx.extend_from_slice(m[0].received());
                m[0].clear();
                let taken = tx.len().saturating_sub(s[0].withdraw());
                Ok((taken, end?))
            }
            Wire::Uart { model, line, .. } => {
                let start = rx.len();
                rx.resize(start + want, 0);
                let result = line.run(model, tx, &mut rx[start..], true, limits);
                let received = result.as_ref().map_or(0, |r| r.1);
                rx.truncate(start + received);
                result.map(|(taken, _, end)| (taken, end))
            }
            Wire::Xdma { card, inbox } => {
                let deliver = |inbox: &mut Vec<u8>, rx: &mut Vec<u32>, want: usize| {
                    let (words, _) = inbox.as_chunks::<4>();
                    let words: Vec<u32> = words.iter().take(want).map(|&w| u32::from_le_bytes(w)).collect();
                    inbox.drain(..4 * words.len());
                    rx.extend(&words);
                    words.len()
                };
                let got = deliver(inbox, rx, want);
                if want > 0 && got == want {
                    return Ok((0, End::Done));
                }
                let tx = &tx[..tx.len().min(BATCH)];
                let (taken, end) = card.exchange(tx, inbox, want > 0, limits.silence)?;
                deliver(inbox, rx, want - got);
                Ok((taken, end))
            }
        }
    }

    fn try_reset(&mut self) -> Result<(), SimError> {
        match &mut self.wire {
            Wire::Stream { model, s, m, stalls } => {
                model.reset(RESET)?;
                (*s, *m) = streams(model, *stalls)?;
            }
            Wire::Uart { model, line, divisor, stalls } => {
                *line = UartLine::new(model, *divisor, *stalls)?;
                model.reset(RESET)?;
            }
            Wire::Xdma { card, inbox } => {
                card.bar_write(ShellRegister::Control.address(), 1)?;
                inbox.clear();
            }
        }
        Ok(())
    }
}

fn streams(model: &Model, stalls: [StallPattern; 2]) -> Result<([Stream; 1], [Stream; 1]), SimError> {
    Ok(([model.stream("s_")?.stalls(stalls[0])], [model.stream("m_")?.stalls(stalls[1])]))
}

impl Transport for SimTransport {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        if tx.is_empty() && want == 0 {
            return Ok(0);
        }
        match self.try_exchange(tx, rx, want) {
            Ok((taken, End::Done)) => Ok(taken),
            Ok(_) => Err(TransportError::Silent { waited: format!("{} clocks", self.silence) }),
            Err(e) => Err(TransportError::Failed(Box::new(e))),
        }
    }

    fn describe(&self) -> String {
        let (top, link) = match &self.wire {
            Wire::Stream { model, .. } => (model.top(), "word stream"),
            Wire::Uart { model, .. } => (model.top(), "serial line bit by bit"),
            Wire::Xdma { card, .. } => (card.top(), "XDMA's streams beat by beat"),
        };
        format!("Verilated `{top}` in this process, {link}")
    }

    /// The design's `rst`; for a card, `control` in its user BAR.
    fn reset(&mut self) -> Result<bool, TransportError> {
        self.try_reset().map(|()| true).map_err(|e| TransportError::Failed(Box::new(e)))
    }

    fn unit(&self) -> usize {
        match &self.wire {
            Wire::Xdma { card, .. } => card.lanes(),
            _ => 1,
        }
    }

    fn searching(&mut self, searching: bool) {
        if let Wire::Uart { line, .. } = &mut self.wire {
            line.searching(searching);
        }
    }
}
