//! The table of the campaign: what goes wrong, where, and how it is brought about. At least 40 rows; each is struck at many points.

use galena_device::endpoint::{Endpoint, FLAWS, Flaw};
use galena_device::link::{FAULTS, Fault, LinkDevice, Transport, TransportError, Way};
use galena_sim::faults::{RTL_FAULTS, RtlFault};
use galena_target::register::register_map;
use galena_target::{CONFIGS, Register};

use super::line::{Action, Line, Shared};
use super::stand::Kind;
use super::tape::Piece;

/// One kind of fault.
#[derive(Clone)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Where it strikes.
    pub place: &'static str,
    /// How it is brought about, in one sentence.
    pub doc: String,
    /// The means.
    pub means: Means,
}

/// How a fault is brought about.
#[derive(Clone, Copy)]
pub enum Means {
    /// On the link.
    Link(Way, Fault),
    /// In the device: the protocol's model has such flaws.
    Flaw(Flaw),
    /// Behind the host's back, at some word of the link.
    Meddle(Meddle),
    /// In the circuit: the Verilog has such faults built in, asleep.
    Circuit(&'static RtlFault),
}

/// Something that happens behind the host's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddle {
    /// The host neither sends nor takes for longer than the device's watchdog allows.
    Sleep,
    /// The host's driver fails: its process is killed, its port is closed.
    Kill,
    /// Another host opens the device and runs a job.
    SecondHost,
    /// Another host asks for the registers, and throws away what it finds.
    Glance,
    /// The board is reset.
    Reset,
    /// The board is loaded with another bitstream.
    OtherBitstream,
    /// The board is loaded with a bitstream of another ABI.
    OtherAbi,
    /// The board is loaded with a bitstream that no table knows.
    UnknownConfig,
    /// A bit flips in a beat that was kept.
    MemoryFlip,
}

/// The meddlers: name, where, how.
const MEDDLERS: [(Meddle, &str, &str, &str); 9] = [
    (Meddle::Sleep, "host asleep", "host", "the host neither sends nor takes for 2^18 clocks: all buffers fill up"),
    (Meddle::Kill, "host killed", "host", "the host's end fails for good; a new host opens the device"),
    (Meddle::SecondHost, "two hosts", "host", "another host opens the device within the job, and runs one of its own"),
    (Meddle::Glance, "two hosts, one asks", "host", "another host asks for the registers within the job"),
    (Meddle::Reset, "board reset", "device", "the board is reset within the job"),
    (Meddle::OtherBitstream, "another config", "bitstream", "the board is loaded with another config within the job"),
    (Meddle::OtherAbi, "another abi", "bitstream", "the board is loaded with version 1 of the abi within the job"),
    (Meddle::UnknownConfig, "unknown config", "bitstream", "the board is loaded with a config that no table knows"),
    (Meddle::MemoryFlip, "flip in memory", "device memory", "a bit flips in what an earlier job has kept"),
];

/// Words of a job in which the model sends a credit for certain: more than a quarter of the window of `tiny`.
const CREDIT_WORDS: u64 = 600;

/// Clocks that a sleeping host lets go by: four times the watchdog of `tiny`.
const SLEEP: u64 = 1 << 18;

/// All rows.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for fault in &FAULTS {
        for &way in fault.ways {
            let place = if way == Way::ToDevice { "link, to the device" } else { "link, to the host" };
            let (name, doc) = (fault.name.to_owned(), fault.doc.to_owned());
            rows.push(Row { name, place, doc, means: Means::Link(way, fault.fault) });
        }
    }
    let doc = "an answer to `identify` has the registers of another bitstream".to_owned();
    let means = Means::Link(Way::ToHost, Fault::WrongRegisters);
    rows.push(Row { name: "wrong registers".to_owned(), place: "link, to the host", doc, means });
    // A device that does not see a cancel is only wrong when a job is cancelled.
    for &(flaw, name, doc) in FLAWS.iter().filter(|(flaw, ..)| *flaw != Flaw::Stubborn) {
        rows.push(Row { name: name.to_owned(), place: "device", doc: doc.to_owned(), means: Means::Flaw(flaw) });
    }
    for (meddle, name, place, doc) in MEDDLERS {
        rows.push(Row { name: name.to_owned(), place, doc: doc.to_owned(), means: Means::Meddle(meddle) });
    }
    for fault in RTL_FAULTS.iter().filter(|fault| fault.concerns(super::config())) {
        let (name, doc) = (fault.name.to_owned(), fault.doc.to_owned());
        rows.push(Row { name, place: "circuit", doc, means: Means::Circuit(fault) });
    }
    rows
}

