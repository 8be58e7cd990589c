//! Damage done to a served board: pulled, frozen, or with a fault in its circuit.

use super::ServeError;
use crate::SimError;
use crate::device::build;
use crate::faults::{self, RtlFault};
use crate::verilated::Model;
use galena_target::Config;
use std::path::Path;

/// What can happen to a board as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardFault {
    /// The cable is pulled.
    Unplug,
    /// Its clock stops: the port stays, and nothing comes any more.
    Freeze,
}

/// All of them, with names and one sentence.
pub const BOARD_FAULTS: [(BoardFault, &str, &str); 2] = [
    (BoardFault::Unplug, "unplug", "the cable is pulled: the terminal hangs up, the card's bus reads all ones"),
    (BoardFault::Freeze, "freeze", "the clock stops: the port stays, and nothing comes any more"),
];

/// A fault, and the clock from which it is there.
#[derive(Clone, Copy, Debug)]
pub struct Injection {
    fault: Kind,
    after: u32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Board(BoardFault),
    Rtl(&'static RtlFault),
}

impl Injection {
    /// Reads `NAME` or `NAME@CLOCKS`: a board fault, or a row of [`faults::RTL_FAULTS`]; from the first clock if none is said.
    pub fn parse(text: &str) -> Result<Self, ServeError> {
        let (name, after) = text.split_once('@').unwrap_or((text, "0"));
        let board = BOARD_FAULTS.iter().find(|(_, known, _)| *known == name).map(|(fault, ..)| Kind::Board(*fault));
        let rtl = || faults::RTL_FAULTS.iter().find(|fault| fault.name == name).map(Kind::Rtl);
        match (board.or_else(rtl), after.parse()) {
            (Some(fault), Ok(after)) => Ok(Self { fault, after }),
            _ => {
                let names = BOARD_FAULTS.iter().map(|row| row.1).chain(faults::RTL_FAULTS.iter().map(|row| row.name));
                Err(ServeError::Fault { found: text.into(), known: names.collect::<Vec<_>>().join(", ") })
            }
        }
    }
}

/// The damage that a board is to have.
pub(super) struct Faults {
    pending: Vec<(BoardFault, u32)>,
    rtl: Option<(&'static RtlFault, u32)>,
}

impl Faults {
    /// Sorts the injections; a circuit has one fault at a time, the last one named.
    pub(super) fn new(injections: &[Injection]) -> Self {
        let mut found = Self { pending: vec![], rtl: None };
        for injection in injections {
            match injection.fault {
                Kind::Board(fault) => found.pending.push((fault, injection.after)),
                Kind::Rtl(fault) => found.rtl = Some((fault, injection.after)),
            }
        }
        found
    }

    /// The config's core, with its fault armed if it is to have one; not reset.
    pub(super) fn model(&self, config: &Config, waves: Option<&Path>) -> Result<Model, SimError> {
        let build = build(config, self.rtl.is_some())?.waves(waves.is_some());
        let mut model = build.open()?;
        if let Some(path) = waves {
            model.waves(path)?;
        }
        if let Some((fault, after)) = self.rtl {
            faults::arm(&mut model, fault, after)?;
        }
        Ok(model)
    }

    /// A board fault whose clock has come.
    pub(super) fn due(&mut self, clock: u64) -> Option<BoardFault> {
        let position = self.pending.iter().position(|(_, after)| clock >= u64::from(*after))?;
        Some(self.pending.remove(position).0)
    }
}
