//! A link in this process to a software endpoint: buffers of any size, and faults on demand.

use super::Endpoint;
use crate::link::{Transport, TransportError};
use std::collections::VecDeque;

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

/// A transport to an [`Endpoint`] in this process, with buffers of a given size and, at will, one fault.
pub struct EndpointLink {
    /// The other end.
    pub endpoint: Endpoint,
    /// Words either buffer holds.
    capacity: usize,
    inward: VecDeque<u32>,
    fault: Option<(bool, u64, Fault)>,
    counts: [u64; 2],
    starved: bool,
}

impl EndpointLink {
    /// A link whose buffers hold `capacity` words each way.
    pub fn new(endpoint: Endpoint, capacity: usize) -> Self {
        Self { endpoint, capacity, inward: VecDeque::new(), fault: None, counts: [0; 2], starved: false }
    }

    /// Plans a fault: of the word number `at` from here on, towards the device or from it.
    pub fn plan(&mut self, to_device: bool, at: u64, fault: Fault) {
        self.fault = Some((to_device, self.counts[usize::from(to_device)] + at, fault));
    }

    /// Ends the fault.
    pub fn heal(&mut self) {
        self.fault = None;
    }

    /// A word passes; `None`, one or two come out.
    fn pass(&mut self, to_device: bool, word: u32) -> [Option<u32>; 2] {
        let count = &mut self.counts[usize::from(to_device)];
        *count += 1;
        match self.fault {
            Some((way, at, Fault::Stop)) if way == to_device && *count > at => [None, None],
            Some((way, at, fault)) if way == to_device && *count == at + 1 => match fault {
                Fault::Flip(mask) => [Some(word ^ mask), None],
                Fault::Repeat => [Some(word), Some(word)],
                Fault::Drop | Fault::Stop => [None, None],
            },
            _ => [Some(word), None],
        }
    }
}

impl Transport for EndpointLink {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let (mut sent, goal) = (0, rx.len() + want);
        loop {
            let before = (sent, rx.len());
            while rx.len() < goal
                && let Some(word) = self.endpoint.pop()
            {
                rx.extend(self.pass(false, word).into_iter().flatten());
            }
            while sent < tx.len() && self.inward.len() < self.capacity {
                let words = self.pass(true, tx[sent]);
                self.inward.extend(words.into_iter().flatten());
                sent += 1;
            }
            // The device takes no input while its output is full.
            while self.endpoint.pending() < self.capacity
                && let Some(word) = self.inward.pop_front()
            {
                self.endpoint.push(word);
            }
            if rx.len() >= goal || (!tx.is_empty() && sent == tx.len()) {
                self.starved = false;
                return Ok(sent);
            }
            if before == (sent, rx.len()) {
                // Nothing moves: first the device's clock runs out, then ours.
                if self.starved {
                    self.starved = false;
                    return Err(TransportError::Silent { waited: "a model's patience".into() });
                }
                self.starved = true;
                self.endpoint.starve();
            }
        }
    }

    fn describe(&self) -> String {
        "a model of a device in this process".into()
    }
}
