//! A link in this process to a software endpoint, with buffers of any size.

use super::Endpoint;
use crate::link::{Transport, TransportError};
use std::collections::VecDeque;

/// A transport to an [`Endpoint`].
pub struct EndpointLink {
    /// The other end.
    pub endpoint: Endpoint,
    /// Words either buffer holds.
    capacity: usize,
    inward: VecDeque<u32>,
    starved: bool,
}

impl EndpointLink {
    /// A link whose buffers hold `capacity` words each way.
    pub fn new(endpoint: Endpoint, capacity: usize) -> Self {
        Self { endpoint, capacity, inward: VecDeque::new(), starved: false }
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
                rx.push(word);
            }
            while sent < tx.len() && self.inward.len() < self.capacity {
                self.inward.push_back(tx[sent]);
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
