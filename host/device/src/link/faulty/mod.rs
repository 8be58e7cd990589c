//! A link that breaks on demand, around any other: for tests of everything above it.

mod lane;
mod table;

use super::{Transport, TransportError};
use crate::DeviceInfo;
use lane::Lane;
use std::time::Instant;

pub use table::{FAULTS, Fault, FaultRow, Way};

/// A transport with one planned fault.
pub struct Faulty<T> {
    inner: T,
    to_device: Lane,
    to_host: Lane,
    happened: Option<Instant>,
}

impl<T: Transport> Faulty<T> {
    /// Around `inner`, with no fault planned.
    pub fn new(inner: T) -> Self {
        Self { inner, to_device: Lane::default(), to_host: Lane::default(), happened: None }
    }

    /// The link inside.
    pub fn inner(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Plans a fault of the word that comes after `at` others from now on that way, or of the first frame of its kind that
    /// begins there or later. It happens once.
    pub fn plan(&mut self, way: Way, at: u64, fault: Fault) {
        self.heal();
        self.happened = None;
        match way {
            Way::ToDevice => self.to_device.plan(at, fault),
            Way::ToHost => self.to_host.plan(at, fault),
        }
    }

    /// Forgets the fault; a link that was pulled is plugged in again.
    pub fn heal(&mut self) {
        self.to_device.heal();
        self.to_host.heal();
    }

    /// When the fault last planned happened, if it has.
    pub fn happened(&self) -> Option<Instant> {
        self.happened
    }
}

impl<T: Transport> Transport for Faulty<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let before = self.to_device.happened + self.to_host.happened;
        tx.iter().for_each(|&word| self.to_device.push(word));
        let mut fresh = vec![];
        // What a fault lost of `tx` has been taken all the same: there is nothing to wait for, and nothing to ask for.
        let waiting = self.to_device.out.make_contiguous();
        let result = match tx.is_empty() || !waiting.is_empty() {
            true => self.inner.exchange(waiting, &mut fresh, want),
            false => Ok(0),
        };
        fresh.into_iter().for_each(|word| self.to_host.push(word));
        let passed = self.to_host.out.len();
        rx.extend(self.to_host.out.drain(..));
        if self.to_device.happened + self.to_host.happened > before {
            self.happened = Some(Instant::now());
        }
        match result {
            Ok(moved) => {
                self.to_device.out.drain(..moved.min(self.to_device.out.len()));
                Ok(tx.len())
            }
            // The silence was between words that were held back for a fault: they have come, so there was none.
            Err(TransportError::Silent { .. }) if passed > 0 => Ok(tx.len()),
            Err(TransportError::Silent { waited }) => {
                // Late words are words all the same, but only for who still listens after this.
                self.to_device.silence();
                self.to_host.silence();
                Err(TransportError::Silent { waited })
            }
            Err(other) => Err(other),
        }
    }

    fn describe(&self) -> String {
        format!("{}, with faults", self.inner.describe())
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        self.to_device.out.clear();
        self.inner.reset()
    }

    fn unit(&self) -> usize {
        self.inner.unit()
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.inner.bytes_per_second()
    }

    fn searching(&mut self, searching: bool) {
        self.inner.searching(searching);
    }

    fn identified(&mut self, info: &DeviceInfo) {
        self.inner.identified(info);
    }
}
