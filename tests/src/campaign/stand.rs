//! The device under test: opened over a link that can break, and put right again.

use std::time::Instant;

use galena_device::link::{Faulty, LinkDevice};
use galena_device::{Device, DeviceError};
use galena_target::register::register_map;

use super::config;
use super::line::{Line, Meddled, Shared};
use super::table::{Means, Row};
use super::tape::Piece;

/// Clocks from the word where a fault of the circuit is armed to its beginning, at most.
const CLOCKS: u64 = 2000;

/// A device over a link that can break.
pub struct Stand {
    /// `model` or `verilog`.
    pub name: &'static str,
    shared: Shared,
    device: LinkDevice<Faulty<Meddled>>,
    /// When a fault happened to a host that is gone.
    former: Option<Instant>,
}

impl Stand {
    /// Opens the device at the end of `line`.
    ///
    /// # Errors
    /// If it does not answer as it should.
    pub fn open(name: &'static str, line: Line) -> Result<Self, DeviceError> {
        let shared = Shared::new(line);
        let device = host(&shared)?;
        Ok(Self { name, shared, device, former: None })
    }

    /// A new host takes the place of the old one.
    ///
    /// # Errors
    /// If the device does not answer as it should.
    pub fn reopen(&mut self) -> Result<(), DeviceError> {
        self.former = self.happened();
        self.device = host(&self.shared)?;
        Ok(())
    }

    /// The device.
    pub fn device(&mut self) -> &mut dyn Device {
        &mut self.device
    }

    /// Lets a fault of `row` happen after so many words of the way it is about; a second host would run `piece`.
    pub fn plan(&mut self, row: &Row, after: u64, piece: &Piece, draw: u64) {
        self.former = None;
        let link = self.device.transport_mut();
        match row.means {
            Means::Link(way, fault) => link.plan(way, after, fault),
            Means::Meddle(meddle) => link.inner().plan(after, meddle.action(piece, draw)),
            // Somewhere in the computation, too, not only where words move.
            Means::Circuit(fault) => {
                let clocks = (draw % CLOCKS) as u32;
                link.inner().plan(after, Box::new(move |shared| shared.line().arm(Some((fault, clocks)))));
            }
            Means::Flaw(flaw) => link.inner().plan(
                after,
                Box::new(move |shared| {
                    if let Line::Model(link) = &mut *shared.line() {
                        link.endpoint.flaw(Some(flaw));
                    }
                    Ok(())
                }),
            ),
        }
    }

    /// When the fault last planned happened, if it has.
    pub fn happened(&mut self) -> Option<Instant> {
        let link = self.device.transport_mut();
        link.happened().or_else(|| link.inner().happened()).or(self.former)
    }

    /// Takes the fault away: the cable is plugged in again, the right bitstream is loaded. What host and device know of each
    /// other stays as the fault left it.
    pub fn heal(&mut self) {
        let link = self.device.transport_mut();
        link.heal();
        link.inner().heal();
        let mut line = self.shared.line();
        // What cannot be disarmed was never armed: a model whose ports are missing is not opened.
        let _ = line.arm(None);
        if let Line::Model(link) = &mut *line {
            link.endpoint.flaw(None);
            *link.endpoint.registers() = register_map(config());
        }
    }
}

fn host(shared: &Shared) -> Result<LinkDevice<Faulty<Meddled>>, DeviceError> {
    LinkDevice::open("stand", Faulty::new(Meddled::new(shared.clone())))
}
