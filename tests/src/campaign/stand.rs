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

/// What is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The executable model of the protocol.
    Model,
    /// The generated Verilog, as it is.
    Verilog,
    /// The generated Verilog with faults of the circuit in it, asleep until they are armed.
    Circuit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Model, Self::Verilog, Self::Circuit];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Verilog => "verilog",
            Self::Circuit => "verilog with circuit faults",
        }
    }
}

/// A device over a link that can break.
pub struct Stand {
    /// What it is.
    pub kind: Kind,
    shared: Shared,
    device: LinkDevice<Faulty<Meddled>>,
    /// When a fault happened to a host that is gone.
    former: Option<Instant>,
}

impl Stand {
    /// Opens a device of the config under test.
    ///
    /// # Errors
    /// If it cannot be built, as without Verilator, or does not answer as it should.
    pub fn open(kind: Kind) -> Result<Self, DeviceError> {
        let line = match kind {
            Kind::Model => Ok(Line::model(config())),
            Kind::Verilog => Line::verilog(config(), false),
            Kind::Circuit => Line::verilog(config(), true),
        };
        let selector = || format!("sim:{}", config().name);
        let line = line.map_err(|source| DeviceError::Open { selector: selector(), source: Box::new(source) })?;
        let shared = Shared::new(line);
        let device = host(&shared)?;
        Ok(Self { kind, shared, device, former: None })
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
        if self.kind == Kind::Circuit {
            // A model that could be armed can be disarmed: it has the ports.
            let _ = line.arm(None);
        }
        if let Line::Model(link) = &mut *line {
            link.endpoint.flaw(None);
            *link.endpoint.registers() = register_map(config());
        }
    }
}

fn host(shared: &Shared) -> Result<LinkDevice<Faulty<Meddled>>, DeviceError> {
    LinkDevice::open("stand", Faulty::new(Meddled::new(shared.clone())))
}
