//! A link that breaks on demand, around any other: for tests of everything above it.

use super::{Transport, TransportError};

/// What a faulty link does to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Changes the bits of this mask.
    Flip(u32),
    /// Loses the word.
    Drop,
    /// Sends it twice.
    Repeat,
    /// Loses this word and all after it.
    Stop,
}

/// Which way a word goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the host to the device.
    ToDevice,
    /// From the device to the host.
    ToHost,
}

/// A transport with one planned fault.
pub struct Faulty<T> {
    inner: T,
    plan: Option<(Way, u64, Fault)>,
    sent: u64,
    received: u64,
    /// A word to send a second time.
    again: Option<u32>,
}

impl<T: Transport> Faulty<T> {
    /// Around `inner`, with no fault planned.
    pub fn new(inner: T) -> Self {
        Self { inner, plan: None, sent: 0, received: 0, again: None }
    }

    /// The link inside.
    pub fn inner(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Plans a fault of the word that comes after `at` others from now, on that way.
    pub fn plan(&mut self, way: Way, at: u64, fault: Fault) {
        let passed = if way == Way::ToDevice { self.sent } else { self.received };
        self.plan = Some((way, passed + at, fault));
    }

    /// Forgets the fault.
    pub fn heal(&mut self) {
        self.plan = None;
    }

    /// Sends some of `tx`: all up to the fault, then the word at fault alone.
    fn send(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        if let Some(word) = self.again {
            if self.inner.exchange(&[word], rx, want)? == 1 {
                self.again = None;
            }
            return Ok(0);
        }
        let Some((Way::ToDevice, at, fault)) = self.plan else { return self.inner.exchange(tx, rx, want) };
        match (at.checked_sub(self.sent), tx.first(), fault) {
            (Some(1..), _, _) => {
                let before = usize::try_from(at - self.sent).unwrap_or(usize::MAX).min(tx.len());
                self.inner.exchange(&tx[..before], rx, want)
            }
            (_, None, _) => self.inner.exchange(tx, rx, want),
            (_, _, Fault::Stop) => Ok(tx.len()),
            (Some(0), Some(_), Fault::Drop) => Ok(1),
            (Some(0), Some(&word), Fault::Flip(mask)) => self.inner.exchange(&[word ^ mask], rx, want),
            (Some(0), Some(&word), Fault::Repeat) => {
                let taken = self.inner.exchange(&[word], rx, want)?;
                self.again = (taken == 1).then_some(word);
                Ok(taken)
            }
            (None, _, _) => self.inner.exchange(tx, rx, want),
        }
    }

    /// What comes out when a word comes in.
    fn receive(&mut self, word: u32, rx: &mut Vec<u32>) {
        self.received += 1;
        match self.plan {
            Some((Way::ToHost, at, Fault::Stop)) if self.received > at => {}
            Some((Way::ToHost, at, fault)) if self.received == at + 1 => match fault {
                Fault::Flip(mask) => rx.push(word ^ mask),
                Fault::Repeat => rx.extend([word, word]),
                Fault::Drop | Fault::Stop => {}
            },
            _ => rx.push(word),
        }
    }
}

impl<T: Transport> Transport for Faulty<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let mut fresh = vec![];
        let result = self.send(tx, &mut fresh, want);
        fresh.into_iter().for_each(|word| self.receive(word, rx));
        self.sent += *result.as_ref().unwrap_or(&0) as u64;
        result
    }

    fn describe(&self) -> String {
        format!("{}, with faults", self.inner.describe())
    }
}
