//! A link in this process to a software endpoint, with buffers of any size.

use super::Endpoint;
use crate::link::{Transport, TransportError};
use galena_target::frame::HEARTBEAT_CLOCKS;
use std::collections::VecDeque;

/// Clocks without a word in either direction after which the link counts as silent: a device in a job says something every
/// [`HEARTBEAT_CLOCKS`].
const SILENCE: u64 = 4 * HEARTBEAT_CLOCKS as u64;

/// A transport to an [`Endpoint`].
pub struct EndpointLink {
    /// The other end.
    pub endpoint: Endpoint,
    /// Words either buffer holds.
    capacity: usize,
    inward: VecDeque<u32>,
    /// Whether words that the device has no room for wait in the link (as on a stream) or are lost (as on a serial line).
    holds_back: bool,
    unit: usize,
}

impl EndpointLink {
    /// A link whose buffers hold `capacity` words each way, and which holds back what the device has no room for.
    pub fn new(endpoint: Endpoint, capacity: usize) -> Self {
        Self { endpoint, capacity, inward: VecDeque::new(), holds_back: true, unit: 1 }
    }

    /// The same as a serial line: it brings what is sent whether or not the device has room.
    pub fn lossy(mut self) -> Self {
        self.holds_back = false;
        self
    }

    /// The same for transfers of so many words.
    pub fn unit(mut self, words: usize) -> Self {
        self.unit = words;
        self
    }

    /// Gives the device what it has room for.
    fn deliver(&mut self) {
        while self.endpoint.pending() < self.capacity
            && (!self.holds_back || self.endpoint.room() > 0)
            && let Some(word) = self.inward.pop_front()
        {
            self.endpoint.push(word);
        }
    }
}

impl Transport for EndpointLink {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let (mut sent, goal, mut quiet) = (0, rx.len() + want, 0);
        loop {
            let before = (sent, rx.len());
            while rx.len() < goal
                && let Some(word) = self.endpoint.pop()
            {
                rx.push(word);
            }
            while sent < tx.len() && self.inward.len() < self.capacity {
                self.inward.push_back(tx[sent]);
                sent += 1;
            }
            self.deliver();
            if rx.len() >= goal || (!tx.is_empty() && sent == tx.len()) {
                return Ok(sent);
            }
            if before == (sent, rx.len()) {
                // Nothing moves: the clock does.
                if quiet >= SILENCE {
                    return Err(TransportError::Silent { waited: format!("{SILENCE} clocks of a model") });
                }
                quiet += u64::from(HEARTBEAT_CLOCKS);
                self.endpoint.pass(HEARTBEAT_CLOCKS.into());
            } else {
                quiet = 0;
            }
        }
    }

    fn describe(&self) -> String {
        "a model of a device in this process".into()
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        self.inward.clear();
        self.endpoint.reset();
        Ok(true)
    }

    fn unit(&self) -> usize {
        self.unit
    }
}