impl Row {
    /// Whether it can strike this device.
    pub fn strikes(&self, kind: Kind) -> bool {
        match (self.means, kind) {
            (Means::Circuit(_), Kind::Circuit) | (Means::Link(..), Kind::Model | Kind::Verilog) => true,
            (Means::Flaw(_) | Means::Meddle(_), Kind::Model) => true,
            (Means::Meddle(meddle), Kind::Verilog) => {
                matches!(meddle, Meddle::Sleep | Meddle::Kill | Meddle::SecondHost | Meddle::Glance | Meddle::Reset)
            }
            _ => false,
        }
    }

    /// Whether it is in the circuit itself.
    pub fn of_circuit(&self) -> bool {
        matches!(self.means, Means::Circuit(_))
    }

    /// Whether no frame shows it: then the device's answer may be wrong, and the prover has to notice.
    pub fn silent(&self) -> bool {
        matches!(self.means, Means::Flaw(Flaw::Wrong) | Means::Meddle(Meddle::MemoryFlip) | Means::Circuit(_))
    }

    /// Whether it stays until somebody does something about it. The others happen once.
    pub fn lasting(&self) -> bool {
        match self.means {
            Means::Link(_, fault) => fault == Fault::Stop,
            Means::Flaw(_) | Means::Circuit(_) => true,
            Means::Meddle(meddle) => {
                matches!(meddle, Meddle::OtherBitstream | Meddle::OtherAbi | Meddle::UnknownConfig)
            }
        }
    }

    /// Whether it can strike this piece so that it matters: a `read` has addresses, which are no field words.
    pub fn concerns(&self, piece: &Piece) -> bool {
        match self.means {
            Means::Link(Way::ToDevice, Fault::NonCanonical) => piece.jobs.len() == 1,
            Means::Link(_, Fault::CreditTooSmall | Fault::CreditTooLarge | Fault::CreditBackwards) => {
                piece.words().0 > CREDIT_WORDS
            }
            Means::Meddle(Meddle::MemoryFlip) => piece.jobs.len() > 1,
            _ => true,
        }
    }

    /// Words that go the way it is about, of so many to the device and to the host.
    pub fn words(&self, (to_device, to_host): (u64, u64)) -> u64 {
        match self.means {
            Means::Link(Way::ToDevice, _) => to_device,
            Means::Link(Way::ToHost, _) => to_host,
            Means::Flaw(_) | Means::Meddle(_) | Means::Circuit(_) => to_device + to_host,
        }
    }

    /// Whether it is met by asking for the registers, not by a job.
    pub fn of_registers(&self) -> bool {
        matches!(self.means, Means::Link(_, Fault::WrongRegisters))
    }
}

impl Meddle {
    /// What happens, as something to plan. A second host runs `piece`; `draw` is any number.
    pub fn action(self, piece: &Piece, draw: u64) -> Action {
        let piece = piece.clone();
        Box::new(move |shared: &Shared| match self {
            Self::Sleep => shared.line().sleep(SLEEP),
            Self::Kill => Err(TransportError::Failed("the host was killed".into())),
            Self::SecondHost | Self::Glance => {
                // Whether the second host succeeds is its own affair, and covered by other rows: here it is the disturbance.
                if let Ok(mut other) = LinkDevice::open("second host", shared.clone())
                    && self == Self::SecondHost
                {
                    let _ = piece.run(&mut other);
                }
                Ok(())
            }
            Self::Reset => shared.clone().reset().map(drop),
            Self::OtherBitstream | Self::OtherAbi | Self::UnknownConfig => {
                shared.clone().reset()?;
                if let Line::Model(link) = &mut *shared.line() {
                    let map = link.endpoint.registers();
                    match self {
                        Self::OtherBitstream => *map = register_map(&CONFIGS[0]),
                        Self::OtherAbi => map[Register::AbiVersion.index()] = 1,
                        _ => map[Register::ConfigHash.index()] ^= 1 << (draw % 32),
                    }
                }
                Ok(())
            }
            Self::MemoryFlip => {
                if let Line::Model(link) = &mut *shared.line() {
                    flip(&mut link.endpoint, draw);
                }
                Ok(())
            }
        })
    }
}

/// Flips a bit of a beat that was written: one that is not zero.
fn flip(endpoint: &mut Endpoint, draw: u64) {
    let beats = Register::MemoryBeats.value(endpoint.registers()) as usize;
    let mut written = |&beat: &usize| endpoint.beat(beat).is_some_and(|words| words.iter().any(|&word| word != 0));
    let kept: Vec<usize> = (0..beats).filter(&mut written).collect();
    if let Some(&beat) = kept.get(draw as usize % kept.len().max(1))
        && let Some(words) = endpoint.beat(beat)
    {
        words[(draw >> 32) as usize % words.len()] ^= 1 << ((draw >> 40) % 27);
    }
}
